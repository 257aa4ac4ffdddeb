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

/* ---- the clock: Motorola MC146818A ---- */

#define RTC_INDEX   0x70
#define RTC_DATA    0x71
#define RTC_A       10          /* register A: the rate */
#define RTC_A_RATE  0x26        /* 1,024 a second, of 32,768 Hz */
#define RTC_B       11
#define RTC_B_PIE   0x40        /* periodic interrupt */
#define RTC_B_24H   0x02
#define RTC_C       12          /* reading it acknowledges */

const int clock_irq = 8;

static void isa_write(unsigned port, unsigned value)
{
    regs[port] = (uint8_t)value;
}

static void rtc_write(unsigned reg, unsigned value)
{
    isa_write(RTC_INDEX, reg);
    isa_write(RTC_DATA, value);
}

bool clock_open(void)
{
    return device_open();
}

void clock_start(void)
{
    rtc_write(RTC_A, RTC_A_RATE);
    rtc_write(RTC_B, RTC_B_24H | RTC_B_PIE);
}

void clock_quiet(void)
{
    rtc_write(RTC_B, RTC_B_24H);
    isa_write(RTC_INDEX, RTC_C);
    (void)regs[RTC_DATA];
}
