/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel memory: page frames from one pool reserved at boot, and objects of
 * fixed size cut from such frames. Everything comes from the physical
 * window. Running out is an answer, not an accident: callers get NULL.
 */
#ifndef CORE_KMEM_H
#define CORE_KMEM_H

#include "list.h"

/* The pool is [start, end) of the window, page aligned. Once, at boot. */
void kmem_init(void *start, void *end);

/* A zeroed frame of PAGE_SIZE, or NULL. */
void *kmem_frame_alloc(void);
void kmem_frame_free(void *frame);

/* Frames that are free now. */
word_t kmem_frames_free(void);

/* For tests of what happens without memory: from now on so many frames are
   not given to anyone. */
void kmem_keep(word_t frames);

/*
 * What is known of a frame in use; for its owner to use while it has it.
 * Page tables keep their entry count, their twin with the mapping nodes and
 * the entry that points at them here (ptab.c).
 */
struct kframe {
    union {
        struct list link;       /* free, or with free objects */
        void *parent;           /* page table: entry that points at it */
    };
    union {
        void *objects;          /* objects: first free one */
        void *nodes;            /* page table: its twin */
    };
    unsigned count;             /* objects or entries in use; FRAME_FREE */
};

#define FRAME_FREE  (~0u)       /* the frame is nobody's */

extern word_t kmem_info_base;   /* where that of address 0 would be */

static inline struct kframe *kmem_frame_info(const void *frame)
{
    return (struct kframe *)(kmem_info_base + ((word_t)frame >> PAGE_SHIFT) *
                                                  sizeof(struct kframe));
}

/* Objects of one size. Define one with KMEM_CACHE and use it. */
struct kmem_cache {
    size_t size;                /* multiple of 16, at most a frame */
    struct list partial;        /* frames with free objects */
};

#define KMEM_CACHE(name, type)                                          \
    struct kmem_cache name = {                                          \
        .size = (sizeof(type) + 15) & ~(size_t)15,                      \
        .partial = { &name.partial, &name.partial },                    \
    };                                                                  \
    _Static_assert(sizeof(type) <= 4096, "object larger than a frame")

/* A zeroed object, or NULL; or one to be filled, with anything in it. */
void *kmem_alloc(struct kmem_cache *c);
void *kmem_take(struct kmem_cache *c);
void kmem_free(struct kmem_cache *c, void *object);

#endif
