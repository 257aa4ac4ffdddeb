/* SPDX-License-Identifier: BSD-2-Clause */
#include "klib.h"
#include "kmem.h"
#include "panic.h"

/*
 * The pool begins with one struct kframe for each of its frames; the frames
 * follow. Free frames form a list through their kframe.
 */
static struct kframe *info;
static char *first_frame;
static word_t frames, frames_free;
static word_t frames_kept;              /* free ones that nobody gets */
static struct list free_list;

word_t kmem_info_base;

static word_t frame_index(const void *frame)
{
    return (word_t)((const char *)frame - first_frame) >> PAGE_SHIFT;
}

void kmem_init(void *start, void *end)
{
    word_t bytes = (word_t)((char *)end - (char *)start);

    info = start;
    frames = bytes / (PAGE_SIZE + sizeof(struct kframe));
    first_frame = (char *)(((word_t)(info + frames) + PAGE_SIZE - 1) &
                           PAGE_MASK);
    while (first_frame + frames * PAGE_SIZE > (char *)end)
        frames--;
    kmem_info_base = (word_t)info - ((word_t)first_frame >> PAGE_SHIFT) *
                                        sizeof(struct kframe);
    list_init(&free_list);
    for (word_t i = 0; i < frames; i++) {
        info[i].count = FRAME_FREE;
        list_insert(&info[i].link, &free_list);
    }
    frames_free = frames;
}

/* A frame as it was left, or NULL. */
static void *take_frame(void)
{
    if (frames_free <= frames_kept)
        return NULL;
    struct kframe *f = container_of(free_list.next, struct kframe, link);
    list_remove(&f->link);
    frames_free--;
    f->nodes = f->parent = NULL;
    f->count = 0;
    return first_frame + ((word_t)(f - info) << PAGE_SHIFT);
}

void *kmem_frame_alloc(void)
{
    void *frame = take_frame();

    return frame ? memset(frame, 0, PAGE_SIZE) : NULL;
}

void kmem_frame_free(void *frame)
{
    struct kframe *f = kmem_frame_info(frame);

    assert(frame_index(frame) < frames && f->count != FRAME_FREE);
    f->count = FRAME_FREE;
    list_insert(&f->link, free_list.next);
    frames_free++;
}

word_t kmem_frames_free(void)
{
    return frames_free;
}

void kmem_keep(word_t n)
{
    frames_kept = n;
}

/* ---- objects ---- */

/* A new frame for the cache: its objects chained through their first word. */
static struct kframe *cache_grow(struct kmem_cache *c)
{
    char *frame = take_frame();

    if (!frame)
        return NULL;
    struct kframe *f = kmem_frame_info(frame);
    for (size_t at = 0; at + c->size <= PAGE_SIZE; at += c->size) {
        *(void **)(frame + at) = f->objects;
        f->objects = frame + at;
    }
    list_insert(&f->link, &c->partial);
    return f;
}

void *kmem_take(struct kmem_cache *c)
{
    struct kframe *f = container_of(c->partial.next, struct kframe, link);

    if (list_empty(&c->partial) && !(f = cache_grow(c)))
        return NULL;
    void *object = f->objects;
    f->objects = *(void **)object;
    f->count++;
    if (!f->objects)
        list_remove(&f->link);
    return object;
}

void *kmem_alloc(struct kmem_cache *c)
{
    void *object = kmem_take(c);

    return object ? memset(object, 0, c->size) : NULL;
}

void kmem_free(struct kmem_cache *c, void *object)
{
    void *frame = (void *)((word_t)object & PAGE_MASK);
    struct kframe *f = kmem_frame_info(frame);

    assert(f->count > 0);
    if (!f->objects)
        list_insert(&f->link, &c->partial);
    *(void **)object = f->objects;
    f->objects = object;
    if (--f->count == 0) {
        list_remove(&f->link);
        kmem_frame_free(frame);
    }
}
