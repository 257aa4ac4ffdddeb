/* SPDX-License-Identifier: BSD-2-Clause */
#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "frames.h"

/* Free frames by colour, each holding the address of the next in its first
   word. */
#define COLOURS 8
static l4_addr_t free_list[COLOURS];

/* What is left of the last piece from sigma0. */
static l4_addr_t piece, piece_end;

/*
 * All that has ever come from sigma0, in use or free: sigma0 would give it
 * once more, so that we have to know. Ranges that touch become one.
 */
#define CLAIMS 64

static l4_region_t claims[CLAIMS];
static unsigned claim_count;
static bool claims_are_lost;    /* there was no room: there may be more */

/* From the linker: this program. */
extern char __executable_start[], _end[];

static void claim(l4_addr_t start, l4_addr_t end)
{
    for (unsigned i = 0; i < claim_count; i++) {
        if (claims[i].start == end) {
            claims[i].start = start;
            return;
        }
        if (claims[i].end == start) {
            claims[i].end = end;
            return;
        }
    }
    if (claim_count == CLAIMS)
        claims_are_lost = true;
    else
        claims[claim_count++] = (l4_region_t){ start, end };
}

static bool is_claimed(l4_addr_t start, l4_addr_t end)
{
    for (unsigned i = 0; i < claim_count; i++)
        if (start < claims[i].end && claims[i].start < end)
            return true;
    return claims_are_lost;
}

void frames_init(const l4_kernel_info_t *kip)
{
    claim(l4_trunc_page(__executable_start), l4_round_page(_end));
    for (unsigned i = 0; i < kip->module_count; i++)
        claim(kip->module[i].start, l4_round_page(kip->module[i].end));
}

l4_addr_t frame_alloc_block(unsigned log2_size)
{
    l4_addr_t block;

    if (!pager_any_page(SIGMA0_ID, log2_size, WINDOW_ANYWHERE, &block))
        return 0;
    claim(block, block + (1UL << log2_size));
    return block;
}

bool frame_take_block(l4_addr_t start, unsigned log2_size)
{
    l4_addr_t end = start + (1UL << log2_size);
    l4_fpage_t f = l4_fpage(start, log2_size, L4_FPAGE_RW, L4_FPAGE_MAP);

    if (is_claimed(start, end) || !pager_ram(SIGMA0_ID, f, WINDOW_ANYWHERE))
        return false;
    claim(start, end);
    return true;
}

/* A new piece, as large as there is one. */
static bool refill(void)
{
    for (unsigned log2 = L4_SUPERPAGESHIFT; log2 >= L4_PAGESHIFT; log2--) {
        piece = frame_alloc_block(log2);
        if (piece) {
            piece_end = piece + (1UL << log2);
            return true;
        }
    }
    piece_end = 0;
    return false;
}

static unsigned colour_of(l4_addr_t address)
{
    return address >> L4_PAGESHIFT & (COLOURS - 1);
}

static l4_addr_t take_free(unsigned colour)
{
    l4_addr_t frame = free_list[colour];

    if (frame)
        free_list[colour] = *(l4_addr_t *)frame;
    return frame;
}

/* The next one of a piece; 0: none left. */
static l4_addr_t take_new(void)
{
    l4_addr_t frame;

    if (piece == piece_end && !refill())
        return 0;
    frame = piece;
    piece += L4_PAGESIZE;
    return frame;
}

l4_addr_t frame_alloc(void)
{
    l4_addr_t frame;

    for (unsigned i = 0; i < COLOURS; i++)
        if ((frame = take_free(i)))
            return frame;
    return take_new();
}

l4_addr_t frame_alloc_for(l4_addr_t address)
{
    l4_addr_t frame = take_free(colour_of(address));

    for (unsigned i = 0; !frame && i < COLOURS; i++) {
        frame = take_new();
        if (!frame)
            return frame_alloc();
        if (colour_of(frame) != colour_of(address)) {
            frame_free(frame);
            frame = 0;
        }
    }
    return frame ? frame : frame_alloc();
}

bool frame_suits(l4_addr_t frame, l4_addr_t address)
{
    return colour_of(frame) == colour_of(address);
}

void frame_free(l4_addr_t frame)
{
    *(l4_addr_t *)frame = free_list[colour_of(frame)];
    free_list[colour_of(frame)] = frame;
}
