/* SPDX-License-Identifier: BSD-2-Clause */
/* mips64: the registers of a thread, in the order in which exception messages
   carry them; bit n of a mask is register n. */
#ifndef L4_SYS_ARCH_REGS_H
#define L4_SYS_ARCH_REGS_H

#include <l4/sys/l4int.h>

enum l4_reg {
    L4_REG_AT, L4_REG_V0, L4_REG_V1, L4_REG_A0, L4_REG_A1, L4_REG_A2,
    L4_REG_A3, L4_REG_A4, L4_REG_A5, L4_REG_A6, L4_REG_A7, L4_REG_T0,
    L4_REG_T1, L4_REG_T2, L4_REG_T3, L4_REG_S0, L4_REG_S1, L4_REG_S2,
    L4_REG_S3, L4_REG_S4, L4_REG_S5, L4_REG_S6, L4_REG_S7, L4_REG_T8,
    L4_REG_T9, L4_REG_GP, L4_REG_SP, L4_REG_S8, L4_REG_RA, L4_REG_LO,
    L4_REG_HI, L4_REG_EPC, L4_REG_STATUS, L4_REG_CAUSE, L4_REG_BADVADDR,
    L4_REG_TLS,                 /* thread-local storage: what rdhwr $29 reads */
    L4_REG_COUNT
};

#define L4_TLS_SLOTS    1

/* The ones every target has. */
#define L4_REG_IP L4_REG_EPC
#define L4_REG_STACK L4_REG_SP

/*
 * The FPU's registers. Cause bits of fcsr whose exceptions are enabled get
 * lost when the thread runs again: they would raise them once more.
 */
struct l4_fpu_state {
    l4_uint64_t f[32];
    l4_uint64_t fcsr;
};
#define L4_FPU_BYTES    264     /* of struct l4_fpu_state */

#endif
