/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults, map, grant and unmap, seen from pager and client. */
#include "ktest.h"

/* Addresses in a client that its pager (main, here) never gave it. */
#define CLIENT_VA   ((l4_umword_t)0x30000000)

static volatile struct {
    l4_umword_t address;
    l4_umword_t value;
    bool write;
} job;
static l4_threadid_t main_id;

/*
 * A client with two pagers: one 1:1 for its code and stack (the helpers'),
 * and main for what it is told to touch. It asks main for a job, does it and
 * reports. Faults on job.address come to main, because the client's pager is
 * exchanged for main while it works.
 */
static void set_pager(l4_threadid_t pager)
{
    l4_threadid_t preempter = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(l4_myself(), LEAVE, LEAVE, &preempter, &pager, &flags,
                      &ip, &sp);
}

static l4_threadid_t get_pager(void)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(l4_myself(), LEAVE, LEAVE, &preempter, &pager, &flags,
                      &ip, &sp);
    return pager;
}

IN_ONE_PAGE static void client(void *unused)
{
    l4_threadid_t usual = get_pager();

    (void)unused;
    for (;;) {
        l4_umword_t w0 = 0, w1 = 0;
        call2(main_id, &w0, &w1);
        volatile l4_umword_t *p = (volatile l4_umword_t *)job.address;
        l4_umword_t value = job.value;
        bool write = job.write;
        set_pager(main_id);
        if (write)
            *p = value;
        else
            value = *p;
        set_pager(usual);
        job.value = value;
    }
}

/* Start a client and wait until it asks for work. */
static l4_threadid_t start_client(void)
{
    l4_umword_t w0, w1;
    l4_threadid_t t;

    main_id = l4_myself();
    t = start_task(client, 0);
    check(receive2(t, &w0, &w1) == 0);
    return t;
}

/* What the client did next: faulted (words of the fault) or came back. */
struct event {
    bool fault;
    l4_umword_t w0, w1;
};

static struct event next_event(l4_threadid_t t)
{
    struct event e = { 0 };

    check(receive2(t, &e.w0, &e.w1) == 0);
    e.fault = e.w0 != 0 || e.w1 != 0;   /* a request for work is 0, 0 */
    return e;
}

static struct event give_job(l4_threadid_t t, l4_umword_t address, bool write,
                             l4_umword_t value)
{
    job.address = address;
    job.write = write;
    job.value = value;
    send2(t, 0, 0);
    return next_event(t);
}

/* Answer a fault with a map item. */
static struct event give_page(l4_threadid_t t, l4_umword_t base,
                              l4_fpage_t page)
{
    l4_msgdope_t dope;

    check(l4_ipc_send(t, L4_IPC_SHORT_FPAGE, base, page.raw, PATIENCE,
                      &dope) == 0);
    return next_event(t);
}

static l4_fpage_t page_of(void *memory, unsigned write)
{
    return l4_fpage((l4_umword_t)memory, L4_PAGESHIFT, write, L4_FPAGE_MAP);
}

static l4_umword_t *words(unsigned page)
{
    return (l4_umword_t *)(test_memory + page * L4_PAGESIZE);
}

TEST(map, fault_message_has_address_write_bit_and_ip)
{
    l4_threadid_t t = start_client();
    struct event e = give_job(t, CLIENT_VA + 0x128, false, 0);

    check(e.fault && e.w0 == CLIENT_VA + 0x128);
    check(e.w1 != 0 && e.w1 < kip->user_top);
    e = give_page(t, CLIENT_VA, page_of(words(0), L4_FPAGE_RW));
    check(!e.fault);
    e = give_job(t, CLIENT_VA + 0x1130, true, 5);
    check(e.fault && e.w0 == ((CLIENT_VA + 0x1130) | 2));
}

TEST(map, mapped_page_is_shared_memory)
{
    l4_threadid_t t = start_client();

    words(0)[3] = 77;
    check(give_job(t, CLIENT_VA + 3 * sizeof(l4_umword_t), false, 0).fault);
    check(!give_page(t, CLIENT_VA, page_of(words(0), L4_FPAGE_RW)).fault);
    check(job.value == 77);
    check(!give_job(t, CLIENT_VA, true, 123).fault);
    check(words(0)[0] == 123);
}

