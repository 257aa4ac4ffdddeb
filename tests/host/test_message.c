/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages in memory: words and strings, gathered and scattered, against
 * plain copying. None of the memory is mapped to begin with; root, the pager
 * of both sides, gives it page by page and takes some of it away again.
 */
#include "map.h"
#include "message.h"
#include "world.h"

#define MEGABYTE    ((word_t)1 << 20)
#define AREA        (MEGABYTE / 2)      /* of each side */
#define SENDER_AT   MEGABYTE
#define RECEIVER_AT (MEGABYTE + AREA)
#define MAX_PARTS   8
#define CONTINUES   ((word_t)1 << 31)
#define ITEM(va, shift) ((va) | (word_t)(shift) << 2 | 2)

static struct tcb *sigma0, *sender, *receiver;

/* What the areas should hold in the end. */
static unsigned char expected[2 * AREA];

static unsigned char *memory(word_t va)
{
    return phys_to_kva(va);
}

static unsigned char *model(word_t va)
{
    return &expected[va - MEGABYTE];
}

/* ---- a message ---- */

struct part {
    word_t size, address;
    bool continues;
};

struct side {
    word_t at, buffer, words;
    unsigned parts;
    struct part part[MAX_PARTS];
};

static void put_word(word_t va, word_t w)
{
    memcpy(memory(va), &w, sizeof(w));
}

static word_t random_size(unsigned room)
{
    return chance(15) ? 0 : chance(50) ? rnd(64) : rnd(room);
}

/* Parts do not overlap: each lies in its own piece of the area. */
static struct side random_side(word_t at)
{
    struct side s = { .at = at, .buffer = at + 8 * rnd(100),
                      .words = rnd(24), .parts = rnd(MAX_PARTS + 1) };
    word_t piece = (AREA - 2 * PAGE_SIZE) / MAX_PARTS;

    for (unsigned i = 0; i < s.parts; i++) {
        s.part[i].size = random_size((unsigned)piece / 2);
        s.part[i].address = at + 2 * PAGE_SIZE + i * piece +
                            rnd((unsigned)piece / 2);
        s.part[i].continues = i + 1 < s.parts && chance(40);
    }
    return s;
}

static word_t dopes_of(const struct side *s)
{
    return s->buffer + (3 + s->words) * sizeof(word_t);
}

/* Write the buffer to memory; `half`: 0 for the sender's sizes, 2 for the
   receiver's. */
static void lay_out(const struct side *s, unsigned half)
{
    word_t dope = s->words << 13 | s->parts << 8;

    put_word(s->buffer, 0);
    put_word(s->buffer + 8, dope);
    put_word(s->buffer + 16, half ? 0 : dope);
    for (unsigned i = 0; i < s->parts; i++) {
        word_t at = dopes_of(s) + (4 * i + half) * sizeof(word_t);
        put_word(at, s->part[i].size | (s->part[i].continues ? CONTINUES : 0));
        put_word(at + 8, s->part[i].address);
    }
}

/* ---- the model ---- */

/* What came into part i of the receiver is told in its dope. */
static void tell(const struct side *r, unsigned i, word_t bytes)
{
    word_t at = dopes_of(r) + 4 * i * sizeof(word_t);

    memcpy(model(at), &bytes, sizeof(bytes));
    memcpy(model(at + 8), &r->part[i].address, sizeof(word_t));
}

/* One string, bytes of it from several parts, into those at *to; false when
   there is too little room. */
static bool model_string(const struct side *s, unsigned *from,
                         const struct side *r, unsigned *to)
{
    word_t put = 0;
    bool more;

    do {
        const struct part *p = &s->part[(*from)++];
        for (word_t i = 0; i < p->size; i++) {
            while (put == r->part[*to].size) {
                tell(r, *to, put);
                put = 0;
                if (!r->part[(*to)++].continues)
                    return false;
            }
            *model(r->part[*to].address + put++) = *memory(p->address + i);
        }
        more = p->continues;
    } while (more);
    do {
        tell(r, *to, put);
        put = 0;
    } while (r->part[(*to)++].continues);
    return true;
}

/* The receiver's dope. */
static word_t model_message(const struct side *s, const struct side *r)
{
    word_t words = s->words < r->words ? s->words : r->words;
    unsigned from = 0, to = 0;
    bool cut = s->words > L4_REG_WORDS && s->words > r->words;

    for (word_t i = L4_REG_WORDS; i < words; i++)
        memcpy(model(r->buffer + (3 + i) * 8),
               memory(s->buffer + (3 + i) * 8), 8);
    while (from < s->parts && !cut)
        cut = to == r->parts || !model_string(s, &from, r, &to);
    return (words > L4_REG_WORDS ? words : s->words) << 13 | to << 8 |
           (cut ? IPC_MESSAGE_CUT : 0);
}

/* ---- the pager ---- */

/* Root has a page fault to answer: it maps the page, and sometimes takes
   another one back. */
static void answer_fault(void)
{
    struct arch_frame *f = &current->frame;
    word_t page = f->mr[0] & PAGE_MASK;
    threadid_t who = f->id[0];

    check(page >= MEGABYTE && page < 2 * MEGABYTE);
    if (chance(10)) {
        struct l4_call_args a = {
            .arg = { ITEM(MEGABYTE + rnd(256) * PAGE_SIZE, 12 + rnd(4)),
                     chance(50) ? L4_FP_FLUSH_PAGE : 0 },
        };
        l4_arch_call(L4_SYS_FPAGE_UNMAP, &a);
    }
    f->mr[0] = page;
    f->mr[1] = ITEM(page, PAGE_SHIFT);
    f->mr[2] = f->mr[3] = 0;
    do_ipc(who, IPC_MAP, IPC_OPEN, TO_NEVER);
}

