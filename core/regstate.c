/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/utcb.h>

#include "regstate.h"
#include "utcb.h"

_Static_assert(L4_REG_COUNT <= L4_UTCB_REGS && L4_REG_COUNT < WORD_BITS,
               "every register has a place and a bit");

/* How many registers from this one on lie one behind the other in the TCB:
   they are copied together. */
static uint8_t run_length[L4_REG_COUNT];

void regstate_init(void)
{
    run_length[L4_REG_COUNT - 1] = 1;
    for (unsigned i = L4_REG_COUNT - 1; i-- > 0;) {
        bool next = arch_regs[i + 1].offset ==
                    arch_regs[i].offset + sizeof(word_t);
        run_length[i] = (uint8_t)(next ? run_length[i + 1] + 1 : 1);
    }
}

static word_t *reg_of(const struct tcb *t, unsigned i)
{
    return (word_t *)((char *)t + arch_regs[i].offset);
}

/* The first run in a set of registers, taken out of it. */
static inline unsigned take_run(word_t *set, unsigned *count)
{
    unsigned first = (unsigned)__builtin_ctzl(*set);
    unsigned n = (unsigned)__builtin_ctzl(~(*set >> first));

    if (n > run_length[first])
        n = run_length[first];
    *set &= ~((((word_t)1 << n) - 1) << first);
    *count = n;
    return first;
}

void regstate_deliver(const struct tcb *t, const struct tcb *h,
                      enum msg_kind kind)
{
    struct l4_utcb *u = h->utcb;
    unsigned n;

    utcb_sync(h);
    word_t wanted = kind == MSG_FAULT ? u->wanted_fault : u->wanted_exception;
    wanted &= ((word_t)1 << L4_REG_COUNT) - 1;
    while (wanted) {
        unsigned i = take_run(&wanted, &n);
        arch_copy_words(&u->reg[i], reg_of(t, i), n);
    }
    u->code = t->exception_code;
    utcb_sync(h);
}

void regstate_take_back(struct tcb *t, struct tcb *h)
{
    struct l4_utcb *u = h->utcb;
    unsigned n;

    utcb_sync(h);
    word_t changed = u->changed & (((word_t)1 << L4_REG_COUNT) - 1);
    if (!changed)
        return;
    for (word_t left = changed; left;) {
        unsigned i = take_run(&left, &n);
        arch_copy_words(reg_of(t, i), &u->reg[i], n);
    }
    arch_regs_changed(t, changed);
    u->changed = 0;
    utcb_sync(h);
}
