/* SPDX-License-Identifier: BSD-2-Clause */
#include "ipcstate.h"

#define ERRORS  L4_IPC_ERROR_MASK

struct thread thread[IW_THREADS];
int queue[IW_THREADS][IW_THREADS], queued[IW_THREADS];
int running;
bool words_unknown[IW_THREADS];

static struct ipc *ipc_of(int t)
{
    return &thread[t].ipc[thread[t].level];
}

int find(threadid_t id)
{
    for (int i = 0; i < IW_THREADS; i++)
        if (thread[i].state != NONE && thread[i].id == id)
            return i;
    return NOBODY;
}

/* ---- clans ---- */

/* The task on the way down from `top` to `task`, right below top; NOBODY
   when task is not below it. */
static int below(int top, int task)
{
    while (task != NOBODY && iw_chief[task] != top)
        task = iw_chief[task];
    return task;
}

static bool is_below(int task, int top)
{
    return task != top && below(top, task) != NOBODY;
}

static int route(int s, threadid_t dest)
{
    int r = find(dest), from = s / IW_LTHREADS, to = r / IW_LTHREADS;

    if (r == NOBODY || from == to || iw_chief[to] == iw_chief[from] ||
        iw_chief[from] == to || iw_chief[to] == from)
        return r;
    int next = below(from, to);                     /* inward */
    if (next == NOBODY)
        next = below(iw_chief[from], to);           /* a mate's creature */
    if (next == NOBODY)
        next = iw_chief[from];                      /* outward */
    return next * IW_LTHREADS;
}

/* May s send to `dest` as if it were `virtual`: is s between the two? */
static bool may_deceive(int s, threadid_t virtual, threadid_t dest)
{
    int v = find(virtual), d = find(dest), task = s / IW_LTHREADS;

    return v != NOBODY && d != NOBODY && v / IW_LTHREADS != task &&
           d / IW_LTHREADS != task &&
           is_below(v / IW_LTHREADS, task) != is_below(d / IW_LTHREADS, task);
}

/* ---- the end of an IPC ---- */

void leave_queue(int t)
{
    int *q = queue[thread[t].to], i = 0;

    while (q[i] != t)
        i++;
    for (queued[thread[t].to]--; i < queued[thread[t].to]; i++)
        q[i] = q[i + 1];
    thread[t].to = NOBODY;
}

void done(int t, word_t dope)
{
    struct thread *m = &thread[t];
    word_t error = dope & ERRORS;
    bool unanswered = error == 0x10 || error == 0x40 || error == 0x50;

    if (m->to != NOBODY)
        leave_queue(t);
    m->deadline = NEVER;
    m->then_receives = false;
    m->state = READY;
    if (m->level == 0)
        m->frame.arg[0] = dope;
    else if (unanswered)
        m->state = HALTED;
    m->level = 0;
}

/* ---- phases ---- */

static usec_t deadline(uint32_t man, uint32_t exp)
{
    if (exp == 0)
        return NEVER;
    for (; exp < 15; exp++)
        man *= 4;
    return host.now + man;
}

static usec_t send_deadline(const struct ipc *c)
{
    return deadline(c->timeouts >> 16 & 255, c->timeouts >> 4 & 15);
}

static usec_t receive_deadline(const struct ipc *c)
{
    return deadline(c->timeouts >> 24, c->timeouts & 15);
}

static bool is_open(const struct ipc *c)
{
    return c->rcv & IPC_OPEN;
}

static bool accepts(int r, int s)
{
    return thread[r].state == RECEIVING &&
           (is_open(ipc_of(r)) || ipc_of(r)->partner == ipc_of(s)->sender);
}

/* Who waits to send to t and may. */
static int pending(int t)
{
    for (int i = 0; i < queued[t]; i++)
        if (is_open(ipc_of(t)) ||
            ipc_of(t)->partner == ipc_of(queue[t][i])->sender)
            return queue[t][i];
    return NOBODY;
}

