/* SPDX-License-Identifier: BSD-2-Clause */
/* mips64: the 16550 of the Malta board, whose ports are memory. */
#include <stdint.h>

#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "../../device.h"

#define ISA_PORTS   0x18000000
#define COM1        0x3f8
#define IER         (COM1 + 1)  /* interrupt enable register */
#define IER_THRE    0x02        /* transmitter empty */
#define IIR         (COM1 + 2)  /* reading it acknowledges */
#define MCR         (COM1 + 4)
#define MCR_OUT2    0x08        /* lets interrupts through on PC boards */

static volatile uint8_t regs[L4_PAGESIZE] __attribute__((aligned(4096)));
static bool is_open;

const int device_irq = 4;

bool device_open(void)
{
    const struct window window = { (l4_addr_t)regs, L4_PAGESHIFT };
    l4_fpage_t device = l4_fpage(ISA_PORTS, L4_PAGESHIFT, L4_FPAGE_RW,
                                 L4_FPAGE_MAP);

    if (!is_open && pager_device(SIGMA0_ID, device, window)) {
        regs[MCR] |= MCR_OUT2;
        is_open = true;
    }
    return is_open;
}

void device_interrupt(bool on)
{
    regs[IER] = on ? IER_THRE : 0;
    if (!on)
        (void)regs[IIR];
}

unsigned port_read(unsigned port)
{
    (void)port;
    return 0;
}

void port_write(unsigned port, unsigned value)
{
    (void)port;
    (void)value;
}

/* ---- the clock ---- */

#define RTC_WRITE(port, value)  (regs[port] = (uint8_t)(value))
#define RTC_READ(port)          (regs[port])
#include "../../mc146818.h"

bool clock_open(void)
{
    return device_open();
}
