/* SPDX-License-Identifier: BSD-2-Clause */
/* The chief of the confined task: what its parts tell each other. */
#ifndef CONFINE_WARDEN_H
#define CONFINE_WARDEN_H

#include <stdbool.h>

#include <l4/sys/ipc.h>

/* A message as the chief got it. */
struct message {
    l4_threadid_t from;         /* the true source, always */
    l4_threadid_t dest;         /* redirected: whom it was meant for */
    l4_umword_t w[2];
    l4_msgdope_t dope;          /* msg_redirected; src_inside: it goes out */
};

/* What the chief sends next. */
struct answer {
    enum {
        ANSWER_NONE,
        ANSWER_MAP,             /* the words are a map item */
        ANSWER_OWN,             /* in the chief's own name */
        ANSWER_AS               /* in the name of `as` */
    } kind;
    l4_threadid_t to, as;
    l4_umword_t w[2];
    unsigned patience;          /* microseconds for `to' to listen. 0 for who
                                   should be waiting: the creature must not
                                   hold us up */
};

/* ---- cage.c: the task and its memory ---- */

/* Make the creature. Nil: it cannot be made. */
l4_taskid_t cage_make(void);

/* The answer to a page fault of it; ANSWER_NONE: it must not go on. */
struct answer cage_fault(const struct message *m);

/* End the creature, and all that it may have made. */
void cage_end(l4_taskid_t creature);

/* ---- policy.c: what may pass ---- */

/* Look at who is outside. False: they did not come. */
bool policy_init(void);

/* What to do with a redirected message, out of the clan or into it. */
struct answer policy_decide(const struct message *m);

#endif