TEST(map, read_only_page_faults_on_write_until_write_is_given)
{
    l4_threadid_t t = start_client();

    check(give_job(t, CLIENT_VA, false, 0).fault);
    check(!give_page(t, CLIENT_VA, page_of(words(0), L4_FPAGE_RO)).fault);
    words(0)[0] = 1;
    struct event e = give_job(t, CLIENT_VA, true, 9);
    check(e.fault && (e.w0 & 2));
    check(words(0)[0] == 1);
    /* The same page once more, with write access: rights are extended. */
    check(!give_page(t, CLIENT_VA, page_of(words(0), L4_FPAGE_RW)).fault);
    check(words(0)[0] == 9);
}

TEST(map, flush_takes_the_page_away_and_leaves_ours)
{
    l4_threadid_t t = start_client();

    check(give_job(t, CLIENT_VA, false, 0).fault);
    check(!give_page(t, CLIENT_VA, page_of(words(0), L4_FPAGE_RW)).fault);
    check(!give_job(t, CLIENT_VA, false, 0).fault);
    l4_fpage_unmap(page_of(words(0), 0),
                   L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES);
    words(0)[0] = 4;
    check(give_job(t, CLIENT_VA, false, 0).fault);
    check(!give_page(t, CLIENT_VA, page_of(words(0), L4_FPAGE_RW)).fault);
    check(job.value == 4);
}

TEST(map, unmap_to_read_only_keeps_reading)
{
    l4_threadid_t t = start_client();

    check(give_job(t, CLIENT_VA, true, 1).fault);
    check(!give_page(t, CLIENT_VA, page_of(words(0), L4_FPAGE_RW)).fault);
    l4_fpage_unmap(page_of(words(0), 0),
                   L4_FP_REMAP_PAGE | L4_FP_OTHER_SPACES);
    check(!give_job(t, CLIENT_VA, false, 0).fault);
    check(job.value == 1);
    check(give_job(t, CLIENT_VA, true, 2).fault);
    check(words(0)[0] == 1);
}

TEST(map, sender_without_the_page_gives_nothing)
{
    l4_threadid_t t = start_client();

    check(give_job(t, CLIENT_VA, false, 0).fault);
    /* Nothing of ours is mapped there: the client faults again. */
    struct event e = give_page(t, CLIENT_VA,
                               l4_fpage(0x38000000, L4_PAGESHIFT,
                                        L4_FPAGE_RW, L4_FPAGE_MAP));
    check(e.fault && e.w0 == CLIENT_VA);
}

TEST(map, granted_page_leaves_the_grantor)
{
    l4_threadid_t t = start_client();
    l4_umword_t page = (l4_umword_t)words(7);

    words(7)[0] = 55;
    check(give_job(t, CLIENT_VA, false, 0).fault);
    check(!give_page(t, CLIENT_VA, l4_fpage(page, L4_PAGESHIFT, L4_FPAGE_RW,
                                            L4_FPAGE_GRANT)).fault);
    check(job.value == 55);
    /* We have lost it: our own touch is a fault, and sigma0 gives it anew,
       1:1, since it is still ours by its books. */
    words(7)[0] = 66;
    check(!give_job(t, CLIENT_VA, false, 0).fault);
    check(job.value == 66);
    /* It hangs on sigma0 now, not on us: our unmap does not reach it. */
    l4_fpage_unmap(page_of(words(7), 0),
                   L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES);
    check(!give_job(t, CLIENT_VA, false, 0).fault);
}

TEST(map, fpage_of_several_pages_is_mapped_at_once)
{
    l4_threadid_t t = start_client();
    l4_umword_t base = (l4_umword_t)words(0);
    unsigned shift = L4_PAGESHIFT;

    /* The largest power of two of pages that is aligned in test_memory. */
    while (!(base & (1UL << shift)) && shift < L4_PAGESHIFT + 2)
        shift++;
    for (unsigned i = 0; i < 4; i++)
        words(i)[0] = i + 100;
    check(give_job(t, CLIENT_VA, false, 0).fault);
    check(!give_page(t, CLIENT_VA, l4_fpage(base, shift, L4_FPAGE_RW,
                                            L4_FPAGE_MAP)).fault);
    for (unsigned i = 0; i < 1u << (shift - L4_PAGESHIFT); i++) {
        check(!give_job(t, CLIENT_VA + i * L4_PAGESIZE, false, 0).fault);
        check(job.value == i + 100);
    }
}

