/* SPDX-License-Identifier: BSD-2-Clause */
/* ia32: the instructions that enter the kernel, bound as abi.h says. */
#ifndef L4_SYS_ARCH_STUBS_H
#define L4_SYS_ARCH_STUBS_H

#include <l4/sys/types.h>
#include <l4/sys/numbers.h>
#include <l4/sys/arch/abi.h>

/* IPC by operation word through SYSENTER; returns the dope. */
L4_INLINE l4_umword_t l4_arch_ipc_op(l4_umword_t op, l4_threadid_t *id,
                                     l4_umword_t words[L4_REG_WORDS])
{
    l4_uint32_t low = (l4_uint32_t)id->raw;
    l4_uint32_t high = (l4_uint32_t)(id->raw >> 32);
    l4_umword_t w0 = words[0], w1 = words[1];

    __asm__ volatile(
        "pushl %%ebp\n\t"
        "movl %%edx, %%ebp\n\t"
        "movl %%esp, %%ecx\n\t"
        "movl $1f, %%edx\n\t"
        "sysenter\n"
        "1:\tmovl %%ebp, %%edx\n\t"
        "popl %%ebp"
        : "+a"(op), "+S"(low), "+D"(high), "+d"(w0), "+b"(w1)
        :
        : "ecx", "memory", "cc");
    id->raw = ((l4_uint64_t)high << 32) | low;
    words[0] = w0;
    words[1] = w1;
    return op;
}

/* The same: these are the two words of Version 2. */
#define l4_arch_ipc_op2 l4_arch_ipc_op

/* As l4_arch_ipc(), with timeouts that the compiler knows: seven values have
   six registers, since EBP is its own. */
L4_INLINE l4_umword_t l4_arch_ipc_constant(l4_umword_t snd, l4_umword_t rcv,
                                           const l4_umword_t timeouts,
                                           l4_threadid_t *id,
                                           l4_umword_t words[L4_REG_WORDS])
{
    l4_uint32_t low = (l4_uint32_t)id->raw;
    l4_uint32_t high = (l4_uint32_t)(id->raw >> 32);
    l4_umword_t w0 = words[0], w1 = words[1];

    __asm__ volatile(
        "pushl %%ebp\n\t"
        "movl %%ecx, %%ebp\n\t"
        "movl %6, %%ecx\n\t"
        "int $0x30\n\t"
        "popl %%ebp"
        : "+a"(snd), "+c"(rcv), "+S"(low), "+D"(high), "+d"(w0), "+b"(w1)
        : "i"(timeouts)
        : "memory", "cc");
    id->raw = ((l4_uint64_t)high << 32) | low;
    words[0] = w0;
    words[1] = w1;
    return snd;
}

/* IPC with all its arguments through the Version 2 gate; returns the dope. */
L4_INLINE l4_umword_t l4_arch_ipc(l4_umword_t snd, l4_umword_t rcv,
                                  l4_umword_t timeouts, l4_threadid_t *id,
                                  l4_umword_t words[L4_REG_WORDS])
{
    if (__builtin_constant_p(timeouts))
        return l4_arch_ipc_constant(snd, rcv, timeouts, id, words);
    l4_umword_t in[3] = { words[0], words[1], rcv };
    l4_uint32_t low = (l4_uint32_t)id->raw;
    l4_uint32_t high = (l4_uint32_t)(id->raw >> 32);
    l4_umword_t w0 = (l4_umword_t)in, w1;

    __asm__ volatile(
        "pushl %%ebp\n\t"
        "movl 8(%%edx), %%ebp\n\t"
        "movl 4(%%edx), %%ebx\n\t"
        "movl (%%edx), %%edx\n\t"
        "int $0x30\n\t"
        "popl %%ebp"
        : "+a"(snd), "+c"(timeouts), "+S"(low), "+D"(high), "+d"(w0),
          "=&b"(w1)
        :
        : "memory", "cc");
    id->raw = ((l4_uint64_t)high << 32) | low;
    words[0] = w0;
    words[1] = w1;
    return snd;
}

/* The same for chiefs: *other is the virtual sender of a deceiving send, and
   on return whom a redirected message was for. */
