/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs every test and reports in TAP, the Test Anything Protocol. */
#include <hickory/print.h>

#include "helpers.h"
#include "ktest.h"

/* Made by the linker around the section of the records. */
extern const struct test __start_ktests[], __stop_ktests[];

static const char *failed_text, *failed_file;
static int failed_line;

void ktest_check(bool ok, const char *text, const char *file, int line)
{
    if (ok || failed_text)
        return;
    failed_text = text;
    failed_file = file;
    failed_line = line;
}

static bool run(const struct test *t, unsigned number)
{
    failed_text = 0;
    l4_umword_t before = l4_kdebug(L4_KDEBUG_COUNT, 0);
    t->run();
    helpers_clean_up();
    l4_umword_t after = l4_kdebug(L4_KDEBUG_COUNT, 0);
    /* Threads of our own task stay, and what pages sigma0 gave us. */
    if (after + helpers_may_keep() < before)
        ktest_check(false, "no kernel memory is lost", __FILE__, __LINE__);
    print("%s %u - %s_%s", failed_text ? "not ok" : "ok", number, t->area,
          t->name);
    if (failed_text)
        print(" # %s (%s:%d)", failed_text, failed_file, failed_line);
    print("\n");
    return !failed_text;
}

int main(void)
{
    unsigned count = (unsigned)(__stop_ktests - __start_ktests);
    unsigned failures = 0;

    helpers_init();
    print("1..%u\n", count);
    for (unsigned i = 0; i < count; i++)
        if (!run(&__start_ktests[i], i + 1))
            failures++;
    return failures ? 1 : 0;
}
