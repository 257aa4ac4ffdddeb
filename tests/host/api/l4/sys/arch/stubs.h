/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The build machine: a test that uses the C bindings acts for the running
 * thread. The call is made in its name, and what its frame holds when the
 * kernel is left again is the answer, whether or not it runs then (host.c).
 */
#ifndef L4_SYS_ARCH_STUBS_H
#define L4_SYS_ARCH_STUBS_H

#include <l4/sys/arch/abi.h>
#include <l4/sys/numbers.h>
#include <l4/sys/types.h>

l4_umword_t l4_arch_ipc_op(l4_umword_t op, l4_threadid_t *id,
                           l4_umword_t words[L4_REG_WORDS]);
/* With the two words of Version 2; the others are there and 0. */
#define l4_arch_ipc_op2 l4_arch_ipc_op
l4_umword_t l4_arch_ipc(l4_umword_t snd, l4_umword_t rcv,
                        l4_umword_t timeouts, l4_threadid_t *id,
                        l4_umword_t words[L4_REG_WORDS]);
l4_umword_t l4_arch_ipc_chief(l4_umword_t snd, l4_umword_t rcv,
                              l4_umword_t timeouts, l4_threadid_t *id,
                              l4_threadid_t *other,
                              l4_umword_t words[L4_REG_WORDS]);
void l4_arch_call(unsigned n, struct l4_call_args *a);

static inline l4_threadid_t l4_arch_myself(void)
{
    struct l4_call_args a = { .id = { L4_NIL_ID } };

    l4_arch_call(L4_SYS_ID_NEAREST, &a);
    return a.id[0];
}

void *l4_arch_utcb(void);

#endif
