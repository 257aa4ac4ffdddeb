/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fpage_unmap: what it takes, what it spares, what it tells. Where a target
 * keeps no page status, the claims about it become: nothing is told.
 */
#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "ktest.h"

/* Where clients have what they are given. */
#define PLACE       ((l4_umword_t)0x30000000)
#define OTHERS      (L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES)
#define ALL         (L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES)
#define READ_ONLY   (L4_FP_REMAP_PAGE | L4_FP_OTHER_SPACES)
#define ASK         (L4_FP_STATUS | L4_FP_OTHER_SPACES)

static l4_threadid_t main_id;

/* ---- a client: a task that does jobs, in its own space ---- */

enum deed { READ, WRITE, UNMAP, TAKE, GIVE };

struct job {
    enum deed deed;
    l4_umword_t address;        /* READ, WRITE; where to TAKE; send base */
    l4_umword_t value;          /* to WRITE; what to UNMAP or GIVE; result */
    l4_umword_t mask;           /* of UNMAP; size of the window to TAKE in */
    l4_threadid_t partner;      /* of TAKE and GIVE */
};

struct client {
    l4_threadid_t id;
    struct job job;
};

static struct client clients[8];
static unsigned client_count;

static __attribute__((noinline)) void set_pager(l4_threadid_t *pager)
{
    l4_threadid_t preempter = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(l4_myself(), LEAVE, LEAVE, &preempter, pager, &flags,
                      &ip, &sp);
}

/* Faults of the access itself go to main. */
static __attribute__((noinline)) void use(volatile struct job *job)
{
    volatile l4_umword_t *p = (volatile l4_umword_t *)job->address;
    l4_umword_t value = job->value;
    bool write = job->deed == WRITE;
    l4_threadid_t pager = main_id;

    set_pager(&pager);
    if (write)
        *p = value;
    else
        value = *p;
    set_pager(&pager);
    job->value = value;
}

static void take(volatile struct job *job)
{
    l4_threadid_t from = { .raw = job->partner.raw };
    l4_umword_t w0, w1;
    l4_msgdope_t dope = { .raw = 0 };

    l4_ipc_receive(from, L4_IPC_MAPMSG(job->address, job->mask), &w0, &w1,
                   PATIENCE, &dope);
    job->value = l4_ipc_fpage_received(dope);
}

static void give(l4_threadid_t to, l4_umword_t base, l4_umword_t fpage)
{
    l4_msgdope_t dope;

    l4_ipc_send(to, L4_IPC_SHORT_FPAGE, base, fpage, PATIENCE, &dope);
}

/* All of use() is here before main is the pager, who takes any fault for one of
   the access: it may stand in two pages. */
static void touch_code(void)
{
    (void)*(volatile char *)(l4_umword_t)use;
    (void)*(volatile char *)((l4_umword_t)use + 512);
    (void)*(volatile char *)(l4_umword_t)set_pager;
    (void)*(volatile char *)((l4_umword_t)set_pager + 512);
}

static void client_loop(void *argument)
{
    struct job *job = argument;

    touch_code();
    for (;;) {
        l4_umword_t w0 = 0, w1 = 0;
        call2(main_id, &w0, &w1);
        if (job->deed == TAKE)
            take(job);
        else if (job->deed == GIVE)
            give((l4_threadid_t){ .raw = job->partner.raw }, job->address,
                 job->value);
        else if (job->deed == UNMAP)
            job->value = l4_fpage_unmap_status(
                (l4_fpage_t){ .raw = job->value }, job->mask);
        else
            use(job);
    }
}

static struct client *start_client(void)
{
    struct client *c = &clients[client_count++ % 8];
    l4_umword_t w0, w1;

    main_id = l4_myself();
    c->id = start_task(client_loop, &c->job);
    check(receive2(c->id, &w0, &w1) == 0);
    return c;
}

static void begin(struct client *c, struct job job)
{
    c->job = job;
    send2(c->id, 0, 0);
}

