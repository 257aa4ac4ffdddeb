/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bits of words in memory, atomically. Bit b of an array of words is bit
 * b % L4_MWORD_BITS of its element b / L4_MWORD_BITS.
 */
#ifndef L4_UTIL_BITOPS_H
#define L4_UTIL_BITOPS_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

#define L4UTIL_WORD_OF(dest, b) \
    ((dest) + (unsigned)(b) / (8 * sizeof(*(dest))))
#define L4UTIL_MASK_OF(dest, b) \
    ((__typeof__(*(dest) + 0))1 << (unsigned)(b) % (8 * sizeof(*(dest))))

L4_INLINE void l4util_set_bit(int b, volatile l4_umword_t *dest)
{
    __atomic_or_fetch(L4UTIL_WORD_OF(dest, b), L4UTIL_MASK_OF(dest, b),
                      __ATOMIC_SEQ_CST);
}

L4_INLINE void l4util_clear_bit(int b, volatile l4_umword_t *dest)
{
    __atomic_and_fetch(L4UTIL_WORD_OF(dest, b), ~L4UTIL_MASK_OF(dest, b),
                       __ATOMIC_SEQ_CST);
}

L4_INLINE void l4util_complement_bit(int b, volatile l4_umword_t *dest)
{
    __atomic_xor_fetch(L4UTIL_WORD_OF(dest, b), L4UTIL_MASK_OF(dest, b),
                       __ATOMIC_SEQ_CST);
}

L4_INLINE int l4util_test_bit(int b, const volatile l4_umword_t *dest)
{
    return (*L4UTIL_WORD_OF(dest, b) & L4UTIL_MASK_OF(dest, b)) != 0;
}

/* In arrays of 32-bit words. */
L4_INLINE void l4util_set_bit32(int b, volatile l4_uint32_t *dest)
{
    __atomic_or_fetch(L4UTIL_WORD_OF(dest, b), L4UTIL_MASK_OF(dest, b),
                      __ATOMIC_SEQ_CST);
}

L4_INLINE void l4util_clear_bit32(int b, volatile l4_uint32_t *dest)
{
    __atomic_and_fetch(L4UTIL_WORD_OF(dest, b), ~L4UTIL_MASK_OF(dest, b),
                       __ATOMIC_SEQ_CST);
}

L4_INLINE int l4util_test_bit32(int b, const volatile l4_uint32_t *dest)
{
    return (*L4UTIL_WORD_OF(dest, b) & L4UTIL_MASK_OF(dest, b)) != 0;
}

/* Set, reset or complement a bit; the result is what it was. */
L4_INLINE int l4util_bts(int b, volatile l4_umword_t *dest)
{
    return (__atomic_fetch_or(L4UTIL_WORD_OF(dest, b),
                              L4UTIL_MASK_OF(dest, b), __ATOMIC_SEQ_CST) &
            L4UTIL_MASK_OF(dest, b)) != 0;
}

L4_INLINE int l4util_btr(int b, volatile l4_umword_t *dest)
{
    return (__atomic_fetch_and(L4UTIL_WORD_OF(dest, b),
                               ~L4UTIL_MASK_OF(dest, b), __ATOMIC_SEQ_CST) &
            L4UTIL_MASK_OF(dest, b)) != 0;
}

L4_INLINE int l4util_btc(int b, volatile l4_umword_t *dest)
{
    return (__atomic_fetch_xor(L4UTIL_WORD_OF(dest, b),
                               L4UTIL_MASK_OF(dest, b), __ATOMIC_SEQ_CST) &
            L4UTIL_MASK_OF(dest, b)) != 0;
}

#define l4util_test_and_set_bit(b, dest)    l4util_bts(b, dest)
#define l4util_test_and_clear_bit(b, dest)  l4util_btr(b, dest)
#define l4util_test_and_change_bit(b, dest) l4util_btc(b, dest)
#define l4util_log2(word)                   l4util_bsr(word)

/* The number of the highest, and of the lowest bit that is set; -1 for 0. */
L4_INLINE int l4util_bsr(l4_umword_t word)
{
    return word ? L4_MWORD_BITS - 1 - __builtin_clzl(word) : -1;
}

L4_INLINE int l4util_bsf(l4_umword_t word)
{
    return word ? __builtin_ctzl(word) : -1;
}

/* The first of `size` bits that is not 0 (or not 1); size or more if all are.
   `size` is a multiple of a word's bits. */
L4_INLINE int l4util_find_bit(const l4_umword_t *word, l4_size_t size,
                              l4_umword_t flip)
{
    for (l4_size_t bit = 0; bit < size; bit += L4_MWORD_BITS, word++)
        if (*word ^ flip)
            return (int)bit + l4util_bsf(*word ^ flip);
    return (int)size;
}

L4_INLINE int l4util_find_first_set_bit(const void *dest, l4_size_t size)
{
    return l4util_find_bit((const l4_umword_t *)dest, size, 0);
}

L4_INLINE int l4util_find_first_zero_bit(const void *dest, l4_size_t size)
{
    return l4util_find_bit((const l4_umword_t *)dest, size, ~(l4_umword_t)0);
}

#endif
