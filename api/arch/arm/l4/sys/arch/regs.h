/* SPDX-License-Identifier: BSD-2-Clause */
/* arm: the registers of a thread, in the order in which exception messages
   carry them; bit n of a mask is register n. */
#ifndef L4_SYS_ARCH_REGS_H
#define L4_SYS_ARCH_REGS_H

#include <l4/sys/l4int.h>

enum l4_reg {
    L4_REG_R0, L4_REG_R1, L4_REG_R2, L4_REG_R3, L4_REG_R4, L4_REG_R5,
    L4_REG_R6, L4_REG_R7, L4_REG_R8, L4_REG_R9, L4_REG_R10, L4_REG_R11,
    L4_REG_R12, L4_REG_SP, L4_REG_LR, L4_REG_PC, L4_REG_CPSR,
    L4_REG_TLS,                 /* thread-local storage: TPIDRURO */
    L4_REG_COUNT
};

#define L4_TLS_SLOTS    1

/* The ones every target has. */
#define L4_REG_IP L4_REG_PC
#define L4_REG_STACK L4_REG_SP

/*
 * The FPU's registers. Of fpscr, flags, modes and cumulative exceptions are
 * loaded: the CPU has no trapped exceptions and no short vectors.
 */
struct l4_fpu_state {
    l4_uint64_t d[32];          /* shared with NEON */
    l4_uint32_t fpscr;
    l4_uint32_t unused;
};
#define L4_FPU_BYTES    264     /* of struct l4_fpu_state */

#endif
