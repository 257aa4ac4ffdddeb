/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel memory that runs out: whatever needs some fails with its error,
 * nothing is half done, and all of it comes back.
 *
 * Root can make the kernel do without most of its frames. So each operation
 * is tried with none, with one, with two ... until it has enough: memory runs
 * out at each of its steps in turn.
 */
#include <hickory/pager.h>
#include <hickory/protocol.h>
#include <hickory/thread.h>

#include "ktest.h"

#define FRAME       L4_PAGESIZE
#define ENOUGH      40          /* frames: more than anything here needs */
#define PLACE       0x48000000ul

static l4_threadid_t main_id;

static l4_umword_t frames_free(void)
{
    return l4_kdebug(L4_KDEBUG_COUNT, 0) / FRAME;
}

/* The kernel can take n frames and no more. */
static void leave_frames(l4_umword_t n)
{
    l4_kdebug(L4_KDEBUG_KEEP, frames_free() - n);
}

static void leave_all(void)
{
    l4_kdebug(L4_KDEBUG_KEEP, 0);
}

/*
 * try() says whether it succeeded; then it has undone it. Failed or undone,
 * nothing is used up. It must fail at least once, without any memory.
 */
static void fails_until_there_is_enough(bool (*try)(void))
{
    l4_umword_t before = frames_free();
    bool done = false;
    unsigned n;

    for (n = 0; n < ENOUGH && !done; n++) {
        leave_frames(n);
        done = try();
        l4_kdebug(L4_KDEBUG_CHECK, 0);
        check(frames_free() == before);
    }
    leave_all();
    check(done && n > 1);
}

/* ---- tasks and threads ---- */

static bool try_task(void)
{
    l4_taskid_t t = { .raw = 300ull << 17 };

    t = l4_task_new(t, 255, 0, 0x1000, main_id);
    if (!l4_is_nil_id(t))
        kill_task(t);
    return !l4_is_nil_id(t);
}

TEST(kmem, task_that_does_not_fit_is_nil_and_leaves_nothing)
{
    main_id = l4_myself();
    fails_until_there_is_enough(try_task);
}

/* In a task of its own: makes the next thread when it is told to. */
static volatile unsigned wanted, made, refused;

static void make_threads(void *unused)
{
    (void)unused;
    for (;;) {
        while (made + refused == wanted)
            l4_ipc_sleep(timeout_us(100));
        l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
        l4_threadid_t t = l4_myself();
        l4_umword_t flags, ip, sp;
        t.id.lthread = (made + 1) & 127;
        l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip,
                          &sp);
        if (l4_is_invalid_id(pager) && ip == LEAVE)
            refused = refused + 1;
        else
            made = made + 1;
    }
}

/* One more thread; was it made? */
static bool want_thread(void)
{
    unsigned before = made;

    wanted = wanted + 1;
    for (unsigned i = 0; i < 100 && made + refused != wanted; i++)
        l4_ipc_sleep(timeout_us(200));
    check(made + refused == wanted);
    return made > before;
}

/* All threads of a task, with just as many frames as they take. */
TEST(kmem, thread_that_does_not_fit_is_refused_and_leaves_nothing)
{
    l4_umword_t before = frames_free();
    unsigned n = 0;

    wanted = made = refused = 0;
    l4_threadid_t t = start_task(make_threads, 0);
    check(want_thread());
    while (made < 120) {
        l4_umword_t now = frames_free();
        leave_frames(n);
        if (want_thread())
            n = 0;
        else
            check(frames_free() == now && ++n < ENOUGH);
    }
    leave_all();
    check(refused > 20);
    kill_task(t);
    check(frames_free() == before);
}

/* ---- mappings ---- */

static l4_threadid_t giver, gift_to;
static volatile struct {
    l4_umword_t base, fpage;
    int result;
} gift;

/* Sends map items of our own memory, when and to whom main says. */
static void give_gifts(void *unused)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    for (;;) {
        receive2(main_id, &w0, &w1);
        gift.result = l4_ipc_send(gift_to, L4_IPC_SHORT_FPAGE, gift.base,
                                  gift.fpage, PATIENCE, &dope);
    }
}

static void start_giver(void)
{
    main_id = gift_to = l4_myself();
    giver = start_thread(give_gifts, 0);
    l4_ipc_sleep(timeout_us(100));
}

/* A map item for ourselves: did it come? Both sides agree about it. */
static bool map_to_us(l4_umword_t base, l4_fpage_t fpage)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    gift.base = base;
    gift.fpage = fpage.raw;
    send2(giver, 0, 0);
    int error = l4_ipc_receive(giver,
                               L4_IPC_MAPMSG(0, L4_WHOLE_ADDRESS_SPACE), &w0,
                               &w1, PATIENCE, &dope);
    l4_ipc_sleep(timeout_us(100));      /* the giver listens again */
    check(error == 0 || error == L4_IPC_REMAPFAILED);
    check(gift.result == (error ? L4_IPC_SEMAPFAILED : 0));
    return error == 0;
}

