/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timeouts as the later Version 2 bindings make them: of two halves, each
 * mantissa * 2^exponent microseconds with 10 and 5 bits. Here they become the
 * mantissas and exponents of Version 2 itself at once, rounded up where
 * these cannot say it exactly. A half is an l4_timeout_t whose two halves are
 * equal, so it can be given to an IPC as it is, too.
 */
#ifndef L4_SYS_TIMEOUT_H
#define L4_SYS_TIMEOUT_H

#include <l4/sys/types.h>

typedef l4_timeout_t l4_timeout_s;

#define L4_IPC_TIMEOUT_0        L4_IPC_TIMEOUT(0, 1, 0, 1, 0, 0)
#define L4_IPC_TIMEOUT_NEVER    L4_IPC_NEVER
#define L4_IPC_BOTH_TIMEOUT_0   L4_IPC_TIMEOUT(0, 1, 0, 1, 0, 0)
#define L4_IPC_SEND_TIMEOUT_0   L4_IPC_TIMEOUT(0, 1, 0, 0, 0, 0)
#define L4_IPC_RECV_TIMEOUT_0   L4_IPC_TIMEOUT(0, 0, 0, 1, 0, 0)
/* Now for everything: page faults during the transfer, too. */
#define L4_IPC_TIMEOUT_NULL     L4_IPC_TIMEOUT(0, 15, 0, 15, 15, 15)

/* The halves of `to` become those of the first and the second. */
L4_INLINE l4_timeout_t l4_timeout(l4_timeout_s snd, l4_timeout_s rcv)
{
    l4_timeout_t to = rcv;

    to.to.snd_man = snd.to.snd_man;
    to.to.snd_exp = snd.to.snd_exp;
    to.to.snd_pfault = snd.to.snd_pfault;
    return to;
}

L4_INLINE void l4_snd_timeout(l4_timeout_s snd, l4_timeout_t *to)
{
    *to = l4_timeout(snd, *to);
}

L4_INLINE void l4_rcv_timeout(l4_timeout_s rcv, l4_timeout_t *to)
{
    *to = l4_timeout(*to, rcv);
}

/* man * 2^exp microseconds; 0 for both is never, 0 for man alone is now. */
L4_INLINE l4_timeout_s l4_timeout_rel(unsigned man, unsigned exp)
{
    l4_uint64_t us = (l4_uint64_t)(man & 0x3ff) << (exp & 31);
    unsigned e = 15;

    if ((man & 0x3ff) == 0 && (exp & 31) == 0)
        return L4_IPC_NEVER;
    for (; us > 255 && e > 1; e--)
        us = (us + 3) / 4;
    if (us > 255)
        us = 255;
    return L4_IPC_TIMEOUT(us, e, us, e, 0, 0);
}

/* Microseconds of a half, all ones for never. */
L4_INLINE l4_kernel_clock_t l4_timeout_rel_get(l4_timeout_s half)
{
    if (half.to.rcv_exp == 0)
        return ~0ULL;
    return (l4_kernel_clock_t)half.to.rcv_man << 2 * (15 - half.to.rcv_exp);
}

L4_INLINE l4_timeout_t l4_ipc_timeout(unsigned snd_man, unsigned snd_exp,
                                      unsigned rcv_man, unsigned rcv_exp)
{
    return l4_timeout(l4_timeout_rel(snd_man, snd_exp),
                      l4_timeout_rel(rcv_man, rcv_exp));
}

#endif
