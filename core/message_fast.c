/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path of messages in memory: a call or a reply-and-wait whose message
 * is in a buffer, or whose partner waits with one. The partner waits, all the
 * memory is there, nothing is cut and nothing is mapped; then transfer.c and
 * message.c have no use, whose work can be stopped anywhere and goes on later.
 *
 * Steps M1 to M7 are tests, each with the general path as its way out. Until
 * the commit line only memory of the receiver's has changed, which that path
 * then writes once more.
 */
#include <l4/sys/utcb.h>

#include "clan.h"
#include "ipc.h"
#include "klib.h"
#include "message.h"
#include "timeout.h"

/* What the caller wants. */
struct request {
    threadid_t partner;
    word_t snd, rcv;
    uint32_t timeouts;
};

/* A message buffer in the window. */
struct buffer {
    word_t *at;             /* NULL: registers only */
    word_t words, strings;  /* to send, or room for */
    word_t *dopes;
};

/* ---- the request ---- */

static bool waits_for_ever(uint32_t timeouts)
{
    return (timeouts & 0xf) == 0 && timeouts >> 24 != L4_TIMEOUT_UNTIL;
}

/* By the gate, with registers or a buffer to send; or by an operation word.
   The partner is there, so the time to send does not count. */
static bool get_request(const struct tcb *self, word_t number,
                        struct request *q)
{
    const struct arch_frame *f = &self->frame;

    q->partner = arch_id(f, 0);
    if (number == L4_SYS_IPC) {
        q->snd = arch_ipc_snd(f);
        q->rcv = arch_ipc_rcv(f);
        q->timeouts = (uint32_t)arch_ipc_timeouts(f);
        return !(q->snd & 3) && q->rcv != IPC_NONE &&
               waits_for_ever(q->timeouts);
    }
    q->snd = 0;
    q->rcv = number & L4_OP_OPEN ? IPC_OPEN : 0;
    q->timeouts = 0;
    return (number & ~(word_t)(L4_OP_OPEN | L4_OP_SEND_NOW)) == L4_OP_CALL;
}

/* The FPU is turned off for it, as it would be anyway when another thread
   runs; its registers stay where they are. */
static bool may_go(struct tcb *self)
{
    if ((self->hold & ~HOLD_SMALL) == HOLD_FPU)
        sched_fpu_off(self);
    return (self->hold & ~HOLD_SMALL) == 0;
}

/* ---- the partner ---- */

/* r is parked: in a wait of its own, for us? */
static bool parked_accepts(const struct tcb *r, const struct tcb *s)
{
    return r->state >= (ARCH_SMALL_SPACES ? T_PARKED_SMALL : T_PARKED_OPEN) &&
           (ipc_is_parked_for_all(r) || r->accepts == (word_t)s->id);
}

static ALWAYS_INLINE bool accepts(const struct tcb *r, const struct tcb *s)
{
    const struct ipc_level *l = &r->ipc[LEVEL_USER];

    if (tcb_is_parked(r))
        return parked_accepts(r, s);
    return r->state == T_RECEIVING && r->level == LEVEL_USER &&
           !timeout_pending(&r->timeout) &&
           ((l->rcv & IPC_OPEN) || l->partner == s->id);
}

/* The descriptor of r's buffer, or 0. */
static word_t buffer_of(const struct tcb *r)
{
    word_t rcv = r->ipc[LEVEL_USER].rcv;

    if (tcb_is_parked(r))
        rcv = ARCH_PARKS_BUFFERS ? r->buffer : 0;
    return rcv & IPC_MAP ? 0 : rcv & ~(word_t)3;
}

/* ---- buffers ---- */

/* The whole of it has to be in one page. */
static ALWAYS_INLINE bool open(struct tcb *t, word_t va, bool sends,
                               struct buffer *b)
{
    word_t room = to_page_end(va) / sizeof(word_t);
    word_t size, dope;

    b->at = user_place(t->space, va, sends ? RIGHT_READ : RIGHT_READ | RIGHT_WRITE);
    if (!b->at || (va & (sizeof(word_t) - 1)) || room < MESSAGE_HEADER)
        return false;
    size = b->at[1];
    dope = sends ? b->at[2] : size;
    b->words = dope_words(dope);
    b->strings = dope_strings(dope);
    b->dopes = b->at + MESSAGE_HEADER + dope_words(size);
    return MESSAGE_HEADER + b->words <= room &&
           MESSAGE_HEADER + dope_words(size) + 4 * b->strings <= room;
}

/* Words that travel in registers have places in the buffers as well, which are
   left alone. */
static bool copy_words(const struct buffer *s, const struct buffer *r)
{
    const word_t first = MESSAGE_HEADER + L4_REG_WORDS;

    if (s->words <= L4_REG_WORDS)
        return true;
    if (s->words > r->words)
        return false;
    memcpy(r->at + first, s->at + first,
           (s->words - L4_REG_WORDS) * sizeof(word_t));
    return true;
}

static word_t smaller(word_t a, word_t b)
{
    return a < b ? a : b;
}

