/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data types of the Version 2 API: thread ids, flexpages, message dopes,
 * timeouts, scheduling parameters.
 *
 * Programs written to the Version 2 bindings take these apart by member
 * names, so they are unions with bit-fields. Bit-fields follow the byte
 * order; L4_BITS2..L4_BITS8 list members from the low end of the word and
 * turn them round on a big-endian target. The kernel itself uses shifts.
 */
#ifndef L4_SYS_TYPES_H
#define L4_SYS_TYPES_H

#include <l4/sys/compiler.h>
#include <l4/sys/consts.h>
#include <l4/sys/l4int.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define L4_BITS2(a, b)          b; a
#define L4_BITS3(a, b, c)       c; L4_BITS2(a, b)
#define L4_BITS4(a, b, c, d)    d; L4_BITS3(a, b, c)
#define L4_BITS5(a, b, c, d, e) e; L4_BITS4(a, b, c, d)
#define L4_BITS6(a, b, c, d, e, f) f; L4_BITS5(a, b, c, d, e)
#define L4_BITS7(a, b, c, d, e, f, g) g; L4_BITS6(a, b, c, d, e, f)
#define L4_BITS8(a, b, c, d, e, f, g, h) h; L4_BITS7(a, b, c, d, e, f, g)
#else
#define L4_BITS2(a, b)          a; b
#define L4_BITS3(a, b, c)       L4_BITS2(a, b); c
#define L4_BITS4(a, b, c, d)    L4_BITS3(a, b, c); d
#define L4_BITS5(a, b, c, d, e) L4_BITS4(a, b, c, d); e
#define L4_BITS6(a, b, c, d, e, f) L4_BITS5(a, b, c, d, e); f
#define L4_BITS7(a, b, c, d, e, f, g) L4_BITS6(a, b, c, d, e, f); g
#define L4_BITS8(a, b, c, d, e, f, g, h) L4_BITS7(a, b, c, d, e, f, g); h
#endif

/* ---- thread and task ids ---- */

typedef struct {
    L4_BITS2(l4_uint32_t low, l4_uint32_t high);
} l4_low_high_t;

typedef struct {
    L4_BITS7(l4_uint64_t version_low : 10,
             l4_uint64_t lthread : 7,
             l4_uint64_t task : 11,
             l4_uint64_t version_high : 4,
             l4_uint64_t site : 17,
             l4_uint64_t chief : 11,
             l4_uint64_t nest : 4);
} l4_threadid_struct_t;

typedef union {
    l4_uint64_t raw;
    l4_low_high_t lh;
    l4_threadid_struct_t id;
} l4_threadid_t;

typedef l4_threadid_t l4_taskid_t;

#define L4_NIL_ID_INIT      { 0 }
#define L4_INVALID_ID_INIT  { ~0ULL }
#define L4_NIL_ID           ((l4_threadid_t){ .raw = 0 })
#define L4_INVALID_ID       ((l4_threadid_t){ .raw = ~0ULL })

L4_INLINE int l4_is_nil_id(l4_threadid_t id) { return id.raw == 0; }
L4_INLINE int l4_is_invalid_id(l4_threadid_t id) { return id.raw == ~0ULL; }

L4_INLINE int l4_thread_equal(l4_threadid_t a, l4_threadid_t b)
{
    return a.raw == b.raw;
}

/* Do two threads belong to one task, and to one incarnation of it? */
L4_INLINE int l4_task_equal(l4_threadid_t a, l4_threadid_t b)
{
    a.id.lthread = b.id.lthread = 0;
    return a.raw == b.raw;
}

L4_INLINE int l4_tasknum_equal(l4_threadid_t a, l4_threadid_t b)
{
    return a.id.task == b.id.task;
}

/* A task's id is that of its lthread 0. */
L4_INLINE l4_taskid_t l4_get_taskid(l4_threadid_t t)
{
    t.id.lthread = 0;
    return t;
}

/* The id from which interrupt `irq` arrives: its number plus one. */
L4_INLINE void l4_make_taskid_from_irq(int irq, l4_threadid_t *t)
{
    t->raw = (l4_uint64_t)(irq + 1);
}

L4_INLINE int l4_is_irq_id(l4_threadid_t id)
{
    return id.raw >= 1 && id.raw <= 0x3ff;  /* no task, no lthread */
}

