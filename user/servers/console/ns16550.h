/* SPDX-License-Identifier: BSD-2-Clause */
/* The 16550's registers, wherever a machine has them: arch/ARCH/uart.c says,
   and names device and interrupt (uart.h). */
#ifndef CONSOLE_NS16550_H
#define CONSOLE_NS16550_H

#include <stdbool.h>
#include <stdint.h>

/* Get access from root. False: refused. */
bool ns16550_open(void);

uint8_t ns16550_read(unsigned reg);
void ns16550_write(unsigned reg, uint8_t value);

#endif
