/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A chief that confines a task it does not trust.
 *
 *       root ----- notes ----- spy         the chief's own clan
 *                    |
 *                 warden                   the chief, its pager as well
 *                    |
 *                creature                  in a clan of its own
 *
 * The warden made the creature and so is its chief: by the rule of clans,
 * which the kernel keeps, whatever the creature sends to anyone reaches the
 * warden instead, and so does what others send to the creature. It logs each
 * message and passes it on, or answers it itself; the partners do not notice.
 */
#include <stdio.h>

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/protocol.h>
#include <hickory/root.h>
#include <hickory/time.h>

#include "creature.h"
#include "notes.h"
#include "warden.h"

/*
 * Send an answer and wait for the next message, whoever it is from or for.
 *
 * Passing on is one call with the wait: the server may answer at once, and
 * with a timeout of 0. In the gap between a send and a wait that answer would
 * find nobody listening.
 */
static void next_message(const struct answer *a, struct message *m)
{
    const l4_timeout_t patience = l4_timeout_send(a->patience);
    int error = -1;

    if (a->kind == ANSWER_AS)
        error = l4_ipc_chief_reply_and_wait(
            a->to, a->as, L4_IPC_SHORT_MSG, a->w[0], a->w[1], &m->from,
            &m->dest, L4_IPC_SHORT_MSG, &m->w[0], &m->w[1], patience,
            &m->dope);
    else if (a->kind != ANSWER_NONE)
        l4_ipc_send(a->to, a->kind == ANSWER_MAP ? L4_IPC_SHORT_FPAGE
                                                 : L4_IPC_SHORT_MSG,
                    a->w[0], a->w[1], patience, &m->dope);
    while (error)               /* not sent: the partner is not there */
        error = l4_ipc_chief_wait(&m->from, &m->dest, L4_IPC_SHORT_MSG,
                                  &m->w[0], &m->w[1], L4_IPC_NEVER, &m->dope);
}

/* What the creature has to say; the words are ours, it gives only numbers. */
static struct answer hear(const struct message *m)
{
    static const char *const text[SUBJECTS] = {
        [SAY_NOTES_IS] = "notes is task %lu",
        [SAY_SPY_IS] = "spy is task %lu",
        [SAY_NOTE_1] = "note 1 says %lu",
        [SAY_SECRET] = "the secret note says %lu",
        [SAY_WRITE] = "my write gave %lu",
        [SAY_TELL_SPY] = "telling the spy gave %lu",
        [SAY_DECEIT] = "sending in the warden's name gave error %#lx",
        [SAY_PAGES] = "I have filled page %lu",
    };
    l4_umword_t subject = CREATURE_SUBJECT(m->w[0]);

    if (subject < SUBJECTS) {
        printf("creature: ");
        printf(text[subject], m->w[1]);
        printf("\n");
    }
    return (struct answer){ ANSWER_OWN, m->from, L4_NIL_ID, { 0, 0 }, 0 };
}

/* Of a message that was for us: nothing is sent when the creature crashed,
   or did what it must not. */
static struct answer decide_own(const struct message *m)
{
    if (IS_FAULT(m->w[0]))
        return cage_fault(m);
    if (IS_REQUEST(m->w[0]))
        return hear(m);
    printf("warden:   creature crashed: exception %#lx\n", m->w[0] >> 4);
    return (struct answer){ .kind = ANSWER_NONE };
}

/* Until it misbehaves. */
static void guard(l4_taskid_t creature)
{
    struct answer answer = { .kind = ANSWER_NONE };
    struct message m;

    do {
        next_message(&answer, &m);
        if (m.dope.md.msg_redirected)
            answer = policy_decide(&m);
        else if (l4_task_equal(m.from, creature))
            answer = decide_own(&m);
        else                    /* from our own clan: we offer nothing */
            answer = (struct answer){
                ANSWER_OWN, m.from, L4_NIL_ID, { RESULT_REFUSED, 0 }, 0,
            };
    } while (answer.kind != ANSWER_NONE);
}

/* Is there nobody any more behind this id? */
static bool is_gone(l4_threadid_t id)
{
    l4_msgdope_t dope;

    return l4_ipc_send(id, L4_IPC_SHORT_MSG, 0, 0, l4_timeout_send(0),
                       &dope) == L4_IPC_ENOT_EXISTENT;
}

/* How often the spy was told something; all ones when it does not answer. */
static l4_umword_t ask_spy(void)
{
    l4_umword_t w0, told;
    l4_msgdope_t dope;

    if (l4_ipc_call(root_lookup("spy"), L4_IPC_SHORT_MSG, SPY_COUNT, 0,
                    L4_IPC_SHORT_MSG, &w0, &told, L4_IPC_NEVER, &dope))
        return ~(l4_umword_t)0;
    return told;
}

int main(void)
{
    if (!policy_init()) {
        printf("warden:   the others did not come\n");
        return 1;
    }
    l4_taskid_t creature = cage_make();
    if (l4_is_nil_id(creature)) {
        printf("warden:   no task for me\n");
        return 1;
    }
    guard(creature);
    printf("warden:   enough of that: I end it\n");
    cage_end(creature);
    bool gone = is_gone(creature);
    l4_umword_t told = ask_spy();
    printf("warden:   task %u %s; the spy was told %lu things\n",
           (unsigned)creature.id.task, gone ? "is gone" : "LIVES", told);
    return !gone || told != 0;
}
