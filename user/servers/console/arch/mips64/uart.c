/* SPDX-License-Identifier: BSD-2-Clause */
/* mips64: the 16550 of the Malta board's ISA bus, whose ports are memory. */
#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "../../ns16550.h"
#include "../../uart.h"

#define ISA_PORTS   0x18000000
#define COM1        0x3f8

static volatile uint8_t ports[L4_PAGESIZE] __attribute__((aligned(4096)));

const char uart_name[] = "the 16550 at 0x180003f8, interrupt 4";
const int uart_irq = 4;

bool ns16550_open(void)
{
    const struct window window = { (l4_addr_t)ports, L4_PAGESHIFT };
    l4_fpage_t device = l4_fpage(ISA_PORTS, L4_PAGESHIFT, L4_FPAGE_RW,
                                 L4_FPAGE_MAP);

    return pager_device(ROOT_ID, device, window);
}

uint8_t ns16550_read(unsigned reg)
{
    return ports[COM1 + reg];
}

void ns16550_write(unsigned reg, uint8_t value)
{
    ports[COM1 + reg] = value;
}