/* False: it faulted instead, and can do nothing any more. */
static bool finish(struct client *c)
{
    l4_umword_t w0 = 0, w1 = 0;

    check(receive2(c->id, &w0, &w1) == 0);
    return w0 == 0 && w1 == 0;
}

static bool can_read(struct client *c, l4_umword_t address)
{
    begin(c, (struct job){ .deed = READ, .address = address });
    return finish(c);
}

static bool can_write(struct client *c, l4_umword_t address)
{
    begin(c, (struct job){ .deed = WRITE, .address = address, .value = 1 });
    return finish(c);
}

/* Map or grant an fpage of ours to `place` of a client. */
static bool give_to(struct client *c, l4_fpage_t what, l4_umword_t place)
{
    begin(c, (struct job){ .deed = TAKE, .address = place, .partner = main_id,
                           .mask = what.raw >> 2 & 0x3f });
    give(c->id, 0, what.raw);
    return finish(c) && c->job.value;
}

/* One client maps what it has at PLACE to another's PLACE. */
static bool pass_on(struct client *from, struct client *to, unsigned log2)
{
    begin(to, (struct job){ .deed = TAKE, .address = PLACE, .mask = log2,
                            .partner = from->id });
    begin(from, (struct job){
        .deed = GIVE, .partner = to->id,
        .value = l4_fpage(PLACE, log2, L4_FPAGE_RW, L4_FPAGE_MAP).raw });
    return finish(from) && finish(to) && to->job.value;
}

static l4_umword_t client_unmap(struct client *c, l4_umword_t mask)
{
    begin(c, (struct job){
        .deed = UNMAP, .mask = mask,
        .value = l4_fpage(PLACE, L4_PAGESHIFT, 0, 0).raw });
    check(finish(c));
    return c->job.value;
}

/* ---- pages of ours ---- */

static l4_umword_t *words(unsigned page)
{
    return (l4_umword_t *)(test_memory + page * L4_PAGESIZE);
}

static l4_fpage_t page(unsigned n)
{
    return l4_fpage((l4_umword_t)words(n), L4_PAGESHIFT, L4_FPAGE_RW,
                    L4_FPAGE_MAP);
}

static struct client *client_with_page(unsigned n)
{
    struct client *c = start_client();

    words(n)[0] = 0;            /* we have it */
    check(give_to(c, page(n), PLACE));
    return c;
}

/* What ought to be told where the target keeps it. */
static bool told(l4_umword_t status, l4_umword_t wanted)
{
    return status == (wanted & kip->page_status);
}

#define BOTH (L4_FP_ACCESSED | L4_FP_WRITTEN)

/* ---- what is told ---- */

TEST(unmap, info_page_says_which_page_status_the_target_keeps)
{
    struct client *c = client_with_page(0);

    check((kip->page_status & ~(l4_umword_t)BOTH) == 0);
    check(can_write(c, PLACE));
    check(l4_fpage_unmap_status(page(0), ASK) == kip->page_status);
}

TEST(unmap, tells_whether_a_page_was_read_or_written)
{
    struct client *c = client_with_page(0);

    check(told(l4_fpage_unmap_status(page(0), READ_ONLY), 0));
    check(can_read(c, PLACE));
    check(told(l4_fpage_unmap_status(page(0), OTHERS), L4_FP_ACCESSED));
    c = client_with_page(0);
    check(can_write(c, PLACE));
    check(told(l4_fpage_unmap_status(page(0), OTHERS), BOTH));
}

TEST(unmap, what_was_told_is_not_told_again_and_later_use_is_seen)
{
    struct client *c = client_with_page(0);

    for (unsigned i = 0; i < 3; i++) {
        check(can_write(c, PLACE));
        check(told(l4_fpage_unmap_status(page(0), ASK), BOTH));
        check(told(l4_fpage_unmap_status(page(0), ASK), 0));
        check(can_read(c, PLACE));
        check(told(l4_fpage_unmap_status(page(0), ASK), L4_FP_ACCESSED));
    }
}

