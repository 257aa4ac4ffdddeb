/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mips64: the instructions that enter the kernel, bound as abi.h says.
 *
 * $30 is the frame pointer of functions that need one, and the compiler does
 * not let it be spoilt there: all but the fast binding save it.
 */
#ifndef L4_SYS_ARCH_STUBS_H
#define L4_SYS_ARCH_STUBS_H

#include <l4/sys/types.h>
#include <l4/sys/numbers.h>
#include <l4/sys/arch/abi.h>

#define L4_ARCH_LOAD_WORDS(w)                     \
    register l4_umword_t s0 __asm__("$16") = (w)[0]; \
    register l4_umword_t s1 __asm__("$17") = (w)[1]; \
    register l4_umword_t s2 __asm__("$18") = (w)[2]; \
    register l4_umword_t s3 __asm__("$19") = (w)[3]; \
    register l4_umword_t s4 __asm__("$20") = (w)[4]; \
    register l4_umword_t s5 __asm__("$21") = (w)[5]; \
    register l4_umword_t s6 __asm__("$22") = (w)[6]; \
    register l4_umword_t s7 __asm__("$23") = (w)[7]

#define L4_ARCH_STORE_WORDS(w)                  \
    ((w)[0] = s0, (w)[1] = s1, (w)[2] = s2, (w)[3] = s3,   \
     (w)[4] = s4, (w)[5] = s5, (w)[6] = s6, (w)[7] = s7)

#define L4_ARCH_WORD_REGS \
    "+r"(s0), "+r"(s1), "+r"(s2), "+r"(s3), "+r"(s4), "+r"(s5), \
    "+r"(s6), "+r"(s7)

#define L4_ARCH_SPOILT \
    "$1", "$3", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$24", \
    "$25", "$31", "hi", "lo", "memory"

#define L4_ARCH_SYSCALL             \
    "daddiu $29, $29, -16\n\t"      \
    "sd $30, 8($29)\n\t"            \
    "syscall\n\t"                   \
    "ld $30, 8($29)\n\t"            \
    "daddiu $29, $29, 16"

/* IPC by operation word; returns the dope. */
L4_INLINE l4_umword_t l4_arch_ipc_op(l4_umword_t op, l4_threadid_t *id,
                                     l4_umword_t words[L4_REG_WORDS])
{
    register l4_umword_t number __asm__("$2") = op;
    register l4_umword_t partner __asm__("$4") = id->raw;
    register l4_umword_t dope __asm__("$5");
    L4_ARCH_LOAD_WORDS(words);

    __asm__ volatile("syscall"
                     : "+r"(number), "+r"(partner), "=r"(dope),
                       L4_ARCH_WORD_REGS
                     :
                     : "$6", "$7", "$8", "$30", L4_ARCH_SPOILT);
    id->raw = partner;
    L4_ARCH_STORE_WORDS(words);
    return dope;
}

/* The same with the two words of Version 2, in any function. */
L4_INLINE l4_umword_t l4_arch_ipc_op2(l4_umword_t op, l4_threadid_t *id,
                                      l4_umword_t words[2])
{
    const l4_umword_t all[L4_REG_WORDS] = { words[0], words[1] };
    register l4_umword_t number __asm__("$2") = op;
    register l4_umword_t partner __asm__("$4") = id->raw;
    register l4_umword_t dope __asm__("$5");
    L4_ARCH_LOAD_WORDS(all);

    __asm__ volatile(L4_ARCH_SYSCALL
                     : "+r"(number), "+r"(partner), "=r"(dope),
                       L4_ARCH_WORD_REGS
                     :
                     : "$6", "$7", "$8", L4_ARCH_SPOILT);
    id->raw = partner;
    words[0] = s0;
    words[1] = s1;
    return dope;
}

