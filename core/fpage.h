/* SPDX-License-Identifier: BSD-2-Clause */
/* Arithmetic on flexpages. */
#ifndef CORE_FPAGE_H
#define CORE_FPAGE_H

#include "arch.h"

/* A flexpage taken apart: 2^shift bytes at base, aligned, inside the user
   address space unless it is larger than that. One of I/O ports has the
   addresses of an I/O space, where port n is page n (ports.h). */
struct fpage {
    word_t base;
    unsigned shift;     /* at most ARCH_PT_TOP_SHIFT */
    bool write, grant;
    bool ports;
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

/* The same for ports, which keep their numbers: the smaller of the two, if it
   lies in the larger one; else false. */
bool fpage_common(const struct fpage *send, const struct fpage *window,
                  word_t *base, unsigned *shift);

#endif
