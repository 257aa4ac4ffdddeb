/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/utcb.h>

#include "deadline.h"
#include "utcb.h"

/* Version 2: mantissa times 4^(15 - exponent) microseconds; exponent 0 is
   never, but with the mantissa that says "until": then the UTCB has it. */
static bool is_until(unsigned man, unsigned exp)
{
    return exp == 0 && man == L4_TIMEOUT_UNTIL;
}

static usec_t relative(unsigned man, unsigned exp)
{
    if (exp == 0)
        return TIME_NEVER;
    return man ? machine_now() + ((usec_t)man << 2 * (15 - exp)) : DO_NOT_WAIT;
}

static usec_t absolute(usec_t when)
{
    if (when >= TIME_NEVER)
        return TIME_NEVER;
    return when > machine_now() ? when : DO_NOT_WAIT;
}

/* What t itself has written there; whatever it is, only t's IPC ends then. */
static const struct l4_utcb *utcb_of(const struct tcb *t)
{
    utcb_sync(t);
    return t->utcb;
}

usec_t deadline_send(struct tcb *t)
{
    uint32_t w = tcb_ipc(t)->timeouts;
    unsigned man = w >> 16 & 0xff, exp = w >> 4 & 0xf;

    return is_until(man, exp) ? absolute(utcb_of(t)->send_until)
                              : relative(man, exp);
}

usec_t deadline_receive(struct tcb *t)
{
    uint32_t w = tcb_ipc(t)->timeouts;
    unsigned man = w >> 24 & 0xff, exp = w & 0xf;

    return is_until(man, exp) ? absolute(utcb_of(t)->receive_until)
                              : relative(man, exp);
}

bool deadline_receive_is_now(const struct tcb *t)
{
    uint32_t w = t->ipc[t->level].timeouts;

    return (w & 0xf) && !(w >> 24 & 0xff);
}
