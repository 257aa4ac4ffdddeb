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

/* Pages that may be given. */
static size_t most_given(const struct memory *m)
{
    return pages_of(&m->region[HEAP_REGION]) / 2;
}

bool memory_create(struct memory *m)
{
    size_t size = (total_pages(m) + most_given(m)) * sizeof(l4_addr_t);
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
    m->given = frames;
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
    l4_addr_t frame = frame_alloc_for(address);

    if (!frame)
        return 0;
    memset((void *)frame, 0, L4_PAGESIZE);
    if (r->segment)
        copy_from_file(r->segment, address, (unsigned char *)frame);
    if (r->execute || !frame_suits(frame, address))
        cache_sync((void *)frame, L4_PAGESIZE);
    return frame;
}

/* Is there room in the quota for so many pages more, to touch or to give? */
static bool has_room(const struct memory *m, size_t pages)
{
    return m->heap_touched + m->given_pages + pages <=
           pages_of(&m->region[HEAP_REGION]);
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
    bool is_heap = r == &m->region[HEAP_REGION];
    if (!*frame && (!is_heap || has_room(m, 1))) {
        *frame = fill(r, out->address);
        m->heap_touched += is_heap && *frame;
    }
    out->frame = *frame;
    return *frame ? TOUCH_OK : TOUCH_NONE_LEFT;
}

/* ---- giving ---- */

static size_t block_pages(unsigned log2_size)
{
    return (size_t)1 << (log2_size - L4_PAGESHIFT);
}

static bool may_give(const struct memory *m, unsigned log2_size)
{
    return log2_size >= L4_PAGESHIFT && log2_size < L4_WORD_BITS - 1 &&
           m->given_pages + block_pages(log2_size) <= most_given(m) &&
           has_room(m, block_pages(log2_size));
}

static void give(struct memory *m, l4_addr_t block, unsigned log2_size)
{
    memset((void *)block, 0, 1UL << log2_size);
    for (size_t i = 0; i < block_pages(log2_size); i++)
        m->given[m->given_pages++] = block + (i << L4_PAGESHIFT);
}

bool memory_give_any(struct memory *m, unsigned log2_size, l4_addr_t *block)
{
    if (!may_give(m, log2_size))
        return false;
    *block = log2_size == L4_PAGESHIFT ? frame_alloc()
                                       : frame_alloc_block(log2_size);
    if (!*block)
        return false;
    give(m, *block, log2_size);
    return true;
}

static bool has_given(const struct memory *m, l4_addr_t frame)
{
    for (size_t i = 0; i < m->given_pages; i++)
        if (m->given[i] == frame)
            return true;
    return false;
}

bool memory_give(struct memory *m, l4_addr_t block, unsigned log2_size)
{
    if (log2_size == L4_PAGESHIFT && has_given(m, block))
        return true;
    if (!may_give(m, log2_size) || !frame_take_block(block, log2_size))
        return false;
    give(m, block, log2_size);
    return true;
}

/* ---- taking back ---- */

/* The task may have mapped its pages on to others, who are still there. */
static void take_back(l4_addr_t frame)
{
    l4_fpage_unmap(l4_fpage(frame, L4_PAGESHIFT, L4_FPAGE_RW, L4_FPAGE_MAP),
                   L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES);
    frame_free(frame);
}

bool memory_take_back(struct memory *m, l4_addr_t frame)
{
    for (size_t i = 0; i < m->given_pages; i++) {
        if (m->given[i] != frame)
            continue;
        take_back(frame);
        m->given[i] = m->given[--m->given_pages];
        return true;
    }
    return false;
}

void memory_take_back_all(struct memory *m)
{
    while (m->given_pages)
        take_back(m->given[--m->given_pages]);
}

size_t memory_used(const struct memory *m)
{
    size_t used = m->given_pages;

    for (unsigned i = 0; m->table && i < m->regions; i++)
        for (size_t n = 0; n < pages_of(&m->region[i]); n++)
            used += m->region[i].frame[n] != 0;
    return used;
}

void memory_destroy(struct memory *m)
{
    if (!m->table)
        return;
    memory_take_back_all(m);
    for (unsigned i = 0; i < m->regions; i++)
        for (size_t n = 0; n < pages_of(&m->region[i]); n++)
            if (m->region[i].frame[n])
                take_back(m->region[i].frame[n]);
    for (l4_addr_t a = 0; a < 1UL << m->table_log2; a += L4_PAGESIZE)
        frame_free(m->table + a);
    m->table = 0;
}
