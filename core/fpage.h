/* SPDX-License-Identifier: BSD-2-Clause */
/* Arithmetic on flexpages. */
#ifndef CORE_FPAGE_H
#define CORE_FPAGE_H

#include "arch.h"

/* A flexpage taken apart: 2^shift bytes at base, aligned, inside the user
   address space unless it is larger than that. */
struct fpage {
    word_t base;
    unsigned shift;     /* at most ARCH_PT_TOP_SHIFT */
    bool write, grant;
};

/* False: smaller than a page. A size beyond the address space is all of it. */
bool fpage_parse(word_t raw, struct fpage *f);

/* The flexpage of the whole user address space, as a receive window. */
word_t fpage_whole(void);

/*
 * Where a flexpage lands in a window: the smaller of the two decides how
 * much, and the bits of send base beyond it where in the larger one.
 * *from and *to are the first addresses on each side, *shift the size.
 */
void fpage_place(const struct fpage *send, const struct fpage *window,
                 word_t base, word_t *from, word_t *to, unsigned *shift);

#endif
