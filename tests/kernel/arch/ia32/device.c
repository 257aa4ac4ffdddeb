/* SPDX-License-Identifier: BSD-2-Clause */
/* ia32: the PC's first serial line. */
#include <arch_user.h>
#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "../../device.h"

#define COM1        0x3f8
#define IER         (COM1 + 1)  /* interrupt enable register */
#define IER_THRE    0x02        /* transmitter empty */
#define IIR         (COM1 + 2)  /* reading it acknowledges */
#define MCR         (COM1 + 4)
#define MCR_OUT2    0x08        /* lets interrupts through on PC boards */

const int device_irq = 4;

bool device_open(void)
{
    if (!pager_ports(SIGMA0_ID, l4_iofpage(COM1, 3, L4_FPAGE_MAP)))
        return false;
    port_write(MCR, port_read(MCR) | MCR_OUT2);
    return true;
}

void device_interrupt(bool on)
{
    port_write(IER, on ? IER_THRE : 0);
    if (!on)
        port_read(IIR);
}

unsigned port_read(unsigned port)
{
    return arch_in8((uint16_t)port);
}

void port_write(unsigned port, unsigned value)
{
    arch_out8((uint16_t)port, (uint8_t)value);
}

/* ---- the clock ---- */

#define RTC_WRITE(port, value)  port_write(port, value)
#define RTC_READ(port)          port_read(port)
#include "../../mc146818.h"

bool clock_open(void)
{
    return pager_ports(SIGMA0_ID, l4_iofpage(RTC_INDEX, 1, L4_FPAGE_MAP));
}
