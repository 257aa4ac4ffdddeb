/* SPDX-License-Identifier: BSD-2-Clause */
#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "frames.h"

/* Freed frames, each holding the address of the next in its first word. */
static l4_addr_t free_list;

/* What is left of the last piece from sigma0. */
static l4_addr_t piece, piece_end;

l4_addr_t frame_alloc_block(unsigned log2_size)
{
    l4_addr_t block;

    if (!pager_any_page(SIGMA0_ID, log2_size, WINDOW_ANYWHERE, &block))
        return 0;
    return block;
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