/* Receive a mapping in a window; true when something came. */
static bool receive_mapping(l4_threadid_t from, l4_umword_t window,
                            unsigned size)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    return l4_ipc_receive(from, L4_IPC_MAPMSG(window, size), &w0, &w1,
                          PATIENCE, &dope) == 0 &&
           l4_ipc_fpage_received(dope);
}

static l4_umword_t send_base;
static l4_fpage_t send_page;
static volatile int send_result;

static void send_mapping(void *unused)
{
    l4_msgdope_t dope;

    (void)unused;
    volatile char *p = (volatile char *)(send_page.raw & L4_PAGEMASK);
    *p = *p;
    send_result = l4_ipc_send(main_id, L4_IPC_SHORT_FPAGE, send_base,
                              send_page.raw, PATIENCE, &dope);
    sleep_forever();
}

TEST(map, send_base_picks_the_place_in_a_larger_window)
{
    main_id = l4_myself();
    send_base = 0x5000;
    send_page = page_of(words(2), L4_FPAGE_RW);
    words(2)[0] = 31;
    l4_threadid_t t = start_task(send_mapping, 0);
    check(receive_mapping(t, 0x34000000, 16));
    check(*(volatile l4_umword_t *)0x34005000 == 31);
    l4_fpage_unmap(l4_fpage(0x34000000, 16, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
}

TEST(map, items_without_a_window_cut_the_message)
{
    l4_umword_t w0, w1;

    main_id = l4_myself();
    send_base = 0;
    send_result = 0;
    send_page = page_of(words(2), L4_FPAGE_RW);
    l4_threadid_t t = start_task(send_mapping, 0);
    check(receive2(t, &w0, &w1) == L4_IPC_REMSGCUT);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    check(send_result == L4_IPC_SEMSGCUT);
}

TEST(map, large_page_is_mapped_as_one_and_split_by_unmap)
{
    l4_umword_t base = large_page();
    l4_threadid_t t = start_client();
    volatile l4_umword_t *p = (volatile l4_umword_t *)base;
    l4_umword_t va = 0x40000000 + 4 * L4_SUPERPAGESIZE;
    l4_umword_t step = L4_PAGESIZE / sizeof(l4_umword_t);

    check(base != 0);
    p[0] = 1;
    p[step * 5] = 5;
    p[step * 6] = 6;
    check(give_job(t, va, false, 0).fault);
    check(!give_page(t, va, l4_fpage(base, L4_SUPERPAGESHIFT, L4_FPAGE_RW,
                                     L4_FPAGE_MAP)).fault);
    check(job.value == 1);
    check(!give_job(t, va + 5 * L4_PAGESIZE, false, 0).fault);
    check(job.value == 5);
    /* Take back one small page of it. */
    l4_fpage_unmap(l4_fpage(base + 5 * L4_PAGESIZE, L4_PAGESHIFT, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES);
    check(!give_job(t, va + 6 * L4_PAGESIZE, false, 0).fault);
    check(job.value == 6);
    check(give_job(t, va + 5 * L4_PAGESIZE, false, 0).fault);
    check(!give_page(t, va + 5 * L4_PAGESIZE,
                     l4_fpage(base + 6 * L4_PAGESIZE, L4_PAGESHIFT,
                              L4_FPAGE_RO, L4_FPAGE_MAP)).fault);
    check(job.value == 6);
    check(p[step * 5] == 5);
}

/* main maps to middle, middle to leaf; leaf reads what it got, twice. */
static l4_threadid_t leaf_id;

static void middle(void *unused)
{
    l4_msgdope_t dope;

    (void)unused;
    receive_mapping(main_id, CLIENT_VA, L4_PAGESHIFT);
    l4_ipc_send(leaf_id, L4_IPC_SHORT_FPAGE, 0,
                l4_fpage(CLIENT_VA, L4_PAGESHIFT, L4_FPAGE_RW,
                         L4_FPAGE_MAP).raw, PATIENCE, &dope);
    sleep_forever();
}

IN_ONE_PAGE static void leaf(void *unused)
{
    volatile l4_umword_t *p = (volatile l4_umword_t *)CLIENT_VA;
    l4_threadid_t from, usual = get_pager();
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    l4_ipc_wait(&from, L4_IPC_MAPMSG(CLIENT_VA, L4_PAGESHIFT), &w0, &w1,
                PATIENCE, &dope);
    for (;;) {
        set_pager(main_id);
        w0 = *p;
        set_pager(usual);
        w1 = 0;
        call2(main_id, &w0, &w1);
    }
}

TEST(map, flush_reaches_what_others_mapped_on)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    main_id = l4_myself();
    words(1)[0] = 11;
    leaf_id = start_task(leaf, 0);
    l4_threadid_t m = start_task(middle, 0);
    check(l4_ipc_send(m, L4_IPC_SHORT_FPAGE, 0,
                      page_of(words(1), L4_FPAGE_RW).raw, PATIENCE,
                      &dope) == 0);
    check(receive2(leaf_id, &w0, &w1) == 0 && w0 == 11);
    l4_fpage_unmap(page_of(words(1), 0),
                   L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES);
    send2(leaf_id, 0, 0);
    check(receive2(leaf_id, &w0, &w1) == 0 && w0 == CLIENT_VA && w1 != 0);
}

TEST(map, unmap_may_name_one_task_and_spares_the_others)
{
    l4_threadid_t a = start_client(), b = start_client();

    words(0)[0] = 21;
    check(give_job(a, CLIENT_VA, false, 0).fault);
    check(!give_page(a, CLIENT_VA, page_of(words(0), L4_FPAGE_RW)).fault);
    check(give_job(b, CLIENT_VA, false, 0).fault);
    check(!give_page(b, CLIENT_VA, page_of(words(0), L4_FPAGE_RW)).fault);
    l4_fpage_unmap(page_of(words(0), 0),
                   L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES |
                       L4_FP_TASK(a.id.task));
    check(!give_job(b, CLIENT_VA, true, 22).fault);
    check(give_job(a, CLIENT_VA, false, 0).fault);
    check(!give_page(a, CLIENT_VA, page_of(words(0), L4_FPAGE_RW)).fault);
    check(job.value == 22);
    l4_fpage_unmap(page_of(words(0), 0),
                   L4_FP_REMAP_PAGE | L4_FP_OTHER_SPACES |
                       L4_FP_TASK(b.id.task));
    check(!give_job(a, CLIENT_VA, true, 23).fault);
    check(give_job(b, CLIENT_VA, true, 24).fault);
}

TEST(map, unmap_of_the_whole_space_spares_what_is_ours)
{
    l4_threadid_t t = start_client();

    words(0)[0] = 3;
    check(give_job(t, CLIENT_VA, false, 0).fault);
    check(!give_page(t, CLIENT_VA, page_of(words(0), L4_FPAGE_RW)).fault);
    l4_fpage_unmap(l4_fpage(0, L4_WHOLE_ADDRESS_SPACE, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES);
    check(words(0)[0] == 3);
    check(give_job(t, CLIENT_VA, false, 0).fault);
    check(!give_page(t, CLIENT_VA, page_of(words(0), L4_FPAGE_RW)).fault);
    check(job.value == 3);
}

TEST(map, odd_fpages_do_no_harm)
{
    static const l4_umword_t odd[] = { 0, ~(l4_umword_t)0, 4, 11 << 2,
                                       63 << 2, (l4_umword_t)0xfffff0fc };

    words(0)[0] = 8;
    for (unsigned i = 0; i < 6; i++)
        l4_fpage_unmap((l4_fpage_t){ .raw = odd[i] }, L4_FP_OTHER_SPACES);
    check(words(0)[0] == 8);
}
