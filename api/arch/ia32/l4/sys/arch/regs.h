/* SPDX-License-Identifier: BSD-2-Clause */
/* ia32: the registers of a thread, in the order in which exception messages
   carry them; bit n of a mask is register n. */
#ifndef L4_SYS_ARCH_REGS_H
#define L4_SYS_ARCH_REGS_H

#include <l4/sys/l4int.h>

enum l4_reg {
    L4_REG_GS, L4_REG_FS, L4_REG_ES, L4_REG_DS, L4_REG_EDI, L4_REG_ESI,
    L4_REG_EBP, L4_REG_EBX, L4_REG_EDX, L4_REG_ECX, L4_REG_EAX, L4_REG_EIP,
    L4_REG_CS, L4_REG_EFLAGS, L4_REG_ESP, L4_REG_SS,
    /* Thread-local storage: the two words of each slot's descriptor. */
    L4_REG_TLS, L4_REG_TLS_HIGH, L4_REG_TLS1, L4_REG_TLS1_HIGH, L4_REG_TLS2,
    L4_REG_TLS2_HIGH, L4_REG_COUNT
};

/* The selector of a slot. */
#define L4_TLS_SLOTS            3
#define L4_TLS_SELECTOR(slot)   (0x33 + 8 * (slot))

/* The ones every target has. */
#define L4_REG_IP L4_REG_EIP
#define L4_REG_STACK L4_REG_ESP

/*
 * The FPU's registers: what FXSAVE stores (Intel SDM 1, "FXSAVE Area"). Bits
 * of mxcsr that the CPU does not have are dropped when a state is loaded.
 */
struct l4_fpu_state {
    l4_uint16_t fcw, fsw;       /* x87: control, status */
    l4_uint8_t ftw, reserved;   /* bit n: register n is not empty */
    l4_uint16_t fop;            /* last instruction: opcode, address, operand */
    l4_uint32_t fip, fcs, fdp, fds;
    l4_uint32_t mxcsr;          /* SSE: control and status */
    l4_uint32_t mxcsr_mask;     /* ... bits there are; not loaded */
    l4_uint8_t st[8][16];       /* x87 stack from its top, 10 bytes each */
    l4_uint8_t xmm[8][16];
    l4_uint8_t unused[224];
};
#define L4_FPU_BYTES    512     /* of struct l4_fpu_state */

#endif
