/* SPDX-License-Identifier: BSD-2-Clause */
#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "frames.h"

/* Freed frames, each holding the address of the next in its first word. */
static l4_addr_t free_list;

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

l4_addr_t frame_alloc(void)
{
    l4_addr_t frame = free_list;

    if (frame) {
        free_list = *(l4_addr_t *)frame;
        return frame;
    }
    if (piece == piece_end && !refill())
        return 0;
    frame = piece;
    piece += L4_PAGESIZE;
    return frame;
}

void frame_free(l4_addr_t frame)
{
    *(l4_addr_t *)frame = free_list;
    free_list = frame;
}
