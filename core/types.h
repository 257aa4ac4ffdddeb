/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words, addresses and ids as the kernel sees them.
 *
 * Ids are taken apart with shifts, not with the API's bit-fields: the same
 * code then reads them in either byte order.
 */
#ifndef CORE_TYPES_H
#define CORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <l4/sys/consts.h>
#include <l4/sys/numbers.h>
#include <l4/sys/types.h>

typedef l4_umword_t word_t;
typedef l4_umword_t paddr_t;    /* physical addresses fit a word: the kernel
                                   maps user memory one to one in sigma0 */
typedef uint64_t usec_t;        /* microseconds since boot */
typedef uint64_t threadid_t;    /* a Version 2 id, see below */

#define WORD_BITS   L4_WORD_BITS
#define PAGE_SHIFT  L4_LOG2_PAGESIZE
#define PAGE_SIZE   ((word_t)1 << PAGE_SHIFT)
#define PAGE_MASK   (~(PAGE_SIZE - 1))

#define IO_PORTS    L4_IO_PORTS     /* 0: the machine has no such thing */

#define NORETURN    __attribute__((noreturn))
#define NOINLINE    __attribute__((noinline))
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define MUST_CHECK  __attribute__((warn_unused_result))

/*
 * Version 2 ids, from the low end: version_low 10, lthread 7, task 11,
 * version_high 4, site 17, chief 11, nest 4.
 */
#define MAX_TASKS       2048
#define MAX_LTHREADS    128
#define MAX_NEST        15
#define ID_NIL          ((threadid_t)0)
#define ID_INVALID      (~(threadid_t)0)

static inline unsigned id_lthread(threadid_t id) { return (id >> 10) & 0x7f; }
static inline unsigned id_task(threadid_t id) { return (id >> 17) & 0x7ff; }
static inline unsigned id_chief(threadid_t id) { return (id >> 49) & 0x7ff; }
static inline unsigned id_nest(threadid_t id) { return (id >> 60) & 0xf; }

/* lthread and task together: the thread's place in the thread table. */
static inline unsigned id_number(threadid_t id)
{
    return (id >> 10) & (MAX_TASKS * MAX_LTHREADS - 1);
}

/* 14 bits: the incarnation of the task. */
static inline unsigned id_version(threadid_t id)
{
    return (id & 0x3ff) | ((id >> 28 & 0xf) << 10);
}

static inline threadid_t id_make(unsigned task, unsigned lthread,
                                 unsigned version, unsigned chief,
                                 unsigned nest)
{
    return (threadid_t)(version & 0x3ff) | (threadid_t)lthread << 10 |
           (threadid_t)task << 17 | (threadid_t)(version >> 10 & 0xf) << 28 |
           (threadid_t)chief << 49 | (threadid_t)nest << 60;
}

/* The same task's thread `lthread`. */
static inline threadid_t id_with_lthread(threadid_t id, unsigned lthread)
{
    return (id & ~((threadid_t)0x7f << 10)) | (threadid_t)lthread << 10;
}

/* Outcome of anything that can fail. */
enum err {
    OK,
    ERR_NO_MEM,     /* the kernel's pool is empty */
    ERR_INVALID,    /* an argument outside its range */
    ERR_DENIED,     /* not the caller's to do */
    ERR_NOT_FOUND,  /* no such thread, task or mapping */
    ERR_AGAIN       /* preempted: call again to go on */
};

#define container_of(ptr, type, member) \
    ((type *)((char *)(ptr) - offsetof(type, member)))

#endif
