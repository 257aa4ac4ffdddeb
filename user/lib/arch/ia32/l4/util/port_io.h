/* SPDX-License-Identifier: BSD-2-Clause */
/* I/O ports, for who has them (doc/api/io_ports.md). */
#ifndef L4_UTIL_PORT_IO_H
#define L4_UTIL_PORT_IO_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

L4_INLINE l4_uint8_t l4util_in8(l4_uint16_t port)
{
    l4_uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

L4_INLINE l4_uint16_t l4util_in16(l4_uint16_t port)
{
    l4_uint16_t value;

    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

L4_INLINE l4_uint32_t l4util_in32(l4_uint16_t port)
{
    l4_uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

L4_INLINE void l4util_out8(l4_uint8_t value, l4_uint16_t port)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

L4_INLINE void l4util_out16(l4_uint16_t value, l4_uint16_t port)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

L4_INLINE void l4util_out32(l4_uint32_t value, l4_uint16_t port)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

/* About a microsecond on old machines. */
L4_INLINE void l4util_iodelay(void)
{
    l4util_out8(0, 0x80);
}

#endif
