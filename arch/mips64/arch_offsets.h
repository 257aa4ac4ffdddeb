/* SPDX-License-Identifier: BSD-2-Clause */
/* mips64: more constants for the assembly; included by core/offsets.c. */
DEFINE(FRAME_R, offsetof(struct arch_frame, r));
DEFINE(FRAME_LO, offsetof(struct arch_frame, lo));
DEFINE(FRAME_HI, offsetof(struct arch_frame, hi));
DEFINE(FRAME_EPC, offsetof(struct arch_frame, epc));
DEFINE(FRAME_STATUS, offsetof(struct arch_frame, status));
DEFINE(FRAME_CAUSE, offsetof(struct arch_frame, cause));
DEFINE(FRAME_BADVADDR, offsetof(struct arch_frame, badvaddr));
DEFINE(FPU_F, offsetof(struct l4_fpu_state, f));
DEFINE(FPU_FCSR, offsetof(struct l4_fpu_state, fcsr));
DEFINE(TCB_TLS, offsetof(struct tcb, arch.tls));
DEFINE(PT_TOP_SHIFT, ARCH_PT_TOP_SHIFT);

/* For ipc_fast.S. The lower halves of numbers that fit them. */
#define LOW_HALF(field) \
    (offsetof(struct tcb, field) + \
     (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 2 : 0))
DEFINE(TCB_STATE_LOW, LOW_HALF(state));
DEFINE(TCB_LIMIT_LOW, LOW_HALF(limit));
DEFINE(SPACE_HI, offsetof(struct space, arch.hi));
DEFINE(SPACE_WALK, offsetof(struct space, arch.walk));

DEFINE(SOFT_TLB_HI, offsetof(struct soft_entry, hi));
DEFINE(SOFT_TLB_LO0, offsetof(struct soft_entry, lo[0]));
DEFINE(SOFT_TLB_LO1, offsetof(struct soft_entry, lo[1]));

/* For fault_fast.S. */
DEFINE(REGS_IN_FRAME, L4_REG_TLS);
DEFINE(REG_V0, L4_REG_V0);
DEFINE(REG_LO, L4_REG_LO);
DEFINE(REG_EPC, L4_REG_EPC);
DEFINE(REG_STATUS, L4_REG_STATUS);
/* Below EPC what Linux looks at in a system call: v0, a0 to a5. */
DEFINE(REGS_LINUX_LOW, 1 << L4_REG_V0 |
                           ((1 << (L4_REG_A5 + 1)) - (1 << L4_REG_A0)));
