/* SPDX-License-Identifier: BSD-2-Clause */
/* The 16550, which the kernel has set up. Register names from the data sheet
   (National Semiconductor PC16550D). */
#include "ns16550.h"
#include "uart.h"

#define THR         0           /* transmitter holding register */
#define IER         1           /* interrupt enable register */
#define IER_THRE    0x02
#define IIR         2           /* reading it acknowledges */
#define MCR         4           /* modem control register */
#define MCR_OUT2    0x08        /* lets interrupts through on PC boards */
#define LSR         5           /* line status register */
#define LSR_THRE    0x20        /* transmitter holding register empty */

static void set_bits(unsigned reg, unsigned bits)
{
    ns16550_write(reg, (uint8_t)(ns16550_read(reg) | bits));
}

static void clear_bits(unsigned reg, unsigned bits)
{
    ns16550_write(reg, (uint8_t)(ns16550_read(reg) & ~bits));
}

bool uart_init(void)
{
    if (!ns16550_open())
        return false;
    set_bits(MCR, MCR_OUT2);
    return true;
}

bool uart_is_ready(void)
{
    return ns16550_read(LSR) & LSR_THRE;
}

void uart_put(char c)
{
    ns16550_write(THR, (uint8_t)c);
}

/* Setting the bit while the transmitter is empty interrupts at once. */
void uart_set_interrupt(bool on)
{
    if (on) {
        set_bits(IER, IER_THRE);
    } else {
        clear_bits(IER, IER_THRE);
        (void)ns16550_read(IIR);
    }
}
