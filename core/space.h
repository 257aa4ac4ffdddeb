/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces: one for each active task, and a second one for its I/O
   ports, if it has any (ports.h). */
#ifndef CORE_SPACE_H
#define CORE_SPACE_H

#include "arch.h"

struct space {
    pte_t *root;                /* root page table, one frame */
    struct arch_space arch;     /* the port's: address-space tag */
    unsigned task;              /* number of the task it belongs to */
    struct space *ports;        /* its I/O space; NULL: never had ports */
    struct space *memory;       /* of an I/O space: the one it goes with */
};

#endif
