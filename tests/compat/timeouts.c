/* SPDX-License-Identifier: BSD-2-Clause */
/* Timeouts of all kinds, and sleeping. */
#include <l4/sys/types.h>
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>
#include <l4/sigma0/kip.h>
#include <l4/util/rdtsc.h>
#include <l4/util/thread.h>
#include <l4/util/util.h>

#include "check.h"

static l4_threadid_t deaf;
static char deaf_stack[2048] __attribute__((aligned(16)));

static l4_uint64_t us_since(l4_cpu_time_t start)
{
    return l4_tsc_to_us((l4_uint32_t)(l4_rdtsc_32() - (l4_uint32_t)start));
}

static int try_send(l4_timeout_t timeout)
{
    l4_msgdope_t result;

    return l4_ipc_send(deaf, L4_IPC_SHORT_MSG, 1, 2, timeout, &result);
}

static int try_receive(l4_timeout_t timeout)
{
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;

    return l4_ipc_receive(deaf, L4_IPC_SHORT_MSG, &dw0, &dw1, timeout,
                          &result);
}

static void sends_and_receives(void)
{
    static const l4_timeout_t never = L4_IPC_NEVER_INITIALIZER;

    CHECK(try_send(L4_IPC_TIMEOUT(0, 1, 0, 0, 0, 0)) == L4_IPC_SETIMEOUT);
    CHECK(try_send(L4_IPC_SEND_TIMEOUT_0) == L4_IPC_SETIMEOUT);
    CHECK(try_send(L4_IPC_BOTH_TIMEOUT_0) == L4_IPC_SETIMEOUT);
    CHECK(try_send(L4_IPC_TIMEOUT_NULL) == L4_IPC_SETIMEOUT);
    CHECK(try_send(l4_ipc_timeout(100, 1, 0, 0)) == L4_IPC_SETIMEOUT);
    CHECK(try_send(l4_timeout(L4_IPC_TIMEOUT_0, L4_IPC_TIMEOUT_NEVER)) ==
          L4_IPC_SETIMEOUT);
    CHECK(try_receive(L4_IPC_RECV_TIMEOUT_0) == L4_IPC_RETIMEOUT);
    CHECK(try_receive(L4_IPC_TIMEOUT_0) == L4_IPC_RETIMEOUT);
    CHECK(try_receive(L4_IPC_TIMEOUT(0, 0, 100, 14, 0, 0)) ==
          L4_IPC_RETIMEOUT);
    CHECK(try_receive(l4_ipc_timeout(0, 0, 200, 2)) == L4_IPC_RETIMEOUT);
    CHECK(never.timeout == L4_IPC_NEVER.timeout && never.raw == 0);
}

static void halves(void)
{
    l4_timeout_t to = L4_IPC_NEVER;
    l4_timeout_s half = l4_timeout_rel(3, 4);

    CHECK(l4_timeout_rel_get(half) == 48);
    CHECK(l4_timeout_rel_get(l4_timeout_rel(1000, 0)) >= 1000);
    CHECK(l4_timeout_rel_get(L4_IPC_TIMEOUT_NEVER) == ~0ULL);
    CHECK(l4_timeout_rel_get(L4_IPC_TIMEOUT_0) == 0);
    l4_snd_timeout(half, &to);
    CHECK(to.to.snd_man == 48 && to.to.snd_exp == 15 && to.to.rcv_exp == 0);
    l4_rcv_timeout(L4_IPC_TIMEOUT_0, &to);
    CHECK(to.to.rcv_man == 0 && to.to.rcv_exp != 0 && to.to.snd_man == 48);

    to.timeout = 0;
    to.to.rcv_exp = 9;
    to.to.rcv_man = 122;
    to.to.snd_pfault = 3;
    to.to.rcv_pfault = 4;
    CHECK(to.timeout == L4_IPC_TIMEOUT(0, 0, 122, 9, 3, 4).timeout);
}

static void sleeping(void)
{
    l4_cpu_time_t start = l4_rdtsc();
    l4_uint64_t us;
    l4_uint32_t s, ns;
    int e, m;

    CHECK(l4_ipc_sleep(L4_IPC_TIMEOUT(0, 0, 125, 13, 0, 0)) ==
          L4_IPC_RETIMEOUT);
    CHECK(us_since(start) >= 2000);
    CHECK(l4_i386_ipc_sleep(L4_IPC_RECV_TIMEOUT_0) == L4_IPC_RETIMEOUT);
    start = l4_rdtsc();
    l4_sleep(3);
    us = us_since(start);
    CHECK(us >= 3000 && us < 3000000);
    start = l4_rdtsc();
    l4_usleep(500);
    CHECK(us_since(start) >= 500);
    start = l4_rdtsc();
    l4_busy_wait_us(200);
    l4_busy_wait_ns(1000);
    CHECK(us_since(start) >= 200);

    CHECK(l4util_micros2l4to(0, &e, &m) == 0 && m == 0 && e > 0);
    CHECK(l4util_micros2l4to(-1, &e, &m) == 0 && e == 0);
    CHECK(micros2l4to(1000, &e, &m) == 0);
    CHECK(l4util_l4to2micros(m, e) >= 1000 && l4util_l4to2micros(m, e) < 1100);
    CHECK(l4util_l4to2micros(0, 1) == 0 && l4util_l4to2micros(5, 0) == -1);

    CHECK(l4_get_hz() > 1000000);
    CHECK(l4_tsc_to_us(l4_get_hz()) == 1000000);
    CHECK(l4_tsc_to_ns(l4_get_hz()) == 1000000000);
    CHECK(l4_ns_to_tsc(1000000000) == l4_get_hz());
    l4_tsc_to_s_and_ns(5ULL * l4_get_hz() / 2, &s, &ns);
    CHECK(s == 2 && ns > 499000000 && ns < 501000000);
}

/* The kernel's clock goes on, too. */
static void kernel_clock(void)
{
    l4_kernel_info_t *kip = l4sigma0_kip_map(L4_INVALID_ID);
    l4_kernel_clock_t before = kip->clock;

    l4_sleep(20);
    CHECK(kip->clock > before);
}

int main(void)
{
    CHECK(l4_calibrate_tsc() != 0);
    deaf = l4util_create_thread(1, l4_sleep_forever,
                                deaf_stack + sizeof(deaf_stack));
    l4_sleep(1);
    sends_and_receives();
    halves();
    sleeping();
    kernel_clock();
    FINISH("timeouts");
}