/* Root has all of the memory; it waits, as do both ends. */
static void start(void)
{
    world_boot();
    sigma0 = tcb_find_number(TASK_SIGMA0, 0);
    do_ipc(sigma0->id, 0, ITEM(MEGABYTE, 20), TO_NEVER);
    current->frame.mr[0] = MEGABYTE;
    current->frame.mr[1] = ITEM(MEGABYTE, 20);
    do_ipc(root->id, IPC_MAP, IPC_OPEN, TO_NEVER);
    check(current == root && dope_of(root) == DOPE_FPAGE);
    sender = new_task(10, 60);
    receiver = new_task(11, 70);
    do_wait();
    check(current == receiver);
}

static void random_message(void)
{
    struct side s = random_side(SENDER_AT), r = random_side(RECEIVER_AT);

    for (word_t i = 0; i < 2 * AREA; i++)
        memory(MEGABYTE)[i] = (unsigned char)(i * 7 + i / 251);
    lay_out(&s, 0);
    lay_out(&r, 2);
    memcpy(expected, memory(MEGABYTE), sizeof(expected));
    word_t dope = model_message(&s, &r);
    check(current == receiver);
    do_ipc(ID_NIL, IPC_NONE, r.buffer | IPC_OPEN, TO_NEVER);
    check(current == sender);
    set_words(sender, 0x4444);
    do_ipc(receiver->id, s.buffer, IPC_NONE, TO_NEVER);
    while (current == root)
        answer_fault();
    note("dope is %lx, should be %lx", dope_of(receiver), dope);
    check(current == receiver && dope_of(receiver) == dope);
    check(source_of(receiver) == sender->id && has_words(receiver, 0x4444));
    check((dope_of(sender) & 0xf0) ==
          (dope & 0xf0 ? IPC_MESSAGE_CUT | DOPE_SEND_PHASE : 0));
    check(memcmp(expected, memory(MEGABYTE), sizeof(expected)) == 0);
}

TEST(message, words_and_strings_arrive_as_if_copied_by_hand)
{
    start();
    for (unsigned i = 0; i < rounds(100); i++) {
        random_message();
        check_world();
    }
}

TEST(message, preemption_after_every_step_changes_no_result)
{
    start();
    host_preempt_always();
    for (unsigned i = 0; i < rounds(60); i++)
        random_message();
    check(host.looks > 200);
    check_world();
}

/* ---- a fault that nobody resolves ---- */

static void send_to_a_missing_page(uint32_t timeouts)
{
    start();
    struct side s = random_side(SENDER_AT);
    s.parts = 0;
    s.words = 20;
    lay_out(&s, 0);
    do_ipc(ID_NIL, IPC_NONE, RECEIVER_AT | IPC_OPEN, TO_NEVER);
    check(current == sender);
    do_ipc(receiver->id, s.buffer, IPC_NONE, timeouts);
}

TEST(message, receiver_without_memory_does_not_wait_for_the_senders)
{
    start();
    do_wait();
    do_ipc(receiver->id, SENDER_AT, IPC_NONE, TO_NEVER);
    check(current == receiver && dope_of(receiver) == IPC_SENDER_FAULT);
    check(dope_of(sender) == (IPC_SENDER_FAULT | DOPE_SEND_PHASE));
}

TEST(message, message_in_registers_does_not_touch_the_receivers_buffer)
{
    start();
    do_ipc(ID_NIL, IPC_NONE, RECEIVER_AT | IPC_OPEN, TO_NEVER);
    set_words(sender, 0x77);
    do_ipc(receiver->id, 0, IPC_NONE, TO_NEVER);
    check(current == receiver && has_words(receiver, 0x77));
    check(dope_of(receiver) == L4_REG_WORDS << 13);
}

TEST(message, fault_that_may_take_no_time_ends_the_transfer)
{
    send_to_a_missing_page(15u << 12);
    check(current == receiver);
    check(dope_of(receiver) == IPC_SENDER_FAULT);
    check(dope_of(sender) == (IPC_SENDER_FAULT | DOPE_SEND_PHASE));
    check_world();
}

TEST(message, fault_that_takes_too_long_ends_the_transfer)
{
    send_to_a_missing_page(9u << 12);       /* 4.096 ms */
    check(current == root && receives(sender));
    host_advance(4095);
    check(current == root);
    host_advance(1);
    check((dope_of(receiver) & 0xf0) == IPC_SENDER_FAULT);
    check(dope_of(sender) == (IPC_SENDER_FAULT | DOPE_SEND_PHASE));
    check_world();
}

TEST(message, ex_regs_during_a_fault_aborts_the_transfer_for_both)
{
    send_to_a_missing_page(TO_NEVER);
    check(current == root && sender->level == LEVEL_FAULT);
    ipc_cancel(sender);
    check(sender->state == T_READY && sender->level == LEVEL_USER);
    check(dope_of(sender) == (IPC_ABORTED | DOPE_SEND_PHASE));
    check(receiver->state == T_READY);
    check(dope_of(receiver) == IPC_ABORTED);
    check_world();
}

TEST(message, address_that_no_user_has_cuts_the_message)
{
    start();
    do_wait();
    do_ipc(receiver->id, ARCH_USER_TOP + 0x1000, IPC_NONE, TO_NEVER);
    check(current == receiver && dope_of(receiver) == IPC_MESSAGE_CUT);
    check(dope_of(sender) == (IPC_MESSAGE_CUT | DOPE_SEND_PHASE));
}
