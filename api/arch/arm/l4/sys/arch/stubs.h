/* SPDX-License-Identifier: BSD-2-Clause */
/* arm: the instructions that enter the kernel, bound as abi.h says. */
#ifndef L4_SYS_ARCH_STUBS_H
#define L4_SYS_ARCH_STUBS_H

#include <l4/sys/types.h>
#include <l4/sys/numbers.h>
#include <l4/sys/arch/abi.h>

#define L4_ARCH_LOAD_WORDS(w)                   \
    register l4_umword_t r4 __asm__("r4") = (w)[0];   \
    register l4_umword_t r5 __asm__("r5") = (w)[1];   \
    register l4_umword_t r6 __asm__("r6") = (w)[2];   \
    register l4_umword_t r7 __asm__("r7") = (w)[3];   \
    register l4_umword_t r8 __asm__("r8") = (w)[4];   \
    register l4_umword_t r9 __asm__("r9") = (w)[5];   \
    register l4_umword_t r10 __asm__("r10") = (w)[6]; \
    register l4_umword_t r11 __asm__("r11") = (w)[7]

#define L4_ARCH_STORE_WORDS(w)                  \
    ((w)[0] = r4, (w)[1] = r5, (w)[2] = r6, (w)[3] = r7,   \
     (w)[4] = r8, (w)[5] = r9, (w)[6] = r10, (w)[7] = r11)

#define L4_ARCH_WORD_REGS \
    "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8), "+r"(r9), \
    "+r"(r10), "+r"(r11)

/* IPC by operation word; returns the dope. */
L4_INLINE l4_umword_t l4_arch_ipc_op(l4_umword_t op, l4_threadid_t *id,
                                     l4_umword_t words[L4_REG_WORDS])
{
    register l4_umword_t number __asm__("r12") = op;
    register l4_umword_t low __asm__("r0") = (l4_umword_t)id->raw;
    register l4_umword_t high __asm__("r1") = (l4_umword_t)(id->raw >> 32);
    register l4_umword_t dope __asm__("r2");
    L4_ARCH_LOAD_WORDS(words);

    /* r12 and lr come back as they are: for an op, or a counter, of a loop. */
    __asm__ volatile("svc #0"
                     : "+r"(low), "+r"(high), "=r"(dope), L4_ARCH_WORD_REGS
                     : "r"(number)
                     : "r3", "memory", "cc");
    id->raw = ((l4_uint64_t)high << 32) | low;
    L4_ARCH_STORE_WORDS(words);
    return dope;
}

/* IPC with all its arguments; returns the dope. */
L4_INLINE l4_umword_t l4_arch_ipc(l4_umword_t snd, l4_umword_t rcv,
                                  l4_umword_t timeouts, l4_threadid_t *id,
                                  l4_umword_t words[L4_REG_WORDS])
{
    register l4_umword_t number __asm__("r12") = L4_SYS_IPC;
    register l4_umword_t low __asm__("r0") = (l4_umword_t)id->raw;
    register l4_umword_t high __asm__("r1") = (l4_umword_t)(id->raw >> 32);
    register l4_umword_t r2 __asm__("r2") = snd;
    register l4_umword_t r3 __asm__("r3") = rcv;
    register l4_umword_t r14 __asm__("lr") = timeouts;
    L4_ARCH_LOAD_WORDS(words);

    __asm__ volatile("svc #0"
                     : "+r"(number), "+r"(low), "+r"(high), "+r"(r2),
                       "+r"(r3), "+r"(r14), L4_ARCH_WORD_REGS
                     :
                     : "memory", "cc");
    id->raw = ((l4_uint64_t)high << 32) | low;
    L4_ARCH_STORE_WORDS(words);
    return r2;
}

/* The same for chiefs: *other is the virtual sender of a deceiving send, and
   on return whom a redirected message was for. */
L4_INLINE l4_umword_t l4_arch_ipc_chief(l4_umword_t snd, l4_umword_t rcv,
                                        l4_umword_t timeouts,
                                        l4_threadid_t *id,
                                        l4_threadid_t *other,
                                        l4_umword_t words[L4_REG_WORDS])
{
    register l4_umword_t number __asm__("r12") = (l4_umword_t)other;
    register l4_umword_t low __asm__("r0") = (l4_umword_t)id->raw;
    register l4_umword_t high __asm__("r1") = (l4_umword_t)(id->raw >> 32);
    register l4_umword_t r2 __asm__("r2") = snd;
    register l4_umword_t r3 __asm__("r3") = rcv;
    register l4_umword_t r14 __asm__("lr") = timeouts;
    L4_ARCH_LOAD_WORDS(words);

    /* r12 carries the address of the id until the call number goes in. */
    __asm__ volatile("sub sp, sp, #8\n\t"
                     "str r3, [sp, #-4]!\n\t"
                     "ldr r3, [r12]\n\t"
                     "str r3, [sp, #4]\n\t"
                     "ldr r3, [r12, #4]\n\t"
                     "str r3, [sp, #8]\n\t"
                     "ldr r3, [sp], #4\n\t"
                     "mov r12, %[ipc]\n\t"
                     "svc #0\n\t"
                     "add sp, sp, #8"
                     : "+r"(number), "+r"(low), "+r"(high), "+r"(r2),
                       "+r"(r3), "+r"(r14), L4_ARCH_WORD_REGS
                     : [ipc] "i"(L4_SYS_IPC)
                     : "memory", "cc");
    id->raw = ((l4_uint64_t)high << 32) | low;
    other->raw = ((l4_uint64_t)r14 << 32) | r3;
    L4_ARCH_STORE_WORDS(words);
    return r2;
}

/* Any other call: arguments and results in *a. */
L4_INLINE void l4_arch_call(unsigned n, struct l4_call_args *a)
{
    register l4_umword_t number __asm__("r12") = n;
    register l4_umword_t r0 __asm__("r0") = (l4_umword_t)a->id[0].raw;
    register l4_umword_t r1 __asm__("r1") = (l4_umword_t)(a->id[0].raw >> 32);
    register l4_umword_t r2 __asm__("r2") = a->arg[0];
    register l4_umword_t r3 __asm__("r3") = a->arg[1];
    register l4_umword_t r4 __asm__("r4") = a->arg[2];
    register l4_umword_t r5 __asm__("r5") = (l4_umword_t)a->id[1].raw;
    register l4_umword_t r6 __asm__("r6") = (l4_umword_t)(a->id[1].raw >> 32);

    __asm__ volatile("svc #0"
                     : "+r"(number), "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3),
                       "+r"(r4), "+r"(r5), "+r"(r6)
                     :
                     : "r7", "r8", "r9", "r10", "r11", "lr", "memory", "cc");
    a->id[0].raw = ((l4_uint64_t)r1 << 32) | r0;
    a->arg[0] = r2;
    a->arg[1] = r3;
    a->arg[2] = r4;
    a->id[1].raw = ((l4_uint64_t)r6 << 32) | r5;
}

/* Address of the running thread's UTCB. */
L4_INLINE void *l4_arch_utcb(void)
{
    void *p;
    __asm__ volatile("mrc p15, 0, %0, c13, c0, 2" : "=r"(p));
    return p;
}

#endif
