/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Send queues: the threads that wait to send to one thread, in the order in
 * which they came. They have any length that programs like, so nobody goes
 * through one in a single step.
 */
#include "clan.h"
#include "ipc.h"
#include "map.h"

/*
 * The messages of a partner that is not near come from others. *s: the first
 * in t's send queue that speaks for it, or NULL. ERR_AGAIN: an interrupt
 * waits; t->searched is the last one looked at, or the queue's head.
 */
static enum err find_speaker(struct tcb *t, struct tcb **s)
{
    threadid_t id = tcb_ipc(t)->partner;

    for (struct list *l = t->searched->next; l != &t->send_queue;
         l = l->next) {
        *s = container_of(l, struct tcb, send_link);
        if (tcb_ipc(*s)->sender == id)
            return OK;
        t->searched = l;
        if (preemption_point(STEP_SKIP))
            return ERR_AGAIN;
    }
    *s = NULL;
    return OK;
}

/* First thread in t's send queue that t, whose partner is near, is willing to
   hear, or NULL. */
static struct tcb *pending_sender(struct tcb *t)
{
    const struct ipc_level *l = tcb_ipc(t);

    if (l->rcv & IPC_OPEN) {
        if (list_empty(&t->send_queue))
            return NULL;
        return container_of(t->send_queue.next, struct tcb, send_link);
    }
    struct tcb *s = tcb_find(l->partner);
    bool sends = s && s->state == T_SENDING && s->send_to == t;
    /* A chief may be sending in another's name. */
    return sends && tcb_ipc(s)->sender == s->id ? s : NULL;
}

enum err ipc_find_sender(struct tcb *t, struct tcb **s)
{
    const struct ipc_level *l = tcb_ipc(t);

    if (!(l->rcv & IPC_OPEN) && !clan_is_near(t, l->partner))
        return find_speaker(t, s);
    *s = pending_sender(t);
    return OK;
}

void ipc_leave_queue(struct tcb *t)
{
    struct tcb *r = t->send_to;

    if (r && r->searched == &t->send_link)
        r->searched = t->send_link.prev;
    list_remove(&t->send_link);
    t->send_to = NULL;
    if (r && list_empty(&r->send_queue))
        tcb_release(r, HOLD_QUEUE);
}

bool ipc_turn_away(struct tcb *t)
{
    if (list_empty(&t->send_queue))
        return false;
    struct tcb *s = container_of(t->send_queue.next, struct tcb, send_link);
    ipc_leave_queue(s);
    ipc_failed(s, IPC_NOT_EXISTENT);
    return true;
}