TEST(unmap, can_ask_for_the_status_and_take_nothing_away)
{
    struct client *c = client_with_page(0);

    l4_fpage_unmap_status(page(0), ASK | L4_FP_FLUSH_PAGE |
                                       L4_FP_ALL_SPACES);
    check(can_write(c, PLACE));
    check(words(0)[0] == 1);
}

/* The page is in our TLB, and the status has to be seen all the same. */
TEST(unmap, status_of_the_own_mapping_is_told_if_it_is_meant)
{
    const l4_umword_t own = L4_FP_STATUS | L4_FP_ALL_SPACES;
    volatile l4_umword_t *p = words(1);

    l4_fpage_unmap_status(page(1), own);
    for (unsigned i = 0; i < 3; i++) {
        check(told(l4_fpage_unmap_status(page(1), own), 0));
        (void)*p;
        check(told(l4_fpage_unmap_status(page(1), ASK), 0));
        check(told(l4_fpage_unmap_status(page(1), own), L4_FP_ACCESSED));
        *p = i;
        check(told(l4_fpage_unmap_status(page(1), own), BOTH));
    }
}

TEST(unmap, status_of_mappings_that_are_gone_is_told_to_who_made_them)
{
    struct client *c = client_with_page(0);

    check(can_write(c, PLACE));
    client_unmap(c, ALL);
    check(told(l4_fpage_unmap_status(page(0), ASK), BOTH));
    check(told(l4_fpage_unmap_status(page(0), ASK), 0));
    c = client_with_page(0);
    check(can_read(c, PLACE));
    kill_task(c->id);
    check(told(l4_fpage_unmap_status(page(0), ASK), L4_FP_ACCESSED));
}

TEST(unmap, status_that_was_told_below_is_told_above_as_well)
{
    struct client *a = client_with_page(0), *b = start_client();

    check(pass_on(a, b, L4_PAGESHIFT));
    check(can_write(b, PLACE));
    check(told(client_unmap(a, ASK), BOTH));
    check(told(client_unmap(a, ASK), 0));
    check(told(l4_fpage_unmap_status(page(0), ASK), BOTH));
    check(told(l4_fpage_unmap_status(page(0), ASK), 0));
}

TEST(unmap, status_of_one_task_is_told_alone)
{
    struct client *a = client_with_page(0), *b = client_with_page(0);

    check(can_write(a, PLACE));
    check(can_read(b, PLACE));
    check(told(l4_fpage_unmap_status(page(0),
                                     ASK | L4_FP_TASK(b->id.id.task)),
               L4_FP_ACCESSED));
    check(told(l4_fpage_unmap_status(page(0), ASK), BOTH));
}

TEST(unmap, status_survives_new_rights_and_grants)
{
    struct client *a = client_with_page(0), *b = start_client();

    check(can_write(a, PLACE));
    check(give_to(a, page(0), PLACE));      /* the same page again */
    begin(b, (struct job){ .deed = TAKE, .address = PLACE, .partner = a->id,
                           .mask = L4_PAGESHIFT });
    begin(a, (struct job){
        .deed = GIVE, .partner = b->id,
        .value = l4_fpage(PLACE, L4_PAGESHIFT, L4_FPAGE_RO,
                          L4_FPAGE_GRANT).raw });
    check(finish(a) && finish(b) && b->job.value);
    check(told(l4_fpage_unmap_status(page(0), ASK), BOTH));
    check(!can_write(b, PLACE));
}

/* What is in a page that a message reads or writes. */
static struct string_message {
    l4_fpage_t window;
    l4_msgdope_t size, send;
    l4_umword_t word[L4_REG_WORDS];
    l4_strdope_t string;
} out, in;

static void send_string(void *unused)
{
    l4_msgdope_t dope;

    (void)unused;
    l4_ipc_send(main_id, &out, 0, 0, PATIENCE, &dope);
    sleep_forever();
}

