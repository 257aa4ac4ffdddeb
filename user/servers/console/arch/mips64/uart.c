/* SPDX-License-Identifier: BSD-2-Clause */
/* mips64: the 16550 of the Malta board's ISA bus, whose ports are memory;
   the kernel has set it up. */
#include <stdint.h>

#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "../../uart.h"

#define ISA_PORTS   0x18000000
#define COM1        0x3f8

#define THR         (COM1 + 0)  /* transmitter holding register */
#define IER         (COM1 + 1)  /* interrupt enable register */
#define IER_THRE    0x02
#define IIR         (COM1 + 2)  /* reading it acknowledges */
#define MCR         (COM1 + 4)
#define MCR_OUT2    0x08        /* lets interrupts through on PC boards */
#define LSR         (COM1 + 5)
#define LSR_THRE    0x20        /* transmitter holding register empty */

static volatile uint8_t ports[L4_PAGESIZE] __attribute__((aligned(4096)));

const char uart_name[] = "the 16550 at 0x180003f8, interrupt 4";
const int uart_irq = 4;

bool uart_init(void)
{
    const struct window window = { (l4_addr_t)ports, L4_PAGESHIFT };
    l4_fpage_t device = l4_fpage(ISA_PORTS, L4_PAGESHIFT, L4_FPAGE_RW,
                                 L4_FPAGE_MAP);

    if (!pager_device(ROOT_ID, device, window))
        return false;
    ports[MCR] |= MCR_OUT2;
    return true;
}

bool uart_is_ready(void)
{
    return ports[LSR] & LSR_THRE;
}

void uart_put(char c)
{
    ports[THR] = (uint8_t)c;
}

/* Setting the bit while the transmitter is empty interrupts at once. */
void uart_set_interrupt(bool on)
{
    if (on) {
        ports[IER] |= IER_THRE;
    } else {
        ports[IER] &= (uint8_t)~IER_THRE;
        (void)ports[IIR];
    }
}
