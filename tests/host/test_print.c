/* SPDX-License-Identifier: BSD-2-Clause */
/* Console output and the library functions, against the C library's. */
#include <stdio.h>
#undef memcpy
#undef memset
#undef memcmp
#undef strlen
#include <string.h>

#include "host.h"
#include "htest.h"
#include "panic.h"
#include "print.h"

void *hickory_memcpy(void *to, const void *from, size_t n);
void *hickory_memset(void *to, int c, size_t n);
int hickory_memcmp(const void *a, const void *b, size_t n);
size_t hickory_strlen(const char *s);
void copy_name(char *to, const char *from, size_t n);

/* Both say the same. */
#define CHECK_PRINT(...)                                \
    do {                                                \
        char expected[200];                             \
        snprintf(expected, sizeof(expected), __VA_ARGS__); \
        host_power_on();                                \
        print(__VA_ARGS__);                             \
        note("printed '%s'", host.console);             \
        check(strcmp(host.console, expected) == 0);     \
    } while (0)

TEST(print, numbers_in_every_base_read_as_in_c)
{
    static const long edge[] = { 0, 1, -1, 9, 10, 255, 0x7fffffff,
                                 -0x7fffffff - 1, 0x7fffffffffffffff,
                                 -0x7fffffffffffffff - 1 };

    for (unsigned i = 0; i < sizeof(edge) / sizeof(edge[0]); i++) {
        CHECK_PRINT("%d %u %x", (int)edge[i], (unsigned)edge[i],
                    (unsigned)edge[i]);
        CHECK_PRINT("%ld %lu %lx", edge[i], (unsigned long)edge[i],
                    (unsigned long)edge[i]);
    }
}

TEST(print, a_width_pads_with_zeroes)
{
    CHECK_PRINT("%08x %02x %016lx", 0xbeefu, 0x123u, 0x1ul);
}

TEST(print, text_characters_and_percent_signs_pass)
{
    CHECK_PRINT("[%s] [%c] 100%% %s", "text", 'x', "");
}

TEST(print, pointers_have_full_width)
{
    host_power_on();
    print("%p", (void *)0xabc);
    check(strcmp(host.console, "0000000000000abc") == 0);
}

TEST(print, a_format_that_ends_early_ends_the_text)
{
    static const char *const broken[] = { "a%", "a%0", "a%08l" };

    for (unsigned i = 0; i < 3; i++) {
        const char *format = broken[i];
        host_power_on();
        print(format, 1);
        check(strcmp(host.console, "a") == 0);
    }
}

static void enter_panic(void)
{
    panic("number %d of %s", 7, "nine");
}

TEST(panic, it_says_why_and_halts_with_its_status)
{
    host_power_on();
    host.halt_expected = true;
    host_run(enter_panic);
    check(host.halted == 125);
    check(strstr(host.console, "PANIC: number 7 of nine\n"));
    check(strstr(host.console, "hickory: halt 125\n"));
}

/* ---- the library functions ---- */

#define BYTES 64

static unsigned char a[BYTES], b[BYTES], c[BYTES];

static void shuffle(void)
{
    for (unsigned i = 0; i < BYTES; i++) {
        a[i] = (unsigned char)rnd(3);
        b[i] = c[i] = (unsigned char)rnd(3);
    }
}

TEST(klib, memory_is_copied_and_set_as_in_c_at_every_alignment)
{
    for (unsigned i = 0; i < rounds(20000); i++) {
        unsigned to = rnd(16), from = rnd(16), n = rnd(BYTES - 16);
        int value = chance(50) ? 0 : (int)rnd(256);
        shuffle();
        memcpy(c + to, a + from, n);
        check(hickory_memcpy(b + to, a + from, n) == b + to);
        check(memcmp(b, c, BYTES) == 0);
        memset(c + from, value, n);
        check(hickory_memset(b + from, value, n) == b + from);
        check(memcmp(b, c, BYTES) == 0);
    }
}

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

TEST(klib, memory_and_text_compare_as_in_c)
{
    for (unsigned i = 0; i < rounds(20000); i++) {
        unsigned n = rnd(6);
        shuffle();
        check(sign(hickory_memcmp(a, b, n)) == sign(memcmp(a, b, n)));
        a[BYTES - 1] = 0;
        check(hickory_strlen((char *)a) == strlen((char *)a));
    }
}

TEST(klib, a_name_is_cut_to_its_place_and_ended)
{
    char place[5] = "....";

    copy_name(place, "ab", sizeof(place));
    check(strcmp(place, "ab") == 0);
    copy_name(place, "abcdefg", sizeof(place));
    check(strcmp(place, "abcd") == 0);
}
