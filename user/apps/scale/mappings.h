/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Very many mappings of one page, and what can be done to one of them.
 */
#ifndef SCALE_MAPPINGS_H
#define SCALE_MAPPINGS_H

#define MAPPINGS_MOST   196608u

/* In the order in which they have to be done. */
enum {
    MAP_ONE,            /* one more mapping of the page */
    MAP_OTHER,          /* a mapping of another page */
    UNMAP_OWN,          /* who got such a mapping throws it away */
    UNMAP_TASK,         /* take the page from one task among all */
    UNMAP_OTHER,        /* take another page from all who got it */
    UNMAP_ALL,          /* take the page from all */
    MAPPING_OPS
};
extern const char *const mapping_ops[MAPPING_OPS];

void mappings_init(void);

/* The page is mapped n times. */
void mappings_grow(unsigned n);

/* Map it as often as there is kernel memory for: the kernel does without most
   of what is left to it. How many there are then. */
unsigned mappings_fill(void);

/* All of it is taken back, and the kernel has its memory again. */
void mappings_end(void);

/* Run one of the operations as span 0; returns how often. */
unsigned mappings_measure(unsigned op);

#endif
