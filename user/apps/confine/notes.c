/* SPDX-License-Identifier: BSD-2-Clause */
/* A server outside of the clan. It knows nothing of chiefs, and need not. */
#include <stdio.h>

#include <l4/sys/ipc.h>

#include <hickory/root.h>

#include "notes.h"

static l4_umword_t note[NOTES] = { 0, 1984, 2001, 42, 0, 0, 0, 271828 };

static enum result do_request(l4_umword_t w0, l4_umword_t *w1)
{
    unsigned n = NOTES_NUMBER(w0);

    if (n >= NOTES)
        return RESULT_REFUSED;
    switch (NOTES_CODE(w0)) {
    case NOTES_READ:
        *w1 = note[n];
        return RESULT_OK;
    case NOTES_WRITE:
        note[n] = *w1;
        return RESULT_OK;
    default:
        return RESULT_REFUSED;
    }
}

/* Who asks is the sender of the message, to this server: it cannot see that
   another task has handed the message over, but for one bit of the dope. */
static void print_request(l4_threadid_t client, l4_umword_t w0,
                          l4_msgdope_t dope)
{
    printf("notes:    task %u %s note %u%s\n", (unsigned)client.id.task,
           NOTES_CODE(w0) == NOTES_READ ? "reads" : "writes",
           (unsigned)NOTES_NUMBER(w0),
           dope.md.msg_deceited ? " (says a chief)" : "");
}

int main(void)
{
    l4_threadid_t client;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    if (root_register() != REQUEST_OK)
        return 1;
    int error = l4_ipc_wait(&client, L4_IPC_SHORT_MSG, &w0, &w1, L4_IPC_NEVER,
                            &dope);
    for (;;) {
        if (error) {            /* the client is gone: to the next one */
            error = l4_ipc_wait(&client, L4_IPC_SHORT_MSG, &w0, &w1,
                                L4_IPC_NEVER, &dope);
            continue;
        }
        print_request(client, w0, dope);
        w0 = do_request(w0, &w1);
        /* Send timeout 0: a client that called is waiting. */
        error = l4_ipc_reply_and_wait(client, L4_IPC_SHORT_MSG, w0, w1,
                                      &client, L4_IPC_SHORT_MSG, &w0, &w1,
                                      L4_IPC_TIMEOUT(0, 1, 0, 0, 0, 0),
                                      &dope);
    }
}
