/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What has been taken back is in no TLB: neither in the processor's nor in the
 * software TLB, from which the refill handler takes what that one has lost.
 * So each claim is tried with a page that was read just before, and with one
 * that so many others were read after that only the software TLB can have it.
 */
#include "../../ktest.h"

/* In the client. Its place in the software TLB is that of the pair's number,
   XORed with 8 bits that say which space it is: so nothing of any space comes
   to where PLACE is, neither OTHERS nor the program, below 2 MB. */
#define PLACE       0x30400000ul
#define OTHERS      0x30600000ul
#define OTHER_PAGES 512u                /* twice what any TLB has pairs for */
#define TIMES       3
#define INCARNATIONS 600u               /* more than twice the 255 spaces that
                                           the TLB tells apart */
#define LASTING     (TEST_PAGES - 2)
#define OWN_VALUE   7000u

enum deed { READ, WRITE, READ_OTHERS, FLUSH };

static struct {
    enum deed deed;
    l4_umword_t value;
} job;

static l4_threadid_t main_id, client;

/* ---- the client ---- */

static void set_pager(l4_threadid_t *pager)
{
    l4_threadid_t preempter = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(l4_myself(), LEAVE, LEAVE, &preempter, pager, &flags,
                      &ip, &sp);
}

static void do_job(void)
{
    volatile l4_umword_t *place = (l4_umword_t *)PLACE;

    switch (job.deed) {
    case READ:
        job.value = *place;
        break;
    case WRITE:
        *place = job.value;
        break;
    case READ_OTHERS:
        for (unsigned i = 0; i < TIMES * OTHER_PAGES; i++)
            (void)*(volatile char *)(OTHERS + i % OTHER_PAGES * L4_PAGESIZE);
        break;
    case FLUSH:
        l4_fpage_unmap(l4_fpage(PLACE, L4_PAGESHIFT, 0, 0),
                       L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
        break;
    }
}

/* Main is the pager during a job, and told of its end. */
static void work(void *unused)
{
    l4_threadid_t pager = main_id;

    (void)unused;
    for (;;) {
        l4_umword_t w0 = 0, w1 = 0;
        call2(main_id, &w0, &w1);
        set_pager(&pager);
        do_job();
        set_pager(&pager);
    }
}

/* ---- main's side ---- */

static void give(char *page, l4_umword_t address)
{
    l4_msgdope_t dope;

    check(l4_ipc_send(client, L4_IPC_SHORT_FPAGE, address,
                      l4_fpage((l4_umword_t)page, L4_PAGESHIFT, L4_FPAGE_RW,
                               L4_FPAGE_MAP).raw, PATIENCE, &dope) == 0);
}

static void take(char *page, l4_umword_t how)
{
    l4_fpage_unmap(l4_fpage((l4_umword_t)page, L4_PAGESHIFT, 0, 0),
                   how | L4_FP_OTHER_SPACES);
}

/* 0: the job is done; else what the fault says. */
static l4_umword_t result(void)
{
    l4_umword_t w0 = 0, w1 = 0;

    check(receive2(client, &w0, &w1) == 0);
    return w0;
}

static l4_umword_t run(enum deed deed, l4_umword_t value)
{
    job.deed = deed;
    job.value = value;
    check(send2(client, 0, 0) == 0);
    return result();
}

static bool faults(enum deed deed)
{
    return (run(deed, 77) & ~3ul) == PLACE;
}

/* The client reads many other pages, which are mapped as it does. */
static void read_others(void)
{
    static char filler[L4_PAGESIZE] __attribute__((aligned(L4_PAGESIZE)));

    filler[0] = 1;
    for (l4_umword_t fault = run(READ_OTHERS, 0); fault; fault = result())
        give(filler, fault & L4_PAGEMASK);
}

static void fill(char *page, l4_umword_t value)
{
    *(volatile l4_umword_t *)page = value;
}

static void start_client(void)
{
    main_id = l4_myself();
    client = start_task(work, 0);
    check(result() == 0);
}

/* The client, which has just faulted on it, gets the page, and uses it; then
   it is in the processor's TLB, or in the other only. */
static void have_page(bool in_tlb)
{
    fill(test_memory, 77);
    give(test_memory, PLACE);
    check(result() == 0);
    if (!in_tlb)
        read_others();
    check(run(READ, 0) == 0 && job.value == 77);
    if (!in_tlb)
        read_others();
}

/* ---- claims ---- */

TEST(mips64, page_that_was_unmapped_is_in_no_tlb)
{
    start_client();
    for (unsigned i = 0; i < 4; i++) {
        check(faults(READ));
        have_page(i & 1);
        take(test_memory, L4_FP_FLUSH_PAGE);
    }
    check(faults(READ));
}

TEST(mips64, page_that_the_task_itself_flushed_is_in_no_tlb)
{
    start_client();
    for (unsigned i = 0; i < 4; i++) {
        check(faults(READ));
        have_page(i & 1);
        check(run(FLUSH, 0) == 0);
    }
    check(faults(READ));
}

TEST(mips64, right_to_write_that_was_taken_is_in_no_tlb)
{
    start_client();
    for (unsigned i = 0; i < 4; i++) {
        check(faults(i == 0 ? READ : WRITE));
        have_page(i & 1);
        check(run(WRITE, 77) == 0);
        if (!(i & 1))
            read_others();
        take(test_memory, L4_FP_REMAP_PAGE);
        check(run(READ, 0) == 0);
    }
    check(faults(WRITE));
}

/* Each incarnation of a task has another page there, and none at first. */
static l4_threadid_t live_and_die(l4_threadid_t task, unsigned i)
{
    char *page = test_memory + (LASTING + i % 2) * L4_PAGESIZE;

    client = task;
    check(faults(READ));
    fill(page, i);
    give(page, PLACE);
    check(result() == 0 && job.value == i);
    client = restart_task(client, work);
    check(result() == 0);
    return client;
}

/* A task with a page of its own. */
static l4_threadid_t start_lasting(unsigned i)
{
    char *page = test_memory + i * L4_PAGESIZE;

    start_client();
    check(faults(READ));
    fill(page, OWN_VALUE + i);
    give(page, PLACE);
    check(result() == 0);
    return client;
}

/*
 * More incarnations than there are numbers for spaces in the TLB. So all lose
 * theirs from time to time, and the tasks that last get others: each what one
 * of them had just before, for every time they take turns in another order.
 */
TEST(mips64, tasks_that_exchange_their_numbers_in_the_tlb_keep_their_pages)
{
    l4_threadid_t lasting[LASTING], passing;

    for (unsigned i = 0; i < LASTING; i++)
        lasting[i] = start_lasting(i);
    start_client();
    passing = client;
    for (unsigned i = 0; i < INCARNATIONS; i++) {
        passing = live_and_die(passing, i);
        for (unsigned j = 0; j < LASTING; j++) {
            unsigned which = (i + j) % LASTING;
            client = lasting[which];
            check(run(READ, 0) == 0 && job.value == OWN_VALUE + which);
        }
    }
}

/* ---- two pages of a pair ---- */

static char pair[2 * L4_PAGESIZE] __attribute__((aligned(2 * L4_PAGESIZE)));
static volatile l4_umword_t seen;

/* The second page comes by a message, not by a fault, while the TLB still has
   the pair with its place empty. */
static void read_both(void *unused)
{
    volatile char *first = pair, *second = pair + L4_PAGESIZE;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    seen = 0;
    (void)*first;
    l4_ipc_receive(main_id,
                   L4_IPC_MAPMSG((l4_umword_t)second, L4_PAGESHIFT), &w0, &w1,
                   PATIENCE, &dope);
    (void)*first;
    seen = (l4_umword_t)*second;
    sleep_forever();
}

TEST(mips64, page_that_comes_beside_one_in_the_tlb_is_found)
{
    l4_threadid_t t;
    l4_msgdope_t dope;

    main_id = l4_myself();
    pair[L4_PAGESIZE] = 77;
    t = start_task(read_both, 0);
    l4_ipc_sleep(timeout_us(MSEC(5)));
    check(l4_ipc_send(t, L4_IPC_SHORT_FPAGE, (l4_umword_t)pair + L4_PAGESIZE,
                      l4_fpage((l4_umword_t)pair + L4_PAGESIZE, L4_PAGESHIFT,
                               L4_FPAGE_RO, L4_FPAGE_MAP).raw,
                      PATIENCE, &dope) == 0);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(seen == 77);
}