L4_INLINE l4_umword_t l4_arch_ipc_chief(l4_umword_t snd, l4_umword_t rcv,
                                        l4_umword_t timeouts,
                                        l4_threadid_t *id,
                                        l4_threadid_t *other,
                                        l4_umword_t words[L4_REG_WORDS])
{
    struct {
        l4_umword_t w0, w1, rcv;
        l4_uint32_t other_low, other_high;
    } in = { words[0], words[1], rcv, (l4_uint32_t)other->raw,
             (l4_uint32_t)(other->raw >> 32) };
    l4_uint32_t low = (l4_uint32_t)id->raw;
    l4_uint32_t high = (l4_uint32_t)(id->raw >> 32);
    l4_umword_t w0 = (l4_umword_t)&in, other_high;

    __asm__ volatile(
        "pushl %%ebp\n\t"
        "pushl %%edx\n\t"
        "pushl 16(%%edx)\n\t"
        "pushl 12(%%edx)\n\t"
        "movl 8(%%edx), %%ebp\n\t"
        "movl 4(%%edx), %%ebx\n\t"
        "movl (%%edx), %%edx\n\t"
        "int $0x30\n\t"
        "movl %%ebp, 4(%%esp)\n\t"     /* over the virtual sender */
        "movl 8(%%esp), %%ebp\n\t"     /* &in */
        "movl %%ebx, 4(%%ebp)\n\t"
        "movl 4(%%esp), %%ebx\n\t"
        "addl $12, %%esp\n\t"
        "popl %%ebp"
        : "+a"(snd), "+c"(timeouts), "+S"(low), "+D"(high), "+d"(w0),
          "=&b"(other_high)
        :
        : "memory", "cc");
    id->raw = ((l4_uint64_t)high << 32) | low;
    other->raw = ((l4_uint64_t)other_high << 32) | (l4_uint32_t)timeouts;
    words[0] = w0;
    words[1] = in.w1;
    return snd;
}

/* id_nearest with the nil id: the caller's own. It spoils nothing else. */
L4_INLINE l4_threadid_t l4_arch_myself(void)
{
    l4_uint32_t low = 0, high = 0;
    l4_threadid_t self;

    __asm__ volatile("int %2"
                     : "+S"(low), "+D"(high)
                     : "i"(L4_GATE_BASE + L4_SYS_ID_NEAREST)
                     : "eax", "cc");
    self.raw = ((l4_uint64_t)high << 32) | low;
    return self;
}

/* Any other call: arguments and results in *a. `number` must be constant. */
L4_INLINE void l4_arch_call(unsigned number, struct l4_call_args *a)
{
    struct {
        l4_uint32_t a, c, d, si, di, b, bp;
    } r = {
        a->arg[0], a->arg[1], a->arg[2],
        (l4_uint32_t)a->id[0].raw, (l4_uint32_t)(a->id[0].raw >> 32),
        (l4_uint32_t)a->id[1].raw, (l4_uint32_t)(a->id[1].raw >> 32),
    };
    void *p = &r;

    __asm__ volatile(
        "pushl %%ebp\n\t"
        "pushl %%eax\n\t"
        "movl 4(%%eax), %%ecx\n\t"
        "movl 8(%%eax), %%edx\n\t"
        "movl 12(%%eax), %%esi\n\t"
        "movl 16(%%eax), %%edi\n\t"
        "movl 20(%%eax), %%ebx\n\t"
        "movl 24(%%eax), %%ebp\n\t"
        "movl (%%eax), %%eax\n\t"
        "int %1\n\t"
        "xchgl %%ebp, (%%esp)\n\t"
        "movl %%eax, (%%ebp)\n\t"
        "movl %%ecx, 4(%%ebp)\n\t"
        "movl %%edx, 8(%%ebp)\n\t"
        "movl %%esi, 12(%%ebp)\n\t"
        "movl %%edi, 16(%%ebp)\n\t"
        "movl %%ebx, 20(%%ebp)\n\t"
        "popl 24(%%ebp)\n\t"
        "popl %%ebp"
        : "+a"(p)
        : "i"(L4_GATE_BASE + number)
        : "ebx", "ecx", "edx", "esi", "edi", "memory", "cc");
    a->arg[0] = r.a;
    a->arg[1] = r.c;
    a->arg[2] = r.d;
    a->id[0].raw = ((l4_uint64_t)r.di << 32) | r.si;
    a->id[1].raw = ((l4_uint64_t)r.bp << 32) | r.b;
}

/* Address of the running thread's UTCB. */
L4_INLINE void *l4_arch_utcb(void)
{
    return *(void *volatile *)L4_UTCB_POINTER;
}

#endif
