/* SPDX-License-Identifier: BSD-2-Clause */
/* Ids, fpages, dopes and constants, taken apart and put together. */
#include <l4/sys/types.h>
#include <l4/sys/consts.h>
#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>
#include <l4/sys/kernel.h>

#include "check.h"

static l4_threadid_t global_invalid = L4_INVALID_ID;
static l4_threadid_t init_invalid = L4_INVALID_ID_INIT;
static l4_threadid_t init_nil = L4_NIL_ID_INIT;

static void ids(void)
{
    l4_threadid_t t = L4_NIL_ID, irq;
    l4_intrid_t intr;

    CHECK(sizeof(t) == 8 && l4_is_nil_id(t) && !l4_is_invalid_id(t));
    CHECK(l4_is_invalid_id(global_invalid) && l4_is_invalid_id(init_invalid));
    CHECK(l4_is_nil_id(init_nil));
    CHECK(global_invalid.lh.low == 0xffffffff &&
          global_invalid.lh.high == 0xffffffff);
    t.id.version_low = 1;
    t.id.lthread = 2;
    t.id.task = 3;
    t.id.version_high = 4;
    t.id.site = 5;
    t.id.chief = 6;
    t.id.nest = 7;
    CHECK(t.lh.low == (1U | 2U << 10 | 3U << 17 | 4U << 28));
    CHECK(t.lh.high == (5U | 6U << 17 | 7U << 28));
    CHECK(t.raw == ((l4_uint64_t)t.lh.high << 32 | t.lh.low));
    CHECK(l4_get_taskid(t).id.lthread == 0 && l4_get_taskid(t).id.task == 3);
    CHECK(l4_task_equal(t, l4_get_taskid(t)));
    CHECK(!l4_thread_equal(t, l4_get_taskid(t)));
    irq = t;
    irq.id.version_low = 9;
    CHECK(!l4_task_equal(t, irq) && l4_tasknum_equal(t, irq));

    l4_make_taskid_from_irq(5, &irq);
    CHECK(irq.lh.low == 6 && irq.lh.high == 0 && l4_is_irq_id(irq));
    CHECK(l4_get_irqnr(irq) == 5 && !l4_is_irq_id(t));
    CHECK(!l4_is_irq_id(L4_NIL_ID) && !l4_is_irq_id(L4_INVALID_ID));
    intr.lh = irq.lh;
    CHECK(intr.id.intr == 6 && intr.id.zero == 0);
}

static void fpages(void)
{
    l4_fpage_t f = l4_fpage(0x12345000, 12, L4_FPAGE_RW, L4_FPAGE_GRANT);
    l4_snd_fpage_t s = { .snd_base = 0x1000, .fpage = f };

    CHECK(f.fpage == (0x12345000 | 12 << 2 | 2 | 1) && f.raw == f.fpage);
    CHECK(f.fp.page == 0x12345 && f.fp.size == 12 && f.fp.write &&
          f.fp.grant && f.fp.zero == 0);
    CHECK(s.fpage.fp.size == 12);
    CHECK(l4_ipc_is_fpage_granted(f) && l4_ipc_is_fpage_writable(f));
    f = l4_fpage(0, L4_WHOLE_ADDRESS_SPACE, L4_FPAGE_RO, L4_FPAGE_MAP);
    CHECK(f.fp.size >= 32 && !f.fp.write && !f.fp.grant);
    f = l4_iofpage(0x3f8, 3, L4_FPAGE_MAP);
    CHECK(f.iofp.iopage == 0x3f8 && f.iofp.iosize == 3 && f.iofp.f == 0xf);
    CHECK(f.iofp.zero1 == 0 && f.iofp.zero2 == 0 && f.iofp.grant == 0);
    CHECK(l4_is_iofpage(f) == (L4_IO_PORTS != 0));
    CHECK(l4_is_io_page_fault(f.raw) == (L4_IO_PORTS != 0));
    CHECK(!l4_is_io_page_fault(0x12345000));
    CHECK(L4_IOPORT_MAX == 0x10000 && (f.raw & L4_IOFPAGE) == L4_IOFPAGE);
    CHECK((l4_umword_t)L4_IPC_MAPMSG(0x12345678, 12) ==
          (0x12345000 | 12 << 2 | 2));
    CHECK((l4_umword_t)L4_IPC_IOMAPMSG(0x3f8, 3) ==
          (L4_IOFPAGE | 0x3f8 << 12 | 3 << 2 | 2));
}

static void dopes(void)
{
    l4_msgdope_t d = L4_IPC_DOPE(7, 3);
    l4_sched_param_t p = { .sched_param = 0 };
    l4_strdope_t s = { 1, 2, 3, 4 };

    CHECK(d.md.dwords == 7 && d.md.strings == 3 && d.raw == d.msgdope);
    CHECK(d.msgdope == (7 << L4_IPC_DWORD_SHIFT | 3 << L4_IPC_STRING_SHIFT));
    d.md.error_code = 2;
    d.md.snd_error = 1;
    CHECK(L4_IPC_ERROR(d) == L4_IPC_SECANCELED && L4_IPC_IS_ERROR(d));
    CHECK((L4_IPC_ERROR(d) & ~L4_IPC_ERROR_MASK) == 0);
    d.msgdope = 0;
    d.md.msg_deceited = 1;
    CHECK(d.msgdope == L4_IPC_DECEIT_MASK);
    CHECK(s.snd_size == 1 && s.snd_str == 2 && s.rcv_size == 3 &&
          s.rcv_str == 4);
    p.sp.prio = 0x11;
    p.sp.small = 0x22;
    p.sp.state = 3;
    p.sp.time_exp = 4;
    p.sp.time_man = 0x55;
    CHECK(p.sched_param == 0x55432211 && p.sp.zero == 3 && p.raw);
    p.sp.zero = 0;
    CHECK(p.sp.state == 0 && p.sched_param == 0x55402211);
    CHECK(l4_is_invalid_sched_param(L4_INVALID_SCHED_PARAM));
    CHECK(L4_SMALL_SPACE(8, 3) == 2 + 3 * 4);
    p = L4_INVALID_SCHED_PARAM;
    CHECK(p.sched_param == (l4_umword_t)-1);
    l4_sched_param_set_time(1000, &p);
    CHECK(p.sp.time_man == 250 && p.sp.time_exp == 14);
}

