/* SPDX-License-Identifier: BSD-2-Clause */
#include "map.h"
#include "message.h"
#include "ports.h"
#include "regstate.h"

#define WORD_BYTES  sizeof(word_t)
#define CONTINUES   ((word_t)1 << 31)

/* One end of the transfer: whose, and what its buffer says. */
struct end {
    struct tcb *t;
    word_t buffer;      /* address, 0 = registers only */
    word_t words;       /* to send, or room for */
    word_t strings;
    word_t dopes;       /* address of the string dopes */
    word_t window;      /* receiver: flexpage for map items, 0 = none */
};

/* All that the steps of one call share. */
struct message {
    struct end s, r;
    struct transfer *x;
    enum ipc_error *error;
    struct user_fault *fault;
};

/* ---- buffers ---- */

static bool read_header(struct end *e, bool sends, struct user_fault *fault)
{
    word_t size, send;

    if (!user_read(e->t, e->buffer + WORD_BYTES, &size, fault) ||
        !user_read(e->t, e->buffer + 2 * WORD_BYTES, &send, fault))
        return false;
    e->words = dope_words(sends ? send : size);
    e->strings = dope_strings(sends ? send : size);
    e->dopes = e->buffer + (MESSAGE_HEADER + dope_words(size)) * WORD_BYTES;
    return sends || user_read(e->t, e->buffer, &e->window, fault);
}

static bool open_sender(struct end *e, struct user_fault *fault)
{
    const struct ipc_level *l = tcb_ipc(e->t);

    e->buffer = l->kind == MSG_USER ? l->snd & ~(word_t)3 : 0;
    e->words = L4_REG_WORDS;
    return !e->buffer || read_header(e, true, fault);
}

/* A message that is all in registers has no need of the buffer, be it there or
   not. */
static bool open_receiver(struct end *e, const struct tcb *s,
                          struct user_fault *fault)
{
    word_t rcv = tcb_ipc(e->t)->rcv;
    const struct ipc_level *l = &s->ipc[s->level];

    if (rcv & IPC_MAP) {
        e->window = rcv;
        return true;
    }
    e->buffer = rcv & ~(word_t)3;
    return !e->buffer || l->kind != MSG_USER || !(l->snd & ~IPC_DECEIT) ||
           read_header(e, false, fault);
}

static word_t word_address(const struct end *e, word_t i)
{
    return e->buffer + (MESSAGE_HEADER + i) * WORD_BYTES;
}

/* Word i of the message. */
static bool sender_word(struct message *m, word_t i, word_t *w)
{
    const struct tcb *s = m->s.t;
    const struct ipc_level *l = &s->ipc[s->level];

    if (i >= L4_REG_WORDS)
        return user_read(m->s.t, word_address(&m->s, i), w, m->fault);
    if (l->kind == MSG_USER)
        *w = arch_mr_get(&s->frame, (unsigned)i);
    else
        *w = i < 2 ? l->words[i] : 0;
    return true;
}

/* ---- map items ---- */

/* Ports have spaces of their own, and do not change places. ERR_NOT_FOUND:
   there is nothing to map. */
static enum err place_ports(struct map_request *m, const struct fpage *send,
                            const struct fpage *window)
{
    if (!m->from->ports ||
        !fpage_common(send, window, &m->from_base, &m->shift))
        return ERR_NOT_FOUND;
    enum err e = ports_make(m->to);
    if (e != OK)
        return e;
    m->from = m->from->ports;
    m->to = m->to->ports;
    m->to_base = m->from_base;
    return OK;
}

/* Carry out one map item. */
static enum err map_item(struct message *m, word_t base,
                         const struct fpage *f, const struct fpage *window)
{
    struct map_request request = {
        .from = m->s.t->space, .to = m->r.t->space,
        .write = f->write, .grant = f->grant,
        .walk = &m->s.t->unmap.walk,
    };
    bool mapped = false;
    enum err e = OK;

    if (f->ports)
        e = place_ports(&request, f, window);
    else
        fpage_place(f, window, base, &request.from_base, &request.to_base,
                    &request.shift);
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    e = map_fpage(&request, &m->x->offset, &mapped);
    if (mapped)
        m->x->dope |= DOPE_FPAGE;
    return e;
}