static l4_fpage_t our_page(unsigned i, unsigned grant)
{
    return l4_fpage((l4_umword_t)test_memory + i * FRAME, L4_PAGESHIFT,
                    L4_FPAGE_RW, grant);
}

static void take_back(l4_umword_t at, unsigned log2_size)
{
    l4_fpage_unmap(l4_fpage(at, log2_size, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
}

static bool try_map(void)
{
    bool done = map_to_us(PLACE, our_page(1, L4_FPAGE_MAP));

    if (done)
        take_back(PLACE, L4_PAGESHIFT);
    return done;
}

TEST(kmem, mapping_that_does_not_fit_fails_on_both_sides)
{
    start_giver();
    fails_until_there_is_enough(try_map);
}

/* A page that is granted and cannot move stays where it was. */
static bool try_grant(void)
{
    const l4_fpage_t there =
        l4_fpage(PLACE, L4_PAGESHIFT, L4_FPAGE_RW, L4_FPAGE_GRANT);
    bool done = map_to_us(PLACE, our_page(2, L4_FPAGE_GRANT));

    if (done) {                         /* and back again */
        check(*(volatile char *)PLACE == 44);
        check(map_to_us((l4_umword_t)test_memory + 2 * FRAME, there));
    }
    check(test_memory[2 * FRAME] == 44);
    return done;
}

TEST(kmem, page_that_cannot_be_granted_stays_with_its_owner)
{
    test_memory[2 * FRAME] = 44;
    start_giver();
    fails_until_there_is_enough(try_grant);
}

/* Several pages far from each other: those that fit stay mapped. */
static bool try_many(void)
{
    bool done = true;

    for (unsigned i = 0; i < 4 && done; i++)
        done = map_to_us(PLACE + i * L4_SUPERPAGESIZE,
                         our_page(3, L4_FPAGE_MAP));
    for (unsigned i = 0; i < 4; i++)
        take_back(PLACE + i * L4_SUPERPAGESIZE, L4_PAGESHIFT);
    return done;
}

TEST(kmem, what_was_mapped_before_it_ran_out_is_given_back_by_unmap)
{
    start_giver();
    fails_until_there_is_enough(try_many);
}

/* ---- large pages ---- */

static l4_fpage_t small_of_large(unsigned i)
{
    return l4_fpage(large_page() + i * FRAME, L4_PAGESHIFT, L4_FPAGE_RW,
                    L4_FPAGE_MAP);
}

/* The first small mapping of a large page needs a table for the children. */
static bool try_small_of_large(void)
{
    bool done = map_to_us(PLACE, small_of_large(5));

    if (done) {
        check(*(volatile char *)PLACE == 55);
        take_back(PLACE, L4_PAGESHIFT);
    }
    return done;
}

TEST(kmem, small_part_of_a_large_page_that_does_not_fit_fails)
{
    *(volatile char *)(large_page() + 5 * FRAME) = 55;
    start_giver();
    fails_until_there_is_enough(try_small_of_large);
}

/*
 * Unmapping a part of a large page splits it, which needs memory; without,
 * the whole page goes: unmap cannot fail.
 */
TEST(kmem, part_of_a_large_page_is_unmapped_even_without_memory)
{
    const l4_umword_t place = 0x50000000;
    l4_fpage_t large = l4_fpage(large_page(), L4_SUPERPAGESHIFT, L4_FPAGE_RW,
                                L4_FPAGE_MAP);

    start_giver();
    l4_umword_t before = frames_free();
    for (unsigned n = 0; n < ENOUGH; n++) {
        check(map_to_us(place, large));
        leave_frames(n);
        l4_fpage_unmap(small_of_large(7), L4_FP_FLUSH_PAGE);
        l4_kdebug(L4_KDEBUG_CHECK, 0);
        leave_all();
        *(volatile char *)large_page() = 1;     /* ours is still there */
        take_back(place, L4_SUPERPAGESHIFT);
        check(frames_free() == before);
    }
}

/* ---- I/O ports: a space for them, and a bitmap ---- */

static volatile bool port_done, port_go;

static void ask_for_ports(void *unused)
{
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    for (;;) {
        while (!port_go)
            l4_ipc_sleep(timeout_us(100));
        port_go = false;
        l4_ipc_receive(giver, L4_IPC_IOMAPMSG(0, L4_WHOLE_IOADDRESS_SPACE),
                       &w0, &w1, PATIENCE, &dope);
        port_done = l4_ipc_fpage_received(dope);
    }
}

/* The space, once made, stays with its task, but no longer than that. */
TEST(kmem, io_space_that_does_not_fit_fails_and_ends_with_its_task)
{
    const l4_fpage_t ports = l4_iofpage(0x300, 3, L4_FPAGE_MAP);
    l4_umword_t before, n = 0;

    if (!L4_IO_PORTS)
        return;
    check(pager_ports(SIGMA0_ID, ports));
    start_giver();
    before = frames_free();
    gift_to = start_task(ask_for_ports, 0);
    gift.fpage = ports.raw;
    l4_ipc_sleep(timeout_us(MSEC(2)));
    for (port_done = false; !port_done && n < ENOUGH; n++) {
        leave_frames(n);
        port_go = true;
        send2(giver, 0, 0);
        l4_ipc_sleep(timeout_us(MSEC(1)));
        check(gift.result == (port_done ? 0 : L4_IPC_SEMAPFAILED));
    }
    leave_all();
    check(port_done && n > 5);
    kill_task(gift_to);
    check(frames_free() == before);
}

/* ---- sigma0, page faults ---- */

/* sigma0 has nothing to give when the kernel cannot note that it gave it. */
TEST(kmem, sigma0_gives_memory_when_the_kernel_can_note_it)
{
    l4_umword_t page = 0;
    bool done = false;
    unsigned n;

    for (n = 0; n < ENOUGH && !done; n++) {
        leave_frames(n);
        done = page ? pager_ram(SIGMA0_ID, l4_fpage(page, L4_PAGESHIFT, 1, 0),
                                WINDOW_ANYWHERE)
                    : pager_any_page(SIGMA0_ID, L4_PAGESHIFT, WINDOW_ANYWHERE,
                                     &page);
    }
    leave_all();
    check(done);
}

static volatile bool reached;

static void touch_place(void *unused)
{
    (void)unused;
    *(volatile char *)PLACE = 1;
    reached = true;
    sleep_forever();
}

/* The pager learns it, and the thread faults again. */
TEST(kmem, page_fault_is_answered_when_there_is_memory_for_it)
{
    l4_umword_t w0 = 0, w1 = 0;
    l4_msgdope_t dope;
    int error = L4_IPC_SEMAPFAILED;
    unsigned n;

    reached = false;
    l4_threadid_t t = start_thread_prio(touch_place, 0, 1);
    page_by(t, l4_myself());
    for (n = 0; n < ENOUGH && error == L4_IPC_SEMAPFAILED; n++) {
        check(receive2(t, &w0, &w1) == 0 && w0 == (PLACE | 2));
        leave_frames(n);
        error = l4_ipc_send(t, L4_IPC_SHORT_FPAGE, PLACE,
                            our_page(1, L4_FPAGE_MAP).raw, PATIENCE, &dope);
    }
    leave_all();
    check(error == 0 && n > 1);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(reached);
    take_back(PLACE, L4_PAGESHIFT);
}

/* ---- all of it ---- */

#define HUNGRY      600         /* tasks that eat; 128 threads are 64 frames */
#define FIRST       400

static volatile unsigned full;
static char hungry_stack[512] __attribute__((aligned(16)));

/* Makes threads until there is no memory; they all run into nowhere. */
static void eat_threads(void *unused)
{
    l4_threadid_t t = l4_myself();

    (void)unused;
    for (unsigned i = 1; i < 128; i++) {
        l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
        l4_umword_t flags, ip, sp;
        t.id.lthread = i & 127;
        l4_thread_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags, &ip,
                          &sp);
    }
    full = full + 1;
    sleep_forever();
}

void thread_begin(void);

/* One after the other, on one stack: a thread that sleeps needs none. */
static bool feed(l4_threadid_t pager, unsigned i)
{
    struct thread_work *work =
        (void *)(hungry_stack + sizeof(hungry_stack) - 64);
    l4_taskid_t t = { .raw = (l4_uint64_t)(FIRST + i) << 17 };
    unsigned before = full;

    *work = (struct thread_work){ eat_threads, 0 };
    t = l4_task_new(t, 255, (l4_umword_t)work, (l4_umword_t)thread_begin,
                    pager);
    for (unsigned k = 0; k < 50 && full == before; k++)
        l4_ipc_sleep(timeout_us(MSEC(1)));
    return !l4_is_nil_id(t) && full > before;
}

TEST(kmem, hostile_tasks_that_eat_it_all_give_it_back)
{
    l4_umword_t before = frames_free();
    unsigned n = 0;

    full = 0;
    while (n < HUNGRY && feed(tasks_pager(), n))
        n++;
    /* The last one found none, or not enough for its page tables. */
    check(n > 10 && n < HUNGRY && frames_free() < ENOUGH);
    check(l4_ipc_sleep(timeout_us(100)) == L4_IPC_RETIMEOUT);
    l4_kdebug(L4_KDEBUG_CHECK, 0);
    for (unsigned i = 0; i <= n; i++)
        kill_task((l4_taskid_t){ .raw = (l4_uint64_t)(FIRST + i) << 17 });
    check(frames_free() == before);
}
