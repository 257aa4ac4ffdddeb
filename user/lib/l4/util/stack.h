/* SPDX-License-Identifier: BSD-2-Clause */
/* Pushing on a stack that is not one's own. */
#ifndef L4_UTIL_STACK_H
#define L4_UTIL_STACK_H

#include <l4/sys/types.h>

L4_INLINE void l4util_stack_push_mword(l4_addr_t *stack, l4_mword_t val)
{
    *stack -= sizeof(val);
    *(l4_mword_t *)*stack = val;
}

/* In two halves: the stack may be aligned to four bytes only. */
L4_INLINE void l4util_stack_push_threadid(l4_addr_t *stack, l4_threadid_t val)
{
    *stack -= sizeof(val);
    ((l4_low_high_t *)*stack)->low = val.lh.low;
    ((l4_low_high_t *)*stack)->high = val.lh.high;
}

/* About where the caller's stack is. */
L4_INLINE l4_addr_t l4util_stack_get_sp(void)
{
    return (l4_addr_t)__builtin_frame_address(0);
}

#endif
