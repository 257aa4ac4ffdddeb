/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O ports, on machines that have them (IO_PORTS is not 0).
 *
 * A task that gets ports has a second, small address space for them: port n
 * is page n, mapped to itself. So page tables and mapping database, map,
 * grant and unmap treat ports as they treat memory and do not know the
 * difference. It is made where an fpage is taken apart (fpage.c) and where a
 * message or an unmap picks the space it means; and it shows where a mapping
 * comes or goes (mapdb.c): then the architecture is told, which knows how to
 * let a program use a port.
 */
#ifndef CORE_PORTS_H
#define CORE_PORTS_H

#include "ptab.h"

/* Make sure that s has an I/O space. ERR_NO_MEM changes nothing;
   ERR_NOT_FOUND: this machine has no ports. */
MUST_CHECK enum err ports_make(struct space *s);

/* Free the I/O space of s, if there is one. It maps nothing any more. */
void ports_destroy(struct space *s);

/* Map every port that the kernel leaves to programs: for sigma0, once. */
void ports_give_all(struct space *s);

/* A page of this level at va of s came or went; harmless if s is not an I/O
   space. */
static inline void ports_changed(const struct space *s, word_t va,
                                 unsigned level, bool allow)
{
    if (IO_PORTS && s->memory)
        arch_ports_allow(s->memory, (unsigned)(va >> PAGE_SHIFT),
                         1u << (pt_shift[level] - PAGE_SHIFT), allow);
}

#endif
