/* SPDX-License-Identifier: BSD-2-Clause */
/* The build machine: the registers of a thread, in the order in which
   exception messages carry them; bit n of a mask is register n. */
#ifndef L4_SYS_ARCH_REGS_H
#define L4_SYS_ARCH_REGS_H

#include <l4/sys/l4int.h>

enum l4_reg {
    L4_REG_MR0, L4_REG_MR1, L4_REG_MR2, L4_REG_MR3, L4_REG_ARG0, L4_REG_ARG1,
    L4_REG_ARG2, L4_REG_ID0, L4_REG_ID1, L4_REG_IP, L4_REG_STACK,
    L4_REG_FLAGS, L4_REG_TLS, L4_REG_COUNT
};

#define L4_TLS_SLOTS    1

struct l4_fpu_state {
    l4_uint64_t f[4];
};
#define L4_FPU_BYTES    32      /* of struct l4_fpu_state */

#endif
