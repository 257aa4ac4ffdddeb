/* SPDX-License-Identifier: BSD-2-Clause */
/* Timeouts in every form: never, now, each exponent, each kind of mantissa. */
#include "ktest.h"

/* How late may it be? Reading the clock and being woken cost some. */
#define LATE    500u

static l4_threadid_t silent;        /* it sleeps: neither sends nor receives */

static l4_uint64_t time_of(unsigned man, unsigned exp)
{
    return (l4_uint64_t)man << 2 * (15 - exp);
}

static void start_silent(void)
{
    silent = start_thread((void (*)(void *))sleep_forever, 0);
    l4_ipc_sleep(timeout_us(MSEC(1)));
}

/* Did a phase that nobody helps take just that long? */
static bool receive_takes(unsigned man, unsigned exp)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;
    l4_uint64_t start = now_us(), time = time_of(man, exp);
    int error = l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1,
                            L4_IPC_TIMEOUT(0, 0, man, exp, 0, 0), &dope);
    l4_uint64_t took = now_us() - start;

    return error == L4_IPC_RETIMEOUT && took >= time && took < time + LATE;
}

static bool send_takes(unsigned man, unsigned exp)
{
    l4_msgdope_t dope;
    l4_uint64_t start = now_us(), time = time_of(man, exp);
    int error = l4_ipc_send(silent, L4_IPC_SHORT_MSG, 1, 2,
                            L4_IPC_TIMEOUT(man, exp, 0, 0, 0, 0), &dope);
    l4_uint64_t took = now_us() - start;

    return error == L4_IPC_SETIMEOUT && took >= time && took < time + LATE;
}

/* From 1 microsecond to 4 seconds. */
TEST(timeouts, exponent_e_counts_4_to_the_15_minus_e_microseconds)
{
    start_silent();
    for (unsigned exp = 4; exp <= 15; exp++) {
        check(receive_takes(1, exp));
        check(send_takes(1, exp));
    }
}

TEST(timeouts, mantissa_multiplies)
{
    static const unsigned mantissas[] = { 1, 2, 3, 16, 100, 254, 255 };

    start_silent();
    for (unsigned i = 0; i < sizeof(mantissas) / sizeof(mantissas[0]); i++)
        for (unsigned exp = 11; exp <= 15; exp++) {
            check(receive_takes(mantissas[i], exp));
            check(send_takes(mantissas[i], exp));
        }
}

TEST(timeouts, mantissa_0_with_any_exponent_but_0_is_now)
{
    start_silent();
    for (unsigned exp = 1; exp <= 15; exp++) {
        check(receive_takes(0, exp));
        check(send_takes(0, exp));
    }
}

/* ---- never, and what is longer than a test ---- */

static volatile int result[2];
static l4_timeout_t long_time;

static void wait_long(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    (void)unused;
    result[0] = l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, long_time,
                            &dope);
    sleep_forever();
}

static void send_long(void *unused)
{
    l4_msgdope_t dope;

    (void)unused;
    result[1] = l4_ipc_send(silent, L4_IPC_SHORT_MSG, 1, 2, long_time, &dope);
    sleep_forever();
}

/* Both still wait after `ms`, and end when they are cancelled. */
static bool outlasts(l4_timeout_t timeout, unsigned ms)
{
    long_time = timeout;
    result[0] = result[1] = -1;
    start_silent();
    l4_threadid_t waiter = start_thread(wait_long, 0);
    l4_threadid_t sender = start_thread(send_long, 0);
    l4_ipc_sleep(timeout_us(MSEC(ms)));
    bool waits = result[0] == -1 && result[1] == -1;
    cancel(waiter);
    cancel(sender);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    helpers_stop_threads();
    return waits && result[0] == L4_IPC_RECANCELED &&
           result[1] == L4_IPC_SECANCELED;
}

/* But for 255, which stands for an absolute time. */
TEST(timeouts, exponent_0_is_never_whatever_the_mantissa)
{
    check(outlasts(L4_IPC_NEVER, 3000));
    check(outlasts(L4_IPC_TIMEOUT(1, 0, 1, 0, 0, 0), 1500));
    check(outlasts(L4_IPC_TIMEOUT(254, 0, 254, 0, 0, 0), 1500));
}

TEST(timeouts, longest_times_do_not_end_early)
{
    for (unsigned exp = 1; exp <= 3; exp++)
        check(outlasts(L4_IPC_TIMEOUT(1, exp, 1, exp, 0, 0), 3000));
    check(outlasts(L4_IPC_TIMEOUT(255, 1, 255, 1, 0, 0), 3000));
}

/* ---- which phase ---- */

static l4_threadid_t main_id;

static void accept_late(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    (void)unused;
    l4_ipc_sleep(timeout_us(MSEC(20)));
    wait2(&from, &w0, &w1);
    l4_ipc_sleep(timeout_us(MSEC(20)));
    send2(from, w0 + 1, 0);
    sleep_forever();
}

TEST(timeouts, receive_timeout_begins_when_the_message_has_gone)
{
    l4_umword_t w0 = 1, w1 = 0;
    l4_msgdope_t dope;

    /* 30 ms each; the answer comes 40 ms after the call began. */
    check(l4_ipc_call(start_thread(accept_late, 0), L4_IPC_SHORT_MSG, w0, w1,
                      L4_IPC_SHORT_MSG, &w0, &w1, timeout_us(MSEC(30)),
                      &dope) == 0);
    check(w0 == 2);
    /* And it does end: 10 ms are not enough. */
    check(l4_ipc_call(start_thread(accept_late, 0), L4_IPC_SHORT_MSG, w0, w1,
                      L4_IPC_SHORT_MSG, &w0, &w1,
                      L4_IPC_TIMEOUT(0, 0, 10, 10, 0, 0),
                      &dope) == L4_IPC_RETIMEOUT);
}

static volatile unsigned long heard;

static void hear_one(void *unused)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;

    (void)unused;
    heard = 0;
    if (wait2(&from, &w0, &w1) == 0)
        heard = w0;
    sleep_forever();
}

TEST(timeouts, now_succeeds_when_the_partner_is_there)
{
    l4_threadid_t t = start_thread(hear_one, 0);
    l4_msgdope_t dope;

    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(l4_ipc_send(t, L4_IPC_SHORT_MSG, 17, 0, NOW, &dope) == 0);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(heard == 17);
}

static void send_23(void *unused)
{
    (void)unused;
    send2(main_id, 23, 0);
    sleep_forever();
}

TEST(timeouts, receive_now_takes_what_waits)
{
    l4_threadid_t from;
    l4_umword_t w0, w1;
    l4_msgdope_t dope;

    main_id = l4_myself();
    l4_threadid_t t = start_thread(send_23, 0);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(l4_ipc_wait(&from, L4_IPC_SHORT_MSG, &w0, &w1, NOW, &dope) == 0);
    check(l4_thread_equal(from, t) && w0 == 23);
}
