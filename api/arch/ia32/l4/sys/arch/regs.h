/* SPDX-License-Identifier: BSD-2-Clause */
/* ia32: the registers of a thread, in the order in which exception messages
   carry them; bit n of a mask is register n. */
#ifndef L4_SYS_ARCH_REGS_H
#define L4_SYS_ARCH_REGS_H

enum l4_reg {
    L4_REG_EIP, L4_REG_EFLAGS, L4_REG_ESP, L4_REG_EAX, L4_REG_EBX, L4_REG_ECX,
    L4_REG_EDX, L4_REG_ESI, L4_REG_EDI, L4_REG_EBP, L4_REG_CS, L4_REG_SS,
    L4_REG_DS, L4_REG_ES, L4_REG_FS, L4_REG_GS, L4_REG_COUNT
};

/* The ones every target has. */
#define L4_REG_IP L4_REG_EIP
#define L4_REG_STACK L4_REG_ESP

#endif
