/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces: one for each active task. */
#ifndef CORE_SPACE_H
#define CORE_SPACE_H

#include "arch.h"

struct space {
    pte_t *root;                /* root page table, one frame */
    struct arch_space arch;     /* the port's: address-space tag */
    unsigned task;              /* number of the task it belongs to */
};

#endif
