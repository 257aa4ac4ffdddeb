/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O ports as flexpages. Where a machine has none each claim becomes
 * another one: an fpage that would name ports there maps nothing.
 */
#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "device.h"
#include "ktest.h"

/* The serial line's ports; its last one is a byte of memory, for scratch. */
#define COM1        0x3f8
#define COM1_LOG2   3
#define SCRATCH     (COM1 + 7)

/* As many ports as one large page of an I/O space stands for. */
#define BLOCK       0x400
#define BLOCK_LOG2  10

#define EXCEPTION_PROTECTION 13

static l4_threadid_t main_id;

static l4_fpage_t com1(void)
{
    return l4_iofpage(COM1, COM1_LOG2, L4_FPAGE_MAP);
}

static l4_fpage_t port(unsigned number)
{
    return l4_iofpage(number, 0, L4_FPAGE_MAP);
}

static void flush(l4_fpage_t ports)
{
    l4_fpage_unmap(ports, L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES);
}

/* ---- a client: a task that takes ports, passes them on and uses them ---- */

enum job { USE, TAKE, GIVE };

static struct {
    volatile l4_umword_t window, item;
    volatile l4_uint64_t partner;       /* TAKE, GIVE */
    volatile unsigned port;             /* USE */
} job;

static void set_pager(l4_threadid_t *pager)
{
    l4_threadid_t preempter = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    l4_thread_ex_regs(l4_myself(), LEAVE, LEAVE, &preempter, pager, &flags,
                      &ip, &sp);
}

/* An exception in here goes to main; page faults must not, so the code is
   touched first. */
IN_ONE_PAGE static l4_umword_t use(unsigned number)
{
    l4_threadid_t pager = main_id;

    (void)*(const volatile char *)(l4_umword_t)port_read;
    set_pager(&pager);
    l4_umword_t value = port_read(number);
    set_pager(&pager);
    return value;
}

static l4_umword_t take(l4_umword_t window)
{
    l4_threadid_t from = { .raw = job.partner };
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    l4_ipc_receive(from, (void *)(window | 2), &w0, &w1, PATIENCE, &dope);
    return dope.msgdope & (L4_IPC_ERROR_MASK | 2);
}

static l4_umword_t give(l4_threadid_t to, l4_fpage_t item)
{
    l4_msgdope_t dope;

    l4_ipc_send(to, L4_IPC_SHORT_FPAGE, item.raw & L4_PAGEMASK, item.raw,
                PATIENCE, &dope);
    return dope.msgdope & L4_IPC_ERROR_MASK;
}

/* The result of one job is asked for, and brings the next. */
static void client(void *unused)
{
    l4_umword_t what = 0, result = 0;

    (void)unused;
    for (;;) {
        call2(main_id, &what, &result);
        if (what == USE)
            result = use(job.port);
        else if (what == TAKE)
            result = take(job.window);
        else
            result = give((l4_threadid_t){ .raw = job.partner },
                          (l4_fpage_t){ .raw = job.item });
        what = 0;
    }
}

static l4_threadid_t start_client(void)
{
    l4_umword_t w0, w1;

    main_id = l4_myself();
    l4_threadid_t t = start_task(client, 0);
    check(receive2(t, &w0, &w1) == 0);
    return t;
}

/* The client's result, or, with *exception, what it stopped at for good. */
static l4_umword_t result_of(l4_threadid_t t, bool *exception)
{
    l4_umword_t w0 = 0, w1 = 0;

    check(receive2(t, &w0, &w1) == 0);
    *exception = (w0 & 3) == 1;
    return *exception ? w0 >> 4 : w1;
}

static l4_umword_t finish(l4_threadid_t t)
{
    bool exception;
    l4_umword_t result = result_of(t, &exception);

    check(!exception);
    return result;
}

/* Map `item` to the client, which takes it in `window`; what it saw. */
static l4_umword_t map_to(l4_threadid_t t, l4_fpage_t item, l4_umword_t window)
{
    job.window = window;
    job.partner = main_id.raw;
    send2(t, TAKE, 0);
    give(t, item);
    return finish(t);
}

#define ALL_PORTS   (l4_iofpage(0, L4_WHOLE_IOADDRESS_SPACE, 0).raw)
#define RECEIVED    2u          /* of a dope */

static bool map_ports(l4_threadid_t t, l4_fpage_t item)
{
    return map_to(t, item, ALL_PORTS) == RECEIVED;
}

/* One client maps or grants to another. */
static bool pass_on(l4_threadid_t from, l4_threadid_t to, l4_fpage_t item)
{
    job.window = ALL_PORTS;
    job.partner = from.raw;
    send2(to, TAKE, 0);
    l4_ipc_sleep(timeout_us(MSEC(1)));  /* it listens */
    job.partner = to.raw;
    job.item = item.raw;
    send2(from, GIVE, 0);
    return finish(from) == 0 && finish(to) == RECEIVED;
}