L4_INLINE int l4_get_irqnr(l4_threadid_t id)
{
    return (int)id.raw - 1;
}

typedef struct {
    L4_BITS2(l4_uint64_t intr : 8, l4_uint64_t zero : 56);
} l4_intrid_struct_t;

typedef union {
    l4_uint64_t raw;
    l4_low_high_t lh;
    l4_intrid_struct_t id;
} l4_intrid_t;

/* ---- flexpages ---- */

#define L4_FPAGE_RO     0
#define L4_FPAGE_RW     1
#define L4_FPAGE_MAP    0
#define L4_FPAGE_GRANT  1

typedef struct {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    l4_umword_t page : L4_WORD_BITS - 12;
    l4_umword_t zero : 4;
    l4_umword_t size : 6;
    l4_umword_t write : 1;
    l4_umword_t grant : 1;
#else
    l4_umword_t grant : 1;
    l4_umword_t write : 1;
    l4_umword_t size : 6;
    l4_umword_t zero : 4;
    l4_umword_t page : L4_WORD_BITS - 12;
#endif
} l4_fpage_struct_t;

/* I/O ports, see l4_iofpage(). */
typedef struct {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#if L4_WORD_BITS == 64
    l4_umword_t unused : 32;
#endif
    l4_umword_t f : 4;
    l4_umword_t iopage : 16;
    l4_umword_t zero2 : 4;
    l4_umword_t iosize : 6;
    l4_umword_t zero1 : 1;
    l4_umword_t grant : 1;
#else
    l4_umword_t grant : 1;
    l4_umword_t zero1 : 1;
    l4_umword_t iosize : 6;
    l4_umword_t zero2 : 4;
    l4_umword_t iopage : 16;
    l4_umword_t f : 4;
#endif
} l4_iofpage_struct_t;

typedef union {
    l4_umword_t raw;
    l4_umword_t fpage;
    l4_fpage_struct_t fp;
    l4_iofpage_struct_t iofp;
} l4_fpage_t;

/*
 * A flexpage: base `address` (aligned to its size), size 2^`size` bytes.
 * write: L4_FPAGE_RO or L4_FPAGE_RW; grant: L4_FPAGE_MAP or L4_FPAGE_GRANT.
 */
L4_INLINE l4_fpage_t l4_fpage(l4_umword_t address, unsigned size,
                              unsigned write, unsigned grant)
{
    l4_fpage_t f;
    f.raw = (address & ~(((l4_umword_t)1 << 12) - 1)) |
            ((l4_umword_t)size << 2) | (write ? 2 : 0) | (grant ? 1 : 0);
    return f;
}

/*
 * A flexpage of I/O ports: 2^`size` of them from `port` on, which is aligned
 * to that number. Where there are ports (L4_IO_PORTS is not 0) they are
 * mapped, granted and unmapped like memory, but always to the same numbers,
 * and whole: there is no reading without writing. Extension of Version 2, as
 * its later kernels have it; see doc/api/io_ports.md.
 */
#define L4_WHOLE_IOADDRESS_SPACE    16
#define L4_IOPORT_MAX               (1L << L4_WHOLE_IOADDRESS_SPACE)
#define L4_IOFPAGE                  ((l4_umword_t)0xf0000000)

L4_INLINE l4_fpage_t l4_iofpage(unsigned port, unsigned size, unsigned grant)
{
    l4_fpage_t f;
    f.raw = L4_IOFPAGE | (l4_umword_t)(port & 0xffff) << 12 |
            (l4_umword_t)size << 2 | (grant ? 1 : 0);
    return f;
}

/* Never true without ports: addresses may look like that there. */
L4_INLINE int l4_is_iofpage(l4_fpage_t f)
{
    return L4_IO_PORTS && (f.raw & L4_IOFPAGE) == L4_IOFPAGE;
}

/* Does the word of a page fault stand for a port? */
L4_INLINE int l4_is_io_page_fault(unsigned long address)
{
    l4_fpage_t f = { .raw = address };

    return l4_is_iofpage(f) && f.iofp.zero2 == 0;
}

typedef struct {
    l4_umword_t snd_base;
    l4_fpage_t fpage;
} l4_snd_fpage_t;

/* ---- message dope: the result of an IPC ---- */

