/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host tests: the neutral kernel on the build machine, one promise each.
 *
 *   TEST(area, sentence_in_snake_case) { ... check(x); ... }
 *
 * The name is the claim. Every test runs in a process of its own, so it
 * finds the kernel as the compiler made it and may leave it in any state.
 *
 * Random sequences come from rnd(). The seed is printed; HOST_SEED=N sets it
 * and HOST_ROUNDS=N makes every sequence N times as long.
 */
#ifndef HTEST_H
#define HTEST_H

#include "types.h"

struct test {
    const char *area, *name;
    void (*run)(void);
};

#define TEST(area, name)                                                  \
    static void test_##area##_##name(void);                               \
    static const struct test record_##area##_##name                       \
        __attribute__((used, section("htests"), aligned(sizeof(void *)))) \
        = { #area, #name, test_##area##_##name };                         \
    static void test_##area##_##name(void)

/* The test ends here when x does not hold. */
#define check(x) htest_check((x), #x, __FILE__, __LINE__)
void htest_check(bool ok, const char *text, const char *file, int line);

/* Said when the test fails, one line. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- chance ---- */

void rnd_seed(uint64_t seed);       /* start a sequence of its own */
uint64_t htest_seed(void);          /* what HOST_SEED says */
uint64_t rnd64(void);
unsigned rnd(unsigned below);       /* 0 .. below - 1 */
static inline bool chance(unsigned percent) { return rnd(100) < percent; }

/* `n` rounds, times HOST_ROUNDS. */
unsigned rounds(unsigned n);

/* ---- kernel memory that can be made to run out (memory.c) ---- */

/* A pool of `frames` frames, for tests that boot nothing. */
void memory_start(unsigned frames);

/* The n-th allocation from now on fails, counted from 1; 0: none does. */
void memory_fail(unsigned n);

/* Did it? Ends what memory_fail began. */
bool memory_failed(void);

/* The fast path: false makes syscall_entry never take it. */
extern bool fast_path;
extern unsigned fast_path_taken;

#endif
