/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the tests of one program and reports in the Test Anything Protocol. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "htest.h"

#define PATIENCE    120     /* seconds for one test */

extern const struct test __start_htests[], __stop_htests[];

static char notes[512];

void note(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(notes, sizeof(notes), format, args);
    va_end(args);
}

void htest_check(bool ok, const char *text, const char *file, int line)
{
    if (ok)
        return;
    printf("# %s:%d: does not hold: %s\n", file, line, text);
    if (notes[0])
        printf("# %s\n", notes);
    fflush(stdout);
    _exit(1);
}

/* ---- chance: xorshift64* ---- */

static uint64_t state;

static uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text ? strtoull(text, NULL, 0) : otherwise;
}

uint64_t htest_seed(void)
{
    return number_from("HOST_SEED", 1);
}

void rnd_seed(uint64_t seed)
{
    state = seed * 0x9e3779b97f4a7c15 + 0x1234567;
    if (state == 0)
        state = 1;
    for (int i = 0; i < 8; i++)
        rnd64();
}

uint64_t rnd64(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1d;
}

unsigned rnd(unsigned below)
{
    return (unsigned)((rnd64() >> 32) * below >> 32);
}

unsigned rounds(unsigned n)
{
    return n * (unsigned)number_from("HOST_ROUNDS", 1);
}

/* ---- running ---- */

static bool run(const struct test *t)
{
    int status;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        alarm(PATIENCE);
        rnd_seed(htest_seed());
        t->run();
        fflush(stdout);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child &&
           WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Tests whose name contains the first argument, all without one. */
int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : "";
    int number = 0, failed = 0;

    printf("# seed %llu\n", (unsigned long long)htest_seed());
    /* The compiler lays them out from the last to the first. */
    for (const struct test *t = __stop_htests; t-- > __start_htests;) {
        char name[200];
        snprintf(name, sizeof(name), "%s_%s", t->area, t->name);
        if (!strstr(name, only))
            continue;
        bool ok = run(t);
        failed += !ok;
        printf("%sok %d - %s\n", ok ? "" : "not ", ++number, name);
    }
    printf("1..%d\n", number);
    return failed ? 1 : 0;
}