/* Map items, which come first, need somewhere to go. */
static bool is_cut(int s, int r)
{
    word_t size = ipc_of(r)->rcv >> 2 & 63;

    return thread[s].level == 0 && (ipc_of(s)->snd & IPC_MAP) &&
           thread[s].frame.mr[1] != 0 &&
           !((ipc_of(r)->rcv & IPC_MAP) && size >= PAGE_SHIFT);
}

/* The message goes from s to r, which waits for it. */
static void pass(int s, int r)
{
    const struct ipc *c = ipc_of(s);
    word_t cut = is_cut(s, r) ? 0xE0 : 0;

    if (thread[r].level == 0) {
        for (unsigned i = 0; i < L4_REG_WORDS; i++)
            thread[r].frame.mr[i] = thread[s].level == 0
                                        ? thread[s].frame.mr[i]
                                        : i < 2 ? c->fault[i] : 0;
        thread[r].frame.id[0] = c->sender;
        if (c->flags & DOPE_REDIRECTED)
            thread[r].frame.id[1] = c->partner;
        words_unknown[r] = cut;
    }
    done(r, cut | c->flags);
    if (thread[s].to != NOBODY)
        leave_queue(s);
    thread[s].state = READY;
    thread[s].deadline = NEVER;
    if (cut || c->rcv == IPC_NONE)
        done(s, cut ? cut | 0x10 : 0);
    else if (pending(s) != NOBODY)
        thread[s].then_receives = true;     /* once it runs */
    else
        receive(s);
}

void receive(int t)
{
    const struct ipc *c = ipc_of(t);
    int s = pending(t);

    thread[t].then_receives = false;
    thread[t].state = RECEIVING;
    thread[t].deadline = receive_deadline(c);
    if (s != NOBODY)
        pass(s, t);
    else if (!is_open(c) && c->partner != ID_NIL && find(c->partner) == NOBODY)
        done(t, 0x10);
    else if (thread[t].deadline == host.now)
        done(t, 0x20);
}

/* The flags of a message from s that r gets. */
static word_t flags_of(int s, int r)
{
    const struct ipc *c = ipc_of(s);
    word_t flags = c->sender != thread[s].id ? DOPE_DECEITED : 0;

    if (find(c->partner) != r)
        flags |= DOPE_REDIRECTED;
    if (find(c->partner) != r && is_below(s / IW_LTHREADS, r / IW_LTHREADS))
        flags |= DOPE_INSIDE;
    return flags;
}

static void send(int s)
{
    struct ipc *c = ipc_of(s);
    int r = route(s, c->partner);

    c->flags = flags_of(s, r);

    if (r == NOBODY) {
        done(s, 0x10);
    } else if (accepts(r, s)) {
        pass(s, r);
    } else if (send_deadline(c) == host.now) {
        done(s, 0x30);
    } else {
        thread[s].state = SENDING;
        thread[s].deadline = send_deadline(c);
        thread[s].to = r;
        queue[r][queued[r]++] = s;
    }
}

void begin(int t, struct ipc c)
{
    *ipc_of(t) = c;
    if (c.sender == ID_NIL)
        ipc_of(t)->sender = thread[t].id;
    if (c.snd != IPC_NONE && c.sender != ID_NIL &&
        !may_deceive(t, c.sender, c.partner))
        done(t, 0x10);
    else if (c.snd != IPC_NONE)
        send(t);
    else if (c.rcv != IPC_NONE)
        receive(t);
    else
        done(t, 0);
}

/* ---- kernel-made messages ---- */

void report(int t, threadid_t to, word_t w0, word_t rcv)
{
    thread[t].level = 1;
    begin(t, (struct ipc){ .partner = to, .rcv = rcv,
                           .fault = { w0, thread[t].frame.ip } });
}

void exception(int t, word_t number)
{
    threadid_t to = thread[t].handler;

    if (to == ID_NIL || to == ID_INVALID)
        to = thread[t].pager;
    report(t, to, number << 4 | 5, 0);
}

