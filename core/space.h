/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces: one for each active task, and a second one for its I/O
   ports, if it has any (ports.h). */
#ifndef CORE_SPACE_H
#define CORE_SPACE_H

#include "arch.h"

/*
 * Where the kernel has found a page of the space in its window: a TLB for what
 * it reads and writes there itself. An entry goes when the hardware's has to go,
 * and is filled by usermem.c.
 */
#define WINDOW_ENTRIES      8
#define WINDOW_VALID ((word_t)1)

struct window_entry {
    word_t tag[2];              /* the page's address | WINDOW_VALID, or what
                                   window_empty() says; [1]: for writing */
    word_t offset;              /* from there to the window */
} __attribute__((aligned(4 * sizeof(word_t))));

struct space {
    pte_t *root;                /* root page table, one frame */
    struct arch_space arch;     /* the port's: address-space tag */
    unsigned task;              /* number of the task it belongs to */
    unsigned small;             /* number of its small space (small.h), or 0 */
    struct space *ports;        /* its I/O space; NULL: never had ports */
    struct space *memory;       /* of an I/O space: the one it goes with */
    struct window_entry window[WINDOW_ENTRIES];
};

static inline unsigned space_window_index(word_t va)
{
    return va >> PAGE_SHIFT & (WINDOW_ENTRIES - 1);
}

static inline struct window_entry *space_window(struct space *s, word_t va)
{
    return &s->window[space_window_index(va)];
}

/* The tag of nothing: a page that is another entry's, so that no address agrees
   with it in the bits above the place in the page. */
static inline word_t window_empty(word_t va)
{
    return space_window_index(va) == 0 ? PAGE_SIZE : 0;
}

/* Nothing of s is remembered. */
static inline void space_forget_window(struct space *s)
{
    for (unsigned i = 0; i < WINDOW_ENTRIES; i++)
        s->window[i].tag[0] = s->window[i].tag[1] = i == 0 ? PAGE_SIZE : 0;
}

/* No stale translation of [va, va + 2^shift) of s is used any more, by the
   hardware or by the kernel. */
void space_flush(struct space *s, word_t va, unsigned shift);

#endif
