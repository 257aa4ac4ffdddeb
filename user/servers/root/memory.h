/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of one task: regions of its address space and the frames that
 * were put into them so far. A page is filled when it is first touched.
 *
 * A task can also have pages given, to map where it likes. They are taken
 * from what its heap may become: what is given, and what of the heap was
 * touched, are together no more than the heap's size, and no more than half
 * of that is given.
 *
 *      0x00fe0000  kernel info page, when the task has asked for it
 *      0x00fef000  stack, 64 KB, the first page holding the arguments
 *      0x01000000  the program's segments, where it was linked
 *                  a page that is never there
 *                  heap: what the segments and the stack leave of its quota
 */
#ifndef ROOT_MEMORY_H
#define ROOT_MEMORY_H

#include <stdbool.h>

#include <l4/sys/consts.h>

#include "elf.h"

#define STACK_TOP       0x00fff000UL
#define STACK_SIZE      0x00010000UL
#define PROGRAM_LOW     0x01000000UL
#define PROGRAM_HIGH    0x80000000UL
#define HEAP_HIGH       0xb0000000UL

struct region {
    l4_addr_t start, end;               /* page aligned, end exclusive */
    const struct elf_segment *segment;  /* what fills it; NULL: zeroes */
    bool write, execute;
    l4_addr_t *frame;                   /* of each page; 0: none yet */
};

#define STACK_REGION    0
#define HEAP_REGION     1
#define FIXED_REGIONS   2               /* the program's segments follow */

struct memory {
    unsigned regions;
    struct region region[FIXED_REGIONS + ELF_SEGMENTS];
    l4_addr_t table;                    /* holds the frame lists; 0: none */
    unsigned table_log2;
    l4_addr_t *given;                   /* frames, a list */
    size_t given_pages, heap_touched;
};

/* Lay out the regions; `image` must stay. NULL, or the reason why it cannot
   be done within `quota` bytes. Takes no frames yet. */
const char *memory_plan(struct memory *m, const struct elf_image *image,
                        size_t quota);

/* Make room for the lists of frames. False: none left. */
bool memory_create(struct memory *m);

enum touch {
    TOUCH_OK,
    TOUCH_NOWHERE,      /* in no region */
    TOUCH_READ_ONLY,    /* a write, and the region is not for that */
    TOUCH_NONE_LEFT     /* no frame */
};

struct page {
    l4_addr_t address;  /* in the task's address space */
    l4_addr_t frame;
    bool write;
};

/* The page at `address`, filled if it was not there. */
enum touch memory_touch(struct memory *m, l4_addr_t address, bool write,
                        struct page *out);

/* Give it a cleared block, any or just that; false: no more for this one. */
bool memory_give_any(struct memory *m, unsigned log2_size, l4_addr_t *block);
bool memory_give(struct memory *m, l4_addr_t block, unsigned log2_size);

/* Take a page that was given back, from everybody who has it. False: it was
   not given. */
bool memory_take_back(struct memory *m, l4_addr_t frame);
void memory_take_back_all(struct memory *m);

/* Frames it has, in all. */
size_t memory_used(const struct memory *m);

/* Take all its frames back from everybody who has them. */
void memory_destroy(struct memory *m);

#endif
