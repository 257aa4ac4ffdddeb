/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: the PC's text screen, 80 by 25 characters with attributes in memory.
 * The PC's serial line lies in the I/O ports, which programs do not have
 * yet; so that it carries the text too, the kernel's console gets a copy.
 */
#include <stdint.h>

#include <l4/sys/kdebug.h>

#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "../../uart.h"

#define SCREEN      0xb8000
#define COLUMNS     80
#define ROWS        25
#define GREY        0x0700

static volatile uint16_t screen[L4_PAGESIZE / 2]
    __attribute__((aligned(4096)));
static unsigned row, column;

const char uart_name[] = "the text screen at 0xb8000";
const int uart_irq = -1;

static void clear_row(unsigned r)
{
    for (unsigned i = 0; i < COLUMNS; i++)
        screen[r * COLUMNS + i] = GREY | ' ';
}

bool uart_init(void)
{
    const struct window window = { (l4_addr_t)screen, L4_PAGESHIFT };
    l4_fpage_t device = l4_fpage(SCREEN, L4_PAGESHIFT, L4_FPAGE_RW,
                                 L4_FPAGE_MAP);

    if (!pager_device(ROOT_ID, device, window))
        return false;
    for (unsigned r = 0; r < ROWS; r++)
        clear_row(r);
    return true;
}

bool uart_is_ready(void)
{
    return true;
}

static void next_row(void)
{
    column = 0;
    if (++row < ROWS)
        return;
    row = ROWS - 1;
    for (unsigned i = 0; i < (ROWS - 1) * COLUMNS; i++)
        screen[i] = screen[i + COLUMNS];
    clear_row(row);
}

void uart_put(char c)
{
    outchar(c);
    if (c == '\n') {
        next_row();
        return;
    }
    if (column == COLUMNS)
        next_row();
    screen[row * COLUMNS + column++] = GREY | (unsigned char)c;
}

void uart_set_interrupt(bool on)
{
    (void)on;
}
