/* SPDX-License-Identifier: BSD-2-Clause */
#include "kmem.h"
#include "mapdb.h"
#include "panic.h"
#include "ports.h"
#include "small.h"

static KMEM_CACHE(space_cache, struct space);

enum err ports_make(struct space *s)
{
    if (!IO_PORTS)
        return ERR_NOT_FOUND;
    if (s->ports)
        return OK;
    small_leave(s);         /* there are no bitmaps for small ones */
    struct space *io = kmem_alloc(&space_cache);
    if (!io)
        return ERR_NO_MEM;
    io->task = s->task;
    io->memory = s;
    if (ptab_init(io) != OK) {
        kmem_free(&space_cache, io);
        return ERR_NO_MEM;
    }
    if (arch_ports_init(s) != OK) {
        ptab_fini(io);
        kmem_free(&space_cache, io);
        return ERR_NO_MEM;
    }
    s->ports = io;
    return OK;
}

void ports_destroy(struct space *s)
{
    if (!IO_PORTS || !s->ports)
        return;
    arch_ports_fini(s);
    ptab_fini(s->ports);
    kmem_free(&space_cache, s->ports);
    s->ports = NULL;
}

/* The level of the largest page of free ports at va; or of one that is not
   free, with *free false. */
static unsigned level_at(word_t va, bool *free)
{
    unsigned port = (unsigned)(va >> PAGE_SHIFT);
    unsigned large = 1u << (pt_shift[LEVEL_LARGE] - PAGE_SHIFT);

    *free = true;
    if (port % large == 0 && machine_ports_free(port, large))
        return LEVEL_LARGE;
    *free = machine_ports_free(port, 1);
    return LEVEL_SMALL;
}

void ports_give_all(struct space *s)
{
    struct mapdb_page page = { .rights = RIGHT_READ | RIGHT_WRITE };
    paddr_t end = (paddr_t)IO_PORTS << PAGE_SHIFT;
    bool free;

    if (!IO_PORTS)
        return;
    enum err e = ports_make(s);
    while (e == OK && page.pa < end) {
        page.level = level_at(page.pa, &free);
        if (free)
            e = mapdb_map(NULL, 0, &page, s->ports, page.pa);
        page.pa += pt_size(page.level);
    }
    if (e != OK)
        panic("no memory for the I/O ports");
}