/* Pairs of words, until one with a nil flexpage. */
static enum message_progress do_items(struct message *m)
{
    struct fpage f, window;
    word_t base, raw;

    while (2 * m->x->done + 1 < m->s.words) {
        if (!sender_word(m, 2 * m->x->done, &base) ||
            !sender_word(m, 2 * m->x->done + 1, &raw))
            return MESSAGE_FAULT;
        if (raw == 0)
            break;
        bool any = fpage_parse(raw, &f);
        /* A window takes pages or ports, not both. */
        if (!fpage_parse(m->r.window, &window) || window.ports != f.ports) {
            *m->error = IPC_MESSAGE_CUT;
            break;
        }
        /* One smaller than a page has nothing in it. */
        enum err e = any ? map_item(m, base, &f, &window) : OK;
        if (e == ERR_AGAIN)
            return MESSAGE_PREEMPTED;
        if (e != OK) {
            *m->error = IPC_MAP_FAILED;
            break;
        }
        m->x->done++;
        m->x->offset = 0;
        /* What is nothing to map has not been counted yet. */
        if (preemption_point(STEP_WORK))
            return MESSAGE_PREEMPTED;
    }
    return MESSAGE_DONE;
}

/* ---- words ---- */

static void copy_registers(struct message *m)
{
    word_t w;

    if (m->r.t->level == LEVEL_FAULT) {
        /* The frame of a faulting thread is its own, but for what its
           handler changes. */
        regstate_take_back(m->r.t, m->s.t);
        return;
    }
    if (m->s.t->level == LEVEL_FAULT)
        regstate_deliver(m->s.t, m->r.t,
                         (enum msg_kind)tcb_ipc(m->s.t)->kind);
    for (unsigned i = 0; i < L4_REG_WORDS; i++) {
        sender_word(m, i, &w);
        arch_mr_set(&m->r.t->frame, i, w);
    }
}

/* Those beyond the registers; x->offset counts bytes. */
static enum message_progress do_words(struct message *m)
{
    word_t count = m->s.words < m->r.words ? m->s.words : m->r.words;
    word_t bytes = count > L4_REG_WORDS
                       ? (count - L4_REG_WORDS) * WORD_BYTES : 0;

    while (m->x->offset < bytes) {
        struct user_copy c = {
            m->s.t, m->r.t,
            word_address(&m->s, L4_REG_WORDS) + m->x->offset,
            word_address(&m->r, L4_REG_WORDS) + m->x->offset,
            bytes - m->x->offset,
        };
        if (!user_copy(&c, m->fault))
            return MESSAGE_FAULT;
        m->x->offset += c.bytes;
        if (preemption_point(STEP_COPY))
            return MESSAGE_PREEMPTED;
    }
    copy_registers(m);
    if (m->s.words > L4_REG_WORDS && m->s.words > m->r.words)
        *m->error = IPC_MESSAGE_CUT;
    if (m->r.buffer)
        m->x->dope |= (count > L4_REG_WORDS ? count : m->s.words) <<
                      DOPE_WORDS_SHIFT;
    return MESSAGE_DONE;
}

/* ---- strings ---- */

/* The dope the transfer stands at, on either side. */
struct part {
    word_t size, address;
    bool continues;
};

static bool read_part(const struct end *e, word_t index, unsigned half,
                      struct part *p, struct user_fault *fault)
{
    word_t at = e->dopes + (4 * index + half) * WORD_BYTES;
    word_t size;

    if (!user_read(e->t, at, &size, fault) ||
        !user_read(e->t, at + WORD_BYTES, &p->address, fault))
        return false;
    p->continues = size & CONTINUES;
    p->size = size & ~CONTINUES;
    return true;
}

/* Tell the receiver how much came into the part that is now complete: in the
   send half of its dope, so that it can pass the string on as it is. */
