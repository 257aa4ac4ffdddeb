/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm: the instructions that enter the kernel, bound as abi.h says.
 *
 * r11 is the frame pointer of functions that need one, and nothing the
 * compiler could give to the call there: all but the fast binding save it and
 * bring its word in another register.
 */
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
    register l4_umword_t r10 __asm__("r10") = (w)[6]

#define L4_ARCH_STORE_WORDS(w)                  \
    ((w)[0] = r4, (w)[1] = r5, (w)[2] = r6, (w)[3] = r7,   \
     (w)[4] = r8, (w)[5] = r9, (w)[6] = r10)

/* Words 0 to 6. */
#define L4_ARCH_WORD_REGS \
    "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8), "+r"(r9), "+r"(r10)

/* IPC by operation word; returns the dope. */
L4_INLINE l4_umword_t l4_arch_ipc_op(l4_umword_t op, l4_threadid_t *id,
                                     l4_umword_t words[L4_REG_WORDS])
{
    register l4_umword_t number __asm__("r12") = op;
    register l4_umword_t low __asm__("r0") = (l4_umword_t)id->raw;
    register l4_umword_t high __asm__("r1") = (l4_umword_t)(id->raw >> 32);
    register l4_umword_t dope __asm__("r2");
    register l4_umword_t r11 __asm__("r11") = words[7];
    L4_ARCH_LOAD_WORDS(words);

    /* r12 and lr come back as they are: for an op, or a counter, of a loop. */
    __asm__ volatile("svc #0"
                     : "+r"(low), "+r"(high), "=r"(dope), L4_ARCH_WORD_REGS,
                       "+r"(r11)
                     : "r"(number)
                     : "r3", "memory", "cc");
    id->raw = ((l4_uint64_t)high << 32) | low;
    L4_ARCH_STORE_WORDS(words);
    words[7] = r11;
    return dope;
}

/* The same with the two words of Version 2, in any function. */
L4_INLINE l4_umword_t l4_arch_ipc_op2(l4_umword_t op, l4_threadid_t *id,
                                      l4_umword_t words[2])
{
    const l4_umword_t all[7] = { words[0], words[1] };
    register l4_umword_t number __asm__("r12") = op;
    register l4_umword_t low __asm__("r0") = (l4_umword_t)id->raw;
    register l4_umword_t high __asm__("r1") = (l4_umword_t)(id->raw >> 32);
    register l4_umword_t dope __asm__("r2");
    L4_ARCH_LOAD_WORDS(all);

    __asm__ volatile("push {r11}\n\t"
                     "mov r11, #0\n\t"
                     "svc #0\n\t"
                     "pop {r11}"
                     : "+r"(low), "+r"(high), "=r"(dope), L4_ARCH_WORD_REGS
                     : "r"(number)
                     : "r3", "memory", "cc");
    id->raw = ((l4_uint64_t)high << 32) | low;
    words[0] = r4;
    words[1] = r5;
    return dope;
}

/* IPC with all its arguments; returns the dope. */
L4_INLINE l4_umword_t l4_arch_ipc(l4_umword_t snd, l4_umword_t rcv,
                                  l4_umword_t timeouts, l4_threadid_t *id,
                                  l4_umword_t words[L4_REG_WORDS])
{
    register l4_umword_t word7 __asm__("r12") = words[7];
    register l4_umword_t low __asm__("r0") = (l4_umword_t)id->raw;
    register l4_umword_t high __asm__("r1") = (l4_umword_t)(id->raw >> 32);
    register l4_umword_t r2 __asm__("r2") = snd;
    register l4_umword_t r3 __asm__("r3") = rcv;
    register l4_umword_t r14 __asm__("lr") = timeouts;
    L4_ARCH_LOAD_WORDS(words);

    __asm__ volatile("push {r11}\n\t"
                     "mov r11, r12\n\t"
                     "mov r12, %[ipc]\n\t"
                     "svc #0\n\t"
                     "mov r12, r11\n\t"
                     "pop {r11}"
                     : "+r"(word7), "+r"(low), "+r"(high), "+r"(r2),
                       "+r"(r3), "+r"(r14), L4_ARCH_WORD_REGS
                     : [ipc] "i"(L4_SYS_IPC)
                     : "memory", "cc");
    id->raw = ((l4_uint64_t)high << 32) | low;
    L4_ARCH_STORE_WORDS(words);
    words[7] = word7;
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
    const l4_umword_t in[3] = {
        (l4_umword_t)other->raw, (l4_umword_t)(other->raw >> 32), words[7],
    };
    register l4_umword_t r12 __asm__("r12") = (l4_umword_t)in;
    register l4_umword_t low __asm__("r0") = (l4_umword_t)id->raw;
    register l4_umword_t high __asm__("r1") = (l4_umword_t)(id->raw >> 32);
    register l4_umword_t r2 __asm__("r2") = snd;
    register l4_umword_t r3 __asm__("r3") = rcv;
    register l4_umword_t r14 __asm__("lr") = timeouts;
    L4_ARCH_LOAD_WORDS(words);

    /* The virtual sender to the stack by way of r11, which then is word 7. */
    __asm__ volatile("push {r11}\n\t"
                     "ldr r11, [r12, #4]\n\t"
                     "push {r11}\n\t"
                     "ldr r11, [r12]\n\t"
                     "push {r11}\n\t"
                     "ldr r11, [r12, #8]\n\t"
                     "mov r12, %[ipc]\n\t"
                     "svc #0\n\t"
                     "add sp, sp, #8\n\t"
                     "mov r12, r11\n\t"
                     "pop {r11}"
                     : "+r"(r12), "+r"(low), "+r"(high), "+r"(r2),
                       "+r"(r3), "+r"(r14), L4_ARCH_WORD_REGS
                     : [ipc] "i"(L4_SYS_IPC)
                     : "memory", "cc");
    id->raw = ((l4_uint64_t)high << 32) | low;
    other->raw = ((l4_uint64_t)r14 << 32) | r3;
    L4_ARCH_STORE_WORDS(words);
    words[7] = r12;
    return r2;
}

/* id_nearest with the nil id: the caller's own. It spoils nothing else. */
L4_INLINE l4_threadid_t l4_arch_myself(void)
{
    register l4_umword_t number __asm__("r12") = L4_SYS_ID_NEAREST;
    register l4_umword_t low __asm__("r0") = 0;
    register l4_umword_t high __asm__("r1") = 0;
    l4_threadid_t self;

    __asm__ volatile("svc #0" : "+r"(low), "+r"(high) : "r"(number) : "r2");
    self.raw = ((l4_uint64_t)high << 32) | low;
    return self;
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

    __asm__ volatile("push {r11}\n\t"
                     "svc #0\n\t"
                     "pop {r11}"
                     : "+r"(number), "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3),
                       "+r"(r4), "+r"(r5), "+r"(r6)
                     :
                     : "r7", "r8", "r9", "r10", "lr", "memory", "cc");
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
