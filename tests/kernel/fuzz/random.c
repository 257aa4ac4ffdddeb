/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz.h"

/* ---- xorshift64* ---- */

void rng_seed(struct rng *r, l4_uint64_t seed)
{
    r->state = seed * 0x9e3779b97f4a7c15ull + 0x1234567;
    if (r->state == 0)
        r->state = 1;
    for (int i = 0; i < 8; i++)
        rng_next(r);
}

l4_uint64_t rng_next(struct rng *r)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return r->state * 0x2545f4914f6cdd1dull;
}

unsigned below(struct rng *r, unsigned n)
{
    return (unsigned)((rng_next(r) >> 32) * n >> 32);
}

bool percent(struct rng *r, unsigned n)
{
    return below(r, 100) < n;
}

/* ---- words ---- */

static l4_umword_t arena_address(struct rng *r)
{
    return (l4_umword_t)arena_pages + below(r, ARENA_SIZE);
}

/* Where the kernel is, and what is next to it. */
static l4_umword_t edge(struct rng *r)
{
    l4_umword_t edges[] = {
        user_top, L4_UTCB_AREA, (l4_umword_t)-4096,
        (l4_umword_t)(long)(int)0xc0000000, (l4_umword_t)(long)(int)0xc0400000,
        (l4_umword_t)(long)(int)0x80400000, (l4_umword_t)1 << (L4_WORD_BITS - 1),
        (l4_umword_t)l4_utcb(),
    };

    return edges[below(r, 8)] + below(r, 64) * 64 - 2048;
}

l4_umword_t any_word(struct rng *r)
{
    switch (below(r, 12)) {
    case 0:
        return 0;
    case 1:
        return ~(l4_umword_t)0;
    case 2:
        return below(r, 32);
    case 3:
    case 4:
        return arena_address(r);
    case 5:
        return arena_address(r) & ~(l4_umword_t)63;
    case 6:
        return (l4_umword_t)1 << below(r, L4_WORD_BITS);
    case 7:
        return ((l4_umword_t)1 << below(r, L4_WORD_BITS)) - below(r, 3);
    case 8:
        return edge(r);
    case 9:
        return any_fpage(r);
    case 10:
        return HOLES + below(r, 1 << 24);
    default:
        return (l4_umword_t)rng_next(r);
    }
}

l4_umword_t any_fpage(struct rng *r)
{
    l4_umword_t base = percent(r, 60) ? arena_address(r)
                     : percent(r, 70) ? HOLES + below(r, 1 << 24)
                                      : (l4_umword_t)rng_next(r);
    unsigned size = percent(r, 70) ? 12 + below(r, 7)
                  : percent(r, 20) ? L4_WHOLE_ADDRESS_SPACE
                                   : below(r, 64);

    if (percent(r, 5))
        return l4_iofpage(below(r, 0x10000), below(r, 18), below(r, 2)).raw;
    return l4_fpage(base, size, below(r, 2), percent(r, 15)).raw;
}

/* ---- ids, timeouts ---- */

l4_threadid_t any_id(struct rng *r)
{
    l4_threadid_t id = { .raw = ARENA->id[below(r, HOSTILE_TASKS)] };

    switch (below(r, 16)) {
    case 0:
        return L4_NIL_ID;
    case 1:
        return L4_INVALID_ID;
    case 2:
        return (l4_threadid_t){ .raw = 1 + below(r, 40) };  /* interrupts */
    case 3:
        return (l4_threadid_t){ .raw = rng_next(r) };
    case 4:
        id.raw ^= 1ull << below(r, 64);
        return id;
    case 5:
    case 6:
        return others[below(r, 6)];
    case 7:
    case 8:
    case 9:
        id = l4_myself();
        break;
    }
    id.id.lthread = below(r, HOSTILE_THREADS);
    return id;
}

/* Mostly short ones: hostile threads are to be busy. */
l4_umword_t any_timeouts(struct rng *r)
{
    unsigned snd = 12 + below(r, 4), rcv = 12 + below(r, 4);
    unsigned pf = percent(r, 95) ? 12 + below(r, 4) : 0;

    if (percent(r, 1))
        return 0;
    if (percent(r, 3))
        return L4_IPC_UNTIL.timeout;
    if (percent(r, 1))
        return (l4_umword_t)rng_next(r);
    return L4_IPC_TIMEOUT(below(r, 4), snd, below(r, 4), rcv, pf, pf).timeout;
}

/* ---- message buffers ---- */

struct buffer {
    l4_umword_t window, size, send;
    l4_umword_t word[];
};

static void any_string(struct rng *r, l4_umword_t *dope)
{
    for (unsigned i = 0; i < 4; i += 2) {
        dope[i] = percent(r, 60) ? below(r, 200)
                : percent(r, 60) ? below(r, 20000)
                                 : any_word(r);
        if (percent(r, 25))
            dope[i] |= L4_IPC_STRING_CONTINUES;
        dope[i + 1] = percent(r, 70) ? arena_address(r) : any_word(r);
    }
}

l4_umword_t any_buffer(struct rng *r)
{
    const unsigned room = sizeof(struct buffer) + (40 + 4 * 32) * sizeof(long);
    l4_umword_t start = (l4_umword_t)ARENA->data;
    unsigned space = (unsigned)((l4_umword_t)arena_pages + ARENA_SIZE - start);
    struct buffer *b = (struct buffer *)
        (start + (below(r, space - room) & ~(sizeof(long) - 1)));
    unsigned words = below(r, 40), strings = below(r, 32);

    if (percent(r, 85))
        strings = below(r, 3);
    b->window = any_fpage(r);
    b->size = L4_IPC_DOPE(words, strings).msgdope;
    b->send = L4_IPC_DOPE(below(r, words + 2), below(r, strings + 2)).msgdope;
    for (unsigned i = 0; i < words; i++)
        b->word[i] = i & 1 ? any_fpage(r) : any_word(r);
    for (unsigned i = 0; i < strings; i++)
        any_string(r, &b->word[words + 4 * i]);
    if (percent(r, 5))
        b->size = any_word(r);
    if (percent(r, 5))
        b->send = any_word(r);
    return (l4_umword_t)b;
}
