/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands between core and kmem.c (the linker's --wrap): memory that was
 * freed is poisoned, so the sanitizer sees whoever uses it still, and any
 * allocation can be made to fail. In front of the fast paths stands a switch.
 */
#include <sanitizer/asan_interface.h>

#include "fault.h"
#include "host.h"
#include "htest.h"
#include "ipc.h"
#include "kmem.h"

static unsigned countdown;
static bool failed;

void memory_start(unsigned frames)
{
    char *start = phys_to_kva(HOST_RAM_SIZE / 2);

    kmem_init(start, start + frames * (PAGE_SIZE + sizeof(struct kframe)) +
                         2 * PAGE_SIZE);
}

void memory_fail(unsigned n)
{
    countdown = n;
    failed = false;
}

bool memory_failed(void)
{
    countdown = 0;
    return failed;
}

static bool fails_now(void)
{
    if (countdown == 0 || --countdown > 0)
        return false;
    failed = true;
    return true;
}

void *__real_kmem_frame_alloc(void);
void *__wrap_kmem_frame_alloc(void);
void __real_kmem_frame_free(void *frame);
void __wrap_kmem_frame_free(void *frame);
void *__real_kmem_alloc(struct kmem_cache *c);
void *__wrap_kmem_alloc(struct kmem_cache *c);
void *__real_kmem_take(struct kmem_cache *c);
void *__wrap_kmem_take(struct kmem_cache *c);
void __real_kmem_free(struct kmem_cache *c, void *object);
void *__wrap_kmem_take(struct kmem_cache *c)
{
    void *object = fails_now() ? NULL : __real_kmem_take(c);

    if (object)
        ASAN_UNPOISON_MEMORY_REGION(object, c->size);
    return object;
}

void __wrap_kmem_free(struct kmem_cache *c, void *object);
bool __real_ipc_fast(struct tcb *self, word_t op);
bool __wrap_ipc_fast(struct tcb *self, word_t op);
bool __real_fault_fast_call(struct tcb *t, enum msg_kind kind, word_t w0);
bool __wrap_fault_fast_call(struct tcb *t, enum msg_kind kind, word_t w0);
bool __real_fault_fast_answer(struct tcb *self, word_t op);
bool __wrap_fault_fast_answer(struct tcb *self, word_t op);

void *__wrap_kmem_frame_alloc(void)
{
    void *frame = fails_now() ? NULL : __real_kmem_frame_alloc();

    if (frame)
        ASAN_UNPOISON_MEMORY_REGION(frame, PAGE_SIZE);
    return frame;
}

void __wrap_kmem_frame_free(void *frame)
{
    __real_kmem_frame_free(frame);
    ASAN_POISON_MEMORY_REGION(frame, PAGE_SIZE);
}

void *__wrap_kmem_alloc(struct kmem_cache *c)
{
    void *object = fails_now() ? NULL : __real_kmem_alloc(c);

    if (object)
        ASAN_UNPOISON_MEMORY_REGION(object, c->size);
    return object;
}

void __wrap_kmem_free(struct kmem_cache *c, void *object)
{
    __real_kmem_free(c, object);
    ASAN_POISON_MEMORY_REGION(object, c->size);
}

/* ---- the fast paths ---- */

bool fast_path = true;
unsigned fast_path_taken;

bool __wrap_ipc_fast(struct tcb *self, word_t op)
{
    if (!fast_path || !__real_ipc_fast(self, op))
        return false;
    fast_path_taken++;
    return true;
}

bool __wrap_fault_fast_call(struct tcb *t, enum msg_kind kind, word_t w0)
{
    if (!fast_path || !__real_fault_fast_call(t, kind, w0))
        return false;
    fast_path_taken++;
    return true;
}

bool __wrap_fault_fast_answer(struct tcb *self, word_t op)
{
    if (!fast_path || !__real_fault_fast_answer(self, op))
        return false;
    fast_path_taken++;
    return true;
}
