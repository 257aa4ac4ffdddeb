/* SPDX-License-Identifier: BSD-2-Clause */
/* ia32: the PC's first serial line. The kernel's own console is the same
   device, polled: it can still speak while we drive it. */
#include <arch_user.h>
#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "../../ns16550.h"
#include "../../uart.h"

#define COM1        0x3f8
#define LOG2_PORTS  3

const char uart_name[] = "the 16550 at I/O port 0x3f8, interrupt 4";
const int uart_irq = 4;

bool ns16550_open(void)
{
    return pager_ports(ROOT_ID, l4_iofpage(COM1, LOG2_PORTS, L4_FPAGE_MAP));
}

uint8_t ns16550_read(unsigned reg)
{
    return arch_in8((uint16_t)(COM1 + reg));
}

void ns16550_write(unsigned reg, uint8_t value)
{
    arch_out8((uint16_t)(COM1 + reg), value);
}
