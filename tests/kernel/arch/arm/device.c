/* SPDX-License-Identifier: BSD-2-Clause */
/* arm: the PL011 of the virt machine (ARM DDI 0183, chapter 3). */
#include <stdint.h>

#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "../../device.h"

#define PL011       0x09000000
#define UARTIMSC    (0x38 / 4)
#define IMSC_TXIM   0x20        /* transmit interrupt */

static volatile uint32_t regs[L4_PAGESIZE / 4] __attribute__((aligned(4096)));
static bool is_open;

const int device_irq = 33;

bool device_open(void)
{
    const struct window window = { (l4_addr_t)regs, L4_PAGESHIFT };
    l4_fpage_t device = l4_fpage(PL011, L4_PAGESHIFT, L4_FPAGE_RW,
                                 L4_FPAGE_MAP);

    is_open = is_open || pager_device(SIGMA0_ID, device, window);
    return is_open;
}

/* The kernel's own output has raised it, and nobody clears it. */
void device_interrupt(bool on)
{
    regs[UARTIMSC] = on ? IMSC_TXIM : 0;
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

/* ---- the clock: PL031 (ARM DDI 0224, chapter 3) ---- */

#define PL031       0x09010000
#define RTCDR       (0x00 / 4)  /* seconds */
#define RTCMR       (0x04 / 4)  /* when to interrupt */
#define RTCIMSC     (0x10 / 4)
#define RTCICR      (0x1c / 4)

static volatile uint32_t rtc[L4_PAGESIZE / 4] __attribute__((aligned(4096)));
static bool rtc_is_open;

const int clock_irq = 34;

bool clock_open(void)
{
    const struct window window = { (l4_addr_t)rtc, L4_PAGESHIFT };
    l4_fpage_t device = l4_fpage(PL031, L4_PAGESHIFT, L4_FPAGE_RW,
                                 L4_FPAGE_MAP);

    rtc_is_open = rtc_is_open || pager_device(SIGMA0_ID, device, window);
    return rtc_is_open;
}

void clock_start(void)
{
    rtc[RTCMR] = rtc[RTCDR] + 1;
    rtc[RTCIMSC] = 1;
}

void clock_quiet(void)
{
    rtc[RTCIMSC] = 0;
    rtc[RTCICR] = 1;
}
