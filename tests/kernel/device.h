/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's serial device as a source of interrupts, and its I/O ports:
 * arch/ARCH/device.c. Nothing is sent: a transmitter that has room is reason
 * enough for an interrupt.
 */
#ifndef KTEST_DEVICE_H
#define KTEST_DEVICE_H

#include <stdbool.h>

/* Its line. */
extern const int device_irq;

/* Get it from sigma0; harmless when we have it. False: refused. */
bool device_open(void);

/* Interrupt from now on, the transmitter being empty; or be quiet. On after
   off is one interrupt more. */
void device_interrupt(bool on);

/*
 * The machine's calendar clock: its interrupt comes by itself, a second after
 * clock_start() at most, and so to a processor that idles. On the PC's boards its
 * line is one of the second interrupt controller.
 */
extern const int clock_irq;
bool clock_open(void);
void clock_start(void);
void clock_quiet(void);     /* acknowledge it, and no more of them */

/* One access to an I/O port; machines without ports do nothing. */
unsigned port_read(unsigned port);
void port_write(unsigned port, unsigned value);

#endif
