/* SPDX-License-Identifier: BSD-2-Clause */
/* arm: the PL011 of the virt machine, which the kernel has set up. Register
   names from ARM DDI 0183, chapter 3. */
#include <stdint.h>

#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "../../uart.h"

#define PL011       0x09000000

#define UARTDR      (0x00 / 4)
#define UARTFR      (0x18 / 4)
#define FR_TXFF     0x20        /* transmit FIFO full */
#define UARTIMSC    (0x38 / 4)
#define IMSC_TXIM   0x20        /* transmit interrupt */

static volatile uint32_t regs[L4_PAGESIZE / 4] __attribute__((aligned(4096)));

const char uart_name[] = "the PL011 at 0x09000000, interrupt 33";
const int uart_irq = 33;

bool uart_init(void)
{
    const struct window window = { (l4_addr_t)regs, L4_PAGESHIFT };
    l4_fpage_t device = l4_fpage(PL011, L4_PAGESHIFT, L4_FPAGE_RW,
                                 L4_FPAGE_MAP);

    return pager_device(ROOT_ID, device, window);
}

bool uart_is_ready(void)
{
    return !(regs[UARTFR] & FR_TXFF);
}

void uart_put(char c)
{
    regs[UARTDR] = (unsigned char)c;
}

/* The interrupt comes of a FIFO that has run low; what the kernel wrote
   before us has made it do so once, and it stays until it is cleared. */
void uart_set_interrupt(bool on)
{
    if (on)
        regs[UARTIMSC] |= IMSC_TXIM;
    else
        regs[UARTIMSC] &= ~(uint32_t)IMSC_TXIM;
}