static void errors(void)
{
    static const int error[] = {
        L4_IPC_ENOT_EXISTENT, L4_IPC_RETIMEOUT, L4_IPC_SETIMEOUT,
        L4_IPC_RECANCELED, L4_IPC_SECANCELED, L4_IPC_REMAPFAILED,
        L4_IPC_SEMAPFAILED, L4_IPC_RESNDPFTO, L4_IPC_SESNDPFTO,
        L4_IPC_RERCVPFTO, L4_IPC_SERCVPFTO, L4_IPC_REABORTED,
        L4_IPC_SEABORTED, L4_IPC_REMSGCUT, L4_IPC_SEMSGCUT,
    };
    unsigned i;

    for (i = 0; i < sizeof(error) / sizeof(error[0]); i++)
        CHECK(error[i] == (int)(i + 1) << 4);
    CHECK(L4_NC_SAME_CLAN == 0 && L4_NC_INNER_CLAN == 0xc &&
          L4_NC_OUTER_CLAN == 4);
    CHECK(L4_FP_REMAP_PAGE == 0 && L4_FP_FLUSH_PAGE == 2);
    CHECK(L4_FP_OTHER_SPACES == 0 && L4_FP_ALL_SPACES == 0x80000000UL);
    CHECK(L4_FP_TASK(5) == 5 << 8);
}

static void numbers(void)
{
    CHECK(sizeof(l4_uint8_t) == 1 && sizeof(l4_int8_t) == 1 &&
          sizeof(byte_t) == 1);
    CHECK(sizeof(l4_uint16_t) == 2 && sizeof(l4_int16_t) == 2);
    CHECK(sizeof(l4_uint32_t) == 4 && sizeof(l4_int32_t) == 4);
    CHECK(sizeof(l4_uint64_t) == 8 && sizeof(l4_int64_t) == 8 &&
          sizeof(qword_t) == 8);
    CHECK(sizeof(l4_umword_t) * 8 == L4_MWORD_BITS &&
          sizeof(l4_mword_t) == sizeof(void *));
    CHECK(sizeof(dword_t) == sizeof(l4_umword_t) && (sdword_t)-1 < 0);
    CHECK(sizeof(l4_addr_t) == sizeof(void *) &&
          sizeof(l4_offs_t) == sizeof(void *));
    CHECK(sizeof(l4_size_t) == sizeof(sizeof(int)) && (l4_ssize_t)-1 < 0);
    CHECK(sizeof(l4_cpu_time_t) == 8 && sizeof(cpu_time_t) == 8 &&
          sizeof(l4_kernel_clock_t) == 8);
    CHECK(L4_PAGESIZE == 1UL << L4_PAGESHIFT && L4_PAGESHIFT == 12);
    CHECK(L4_LOG2_PAGESIZE == L4_PAGESHIFT && ~L4_PAGEMASK == 4095);
    CHECK(L4_SUPERPAGESIZE == 1UL << L4_LOG2_SUPERPAGESIZE);
    CHECK(L4_SUPERPAGESHIFT == L4_LOG2_SUPERPAGESIZE);
    CHECK(l4_trunc_page(4097) == 4096 && l4_round_page(4097) == 8192);
    CHECK(l4_trunc_superpage(L4_SUPERPAGESIZE + 1) == L4_SUPERPAGESIZE);
    CHECK(l4_round_superpage(1) == L4_SUPERPAGESIZE);
    CHECK(~L4_SUPERPAGEMASK == L4_SUPERPAGESIZE - 1);
    CHECK(L4_MAX_ADDRESS + 1 == 0);
}

/* What the compiler is told. */
EXTERN_C_BEGIN
EXTERN_C L4_CV int helper(int) L4_NOINSTRUMENT;
EXTERN_C_END
static int L4_STICKY(kept) = 3;
static void FASTCALL(nothing(void));
static L4_NORETURN LONG_CALL SHORT_CALL void loop(void);
int old_helper(int) L4_DEPRECATED;

int helper(int x)
{
    return EXPECT_TRUE(x > 0) && EXPECT_FALSE(x > 10);
}

static void nothing(void)
{
}

static void loop(void)
{
    for (;;)
        l4_yield();
}

L4_INLINE int inlined(int x)
{
    return x + 1;
}

int main(void)
{
    if (kept != 3)
        loop();
    nothing();
    CHECK(helper(5) == 0 && helper(11) == 1 && inlined(1) == 2);
    CHECK(sizeof(L4_stringify(L4_PAGESHIFT)) > 2);
    CHECK(sizeof(L4_stringify_helper(x)) == 2 && NULL == (void *)0);
    ids();
    fpages();
    dopes();
    errors();
    numbers();
    FINISH("types");
}
