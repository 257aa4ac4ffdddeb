/* SPDX-License-Identifier: BSD-2-Clause */
#include <hickory/protocol.h>

#include "server.h"

static struct reply handle(const struct message *m)
{
    if (m->w0 == REQUEST_KIP)
        return handle_kip();
    if (m->w0 == REQUEST_ANY_PAGE)  /* only sigma0 has pages to give away */
        return (struct reply){ REPLY_WORDS, 0, 0 };
    if (IS_FAULT(m->w0))
        return handle_fault(m);
    return IS_REQUEST(m->w0) ? handle_request(m) : handle_exception(m);
}

/* Answer *client and wait for the next message. */
static void next_message(l4_threadid_t *client, const struct reply *reply,
                         struct l4_words *words)
{
    l4_umword_t op = L4_OP_RECV | L4_OP_OPEN;
    l4_msgdope_t dope;

    *words = (struct l4_words){ { reply->w0, reply->w1 } };
    if (reply->kind != REPLY_NONE)
        op |= L4_OP_SEND | L4_OP_SEND_NOW;
    if (reply->kind == REPLY_MAP)
        op |= L4_OP_MAP;
    dope = l4_ipc_words(op, client, words);
    while (L4_IPC_IS_ERROR(dope))   /* the client is gone: to the next one */
        dope = l4_ipc_wait_words(client, words);
}

void serve(void)
{
    struct reply reply = { .kind = REPLY_NONE };
    l4_threadid_t client = L4_NIL_ID;
    struct l4_words words;

    for (;;) {
        next_message(&client, &reply, &words);
        const struct message m = {
            .task = task_find(client.id.task),
            .thread = client,
            .w0 = words.w[0],
            .w1 = words.w[1],
        };
        reply.kind = REPLY_NONE;
        if (m.task)             /* interrupts and strangers get nothing */
            reply = handle(&m);
    }
}