typedef struct {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ && L4_WORD_BITS == 64
    l4_umword_t unused : 32;
#endif
    L4_BITS8(l4_umword_t msg_deceited : 1,
             l4_umword_t fpage_received : 1,
             l4_umword_t msg_redirected : 1,
             l4_umword_t src_inside : 1,
             l4_umword_t snd_error : 1,
             l4_umword_t error_code : 3,
             l4_umword_t strings : 5,
             l4_umword_t dwords : 19);
} l4_msgdope_struct_t;

typedef union {
    l4_umword_t msgdope;
    l4_umword_t raw;
    l4_msgdope_struct_t md;
} l4_msgdope_t;

typedef struct {
    l4_umword_t snd_size;
    l4_umword_t snd_str;
    l4_umword_t rcv_size;
    l4_umword_t rcv_str;
} l4_strdope_t;

/* ---- timeouts ---- */

typedef struct {
    L4_BITS6(l4_uint32_t rcv_exp : 4,
             l4_uint32_t snd_exp : 4,
             l4_uint32_t rcv_pfault : 4,
             l4_uint32_t snd_pfault : 4,
             l4_uint32_t snd_man : 8,
             l4_uint32_t rcv_man : 8);
} l4_timeout_struct_t;

typedef union {
    l4_uint32_t timeout;
    l4_uint32_t raw;
    l4_timeout_struct_t to;
} l4_timeout_t;

#define L4_IPC_NEVER_INITIALIZER { 0 }
#define L4_IPC_NEVER            ((l4_timeout_t){ .timeout = 0 })

/* Mantissas in units of 4^(15-exp) microseconds; exp 0 is never. */
#define L4_IPC_TIMEOUT(snd_man, snd_exp, rcv_man, rcv_exp, snd_pflt, rcv_pflt) \
    ((l4_timeout_t){ .timeout =                                             \
        ((l4_uint32_t)(rcv_exp) & 15) |                                     \
        (((l4_uint32_t)(snd_exp) & 15) << 4) |                              \
        (((l4_uint32_t)(rcv_pflt) & 15) << 8) |                             \
        (((l4_uint32_t)(snd_pflt) & 15) << 12) |                            \
        (((l4_uint32_t)(snd_man) & 255) << 16) |                            \
        (((l4_uint32_t)(rcv_man) & 255) << 24) })

/* ---- arguments and results of the calls other than ipc ---- */

/* Slots that each target's arch/abi.h binds to registers. */
struct l4_call_args {
    l4_umword_t arg[3];
    l4_threadid_t id[2];
};

/* ---- scheduling parameters ---- */

/* What comes back in `state` is to be 0 when it goes in: `zero` is its other
   name. */
typedef struct {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ && L4_WORD_BITS == 64
    l4_umword_t unused : 32;
#endif
    __extension__ union {
        struct {
            L4_BITS5(l4_uint32_t prio : 8,
                     l4_uint32_t small : 8,
                     l4_uint32_t state : 4,
                     l4_uint32_t time_exp : 4,
                     l4_uint32_t time_man : 8);
        };
        struct {
            L4_BITS3(l4_uint32_t : 16,
                     l4_uint32_t zero : 4,
                     l4_uint32_t : 12);
        };
    };
} l4_sched_param_struct_t;

typedef union {
    l4_umword_t sched_param;
    l4_umword_t raw;
    l4_sched_param_struct_t sp;
} l4_sched_param_t;

#define L4_INVALID_SCHED_PARAM \
    ((l4_sched_param_t){ .sched_param = ~(l4_umword_t)0 })

/* A small space's number: which of those of size_mb megabytes. */
#define L4_SMALL_SPACE(size_mb, nr) (((size_mb) >> 2) + (nr) * ((size_mb) >> 1))

L4_INLINE int l4_is_invalid_sched_param(l4_sched_param_t param)
{
    return param.sched_param == ~(l4_umword_t)0;
}

/* A time slice of so many microseconds, rounded down to what can be said. */
L4_INLINE void l4_sched_param_set_time(int us, l4_sched_param_t *param)
{
    unsigned man = (unsigned)us, exp = 15;

    for (; man > 255; man >>= 2)
        exp--;
    param->sp.time_man = man & 255;
    param->sp.time_exp = exp & 15;
}

#endif
