/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A periodic thread: something has to be done every PERIOD microseconds, as
 * sampling a sensor or feeding a sound card. Beat i is due at start + i *
 * PERIOD; how late it comes is measured in four settings.
 *
 * Two things matter, and each is left out once:
 *
 *   - A schedule of absolute times. Who sleeps for a period after each beat
 *     adds what the beat itself takes, and what waking up takes, to every
 *     period: the beats drift away from where they should be.
 *   - A priority above that of all who only want to compute. The highest
 *     thread that is ready runs: at once, not when a time slice is over.
 */
#include <stdbool.h>
#include <stdio.h>

#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/thread.h>
#include <hickory/time.h>

#define PERIOD  2000            /* microseconds */
#define BEATS   50
#define LOADS   2               /* threads that compute all the time */
#define LOW     10              /* their priority, unless it is ours */

struct statistics {
    l4_uint64_t min, max, sum;  /* of the lateness, in microseconds */
    l4_uint64_t last;
};

/* ---- the load: other threads, which never wait ---- */

static l4_threadid_t load[LOADS];

static void compute(void *unused)
{
    volatile unsigned long n = 0;

    (void)unused;
    for (;;)
        n++;
}

static bool start_load(unsigned priority)
{
    static char stack[LOADS][1024] __attribute__((aligned(16)));

    for (unsigned i = 0; i < LOADS; i++) {
        load[i] = thread_create(
            i + 1, (struct thread_stack){ stack[i], sizeof(stack[i]) },
            (struct thread_work){ compute, NULL });
        if (l4_is_nil_id(load[i]) || !thread_set_priority(load[i], priority))
            return false;
    }
    return true;
}

/* Processor time all of it has used so far. */
static l4_uint64_t load_time(void)
{
    l4_uint64_t sum = 0;

    for (unsigned i = 0; i < LOADS; i++)
        if (!l4_is_nil_id(load[i]))
            sum += thread_consumed(load[i]);
    return sum;
}

/* ---- the beats ---- */

/* What has to be done: here, to take some time. */
static void work(void)
{
    for (volatile unsigned i = 0; i < 3000; i++)
        ;
}

/* For a period from now on. */
static void sleep_for_period(l4_uint64_t due)
{
    (void)due;
    l4_sleep_usec(PERIOD);
}

/*
 * Until it is due; not at all if that is past. To compute what is left and
 * sleep for that would do nearly as well; but between the look at the clock
 * and the call we may be preempted, and what is left is rounded up to what a
 * relative timeout can say.
 */
static void sleep_until_due(l4_uint64_t due)
{
    l4_ipc_sleep_until(due);
}

static void note(struct statistics *s, l4_uint64_t late)
{
    if (late < s->min)
        s->min = late;
    if (late > s->max)
        s->max = late;
    s->sum += late;
    s->last = late;
}

static struct statistics beat(void (*sleep)(l4_uint64_t due))
{
    struct statistics s = { .min = ~0ULL };
    l4_uint64_t due = l4_time();

    for (unsigned i = 0; i < BEATS; i++) {
        due += PERIOD;
        sleep(due);
        note(&s, l4_time() - due);
        work();
    }
    return s;
}

/* One line of the table. Printed when all is measured: printing takes time
   that is not the beat's. */
static struct statistics measure(const char *setting,
                                 void (*sleep)(l4_uint64_t due))
{
    l4_uint64_t start = l4_time(), used = load_time();
    struct statistics s = beat(sleep);
    l4_uint64_t time = l4_time() - start;

    used = load_time() - used;
    printf("%-36s %6lu %6lu %6lu %6lu  %3lu%%\n", setting,
           (unsigned long)s.min, (unsigned long)(s.sum / BEATS),
           (unsigned long)s.max, (unsigned long)s.last,
           (unsigned long)(100 * used / time));
    return s;
}

int main(void)
{
    int own = thread_priority(l4_myself());

    printf("%u beats, one every %u us. How late they come, in us:\n\n"
           "%-36s %6s %6s %6s %6s  load\n", BEATS, PERIOD, "", "min", "mean",
           "max", "last");
    measure("sleeps for a period, alone", sleep_for_period);
    struct statistics alone = measure("sleeps until the next beat, alone",
                                      sleep_until_due);
    if (own <= LOW || !start_load(LOW)) {
        printf("periodic: no load\n");
        return 1;
    }
    struct statistics loaded = measure("... beside a load of low priority",
                                       sleep_until_due);
    for (unsigned i = 0; i < LOADS; i++)
        thread_set_priority(load[i], (unsigned)own);
    measure("... beside a load of its own priority", sleep_until_due);
    printf("\nThe load of low priority changed the latest beat from %lu us to "
           "%lu us.\n", (unsigned long)alone.max, (unsigned long)loaded.max);
    return 0;
}
