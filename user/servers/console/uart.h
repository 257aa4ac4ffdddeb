/* SPDX-License-Identifier: BSD-2-Clause */
/* The device of the console, as far as the driver knows it: arch/ARCH/uart.c
   defines it for the machine of each target, with ns16550.c where the device
   is one of those. */
#ifndef CONSOLE_UART_H
#define CONSOLE_UART_H

#include <stdbool.h>

/* What it is, for people. */
extern const char uart_name[];

/* The interrupt line that says it can take more. */
extern const int uart_irq;

/* Get the device from root. False: refused. */
bool uart_init(void);

/* Can it take a character now? If so, give it one. */
bool uart_is_ready(void);
void uart_put(char c);

/* Interrupt when it can take characters, or not. */
void uart_set_interrupt(bool on);

#endif