/* Most strings are blocks of words. */
static ALWAYS_INLINE void copy(void *to, const void *from, word_t n)
{
    const word_t block = 8 * sizeof(word_t);

    if ((((word_t)to | (word_t)from) & (sizeof(word_t) - 1)) == 0 &&
        (n & (block - 1)) == 0)
        arch_copy_blocks(to, from, n / block);
    else
        memcpy(to, from, n);
}

/* One string; stops at a page that is not there, and for interrupts. */
static bool copy_string(struct user_copy c)
{
    word_t n;

    for (; c.bytes; c.bytes -= n, c.from_va += n, c.to_va += n) {
        n = smaller(c.bytes, smaller(to_page_end(c.from_va),
                                     to_page_end(c.to_va)));
        const void *from = user_place(c.from->space, c.from_va, RIGHT_READ);
        void *to = user_place(c.to->space, c.to_va, RIGHT_READ | RIGHT_WRITE);
        if (!from || !to)
            return false;
        copy(to, from, n);
        if (n < c.bytes && machine_irq_pending())
            return false;
    }
    return true;
}

/* Each string of s into one of r, none of them in parts. */
static bool copy_strings(struct tcb *s, const struct buffer *from,
                         struct tcb *r, const struct buffer *to)
{
    if (from->strings > to->strings)
        return false;
    for (word_t i = 0; i < from->strings; i++) {
        const word_t *in = from->dopes + 4 * i;
        word_t *out = to->dopes + 4 * i;
        if (in[0] > MAX_STRING || out[2] > MAX_STRING || in[0] > out[2])
            return false;
        if (!copy_string((struct user_copy){ s, r, in[1], out[3], in[0] }))
            return false;
        out[0] = in[0];         /* how much came, and where it is */
        out[1] = out[3];
    }
    return true;
}

/* All that is in memory, and the dope it makes. */
static bool copy_buffers(struct tcb *s, word_t snd, struct tcb *r,
                         word_t *dope)
{
    struct buffer from = { .words = L4_REG_WORDS }, to;
    word_t rcv = buffer_of(r);

    *dope = rcv ? (word_t)L4_REG_WORDS << DOPE_WORDS_SHIFT : 0;
    if (!snd)
        return true;
    if (!rcv || !open(s, snd, true, &from) || !open(r, rcv, false, &to) ||
        !copy_words(&from, &to) || !copy_strings(s, &from, r, &to))
        return false;
    *dope = from.words << DOPE_WORDS_SHIFT |
            from.strings << DOPE_STRINGS_SHIFT;
    return true;
}

/* ---- the whole ---- */

/* All that ipc_settle() does which a ready thread has need of. */
static void unpark(struct tcb *t)
{
    if (tcb_is_parked_with_buffer(t))
        arch_frame_complete_gate(&t->frame);
    else if (tcb_is_parked(t))
        arch_frame_complete(&t->frame);
    if (ARCH_PARKS_BUFFERS)
        t->buffer = 0;
}

/* Parked, with a buffer or without one; else as all others wait, of whose ipc[]
   only this has a meaning without a transfer. */
static void wait(struct tcb *t, const struct request *q)
{
    struct ipc_level *l = &t->ipc[LEVEL_USER];

    if (!(q->rcv & ~IPC_OPEN) && arch_frame_shorten(&t->frame)) {
        t->accepts = (word_t)q->partner;
        t->state = tcb_parked_state(t, q->rcv);
        return;
    }
    l->partner = q->partner;
    if (ipc_park_gate(t, q->rcv, q->timeouts))
        return;
    l->sender = t->id;
    l->snd = q->snd;
    l->rcv = q->rcv;
    l->timeouts = q->timeouts;
    l->kind = MSG_USER;
    l->route_flags = 0;
    t->state = T_RECEIVING;
}

bool message_fast(struct tcb *self, word_t number)
{
    struct request q;
    word_t dope;

    if (!get_request(self, number, &q))     /* M1 operation */
        return false;
    if (!may_go(self))                      /* M2 we may go this way */
        return false;
    struct tcb *r = tcb_table[id_number(q.partner)];
    if (r->id != q.partner)                 /* M3 partner exists */
        return false;
    if (!accepts(r, self))                  /* M4 it waits for us */
        return false;
    if (r->prio < self->prio)               /* M5 it is urgent */
        return false;
    if (!clan_is_direct(self->task, r->task))
        return false;                       /* M6 same clan or chief */
    if (!copy_buffers(self, q.snd, r, &dope))
        return false;                       /* M7 all the memory is there */

    /* ---- commit: from here on nothing can fail ---- */

    unpark(r);
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        arch_mr_set(&r->frame, i, arch_mr_get(&self->frame, i)); /* M8 words */
    arch_id_set(&r->frame, 0, self->id);    /* M9 sender and dope */
    arch_arg_set(&r->frame, 0, dope);
    wait(self, &q);                         /* M10 we wait */
    r->state = T_READY;                     /* M11 partner runs */
    current = r;
    return true;
}
