/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel memory: frames and objects, against a list of what is in use. */
#include "host.h"
#include "htest.h"
#include "klib.h"
#include "kmem.h"

#define FRAMES 64

static void start(void)
{
    host_power_on();
    memory_start(FRAMES);
}

/* Are all bytes `value`? */
static bool filled(const unsigned char *p, size_t size, unsigned char value)
{
    for (size_t i = 0; i < size; i++)
        if (p[i] != value)
            return false;
    return true;
}

TEST(kmem, every_frame_is_zeroed_aligned_and_its_own)
{
    void *frame[FRAMES * 2];
    unsigned n = 0;

    start();
    check(kmem_frames_free() >= FRAMES);
    while ((frame[n] = kmem_frame_alloc())) {
        check(((word_t)frame[n] & ~PAGE_MASK) == 0);
        check(filled(frame[n], PAGE_SIZE, 0));
        memset(frame[n], (int)n + 1, PAGE_SIZE);
        check(++n < FRAMES * 2);
    }
    for (unsigned i = 0; i < n; i++)
        check(filled(frame[i], PAGE_SIZE, (unsigned char)(i + 1)));
}

TEST(kmem, frames_run_out_and_come_back)
{
    void *frame[FRAMES * 2];
    unsigned n = 0;

    start();
    word_t all = kmem_frames_free();
    while ((frame[n] = kmem_frame_alloc()))
        check(kmem_frames_free() == all - ++n);
    check(n == all && kmem_frame_alloc() == NULL);
    for (unsigned i = 0; i < n; i++)
        kmem_frame_free(frame[i]);
    check(kmem_frames_free() == all && kmem_frame_alloc() != NULL);
}

TEST(kmem, what_is_known_of_a_frame_is_empty_when_it_is_new)
{
    start();
    for (unsigned i = 0; i < rounds(500); i++) {
        void *frame = kmem_frame_alloc();
        struct kframe *f = kmem_frame_info(frame);
        check(!f->nodes && !f->parent && f->count == 0);
        f->nodes = f->parent = frame;
        f->count = rnd(99);
        kmem_frame_free(frame);
    }
}

/* ---- objects ---- */

#define LIVE_MAX 4000

struct small { char bytes[24]; };
struct middle { char bytes[200]; };
struct large { char bytes[1400]; };
struct huge { char bytes[4096]; };

static KMEM_CACHE(small, struct small);
static KMEM_CACHE(middle, struct middle);
static KMEM_CACHE(large, struct large);
static KMEM_CACHE(huge, struct huge);
static struct kmem_cache *const cache[] = { &small, &middle, &large, &huge };

static struct live {
    unsigned char *object;
    struct kmem_cache *cache;
    unsigned char fill;
} live[LIVE_MAX];
static unsigned lives;

static void allocate(void)
{
    struct live *l = &live[lives];

    l->cache = cache[rnd(4)];
    l->object = kmem_alloc(l->cache);
    if (!l->object) {
        check(kmem_frames_free() == 0);
        return;
    }
    check(((word_t)l->object & 15) == 0);
    check(filled(l->object, l->cache->size, 0));
    l->fill = (unsigned char)(1 + rnd(255));
    memset(l->object, l->fill, l->cache->size);
    lives++;
}

static void release(unsigned i)
{
    check(filled(live[i].object, live[i].cache->size, live[i].fill));
    kmem_free(live[i].cache, live[i].object);
    live[i] = live[--lives];
}

/* Nobody has written into another's object, frames and objects mixed. */
TEST(kmem, objects_never_overlap_in_a_random_sequence)
{
    start();
    word_t all = kmem_frames_free();
    for (unsigned i = 0; i < rounds(40); i++) {
        unsigned percent = 20 + rnd(70);    /* fill up, run empty */
        for (unsigned j = 0; j < 400; j++)
            if (lives < LIVE_MAX && chance(percent))
                allocate();
            else if (lives)
                release(rnd(lives));
    }
    while (lives)
        release(rnd(lives));
    check(kmem_frames_free() == all);
}

TEST(kmem, a_frame_goes_back_with_its_last_object)
{
    start();
    word_t all = kmem_frames_free();
    void *first = kmem_alloc(&middle), *second = kmem_alloc(&middle);
    check(kmem_frames_free() == all - 1);
    kmem_free(&middle, first);
    check(kmem_frames_free() == all - 1);
    kmem_free(&middle, second);
    check(kmem_frames_free() == all);
}

TEST(kmem, place_of_a_freed_object_is_used_again)
{
    void *object[PAGE_SIZE / sizeof(struct middle)];
    unsigned n = 0;

    start();
    object[n++] = kmem_alloc(&middle);
    word_t free = kmem_frames_free();
    while (n < (PAGE_SIZE / middle.size))
        object[n++] = kmem_alloc(&middle);
    check(kmem_frames_free() == free);
    for (unsigned i = 0; i < n; i++) {
        kmem_free(&middle, object[i]);
        check(kmem_alloc(&middle) == object[i]);
        check(kmem_frames_free() == free);
    }
}

TEST(kmem, objects_that_run_out_are_an_answer_and_not_the_end)
{
    start();
    void *frame[FRAMES * 2];
    unsigned n = 0;

    while ((frame[n] = kmem_frame_alloc()))
        n++;
    check(kmem_alloc(&small) == NULL);
    kmem_frame_free(frame[--n]);
    check(kmem_alloc(&small) != NULL);
    check(kmem_alloc(&middle) == NULL);
}
