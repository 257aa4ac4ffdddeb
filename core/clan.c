/* SPDX-License-Identifier: BSD-2-Clause */
#include "clan.h"
#include "ipc.h"
#include "task.h"

/* The chief of t at depth `nest`, t itself if it is no deeper. */
static const struct task *ancestor(const struct task *t, unsigned nest)
{
    while (t->nest > nest)
        t = t->chief;
    return t;
}

/*
 * The task that a message from `from` to `to` reaches first:
 *   - `to`, if both have one chief, or one is the other's chief;
 *   - going inward, when `from` is above `to` or their paths meet at from's
 *     own clan: the member of that clan on to's path;
 *   - else outward: from's chief.
 * *code says which, in id_nearest's terms.
 */
static const struct task *nearest(const struct task *from,
                                  const struct task *to, int *code)
{
    const struct task *peer = ancestor(to, from->nest);

    if (peer == from && to != from) {
        *code = L4_NC_INNER_CLAN;
        return ancestor(to, from->nest + 1);
    }
    if (peer->nest == from->nest && peer->chief == from->chief) {
        *code = peer == to ? L4_NC_SAME_CLAN : L4_NC_INNER_CLAN;
        return peer;
    }
    *code = L4_NC_OUTER_CLAN;
    return from->chief;
}

/* Does t stand below `chief` in the tree of tasks? */
static bool is_inside(const struct task *t, const struct task *chief)
{
    return t->nest > chief->nest && ancestor(t, chief->nest) == chief;
}

struct route clan_route(const struct tcb *s, threadid_t dest)
{
    struct route route = { tcb_find(dest), 0 };
    int code;

    if (!route.to || route.to->task == s->task)
        return route;
    const struct task *next = nearest(s->task, route.to->task, &code);
    if (next == route.to->task)
        return route;
    route.to = tcb_find_number(next->number, 0);
    route.flags = DOPE_REDIRECTED |
                  (is_inside(s->task, next) ? DOPE_INSIDE : 0);
    return route;
}

bool clan_may_deceive(const struct tcb *s, threadid_t virtual,
                      threadid_t dest)
{
    const struct tcb *v = tcb_find(virtual), *d = tcb_find(dest);

    return v && d && v->task != s->task && d->task != s->task &&
           is_inside(v->task, s->task) != is_inside(d->task, s->task);
}

bool clan_is_near(const struct tcb *t, threadid_t id)
{
    const struct tcb *other = tcb_find(id);
    int code;

    return !other || other->task == t->task ||
           nearest(t->task, other->task, &code) == other->task;
}

void sys_id_nearest(struct tcb *self)
{
    threadid_t dest = arch_id(&self->frame, 0);
    struct tcb *r = tcb_find(dest);
    const struct task *chief = self->task->chief;
    int code = L4_NC_SAME_CLAN;

    if (dest == ID_NIL) {
        arch_id_set(&self->frame, 0, self->id);
    } else if (dest == ID_INVALID) {
        arch_id_set(&self->frame, 0, chief ? chief->id : ID_NIL);
        code = L4_NC_OUTER_CLAN;
    } else if (!r) {
        arch_id_set(&self->frame, 0, ID_NIL);
        code = L4_NC_OUTER_CLAN;
    } else if (r->task != self->task) {
        const struct task *next = nearest(self->task, r->task, &code);
        if (next != r->task)
            arch_id_set(&self->frame, 0, next->id);
    }
    arch_arg_set(&self->frame, 0, (word_t)code);
}
