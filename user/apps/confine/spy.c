/* SPDX-License-Identifier: BSD-2-Clause */
/* The creature's accomplice outside: it listens to everyone. */
#include <stdio.h>

#include <l4/sys/ipc.h>

#include <hickory/root.h>

#include "notes.h"

int main(void)
{
    l4_threadid_t from;
    l4_umword_t w0, w1, told = 0;
    l4_msgdope_t dope;

    if (root_register() != REQUEST_OK)
        return 1;
    for (;;) {
        if (l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER,
                        &dope))
            continue;
        if (w0 != SPY_COUNT) {
            told++;
            printf("spy:      task %u told me %lu!\n", (unsigned)from.id.task,
                   w1);
        }
        l4_ipc_send(from, L4_IPC_SHORT_MSG, RESULT_OK, told,
                    L4_IPC_TIMEOUT(0, 1, 0, 0, 0, 0), &dope);
    }
}