TEST(unmap, pages_that_a_message_reads_or_writes_count_as_used)
{
    const l4_umword_t own = L4_FP_STATUS | L4_FP_ALL_SPACES;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    main_id = l4_myself();
    words(2)[0] = 17;
    words(3)[0] = 0;
    out.size = out.send = in.size = L4_IPC_DOPE(L4_REG_WORDS, 1);
    out.string = (l4_strdope_t){ .snd_size = 64,
                                 .snd_str = (l4_umword_t)words(2) };
    in.string = (l4_strdope_t){ .rcv_size = 64,
                                .rcv_str = (l4_umword_t)words(3) };
    l4_threadid_t t = start_thread(send_string, 0);
    l4_fpage_unmap_status(page(2), own);
    l4_fpage_unmap_status(page(3), own);
    check(l4_ipc_receive(t, &in, &w0, &w1, PATIENCE, &dope) == 0);
    check(told(l4_fpage_unmap_status(page(2), own), L4_FP_ACCESSED));
    check(told(l4_fpage_unmap_status(page(3), own), BOTH));
    check(words(3)[0] == 17);
}

/* ---- large pages ---- */

static l4_fpage_t part(unsigned first, unsigned log2_pages)
{
    return l4_fpage(large_page() + first * L4_PAGESIZE,
                    L4_PAGESHIFT + log2_pages, L4_FPAGE_RW, L4_FPAGE_MAP);
}

static l4_fpage_t all_of_it(void)
{
    return l4_fpage(large_page(), L4_SUPERPAGESHIFT, L4_FPAGE_RW,
                    L4_FPAGE_MAP);
}

static struct client *client_with_large_page(void)
{
    struct client *c = start_client();

    *(volatile char *)large_page() = 0;
    check(give_to(c, all_of_it(), PLACE));
    return c;
}

TEST(unmap, status_of_a_large_page_is_kept_when_it_is_split)
{
    struct client *c = client_with_large_page();

    check(can_write(c, PLACE + 7 * L4_PAGESIZE));
    l4_fpage_unmap(part(3, 0), OTHERS);
    check(can_read(c, PLACE + 7 * L4_PAGESIZE));
    check(!can_read(c, PLACE + 3 * L4_PAGESIZE));
    check(told(l4_fpage_unmap_status(part(7, 0), ASK), BOTH));
    check(told(l4_fpage_unmap_status(part(7, 0), ASK), 0));
    l4_fpage_unmap(all_of_it(), OTHERS);
}

TEST(unmap, asking_for_a_part_of_a_large_page_leaves_it_whole)
{
    struct client *c = client_with_large_page();

    check(can_write(c, PLACE + 9 * L4_PAGESIZE));
    l4_fpage_unmap_status(part(3, 0), ASK);
    check(told(l4_fpage_unmap_status(all_of_it(), ASK), BOTH));
    check(told(l4_fpage_unmap_status(all_of_it(), ASK), 0));
    check(can_write(c, PLACE + 3 * L4_PAGESIZE));
    l4_fpage_unmap(all_of_it(), OTHERS);
}

TEST(unmap, of_a_large_page_reaches_the_small_ones_made_from_it)
{
    struct client *a = client_with_large_page(), *b = start_client();

    check(give_to(b, part(5, 2), PLACE));   /* pages 4 to 7 */
    check(pass_on(a, start_client(), L4_PAGESHIFT + 1));
    check(can_write(b, PLACE + L4_PAGESIZE));
    l4_fpage_unmap(all_of_it(), READ_ONLY);
    check(can_read(b, PLACE + 3 * L4_PAGESIZE));
    check(told(l4_fpage_unmap_status(all_of_it(), OTHERS), L4_FP_ACCESSED));
    check(!can_read(b, PLACE + L4_PAGESIZE));
    check(!can_read(a, PLACE));
}

TEST(unmap, of_small_pages_takes_just_those_and_splits_what_covers_more)
{
    struct client *a = client_with_large_page(), *b = start_client();

    check(give_to(b, part(8, 3), PLACE));   /* pages 8 to 15 */
    l4_fpage_unmap(part(12, 2), OTHERS);    /* pages 12 to 15 */
    check(can_read(b, PLACE + 3 * L4_PAGESIZE));
    check(can_read(a, PLACE + 11 * L4_PAGESIZE));
    check(can_read(a, PLACE + 16 * L4_PAGESIZE));
    check(!can_read(b, PLACE + 4 * L4_PAGESIZE));
    check(!can_read(a, PLACE + 15 * L4_PAGESIZE));
    l4_fpage_unmap(all_of_it(), OTHERS);
}

