/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own console: for early output, tests and last words. */
#ifndef L4_SYS_KDEBUG_H
#define L4_SYS_KDEBUG_H

#include <l4/sys/types.h>
#include <l4/sys/arch/stubs.h>

/* Too long to be copied to wherever it is called. */
#define L4_KDEBUG_FUNCTION static __attribute__((unused))

L4_INLINE l4_umword_t l4_kdebug(l4_umword_t op, l4_umword_t value)
{
    struct l4_call_args a = {
        .arg = { op, value }, .id = { L4_NIL_ID, L4_NIL_ID },
    };
    l4_arch_call(L4_SYS_KDEBUG, &a);
    return a.arg[0];
}

/* Leave the simulator with this status. Only the root task may. */
L4_INLINE void l4_kdebug_halt(l4_umword_t status)
{
    l4_kdebug(L4_KDEBUG_HALT, status);
}

/* ---- output ---- */

L4_KDEBUG_FUNCTION void outchar(char c)
{
    l4_kdebug(L4_KDEBUG_PUTC, (unsigned char)c);
}

L4_KDEBUG_FUNCTION void outnstring(const char *s, unsigned length)
{
    while (length--)
        outchar(*s++);
}

L4_KDEBUG_FUNCTION void outstring(const char *s)
{
    while (*s)
        outchar(*s++);
}

L4_KDEBUG_FUNCTION void outdec(int number)
{
    unsigned n = number < 0 ? -(unsigned)number : (unsigned)number;
    char digits[10];
    int i = 0;

    if (number < 0)
        outchar('-');
    do
        digits[i++] = (char)('0' + n % 10);
    while (n /= 10);
    while (i)
        outchar(digits[--i]);
}

/* The lowest `bits` of a number, all their hexadecimal digits. */
L4_KDEBUG_FUNCTION void l4_kdebug_hex(unsigned number, unsigned bits)
{
    while (bits) {
        bits -= 4;
        outchar("0123456789abcdef"[number >> bits & 15]);
    }
}

L4_INLINE void outhex32(int number) { l4_kdebug_hex((unsigned)number, 32); }
L4_INLINE void outhex20(int number) { l4_kdebug_hex((unsigned)number, 20); }
L4_INLINE void outhex16(int number) { l4_kdebug_hex((unsigned)number, 16); }
L4_INLINE void outhex12(int number) { l4_kdebug_hex((unsigned)number, 12); }
L4_INLINE void outhex8(int number) { l4_kdebug_hex((unsigned)number, 8); }

/* A string and a character that are constants. */
#define kd_display(text)    outstring(text)
#define ko(c)               outchar(c)

/* ---- input ---- */

/* The next character of the console: wait for it, or -1 if there is none. */
L4_KDEBUG_FUNCTION char kd_inchar(void)
{
    l4_umword_t c;

    while ((c = l4_kdebug(L4_KDEBUG_GETC, 0)) == ~(l4_umword_t)0)
        ;
    return (char)c;
}

L4_INLINE int l4kd_inchar(void)
{
    return (int)l4_kdebug(L4_KDEBUG_GETC, 0);
}

/* ---- the kernel debugger ---- */

/* There is none behind it: the text appears and the thread goes on. */
L4_KDEBUG_FUNCTION void l4_kdebug_enter(const char *text)
{
    outstring("\n--- kdebug: ");
    outstring(text);
    outchar('\n');
}

#define enter_kdebug(text...)   l4_kdebug_enter("" text)
#define kdb_ke(text...)         l4_kdebug_enter("" text)

#endif
