/* SPDX-License-Identifier: BSD-2-Clause */
/* ia32: more constants for the assembly; see core/offsets.c. */
    DEFINE(FRAME_SHORT_IP, offsetof(struct arch_frame, short_ip));
    DEFINE(TCB_ARCH_TLS, offsetof(struct tcb, arch.tls_loaded));
    DEFINE(TCB_ARCH_SEGMENT, offsetof(struct tcb, arch.segment));
    DEFINE(FRAME_UTCB, offsetof(struct arch_frame, utcb));
    DEFINE(TCB_ARCH_ROOT, offsetof(struct tcb, arch.root));
    DEFINE(FRAME_GS, offsetof(struct arch_frame, gs));
    DEFINE(FRAME_FS, offsetof(struct arch_frame, fs));
    DEFINE(FRAME_ES, offsetof(struct arch_frame, es));
    DEFINE(FRAME_DS, offsetof(struct arch_frame, ds));
    DEFINE(FRAME_EDI, offsetof(struct arch_frame, edi));
    DEFINE(FRAME_ESI, offsetof(struct arch_frame, esi));
    DEFINE(FRAME_EBP, offsetof(struct arch_frame, ebp));
    DEFINE(FRAME_EBX, offsetof(struct arch_frame, ebx));
    DEFINE(FRAME_EDX, offsetof(struct arch_frame, edx));
    DEFINE(FRAME_ECX, offsetof(struct arch_frame, ecx));
    DEFINE(FRAME_EAX, offsetof(struct arch_frame, eax));
    DEFINE(FRAME_ENTRY, offsetof(struct arch_frame, entry));
    DEFINE(FRAME_ERROR, offsetof(struct arch_frame, error));
    DEFINE(FRAME_EIP, offsetof(struct arch_frame, eip));
    DEFINE(FRAME_CS, offsetof(struct arch_frame, cs));
    DEFINE(FRAME_EFLAGS, offsetof(struct arch_frame, eflags));
    DEFINE(FRAME_ESP, offsetof(struct arch_frame, esp));
    DEFINE(FRAME_SS, offsetof(struct arch_frame, ss));
    DEFINE(TASK_ESP0, offsetof(struct kernel_task, tss.esp0));
    DEFINE(REG_GS, L4_REG_GS);
    DEFINE(REG_EDI, L4_REG_EDI);
    DEFINE(REG_EAX, L4_REG_EAX);
    DEFINE(REG_EIP, L4_REG_EIP);
    /* All of the frame; and what Linux looks at in a system call. */
    DEFINE(REGS_FRAME, (1 << L4_REG_TLS) - 1);
    DEFINE(REGS_LINUX, (1 << L4_REG_EIP) - (1 << L4_REG_EDI) +
                           (1 << L4_REG_EIP));