/* Can the client use the port? If not, that was its last deed. */
static bool can_use(l4_threadid_t t, unsigned number)
{
    bool exception;

    job.port = number;
    send2(t, USE, 0);
    l4_umword_t result = result_of(t, &exception);
    check(!exception || result == EXCEPTION_PROTECTION);
    return !exception;
}

/* ---- machines without ports ---- */

static bool maps_nothing(l4_fpage_t item, l4_umword_t window)
{
    l4_threadid_t t = start_client();
    l4_umword_t seen = map_to(t, item, window);

    kill_task(t);
    return !(seen & RECEIVED);
}

/* Has this machine ports, and do we have the serial line's? Where there are
   none the tests end here. */
static bool have_ports(void)
{
    if (L4_IO_PORTS) {
        bool open = device_open();
        check(open);
        return open;
    }
    check(!pager_ports(SIGMA0_ID, com1()));
    check(maps_nothing(com1(), ALL_PORTS));
    check(maps_nothing(l4_iofpage(0, L4_WHOLE_IOADDRESS_SPACE, 0),
                       l4_fpage(0, L4_WHOLE_ADDRESS_SPACE, 0, 0).raw));
    flush(l4_iofpage(0, L4_WHOLE_IOADDRESS_SPACE, 0));
    return false;
}

/* ---- tests ---- */

TEST(io, ports_of_sigma0_can_be_used)
{
    if (!have_ports())
        return;
    port_write(SCRATCH, 0x5a);
    check(port_read(SCRATCH) == 0x5a);
    port_write(SCRATCH, 0xa5);
    check(port_read(SCRATCH) == 0xa5);
}

TEST(io, ports_the_kernel_drives_are_not_given)
{
    if (!have_ports())
        return;
    check(!pager_ports(SIGMA0_ID, l4_iofpage(0x20, 1, L4_FPAGE_MAP)));
    check(!pager_ports(SIGMA0_ID, l4_iofpage(0xa0, 1, L4_FPAGE_MAP)));
    check(!pager_ports(SIGMA0_ID, l4_iofpage(0x40, 2, L4_FPAGE_MAP)));
    check(!pager_ports(SIGMA0_ID, l4_iofpage(0xf4, 2, L4_FPAGE_MAP)));
    /* Among others they are left out. */
    check(pager_ports(SIGMA0_ID, l4_iofpage(0x20, 2, L4_FPAGE_MAP)));
    l4_threadid_t t = start_client();
    check(map_ports(t, l4_iofpage(0x20, 2, L4_FPAGE_MAP)));
    check(can_use(t, 0x22));
    check(!can_use(t, 0x21));
}

TEST(io, use_without_permission_is_told_to_the_handler)
{
    if (!have_ports())
        return;
    check(!can_use(start_client(), SCRATCH));
}

TEST(io, mapped_ports_can_be_used_and_no_others)
{
    if (!have_ports())
        return;
    l4_threadid_t t = start_client();
    check(map_ports(t, com1()));
    port_write(SCRATCH, 0x77);
    check(can_use(t, SCRATCH));
    check(can_use(t, COM1 + 5));
    check(!can_use(t, COM1 - 1));
    t = start_client();
    check(map_ports(t, port(SCRATCH)));
    check(can_use(t, SCRATCH));
    check(!can_use(t, SCRATCH - 1));
}

TEST(io, permission_is_of_one_task)
{
    if (!have_ports())
        return;
    l4_threadid_t a = start_client(), b = start_client(), c = start_client();
    check(map_ports(a, port(SCRATCH)));
    check(map_ports(b, port(SCRATCH - 1)));
    for (unsigned i = 0; i < 3; i++) {
        check(can_use(a, SCRATCH));
        check(can_use(b, SCRATCH - 1));
    }
    check(!can_use(c, SCRATCH));
    check(!can_use(a, SCRATCH - 1));
    check(!can_use(b, SCRATCH));
}

TEST(io, flush_takes_ports_away_and_leaves_ours)
{
    if (!have_ports())
        return;
    l4_threadid_t t = start_client();
    check(map_ports(t, com1()));
    check(can_use(t, SCRATCH));
    flush(port(SCRATCH));
    port_write(SCRATCH, 0x12);
    check(port_read(SCRATCH) == 0x12);
    check(can_use(t, SCRATCH - 1));
    check(!can_use(t, SCRATCH));
}

TEST(io, ports_have_no_rights_but_one_so_every_unmap_takes_them)
{
    if (!have_ports())
        return;
    l4_threadid_t t = start_client();
    check(map_ports(t, com1()));
    l4_fpage_unmap(com1(), L4_FP_REMAP_PAGE | L4_FP_OTHER_SPACES);
    check(!can_use(t, SCRATCH));
}

