/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Caches and translation buffers: least recently used, physically tagged, one
 * miss at a time. A tag of a translation is the virtual page and some bits of
 * the physical one: QEMU shows no address space's number, and two spaces that
 * have different pages at one address must not take each other's entry.
 */
#include <string.h>

#include "model.h"

#define VALID       BIT(63)
#define USERS       BIT(62)
#define PAGE_SHIFT  12
#define PAGE_BITS   9       /* host and guest page numbers agree so far */

static bool cache_init(struct sets *sets, const struct cache_shape *shape)
{
    return sets_init(sets, shape->line ? shape->size / shape->line : 0,
                     shape->ways);
}

static bool tlb_init(struct sets *sets, const struct tlb_shape *shape)
{
    return sets_init(sets, shape->entries, shape->ways);
}

bool memory_init(struct memory *memory, const struct model *model,
                 unsigned large_shift)
{
    memset(memory, 0, sizeof(*memory));
    memory->model = model;
    memory->large_shift = large_shift;
    return cache_init(&memory->icache, &model->icache) &&
           cache_init(&memory->dcache, &model->dcache) &&
           cache_init(&memory->l2, &model->l2) &&
           tlb_init(&memory->itlb, &model->itlb) &&
           tlb_init(&memory->dtlb, &model->dtlb) &&
           tlb_init(&memory->itlb_large, &model->itlb_large) &&
           tlb_init(&memory->dtlb_large, &model->dtlb_large);
}

static void forget_fetch(struct memory *memory)
{
    memory->last_line = memory->last_page = UINT64_MAX;
}

void memory_empty(struct memory *memory)
{
    sets_clear(&memory->icache);
    sets_clear(&memory->dcache);
    sets_clear(&memory->l2);
    sets_clear(&memory->itlb);
    sets_clear(&memory->dtlb);
    sets_clear(&memory->itlb_large);
    sets_clear(&memory->dtlb_large);
    forget_fetch(memory);
}

void memory_space(struct memory *memory)
{
    uint64_t gone = memory->model->global ? USERS : VALID;

    if (memory->model->tags)
        return;
    sets_forget(&memory->itlb, gone);
    sets_forget(&memory->dtlb, gone);
    sets_forget(&memory->itlb_large, gone);
    sets_forget(&memory->dtlb_large, gone);
    memory->last_page = UINT64_MAX;
}

/* Look a page up: 0, or the cycles of a walk. */
static uint32_t translate(struct memory *memory, uint64_t address,
                          uint64_t physical, bool kernels, bool fetch,
                          struct events *events)
{
    const struct model *model = memory->model;
    struct sets *small = fetch && !model->unified ? &memory->itlb
                                                  : &memory->dtlb;
    struct sets *large = fetch && !model->unified ? &memory->itlb_large
                                                  : &memory->dtlb_large;
    struct sets *sets = kernels && large->sets ? large : small;
    uint64_t page = address >> (kernels ? memory->large_shift : PAGE_SHIFT);
    uint64_t frame = kernels ? 0
                             : physical >> PAGE_SHIFT & (BIT(PAGE_BITS) - 1);
    uint64_t tag = VALID | (kernels ? 0 : USERS) |
                   (page << PAGE_BITS & (USERS - 1)) | frame;

    if (!sets->sets || sets_find(sets, page, tag))
        return 0;
    sets_insert(sets, page, tag);
    events->count[TLB_MISSES]++;
    return model->walk;
}

/* A first-level miss: cycles until the second level or memory gave the line. */
static uint32_t fill(struct memory *memory, uint64_t physical,
                     struct events *events)
{
    const struct model *model = memory->model;
    uint64_t line;

    events->count[L1_MISSES]++;
    if (memory->l2.sets) {
        line = physical / model->l2.line;
        if (sets_find(&memory->l2, line, VALID | line))
            return model->l2_hit;
        sets_insert(&memory->l2, line, VALID | line);
        events->count[L2_MISSES]++;
    }
    return model->memory;
}

static void fetch_line(struct memory *memory, uint64_t line,
                       struct events *events)
{
    if (line == memory->last_line)
        return;
    memory->last_line = line;
    if (sets_find(&memory->icache, line, VALID | line))
        return;
    sets_insert(&memory->icache, line, VALID | line);
    events->fetch += fill(memory, line * memory->model->icache.line, events);
}

void memory_fetch(struct memory *memory, const struct op *op,
                  struct events *events)
{
    uint32_t size = memory->model->icache.line;
    uint64_t page = op->address >> PAGE_SHIFT;

    if (page != memory->last_page) {
        memory->last_page = page;
        events->fetch += translate(memory, op->address, op->line, op->kernel,
                                   true, events);
    }
    fetch_line(memory, op->line / size, events);
    fetch_line(memory, (op->line + op->size - 1) / size, events);
}

void memory_data(struct memory *memory, uint64_t address, uint64_t physical,
                 bool kernels, bool store, struct events *events)
{
    const struct model *model = memory->model;
    uint64_t line = physical / model->dcache.line;

    events->data += translate(memory, address, physical, kernels, false,
                              events);
    if (sets_find(&memory->dcache, line, VALID | line))
        return;
    if (store && !model->allocate) {
        events->count[L1_MISSES]++;
        events->data += model->store_miss;
        return;
    }
    sets_insert(&memory->dcache, line, VALID | line);
    events->data += fill(memory, physical, events);
}
