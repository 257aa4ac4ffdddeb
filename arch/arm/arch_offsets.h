/* SPDX-License-Identifier: BSD-2-Clause */
/* Constants of this port for its assembly: read by core/offsets.c. */
DEFINE(FRAME_SP, offsetof(struct arch_frame, sp));
DEFINE(FRAME_LR, offsetof(struct arch_frame, lr));
DEFINE(FRAME_PC, offsetof(struct arch_frame, pc));
DEFINE(FRAME_CPSR, offsetof(struct arch_frame, cpsr));
DEFINE(TCB_TLS, offsetof(struct tcb, arch.tls));
