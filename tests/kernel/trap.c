/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that trap, and us as their handler: see cpu.h. */
#include "cpu.h"
#include "ktest.h"

volatile l4_umword_t trap_result;

static void run(void *raise)
{
    trap_result = ((trap_function *)raise)();
    sleep_forever();
}

l4_threadid_t trap_start(trap_function *raise)
{
    l4_threadid_t t = start_thread_prio(run, (void *)raise, 1);
    l4_threadid_t preempter = L4_INVALID_ID, pager = l4_myself();
    l4_umword_t flags, ip, sp;

    trap_result = 0;
    l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip, &sp);
    return t;
}

l4_umword_t trap_receive(l4_threadid_t t, l4_umword_t wanted)
{
    struct l4_utcb *u = l4_utcb();
    l4_umword_t w0 = 0, w1 = 0;

    u->wanted_exception = wanted;
    int error = receive2(t, &w0, &w1);
    u->wanted_exception = 0;
    if (error || (w0 & 0xf) != 5)
        return LEAVE;
    u->reg[L4_REG_IP] = w1;
    return w0 >> 4;
}

void trap_answer(l4_threadid_t t)
{
    l4_msgdope_t dope;

    l4_ipc_send(t, L4_IPC_SHORT_MSG, 0, 0, PATIENCE, &dope);
    l4_ipc_sleep(timeout_us(MSEC(2)));
}

#define REPAIRED    0x600d

bool trap_is_repaired(trap_function *raise, l4_umword_t number,
                      l4_umword_t skip)
{
    struct l4_utcb *u = l4_utcb();
    l4_threadid_t t = trap_start(raise);
    l4_umword_t seen = trap_receive(t, 0);

    u->reg[L4_REG_IP] += skip;
    u->reg[result_register] = REPAIRED;
    u->changed = BIT(L4_REG_IP) | BIT(result_register);
    trap_answer(t);
    return seen == number && trap_result == REPAIRED;
}
