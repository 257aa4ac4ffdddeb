/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include <l4/sys/syscalls.h>

#include <hickory/cache.h>
#include <hickory/string.h>

#include "frames.h"
#include "memory.h"

static size_t pages_of(const struct region *r)
{
    return (r->end - r->start) >> L4_PAGESHIFT;
}

/* ---- layout ---- */

static void add_segments(struct memory *m, const struct elf_image *image)
{
    for (unsigned i = 0; i < image->segments; i++) {
        const struct elf_segment *s = &image->segment[i];
        m->region[m->regions++] = (struct region){
            .start = l4_trunc_page(s->start),
            .end = l4_round_page(s->end),
            .segment = s,
            .write = s->write,
            .execute = s->execute,
        };
    }
}

static size_t total_pages(const struct memory *m)
{
    size_t pages = 0;

    for (unsigned i = 0; i < m->regions; i++)
        pages += pages_of(&m->region[i]);
    return pages;
}

const char *memory_plan(struct memory *m, const struct elf_image *image,
                        size_t quota)
{
    struct region *heap = &m->region[HEAP_REGION];

    *m = (struct memory){ .regions = FIXED_REGIONS };
    m->region[STACK_REGION] = (struct region){
        .start = STACK_TOP - STACK_SIZE, .end = STACK_TOP, .write = true,
    };
    add_segments(m, image);
    size_t used = total_pages(m) << L4_PAGESHIFT;
    if (quota < used)
        return "too little memory for the program and its stack";
    size_t left = (quota - used) & L4_PAGEMASK;
    heap->start = m->region[m->regions - 1].end + L4_PAGESIZE;
    if (left > HEAP_HIGH - heap->start)
        return "more memory than the address space has room for";
    heap->end = heap->start + left;
    heap->write = true;
    return NULL;
}

bool memory_create(struct memory *m)
{
    size_t size = total_pages(m) * sizeof(l4_addr_t);
    unsigned log2 = L4_PAGESHIFT;

    while (1UL << log2 < size)
        log2++;
    m->table = log2 == L4_PAGESHIFT ? frame_alloc() : frame_alloc_block(log2);
    if (!m->table)
        return false;
    m->table_log2 = log2;
    l4_addr_t *frames = (l4_addr_t *)m->table;
    memset(frames, 0, 1UL << log2);
    for (unsigned i = 0; i < m->regions; i++) {
        m->region[i].frame = frames;
        frames += pages_of(&m->region[i]);
    }
    return true;
}

/* ---- filling ---- */

static struct region *find_region(struct memory *m, l4_addr_t address)
{
    for (unsigned i = 0; i < m->regions; i++)
        if (address >= m->region[i].start && address < m->region[i].end)
            return &m->region[i];
    return NULL;
}

/* Copy what the file has for the page at `address` into a zeroed frame. */
static void copy_from_file(const struct elf_segment *s, l4_addr_t address,
                           unsigned char *frame)
{
    l4_addr_t from = address > s->start ? address : s->start;
    l4_addr_t end = address + L4_PAGESIZE;

    if (end > s->start + s->file_size)
        end = s->start + s->file_size;
    if (from < end)
        memcpy(frame + (from - address), s->file + (from - s->start),
               end - from);
}

/* A new frame with what belongs into the page at `address`; 0: none left. */
static l4_addr_t fill(const struct region *r, l4_addr_t address)
{
    l4_addr_t frame = frame_alloc();

    if (!frame)
        return 0;
    memset((void *)frame, 0, L4_PAGESIZE);
    if (r->segment)
        copy_from_file(r->segment, address, (unsigned char *)frame);
    if (r->execute)
        cache_sync((void *)frame, L4_PAGESIZE);
    return frame;
}

enum touch memory_touch(struct memory *m, l4_addr_t address, bool write,
                        struct page *out)
{
    struct region *r = find_region(m, address);

    if (!r)
        return TOUCH_NOWHERE;
    if (write && !r->write)
        return TOUCH_READ_ONLY;
    out->address = l4_trunc_page(address);
    out->write = r->write;
    l4_addr_t *frame = &r->frame[(out->address - r->start) >> L4_PAGESHIFT];
    if (!*frame)
        *frame = fill(r, out->address);
    out->frame = *frame;
    return *frame ? TOUCH_OK : TOUCH_NONE_LEFT;
}

/* ---- taking back ---- */

/* The task may have mapped its pages on to others, who are still there. */
static void take_back(l4_addr_t frame)
{
    l4_fpage_unmap(l4_fpage(frame, L4_PAGESHIFT, L4_FPAGE_RW, L4_FPAGE_MAP),
                   L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES);
    frame_free(frame);
}

void memory_destroy(struct memory *m)
{
    if (!m->table)
        return;
    for (unsigned i = 0; i < m->regions; i++)
        for (size_t n = 0; n < pages_of(&m->region[i]); n++)
            if (m->region[i].frame[n])
                take_back(m->region[i].frame[n]);
    for (l4_addr_t a = 0; a < 1UL << m->table_log2; a += L4_PAGESIZE)
        frame_free(m->table + a);
    m->table = 0;
}
