/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/utcb.h>

#include "regstate.h"
#include "utcb.h"

static word_t *reg_of(struct arch_frame *f, unsigned i)
{
    return (word_t *)((char *)f + arch_regs[i].offset);
}

_Static_assert(L4_REG_COUNT <= L4_UTCB_REGS && L4_REG_COUNT <= WORD_BITS,
               "every register has a place and a bit");

void regstate_deliver(const struct tcb *t, struct tcb *h)
{
    struct arch_frame *f = (struct arch_frame *)&t->frame;
    const struct ipc_level *l = &t->ipc[LEVEL_FAULT];
    struct l4_utcb *u = h->utcb;

    utcb_sync(h);
    word_t wanted = l->kind == MSG_FAULT ? u->wanted_fault
                                         : u->wanted_exception;
    for (unsigned i = 0; wanted && i < L4_REG_COUNT; i++, wanted >>= 1)
        if (wanted & 1)
            u->reg[i] = *reg_of(f, i);
    u->code = t->exception_code;
    utcb_sync(h);
}

void regstate_take_back(struct tcb *t, struct tcb *h)
{
    struct arch_frame *f = &t->frame;
    struct l4_utcb *u = h->utcb;

    utcb_sync(h);
    word_t changed = u->changed;
    if (!changed)
        return;
    for (unsigned i = 0; changed && i < L4_REG_COUNT; i++, changed >>= 1)
        if (changed & 1)
            *reg_of(f, i) = u->reg[i];
    /* Through the port's filter: whatever these were given, they are fit for
       user mode now. */
    arch_reg_set(f, REG_FLAGS, arch_reg_get(f, REG_FLAGS));
    arch_reg_set(f, REG_IP, arch_reg_get(f, REG_IP));
    arch_tls_filter(t);
    u->changed = 0;
    utcb_sync(h);
}