/* IPC with all its arguments; returns the dope. */
L4_INLINE l4_umword_t l4_arch_ipc(l4_umword_t snd, l4_umword_t rcv,
                                  l4_umword_t timeouts, l4_threadid_t *id,
                                  l4_umword_t words[L4_REG_WORDS])
{
    register l4_umword_t number __asm__("$2") = L4_SYS_IPC;
    register l4_umword_t partner __asm__("$4") = id->raw;
    register l4_umword_t a1 __asm__("$5") = snd;
    register l4_umword_t a2 __asm__("$6") = rcv;
    register l4_umword_t a3 __asm__("$7") = timeouts;
    L4_ARCH_LOAD_WORDS(words);

    __asm__ volatile(L4_ARCH_SYSCALL
                     : "+r"(number), "+r"(partner), "+r"(a1), "+r"(a2),
                       "+r"(a3), L4_ARCH_WORD_REGS
                     :
                     : "$8", L4_ARCH_SPOILT);
    id->raw = partner;
    L4_ARCH_STORE_WORDS(words);
    return a1;
}

/* The same for chiefs: *other is the virtual sender of a deceiving send, and
   on return whom a redirected message was for. */
L4_INLINE l4_umword_t l4_arch_ipc_chief(l4_umword_t snd, l4_umword_t rcv,
                                        l4_umword_t timeouts,
                                        l4_threadid_t *id,
                                        l4_threadid_t *other,
                                        l4_umword_t words[L4_REG_WORDS])
{
    register l4_umword_t number __asm__("$2") = L4_SYS_IPC;
    register l4_umword_t partner __asm__("$4") = id->raw;
    register l4_umword_t a1 __asm__("$5") = snd;
    register l4_umword_t a2 __asm__("$6") = rcv;
    register l4_umword_t a3 __asm__("$7") = timeouts;
    register l4_umword_t a4 __asm__("$8") = other->raw;
    L4_ARCH_LOAD_WORDS(words);

    __asm__ volatile(L4_ARCH_SYSCALL
                     : "+r"(number), "+r"(partner), "+r"(a1), "+r"(a2),
                       "+r"(a3), "+r"(a4), L4_ARCH_WORD_REGS
                     :
                     : L4_ARCH_SPOILT);
    id->raw = partner;
    other->raw = a2;
    L4_ARCH_STORE_WORDS(words);
    return a1;
}

/* id_nearest with the nil id: the caller's own. It spoils nothing else. */
L4_INLINE l4_threadid_t l4_arch_myself(void)
{
    register l4_umword_t number __asm__("$2") = L4_SYS_ID_NEAREST;
    register l4_umword_t id __asm__("$4") = 0;
    l4_threadid_t self;

    __asm__ volatile("syscall" : "+r"(id) : "r"(number) : "$5");
    self.raw = id;
    return self;
}

/* Any other call: arguments and results in *a. */
L4_INLINE void l4_arch_call(unsigned n, struct l4_call_args *a)
{
    register l4_umword_t number __asm__("$2") = n;
    register l4_umword_t id0 __asm__("$4") = a->id[0].raw;
    register l4_umword_t a1 __asm__("$5") = a->arg[0];
    register l4_umword_t a2 __asm__("$6") = a->arg[1];
    register l4_umword_t a3 __asm__("$7") = a->arg[2];
    register l4_umword_t id1 __asm__("$8") = a->id[1].raw;

    __asm__ volatile(L4_ARCH_SYSCALL
                     : "+r"(number), "+r"(id0), "+r"(a1), "+r"(a2), "+r"(a3),
                       "+r"(id1)
                     :
                     : "$16", "$17", "$18", "$19", "$20", "$21", "$22", "$23",
                       L4_ARCH_SPOILT);
    a->id[0].raw = id0;
    a->arg[0] = a1;
    a->arg[1] = a2;
    a->arg[2] = a3;
    a->id[1].raw = id1;
}

/* Address of the running thread's UTCB. */
L4_INLINE void *l4_arch_utcb(void)
{
    void *p;
    __asm__ volatile("move %0, $26" : "=r"(p));
    return p;
}

#endif
