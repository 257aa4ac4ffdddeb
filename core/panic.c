/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>

#include "boot_info.h"
#include "panic.h"
#include "print.h"
#include "tcb.h"

#define HALT_PANIC 125      /* the status a panic leaves the simulator with */

static void print_registers(const struct arch_frame *f)
{
    unsigned column = 0;

    for (const struct arch_reg_desc *r = arch_regs; r->name; r++) {
        if (r->offset >= sizeof(*f))    /* not of the frame */
            continue;
        const char *field = (const char *)f + r->offset;
        print("  %s=%p%s", r->name, *(void *const *)field,
              ++column % 4 ? "" : "\n");
    }
    print("\n");
}

static bool is_text(word_t w)
{
    return w >= (word_t)kernel_text_start && w < (word_t)kernel_text_end;
}

/*
 * Return addresses found on the kernel's stack. Works without frame
 * pointers, on every target, at the price of an old one now and then;
 * `addr2line -e IMAGE` gives the lines.
 */
static void print_backtrace(const word_t *sp)
{
    const word_t *top = (const word_t *)(kernel_stack + KERNEL_STACK_SIZE);

    if ((const char *)sp < kernel_stack)
        sp = (const word_t *)kernel_stack;
    print("text addresses on the stack:");
    for (unsigned n = 0; sp < top && n < 24; sp++)
        if (is_text(*sp)) {
            print(" %p", (void *)*sp);
            n++;
        }
    print("\n");
}

static void NORETURN stop(const word_t *sp)
{
    if (current == &idle_tcb) {
        print("running: no thread\n");
    } else {
        print("running: thread %08x%08x\n", (unsigned)(current->id >> 32),
              (unsigned)current->id);
        print_registers(&current->frame);
    }
    print_backtrace(sp);
    print("\nhickory: halt %d\n", HALT_PANIC);
    machine_halt(HALT_PANIC);
}

/* A panic inside a panic says only that. */
static void begin(void)
{
    static bool panicking;

    if (panicking) {
        print("\npanic inside a panic\nhickory: halt %d\n", HALT_PANIC);
        machine_halt(HALT_PANIC);
    }
    panicking = true;
    print("\nPANIC: ");
}

void panic(const char *format, ...)
{
    va_list args;
    word_t here = 0;

    begin();
    va_start(args, format);
    vprint(format, args);
    va_end(args);
    print("\n");
    stop(&here);
}

void panic_trap(const struct arch_frame *f, const char *what, word_t address)
{
    begin();
    print("%s in the kernel, address %p\n", what, (void *)address);
    print_registers(f);
    stop((const word_t *)arch_reg_get(f, REG_SP));
}
