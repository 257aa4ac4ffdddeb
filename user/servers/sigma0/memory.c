/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include <l4/sys/consts.h>

#include <hickory/protocol.h>

#include "memory.h"

/* Owners are task numbers, and: */
#define FREE        0
#define NOBODY      0xffff      /* the kernel's, or not there to give */

typedef l4_uint16_t owner_t;

/* A stretch of RAM and the owners of its frames. */
struct ram {
    l4_addr_t start, end;
    owner_t *owner;
    l4_addr_t top;              /* no free frame at or above it */
};

static struct ram ram[L4_KIP_MAX_MEMORY];
static unsigned ram_count;
static const l4_kernel_info_t *info;

/* From the linker: this program. */
extern char __executable_start[], _end[];

static struct ram *find_ram(l4_addr_t address)
{
    for (unsigned i = 0; i < ram_count; i++)
        if (address >= ram[i].start && address < ram[i].end)
            return &ram[i];
    return NULL;
}

static owner_t *owner_of(const struct ram *r, l4_addr_t frame)
{
    return &r->owner[(frame - r->start) >> L4_PAGESHIFT];
}

/* Is [base, base + size) inside [start, end)? */
static bool is_inside(struct block b, l4_addr_t start, l4_addr_t end)
{
    return b.base >= start && b.base < end &&
           (end - b.base) >> b.log2_size != 0;
}

/* ---- building the table ---- */

/* Whatever the frames were, they are `owner`'s now. */
static void set_owner(l4_addr_t start, l4_addr_t end, owner_t owner)
{
    for (l4_addr_t a = l4_trunc_page(start); a < end; a += L4_PAGESIZE) {
        struct ram *r = find_ram(a);
        if (r)
            *owner_of(r, a) = owner;
    }
}

static l4_umword_t count_frames(void)
{
    l4_umword_t frames = 0;

    for (unsigned i = 0; i < ram_count; i++)
        frames += (ram[i].end - ram[i].start) >> L4_PAGESHIFT;
    return frames;
}

static void find_stretches(void)
{
    for (unsigned i = 0; i < info->memory_count; i++) {
        const l4_memory_desc_t *m = &info->memory[i];
        l4_addr_t end = m->end < info->user_top ? m->end : info->user_top;
        if (m->type != L4_MEMORY_RAM || end <= m->start)
            continue;
        ram[ram_count].start = m->start;
        ram[ram_count].top = ram[ram_count].end = end;
        ram_count++;
    }
}

#define NO_OBSTACLE (~(l4_addr_t)0)

/* The start of something in [start, end) that must not be overwritten. */
static l4_addr_t obstacle(l4_addr_t start, l4_addr_t end)
{
    l4_addr_t a = (l4_addr_t)__executable_start, z = (l4_addr_t)_end;

    if (start < z && a < end)
        return a;
    for (unsigned i = 0; i < info->module_count; i++) {
        const l4_module_desc_t *m = &info->module[i];
        if (start < m->end && m->start < end)
            return m->start;
    }
    for (unsigned i = 0; i < info->memory_count; i++) {
        const l4_memory_desc_t *m = &info->memory[i];
        if (m->type != L4_MEMORY_RAM && start < m->end && m->start < end)
            return m->start;
    }
    return NO_OBSTACLE;
}

/* The highest place in RAM for `size` bytes that is nobody's yet; 0: none. */
static l4_addr_t find_place(l4_umword_t size)
{
    for (unsigned i = ram_count; i-- > 0;) {
        l4_addr_t end = ram[i].end;
        while (end - ram[i].start >= size) {
            l4_addr_t o = obstacle(end - size, end);
            if (o == NO_OBSTACLE)
                return end - size;
            if (o <= ram[i].start)
                break;
            end = l4_trunc_page(o);
        }
    }
    return 0;
}

/* Lay the table out at `place`, everything free. */
static void make_table(l4_addr_t place, l4_umword_t size)
{
    owner_t *table = (owner_t *)place;

    for (l4_umword_t i = 0; i < size / sizeof(owner_t); i++)
        table[i] = FREE;
    for (unsigned i = 0; i < ram_count; i++) {
        ram[i].owner = table;
        table += (ram[i].end - ram[i].start) >> L4_PAGESHIFT;
    }
}

bool memory_init(const l4_kernel_info_t *kip)
{
    info = kip;
    find_stretches();
    l4_umword_t size = l4_round_page(count_frames() * sizeof(owner_t));
    l4_addr_t place = find_place(size);
    if (!place)
        return false;
    make_table(place, size);
    for (unsigned i = 0; i < kip->module_count; i++)
        set_owner(kip->module[i].start, kip->module[i].end, ROOT_TASK);
    set_owner(place, place + size, SIGMA0_TASK);
    set_owner((l4_addr_t)__executable_start, (l4_addr_t)_end, SIGMA0_TASK);
    for (unsigned i = 0; i < kip->memory_count; i++)
        if (kip->memory[i].type != L4_MEMORY_RAM)
            set_owner(kip->memory[i].start, kip->memory[i].end, NOBODY);
    set_owner(0, L4_PAGESIZE, NOBODY);  /* address 0 stays a null pointer */
    return true;
}

/* ---- giving ---- */

static void give(const struct ram *r, struct block b, unsigned task)
{
    owner_t *o = owner_of(r, b.base);

    for (l4_umword_t n = 1UL << (b.log2_size - L4_PAGESHIFT); n; n--)
        *o++ = (owner_t)task;
}

/* All of the block's frames are free, or, if that counts, `task`'s own. */
static bool can_give(const struct ram *r, struct block b, unsigned task)
{
    const owner_t *o = owner_of(r, b.base);

    for (l4_umword_t n = 1UL << (b.log2_size - L4_PAGESHIFT); n; n--, o++)
        if (*o != FREE && *o != task)
            return false;
    return true;
}

bool memory_give(struct block block, unsigned task)
{
    const struct ram *r = find_ram(block.base);

    if (!r || !is_inside(block, r->start, r->end) ||
        !can_give(r, block, task))
        return false;
    give(r, block, task);
    return true;
}

/* The highest free block in one stretch. */
static bool find_free(struct ram *r, struct block *b)
{
    l4_addr_t size = 1UL << b->log2_size;

    for (b->base = r->top & ~(size - 1); b->base >= r->start + size;) {
        b->base -= size;
        if (can_give(r, *b, FREE))
            return true;
    }
    return false;
}

bool memory_give_any(unsigned log2_size, unsigned task, struct block *out)
{
    out->log2_size = log2_size;
    for (unsigned i = ram_count; i-- > 0;) {
        if (!find_free(&ram[i], out))
            continue;
        give(&ram[i], *out, task);
        /* Above a single frame that was the highest there is none free. */
        if (log2_size == L4_PAGESHIFT)
            ram[i].top = out->base;
        return true;
    }
    return false;
}

l4_umword_t memory_free_frames(void)
{
    l4_umword_t free = 0;

    for (unsigned i = 0; i < ram_count; i++)
        for (l4_addr_t a = ram[i].start; a < ram[i].end; a += L4_PAGESIZE)
            free += *owner_of(&ram[i], a) == FREE;
    return free;
}

bool memory_is_device(struct block block)
{
    for (unsigned i = 0; i < info->memory_count; i++) {
        const l4_memory_desc_t *m = &info->memory[i];
        if (m->type == L4_MEMORY_DEVICE && is_inside(block, m->start, m->end))
            return true;
    }
    return false;
}
