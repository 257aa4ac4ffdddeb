/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a message carries from sender to receiver: the register words, and
 * the map items they may begin with.
 */
#include "ipc.h"
#include "map.h"
#include "ports.h"

/* Map items are pairs of words. */
#define MAX_ITEMS (L4_REG_WORDS / 2)

static word_t word_of(const struct tcb *s, unsigned i)
{
    const struct ipc_level *l = &s->ipc[s->level];

    if (l->kind == MSG_USER)
        return arch_mr_get(&s->frame, i);
    return i < 2 ? l->words[i] : 0;
}

static void copy_words(const struct tcb *s, struct tcb *r)
{
    if (r->level != LEVEL_USER)
        return;     /* the frame of a faulting thread is its own */
    for (unsigned i = 0; i < L4_REG_WORDS; i++)
        arch_mr_set(&r->frame, i, word_of(s, i));
}

/* The window in which r takes mappings of this kind; false: none. */
static bool window_of(const struct tcb *r, bool ports, struct fpage *window)
{
    word_t rcv = r->ipc[r->level].rcv;

    return (rcv & IPC_MAP) && fpage_parse(rcv, window) &&
           window->ports == ports;
}

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
static enum err map_item(struct tcb *s, struct tcb *r, word_t base,
                         const struct fpage *f, const struct fpage *window)
{
    struct map_request request = {
        .from = s->space, .to = r->space, .write = f->write, .grant = f->grant,
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
    e = map_fpage(&request, &s->transfer.offset, &mapped);
    if (mapped)
        s->transfer.dope |= DOPE_FPAGE;
    return e;
}

/* All items from where the transfer stands; a nil fpage ends them. */
static enum err map_items(struct tcb *s, struct tcb *r, enum ipc_error *error)
{
    struct transfer *x = &s->transfer;
    struct fpage f, window;

    for (; x->item < MAX_ITEMS; x->item++, x->offset = 0) {
        word_t base = word_of(s, 2 * (unsigned)x->item);
        word_t raw = word_of(s, 2 * (unsigned)x->item + 1);
        if (raw == 0)
            break;
        bool any = fpage_parse(raw, &f);
        if (!window_of(r, f.ports, &window)) {
            *error = IPC_MESSAGE_CUT;
            return OK;
        }
        if (!any)
            continue;       /* smaller than a page: nothing in it */
        enum err e = map_item(s, r, base, &f, &window);
        if (e == ERR_AGAIN)
            return e;
        if (e != OK) {
            *error = IPC_MAP_FAILED;
            return OK;
        }
    }
    return OK;
}

enum err message_transfer(struct tcb *s, struct tcb *r, enum ipc_error *error)
{
    *error = IPC_OK;
    if (s->ipc[s->level].snd & IPC_MAP) {
        enum err e = map_items(s, r, error);
        if (e != OK)
            return e;
    }
    copy_words(s, r);
    return OK;
}
