/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Atomic operations on memory that threads share, in or between tasks.
 * `_res`: the result is the new value; of cmpxchg, the old one.
 */
#ifndef L4_UTIL_ATOMIC_H
#define L4_UTIL_ATOMIC_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

/* Exchange; and if *dest is cmp_val make it new_val: was it? */
#define L4UTIL_EXCHANGE(suffix, type)                                      \
L4_INLINE int l4util_cmpxchg##suffix(volatile type *dest, type cmp_val,    \
                                     type new_val)                         \
{                                                                          \
    return __atomic_compare_exchange_n(dest, &cmp_val, new_val, 0,         \
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
}                                                                          \
                                                                           \
L4_INLINE type l4util_cmpxchg##suffix##_res(volatile type *dest,           \
                                            type cmp_val, type new_val)    \
{                                                                          \
    __atomic_compare_exchange_n(dest, &cmp_val, new_val, 0,                \
                                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);       \
    return cmp_val;                                                        \
}                                                                          \
                                                                           \
L4_INLINE type l4util_xchg##suffix(volatile type *dest, type val)          \
{                                                                          \
    return __atomic_exchange_n(dest, val, __ATOMIC_SEQ_CST);               \
}

/* One operation with a second operand, one that counts by 1. */
#define L4UTIL_OPERATION(name, builtin, bits)                              \
L4_INLINE l4_uint##bits##_t l4util_##name##bits##_res(                     \
    volatile l4_uint##bits##_t *dest, l4_uint##bits##_t val)               \
{                                                                          \
    return builtin(dest, val, __ATOMIC_SEQ_CST);                           \
}                                                                          \
                                                                           \
L4_INLINE void l4util_##name##bits(volatile l4_uint##bits##_t *dest,       \
                                   l4_uint##bits##_t val)                  \
{                                                                          \
    builtin(dest, val, __ATOMIC_SEQ_CST);                                  \
}

#define L4UTIL_COUNT(name, builtin, bits)                                  \
L4_INLINE l4_uint##bits##_t l4util_##name##bits##_res(                     \
    volatile l4_uint##bits##_t *dest)                                      \
{                                                                          \
    return builtin(dest, 1, __ATOMIC_SEQ_CST);                             \
}                                                                          \
                                                                           \
L4_INLINE void l4util_##name##bits(volatile l4_uint##bits##_t *dest)       \
{                                                                          \
    builtin(dest, 1, __ATOMIC_SEQ_CST);                                    \
}

#define L4UTIL_ATOMIC(bits)                                                \
    L4UTIL_EXCHANGE(bits, l4_uint##bits##_t)                               \
    L4UTIL_OPERATION(add, __atomic_add_fetch, bits)                        \
    L4UTIL_OPERATION(sub, __atomic_sub_fetch, bits)                        \
    L4UTIL_OPERATION(and, __atomic_and_fetch, bits)                        \
    L4UTIL_OPERATION(or, __atomic_or_fetch, bits)                          \
    L4UTIL_COUNT(inc, __atomic_add_fetch, bits)                            \
    L4UTIL_COUNT(dec, __atomic_sub_fetch, bits)

L4UTIL_ATOMIC(8)
L4UTIL_ATOMIC(16)
L4UTIL_ATOMIC(32)
L4UTIL_EXCHANGE(, l4_umword_t)

L4_INLINE int l4util_cmpxchg64(volatile l4_uint64_t *dest, l4_uint64_t cmp_val,
                               l4_uint64_t new_val)
{
    return __sync_bool_compare_and_swap(dest, cmp_val, new_val);
}

L4_INLINE void l4util_atomic_add(volatile long *dest, long val)
{
    __atomic_add_fetch(dest, val, __ATOMIC_SEQ_CST);
}

L4_INLINE void l4util_atomic_inc(volatile long *dest)
{
    l4util_atomic_add(dest, 1);
}

#endif
