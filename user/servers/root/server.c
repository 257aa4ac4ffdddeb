/* SPDX-License-Identifier: BSD-2-Clause */
#include <hickory/protocol.h>
#include <hickory/string.h>

#include "numbers.h"
#include "server.h"

static struct reply handle(const struct message *m)
{
    if (m->w0 == REQUEST_KIP)
        return handle_kip();
    if (m->is_child)
        return IS_REQUEST(m->w0) ? handle_child_request(m)
                                 : handle_child_fault(m);
    if (m->w0 == REQUEST_ANY_PAGE)
        return handle_any_page(m);
    if (IS_FAULT(m->w0))
        return handle_fault(m);
    return IS_REQUEST(m->w0) ? handle_request(m) : handle_exception(m);
}

/* Room for the words that do not come in registers. */
static struct {
    l4_fpage_t rcv_fpage;
    l4_msgdope_t size_dope, send_dope;
    l4_umword_t word[REQUEST_WORDS];
} buffer = { .size_dope = L4_IPC_DOPE(REQUEST_WORDS, 0) };

/* The client of the last message, and whom it was for if that was not us. */
static l4_threadid_t client, addressee;

static bool is_sigma0(l4_threadid_t id)
{
    return l4_thread_equal(id, SIGMA0_ID);
}

/* A client that called sigma0 hears sigma0 only: answer in its name. */
static l4_umword_t send_descriptor(const struct reply *reply)
{
    l4_umword_t descriptor = reply->kind == REPLY_MAP
                                 ? (l4_umword_t)L4_IPC_SHORT_FPAGE
                                 : (l4_umword_t)L4_IPC_SHORT_MSG;

    if (reply->kind == REPLY_NONE)
        return L4_IPC_NO_DESCRIPTOR;
    return descriptor | (is_sigma0(addressee) ? L4_IPC_DECEIT : 0);
}

/* The client may be gone, or not wait; and its buffer may be in a page that
   it does not have, whose fault it would send to us, who wait for it. */
#define PATIENCE L4_IPC_TIMEOUT(0, 1, 0, 0, 15, 15)

/* Answer the client and wait for the next message. */
static void next_message(const struct reply *reply)
{
    const l4_umword_t receive = (l4_umword_t)&buffer | L4_IPC_OPEN_IPC;
    l4_umword_t send = send_descriptor(reply);
    l4_umword_t w[2] = { reply->w0, reply->w1 };
    l4_msgdope_t dope;

    memset(buffer.word, 0, sizeof(buffer.word));
    while (l4_ipc_v2_chief(send, receive, &client, &addressee, w,
                           PATIENCE, &dope))
        send = L4_IPC_NO_DESCRIPTOR;
    buffer.word[0] = w[0];
    buffer.word[1] = w[1];
    if (!L4_IPC_MSG_REDIRECTED(dope))
        addressee = L4_NIL_ID;
}

void serve(void)
{
    struct reply reply = { .kind = REPLY_NONE };

    for (;;) {
        next_message(&reply);
        unsigned owner = child_owner(client.id.task);
        struct message m = {
            .task = task_find(owner ? owner : client.id.task),
            .is_child = owner != 0,
            .thread = client,
            .word = buffer.word,
        };
        request_normalize(buffer.word);
        m.w0 = buffer.word[0];
        m.w1 = buffer.word[1];
        reply.kind = REPLY_NONE;
        if (m.task)             /* interrupts and strangers get nothing */
            reply = handle(&m);
    }
}