TEST(io, flush_reaches_what_others_mapped_on)
{
    if (!have_ports())
        return;
    l4_threadid_t a = start_client(), b = start_client();
    check(map_ports(a, com1()));
    check(pass_on(a, b, port(SCRATCH)));
    check(can_use(b, SCRATCH));
    flush(com1());
    check(!can_use(b, SCRATCH));
    check(!can_use(a, SCRATCH));
}

TEST(io, sender_without_the_ports_gives_nothing)
{
    if (!have_ports())
        return;
    l4_threadid_t a = start_client(), b = start_client();
    check(!pass_on(a, b, com1()));          /* never had any */
    check(map_ports(a, port(SCRATCH)));
    check(!pass_on(a, b, port(SCRATCH - 1)));
    check(!can_use(b, SCRATCH - 1));
}

TEST(io, granted_ports_leave_the_grantor)
{
    if (!have_ports())
        return;
    l4_threadid_t a = start_client(), b = start_client();
    check(map_ports(a, com1()));
    check(pass_on(a, b, l4_iofpage(COM1, COM1_LOG2, L4_FPAGE_GRANT)));
    check(can_use(b, SCRATCH));
    check(!can_use(a, SCRATCH));
    kill_task(a);                           /* b has them from us now */
    check(can_use(b, SCRATCH));
    flush(com1());
    check(!can_use(b, SCRATCH));
}

TEST(io, ports_of_a_killed_task_go_and_all_it_mapped_on)
{
    if (!have_ports())
        return;
    l4_threadid_t a = start_client(), b = start_client();
    check(map_ports(a, com1()));
    check(pass_on(a, b, com1()));
    check(can_use(b, SCRATCH));
    kill_task(a);
    check(!can_use(b, SCRATCH));
    b = start_client();                     /* and are there to be given */
    check(map_ports(b, com1()));
    check(can_use(b, SCRATCH));
}

TEST(io, ports_need_a_window_for_ports_and_memory_one_for_memory)
{
    const l4_umword_t memory = l4_fpage(0, L4_WHOLE_ADDRESS_SPACE, 0, 0).raw;

    if (!have_ports())
        return;
    l4_threadid_t t = start_client();
    check(map_to(t, com1(), memory) == L4_IPC_REMSGCUT);
    check(map_to(t, l4_fpage((l4_umword_t)test_memory, L4_PAGESHIFT,
                             L4_FPAGE_RW, L4_FPAGE_MAP), ALL_PORTS) ==
          L4_IPC_REMSGCUT);
    check(!can_use(t, SCRATCH));
}

TEST(io, window_limits_ports_and_never_moves_them)
{
    if (!have_ports())
        return;
    l4_threadid_t t = start_client();
    check(map_to(t, com1(), l4_iofpage(0x2f8, 3, 0).raw) == 0);
    check(map_to(t, com1(), port(SCRATCH).raw) == RECEIVED);
    check(can_use(t, SCRATCH));
    check(!can_use(t, SCRATCH - 1));
    t = start_client();
    check(map_to(t, port(SCRATCH), com1().raw) == RECEIVED);
    check(can_use(t, SCRATCH));
    check(!can_use(t, COM1));
}

TEST(io, one_port_can_be_taken_out_of_a_large_block)
{
    if (!have_ports())
        return;
    l4_threadid_t t = start_client();
    check(pager_ports(SIGMA0_ID, l4_iofpage(BLOCK, BLOCK_LOG2, 0)));
    check(map_ports(t, l4_iofpage(BLOCK, BLOCK_LOG2, 0)));
    check(can_use(t, BLOCK));
    check(can_use(t, 2 * BLOCK - 1));
    flush(port(BLOCK + 5));
    check(can_use(t, BLOCK + 4));
    check(can_use(t, BLOCK + 6));
    check(!can_use(t, BLOCK + 5));
    l4_fpage_unmap(l4_iofpage(BLOCK, BLOCK_LOG2, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
}

TEST(io, last_port_is_a_port_like_any_other)
{
    if (!have_ports())
        return;
    l4_threadid_t t = start_client();
    check(pager_ports(SIGMA0_ID, port(0xffff)));
    check(map_ports(t, port(0xffff)));
    check(can_use(t, 0xffff));
    check(!can_use(t, 0xfffe));
    l4_fpage_unmap(port(0xffff), L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
}

TEST(io, odd_fpages_of_ports_do_no_harm)
{
    static const l4_umword_t odd[] = { 0xf0000000, 0xf00000fc, 0xfffffffc,
                                       0xf0000ff0, 0xf0001048 };

    if (!have_ports())
        return;
    for (unsigned i = 0; i < 5; i++)
        flush((l4_fpage_t){ .raw = odd[i] });
    check(!pager_ports(SIGMA0_ID, l4_iofpage(0, 17, 0)));
    check(!pager_ports(SIGMA0_ID, l4_iofpage(1, 1, 0)));
    port_write(SCRATCH, 0x3c);
    check(port_read(SCRATCH) == 0x3c);
}
