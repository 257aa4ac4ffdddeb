/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IPC: random calls, faults, time-outs, exchanges and deaths, with every
 * thread's registers and every queue compared to the model after each step.
 */
#include "ipcmodel.h"

static unsigned done[16];

static void run(unsigned steps)
{
    iw_start(true);
    ipcmodel_start();
    for (unsigned i = 0; i < steps; i++) {
        struct action a = iw_random_action();
        ipcmodel_perform(&a);
        iw_perform(&a);
        ipcmodel_compare(&a);
        done[a.kind]++;
        if (i % 64 == 0)
            check_world();
    }
}

TEST(ipc, random_sequences_agree_with_the_model)
{
    run(rounds(60000));
    for (unsigned kind = DO_IPC; kind <= DO_TIME; kind++) {
        note("%u actions of kind %u", done[kind], kind);
        check(done[kind] > 20);
    }
    note("the fast path was taken %u times", fast_path_taken);
    check(fast_path_taken > 300);
}

TEST(ipc, the_model_agrees_without_the_fast_path_too)
{
    fast_path = false;
    run(rounds(30000));
}
