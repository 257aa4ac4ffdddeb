/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flexpages. Exhaustive on windows of a few pages: which page lands where,
 * by the definition that each address of the smaller flexpage corresponds to
 * the address of the larger one that has the same low bits and, above them,
 * those of the send base.
 */
#include "fpage.h"
#include "host.h"
#include "htest.h"

#define SIZES   6           /* 4 KB to 128 KB */
#define WINDOW  ((word_t)1 << (PAGE_SHIFT + SIZES - 1))

static word_t raw_of(word_t base, unsigned shift, unsigned bits)
{
    return base | (word_t)shift << 2 | bits;
}

/* With these bits set it would be I/O ports. */
static word_t random_address(void)
{
    return rnd64() & PAGE_MASK & ~L4_IOFPAGE;
}

TEST(fpage, base_size_and_bits_are_taken_apart)
{
    struct fpage f;

    for (unsigned shift = PAGE_SHIFT; shift < ARCH_PT_TOP_SHIFT; shift++)
        for (unsigned bits = 0; bits < 4; bits++)
            for (word_t i = 0; i < 4; i++) {
                word_t base = (i << shift) & (ARCH_USER_TOP - 1);
                check(fpage_parse(raw_of(base, shift, bits), &f));
                check(f.base == base && f.shift == shift);
                check(f.write == !!(bits & 2) && f.grant == !!(bits & 1));
            }
}

TEST(fpage, a_base_is_aligned_down_to_the_size)
{
    struct fpage f;

    for (unsigned i = 0; i < rounds(10000); i++) {
        unsigned shift = PAGE_SHIFT + rnd(ARCH_PT_TOP_SHIFT - PAGE_SHIFT);
        word_t address = random_address();
        check(fpage_parse(raw_of(address, shift, rnd(4)), &f));
        check(f.base == address >> shift << shift);
    }
}

TEST(fpage, less_than_a_page_is_none)
{
    struct fpage f;

    for (unsigned shift = 0; shift < PAGE_SHIFT; shift++)
        check(!fpage_parse(raw_of(0x5000, shift, 3), &f));
}

TEST(fpage, more_than_the_address_space_is_all_of_it)
{
    struct fpage f;

    for (unsigned shift = ARCH_PT_TOP_SHIFT; shift < 64; shift++) {
        check(fpage_parse(raw_of(random_address(), shift, 0), &f));
        check(f.base == 0 && f.shift == ARCH_PT_TOP_SHIFT);
    }
    check(fpage_parse(fpage_whole(), &f));
    check(f.base == 0 && f.shift == ARCH_PT_TOP_SHIFT && !f.grant);
    check(((word_t)1 << f.shift) >= ARCH_USER_TOP);
}

/* Does page `from` of the sender land at `to` of the receiver? */
static bool lands(const struct fpage *send, const struct fpage *window,
                  word_t base, word_t from, word_t to)
{
    bool send_is_smaller = send->shift <= window->shift;
    unsigned small = send_is_smaller ? send->shift : window->shift;
    word_t low = ((word_t)1 << small) - 1;
    word_t larger = send_is_smaller ? to : from;
    unsigned large = send_is_smaller ? window->shift : send->shift;
    word_t choice = (((word_t)1 << large) - 1) & ~low;

    return from >> send->shift == send->base >> send->shift &&
           to >> window->shift == window->base >> window->shift &&
           (from & low) == (to & low) && (larger & choice) == (base & choice);
}

static void check_place(const struct fpage *send, const struct fpage *window,
                        word_t base)
{
    word_t from, to, at_from, at_to;
    unsigned shift;

    fpage_place(send, window, base, &from, &to, &shift);
    note("send %lx+%u window %lx+%u base %lx", send->base, send->shift,
         window->base, window->shift, base);
    word_t size = (word_t)1 << shift;
    word_t pages = 0;
    for (at_from = 0; at_from < WINDOW; at_from += PAGE_SIZE)
        for (at_to = WINDOW; at_to < 2 * WINDOW; at_to += PAGE_SIZE) {
            bool placed = at_from - from < size && at_from - from == at_to - to;
            check(placed == lands(send, window, base, at_from, at_to));
            pages += placed;
        }
    check(pages == size / PAGE_SIZE);
}

TEST(fpage, every_page_lands_where_the_send_base_says)
{
    struct fpage send = { 0 }, window = { 0 };

    for (unsigned s = 0; s < SIZES; s++)
        for (unsigned w = 0; w < SIZES; w++) {
            send.shift = PAGE_SHIFT + s;
            window.shift = PAGE_SHIFT + w;
            for (unsigned i = 0; i < 12; i++) {
                send.base = (rnd64() % WINDOW) >> send.shift << send.shift;
                window.base = WINDOW + ((rnd64() % WINDOW) >> window.shift
                                                           << window.shift);
                check_place(&send, &window, rnd64() % (4 * WINDOW));
            }
        }
}

TEST(fpage, what_lands_in_the_whole_space_goes_to_the_send_base)
{
    struct fpage send = { .base = 0x7000, .shift = PAGE_SHIFT }, window;
    word_t from, to;
    unsigned shift;

    check(fpage_parse(fpage_whole(), &window));
    fpage_place(&send, &window, 0x123456, &from, &to, &shift);
    check(from == 0x7000 && to == 0x123000 && shift == PAGE_SHIFT);
}