static bool close_part(struct message *m, const struct part *r)
{
    word_t at = m->r.dopes + 4 * m->x->rcv_string * WORD_BYTES;

    if (!user_write(m->r.t, at, m->x->rcv_done, m->fault) ||
        !user_write(m->r.t, at + WORD_BYTES, r->address, m->fault))
        return false;
    m->x->rcv_string++;
    m->x->rcv_done = 0;
    return true;
}

/* One piece of the current string; *cut: the receiver has no room left. */
static enum message_progress string_step(struct message *m, bool *cut)
{
    struct transfer *x = m->x;
    struct part s, r;

    if (!read_part(&m->s, x->snd_string, 0, &s, m->fault))
        return MESSAGE_FAULT;
    if (!read_part(&m->r, x->rcv_string, 2, &r, m->fault))
        return MESSAGE_FAULT;
    *cut = s.size > MAX_STRING || r.size > MAX_STRING;
    if (*cut)
        return MESSAGE_DONE;
    if (x->snd_done == s.size) {
        if (!s.continues && !close_part(m, &r))
            return MESSAGE_FAULT;
        if (!s.continues && r.continues)
            return MESSAGE_DONE;    /* the string's other parts stay empty */
        x->snd_string++;
        x->snd_done = 0;
        return MESSAGE_DONE;
    }
    if (x->rcv_done == r.size) {
        if (!close_part(m, &r))
            return MESSAGE_FAULT;
        *cut = !r.continues;
        return MESSAGE_DONE;
    }
    word_t room = r.size - x->rcv_done, left = s.size - x->snd_done;
    struct user_copy c = {
        m->s.t, m->r.t, s.address + x->snd_done, r.address + x->rcv_done,
        left < room ? left : room,
    };
    if (!user_copy(&c, m->fault))
        return MESSAGE_FAULT;
    x->snd_done += c.bytes;
    x->rcv_done += c.bytes;
    return MESSAGE_DONE;
}

static enum message_progress do_strings(struct message *m)
{
    bool cut = false;

    while (m->x->snd_string < m->s.strings && !cut) {
        cut = m->x->rcv_string >= m->r.strings;
        if (cut)
            break;
        enum message_progress p = string_step(m, &cut);
        if (p != MESSAGE_DONE)
            return p;
        /* A cut is final: nothing remembers it over a preemption. */
        if (!cut && preemption_point(STEP_COPY))
            return MESSAGE_PREEMPTED;
    }
    if (cut)
        *m->error = IPC_MESSAGE_CUT;
    m->x->dope |= m->x->rcv_string << DOPE_STRINGS_SHIFT;
    return MESSAGE_DONE;
}

/* ---- the whole ---- */

static bool next_stage(struct transfer *x)
{
    x->done = x->offset = 0;
    return ++x->stage < STAGE_END;
}

static enum message_progress do_stage(struct message *m)
{
    switch ((enum transfer_stage)m->x->stage) {
    case STAGE_ITEMS:
        if (tcb_ipc(m->s.t)->snd & IPC_MAP)
            return do_items(m);
        return MESSAGE_DONE;
    case STAGE_WORDS:
        return do_words(m);
    case STAGE_STRINGS:
        return do_strings(m);
    case STAGE_END:
        break;
    }
    return MESSAGE_DONE;
}

enum message_progress message_transfer(struct tcb *s, struct tcb *r,
                                       enum ipc_error *error,
                                       struct user_fault *fault)
{
    struct message m = { .s = { .t = s }, .r = { .t = r },
                         .x = &tcb_ipc(s)->transfer, .error = error,
                         .fault = fault };
    enum message_progress p;

    *error = IPC_OK;
    if (!open_sender(&m.s, fault))
        return MESSAGE_FAULT;
    if (!open_receiver(&m.r, s, fault))
        return MESSAGE_FAULT;
    do {
        p = do_stage(&m);
        if (p != MESSAGE_DONE || *error)
            return p;
    } while (next_stage(m.x));
    return MESSAGE_DONE;
}