/* ---- own mapping, holes, devices ---- */

TEST(unmap, own_mapping_goes_or_becomes_read_only_if_it_is_meant)
{
    struct client *c = client_with_page(0);

    client_unmap(c, L4_FP_REMAP_PAGE | L4_FP_ALL_SPACES);
    check(can_read(c, PLACE));
    check(!can_write(c, PLACE));
    c = client_with_page(0);
    client_unmap(c, OTHERS);
    check(can_write(c, PLACE));
    client_unmap(c, ALL);
    check(!can_read(c, PLACE));
    check(words(0)[0] == 1);
}

TEST(unmap, fpage_with_holes_is_unmapped_where_there_is_something)
{
    struct client *c = start_client();

    words(2)[0] = words(5)[0] = 0;
    check(give_to(c, page(2), PLACE + 0x3000));
    check(give_to(c, page(5), PLACE + 0x1000000));
    begin(c, (struct job){ .deed = UNMAP, .mask = ALL,
                           .value = l4_fpage(PLACE, 28, 0, 0).raw });
    check(finish(c));
    check(!can_read(c, PLACE + 0x3000));
    c = start_client();
    check(give_to(c, page(2), PLACE + 0x3000));
    begin(c, (struct job){ .deed = UNMAP, .mask = ALL,
                           .value = l4_fpage(PLACE, 13, 0, 0).raw });
    check(finish(c));
    check(can_read(c, PLACE + 0x3000));
}

TEST(unmap, device_memory_is_taken_back_like_ram)
{
    static char window[L4_PAGESIZE] __attribute__((aligned(4096)));
    struct client *a = start_client(), *b = start_client();
    unsigned i = 0;

    while (i < kip->memory_count && kip->memory[i].type != L4_MEMORY_DEVICE)
        i++;
    check(i < kip->memory_count);
    check(pager_device(SIGMA0_ID,
                       l4_fpage(kip->memory[i].start, L4_PAGESHIFT,
                                L4_FPAGE_RW, L4_FPAGE_MAP),
                       (struct window){ (l4_addr_t)window, L4_PAGESHIFT }));
    l4_fpage_t mine = l4_fpage((l4_umword_t)window, L4_PAGESHIFT, L4_FPAGE_RW,
                               L4_FPAGE_MAP);
    check(give_to(a, mine, PLACE));
    check(pass_on(a, b, L4_PAGESHIFT));     /* so a has it */
    l4_fpage_unmap(mine, OTHERS);
    check(!can_read(a, PLACE));
    check(!can_read(b, PLACE));
    l4_fpage_unmap(mine, ALL);
}

/* ---- lists ---- */

TEST(unmap, list_of_fpages_is_taken_in_one_call)
{
    struct client *c = start_client();

    for (unsigned i = 0; i < 4; i++) {
        words(i)[0] = 0;
        check(give_to(c, page(i), PLACE + i * L4_PAGESIZE));
    }
    check(can_write(c, PLACE + L4_PAGESIZE));
    l4_utcb()->reg[0] = page(0).raw;
    l4_utcb()->reg[1] = 4;                  /* two bytes: no fpage */
    l4_utcb()->reg[2] = page(1).raw;
    l4_utcb()->reg[3] = page(3).raw;
    check(told(l4_fpage_unmap_list(3, OTHERS), BOTH));
    check(can_read(c, PLACE + 2 * L4_PAGESIZE));
    check(can_read(c, PLACE + 3 * L4_PAGESIZE));
    check(!can_read(c, PLACE + L4_PAGESIZE));
}

TEST(unmap, list_may_fill_the_utcb_and_be_of_any_fpages)
{
    struct client *c = client_with_page(0);

    for (unsigned i = 0; i < (unsigned)L4_UTCB_REGS; i++)
        l4_utcb()->reg[i] = 0x12345679u * (i + 1);
    l4_fpage_unmap_list(L4_UTCB_REGS, ASK);
    check(can_read(c, PLACE));
    for (unsigned i = 0; i < (unsigned)L4_UTCB_REGS; i++)
        l4_utcb()->reg[i] = page(4).raw;
    l4_utcb()->reg[L4_UTCB_REGS - 1] = page(0).raw;
    l4_fpage_unmap_list(L4_UTCB_REGS, OTHERS);
    check(!can_read(c, PLACE));
}

TEST(unmap, list_that_is_too_long_is_refused_and_nothing_done)
{
    struct client *c = client_with_page(0);

    l4_utcb()->reg[0] = page(0).raw;
    check(l4_fpage_unmap_list(L4_UTCB_REGS + 1, OTHERS) == LEAVE);
    check(l4_fpage_unmap_list(LEAVE, OTHERS) == LEAVE);
    check(l4_fpage_unmap_list(0, OTHERS) == 0);
    check(can_read(c, PLACE));
}

/* ---- very many ---- */

#define MANY 20000u

static struct {
    l4_fpage_t window;
    l4_msgdope_t size, send;
    l4_umword_t word[];
} *big;

static l4_threadid_t taker;
static volatile bool done;
static l4_umword_t mask_to_unmap;

static void send_big(void *unused)
{
    l4_msgdope_t dope;

    (void)unused;
    l4_ipc_send(taker, (void *)((l4_umword_t)big | 2), big->word[0],
                big->word[1], L4_IPC_NEVER, &dope);
    done = true;
    sleep_forever();
}

static void take_big(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    l4_ipc_wait(&from, L4_IPC_MAPMSG(0, L4_WHOLE_ADDRESS_SPACE), &w0, &w1,
                L4_IPC_NEVER, &dope);
    sleep_forever();
}

static void unmap_page_0(void *unused)
{
    (void)unused;
    l4_fpage_unmap(page(0), mask_to_unmap);
    done = true;
    sleep_forever();
}

/* Longest time that a more urgent sleeper oversleeps until all is done. */
static unsigned longest_gap(void)
{
    l4_uint64_t worst = 0;

    for (unsigned i = 0; i < 100000 && !done; i++) {
        l4_uint64_t before = now_us();
        l4_ipc_sleep(timeout_us(100));
        l4_uint64_t gap = now_us() - before;
        if (gap > worst)
            worst = gap;
    }
    return (unsigned)worst;
}

/* Map our page 0 to very many places of our own. */
static void map_many(void)
{
    big = (void *)large_page();
    for (unsigned i = 0; i < MANY; i++) {
        big->word[2 * i] = 0x80000000ul + i * L4_PAGESIZE;
        big->word[2 * i + 1] = page(0).raw;
    }
    big->size.msgdope = big->send.msgdope = (l4_umword_t)(2 * MANY) << 13;
    done = false;
    taker = start_thread_prio(take_big, 0, 2);
    start_thread_prio(send_big, 0, 1);
    check(longest_gap() < 5000 && done);
}

static unsigned gap_of_unmap(l4_umword_t mask)
{
    mask_to_unmap = mask;
    done = false;
    start_thread_prio(unmap_page_0, 0, 1);
    unsigned gap = longest_gap();
    check(done);
    return gap;
}

TEST(unmap, very_many_mappings_of_one_page_do_not_hold_up_interrupts)
{
    l4_umword_t other = L4_FP_TASK(l4_myself().id.task + 1);
    volatile l4_umword_t *last = (volatile l4_umword_t *)(
        0x80000000ul + (MANY - 1) * L4_PAGESIZE);

    words(0)[0] = 5;
    map_many();
    check(gap_of_unmap(L4_FP_FLUSH_PAGE | other) < 1000);
    check(*last == 5);
    check(gap_of_unmap(ASK) < 1000);
    check(gap_of_unmap(READ_ONLY) < 1000);
    check(gap_of_unmap(L4_FP_FLUSH_PAGE) < 1000);
}
