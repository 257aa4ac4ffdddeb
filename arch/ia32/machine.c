/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: the PC. Two 8259A interrupt controllers, an 8254 timer for wake-ups,
 * the CPU's time-stamp counter as clock, a 16550 console, and what a
 * Multiboot loader says of memory.
 */
#include "arch.h"
#include "boot_info.h"
#include "panic.h"
#include "print.h"

/* ---- interrupt controllers (Intel 8259A) ---- */

#define PIC_MASTER      0x20    /* command port; the mask is the next one */
#define PIC_SLAVE       0xA0
#define PIC_ICW1        0x11    /* initialise: edges, cascade, ICW4 follows */
#define PIC_ICW4        0x01    /* 8086 mode, normal end of interrupt */
#define PIC_READ_IRR    0x0A    /* what reading the command port gives: */
#define PIC_READ_ISR    0x0B    /* lines requested, lines in service */
#define PIC_POLL        0x0C    /* the next read acknowledges */
#define PIC_EOI         0x60    /* end of interrupt of one line */
#define PORT_DELAY      0x80    /* writing here takes time and does nothing */

#define IRQ_PIT         0
#define IRQ_CASCADE     2       /* the slave, at the master */
#define KERNEL_LINES    (1u << IRQ_PIT | 1u << IRQ_CASCADE)

static uint16_t masked;         /* bit n: line n */

/* Tell the controller of this line. */
static void pic_write_mask(unsigned irq)
{
    if (irq < 8)
        outb(PIC_MASTER + 1, (uint8_t)masked);
    else
        outb(PIC_SLAVE + 1, (uint8_t)(masked >> 8));
}

/* Old controllers need time between the words. */
static void pic_setup(uint16_t port, uint8_t vector, uint8_t cascade)
{
    outb(port, PIC_ICW1);
    outb(PORT_DELAY, 0);
    outb(port + 1, vector);
    outb(PORT_DELAY, 0);
    outb(port + 1, cascade);
    outb(PORT_DELAY, 0);
    outb(port + 1, PIC_ICW4);
    outb(PORT_DELAY, 0);
    outb(port, PIC_READ_IRR);
}

static void pic_init(void)
{
    pic_setup(PIC_MASTER, VECTOR_IRQ, 1 << IRQ_CASCADE);
    pic_setup(PIC_SLAVE, VECTOR_IRQ + 8, IRQ_CASCADE);
    masked = (uint16_t)~KERNEL_LINES;
    pic_write_mask(0);
    pic_write_mask(8);
}

void machine_irq_mask(unsigned irq)
{
    masked |= (uint16_t)(1u << irq & ~KERNEL_LINES);
    pic_write_mask(irq);
}

void machine_irq_unmask(unsigned irq)
{
    masked &= (uint16_t)~(1u << irq);
    pic_write_mask(irq);
}

/*
 * The line a controller has in service, as the CPU acknowledged it; else one
 * that waits, acknowledged here by polling; -1 for neither. At most one is
 * in service, since machine_irq_next ends each at once.
 */
static int pic_take(uint16_t port, uint8_t mask)
{
    outb(port, PIC_READ_ISR);
    unsigned lines = inb(port);
    outb(port, PIC_READ_IRR);
    if (lines == 0) {
        lines = inb(port) & ~mask;
        if (lines == 0)
            return -1;
        outb(port, PIC_POLL);
        (void)inb(port);
    }
    return __builtin_ctz(lines);
}

/* A line that falls before it is acknowledged leaves none in service: on the
   slave the master's half of it must be ended all the same. */
int machine_irq_next(void)
{
    int irq;

    while ((irq = pic_take(PIC_MASTER, (uint8_t)masked)) == IRQ_CASCADE) {
        int line = pic_take(PIC_SLAVE, (uint8_t)(masked >> 8));
        if (line >= 0) {
            irq = 8 + line;
            machine_irq_mask((unsigned)irq);
            outb(PIC_SLAVE, (uint8_t)(PIC_EOI | line));
            outb(PIC_MASTER, PIC_EOI | IRQ_CASCADE);
            return irq;
        }
        outb(PIC_MASTER, PIC_EOI | IRQ_CASCADE);
    }
    if (irq < 0)
        return IRQ_NONE;
    machine_irq_mask((unsigned)irq);
    outb(PIC_MASTER, (uint8_t)(PIC_EOI | irq));
    return irq == IRQ_PIT ? IRQ_TIMER : irq;
}

/* By its vector. The last line of each controller may be one that fell before it
   was acknowledged: look which it is. */
int machine_irq_taken(word_t which)
{
    unsigned irq = (unsigned)which - VECTOR_IRQ;

    if (irq % 8 == 7)
        return machine_irq_next();
    machine_irq_mask(irq);
    if (irq >= 8)
        outb(PIC_SLAVE, (uint8_t)(PIC_EOI | irq % 8));
    outb(PIC_MASTER, (uint8_t)(PIC_EOI | (irq < 8 ? irq : IRQ_CASCADE)));
    return irq == IRQ_PIT ? IRQ_TIMER : (int)irq;
}

/* The slave's requests show at the master. */
bool machine_irq_pending(void)
{
    return inb(PIC_MASTER) & ~masked & 0xFF;
}

/* ---- timer (Intel 8254, counter 0) ---- */

#define PIT_COUNTER     0x40
#define PIT_CONTROL     0x43
#define PIT_ONE_SHOT    0x30    /* counter 0, low and high byte, mode 0 */
#define PIT_READ_BACK   0xC2    /* latch status and count of counter 0 */
#define PIT_STATUS_OUT  0x80    /* has counted down */
#define PIT_STATUS_NULL 0x40    /* does not count yet what was written */
#define PIT_HZ          1193182u
#define PIT_MAX         0xFFFFu

static void pit_start(unsigned count)
{
    outb(PIT_CONTROL, PIT_ONE_SHOT);
    outb(PIT_COUNTER, (uint8_t)count);
    outb(PIT_COUNTER, (uint8_t)(count >> 8));
}

/* PIT_HZ / 1000000 is nearly 19091 / 16000: 5 in a million too much, so that
   it rather ends late than twice. No overflow for what PIT_MAX can wait. */
void machine_timer_set(usec_t when)
{
    usec_t now = machine_now();
    uint32_t count = 1;

    if (when > now) {
        usec_t us = when - now;
        count = us < 54000 ? (uint32_t)us * 19091 / 16000 + 1 : PIT_MAX;
    }
    pit_start(count);
}

/* ---- clock ---- */

/* Enough ticks for a ten-thousandth; a third of what the counter can. */
#define CALIBRATION_TICKS   20000u
#define CALIBRATION_TRIES   50

static uint64_t tsc_boot;
static uint32_t tsc_scale;  /* microseconds per count, times 2^32 */

struct sample {
    uint64_t tsc;
    unsigned ticks;         /* gone by since pit_start(PIT_MAX) */
    bool over;              /* ... too many to be counted */
};

/* Both counters at one moment. The host of a simulator may stop us between
   the two readings, so take the quickest of several. */
static struct sample read_both(void)
{
    struct sample best = { 0, 0, false };
    uint64_t quickest = ~0ull;

    for (unsigned i = 0; i < 8; i++) {
        uint64_t before = rdtsc();
        outb(PIT_CONTROL, PIT_READ_BACK);
        uint64_t after = rdtsc();
        uint8_t status = inb(PIT_COUNTER);
        unsigned count = inb(PIT_COUNTER);
        count |= (unsigned)inb(PIT_COUNTER) << 8;
        if (!(status & PIT_STATUS_NULL) && after - before < quickest) {
            quickest = after - before;
            best = (struct sample){ before, PIT_MAX - count,
                                    status & PIT_STATUS_OUT };
        }
    }
    return best;
}

/* One measurement of tsc_scale; false when the counter ran over. */
static bool calibrate(void)
{
    struct sample first, last;

    pit_start(PIT_MAX);
    first = read_both();
    do
        last = read_both();
    while (!last.over && last.ticks < first.ticks + CALIBRATION_TICKS);
    if (first.over || last.over)
        return false;
    /* 2^32 * 1000000 / PIT_HZ fits 32 bits, times ticks 48. */
    uint64_t per_tick = (1000000ull << 32) / PIT_HZ;
    tsc_scale = (uint32_t)((last.ticks - first.ticks) * per_tick /
                           (last.tsc - first.tsc));
    tsc_boot = first.tsc;
    return true;
}

void machine_init(void)
{
    unsigned tries = 0;

    while (!calibrate())
        if (++tries == CALIBRATION_TRIES)
            panic("the timer (8254) does not count");
    pic_init();
}

/* In two halves, so that nothing overflows for the counter's 64 bits. */
usec_t machine_time(uint64_t count)
{
    count -= tsc_boot;
    return (count >> 32) * tsc_scale +
           ((uint64_t)(uint32_t)count * tsc_scale >> 32);
}

uint64_t machine_counter(void)
{
    return rdtsc();
}

usec_t machine_now(void)
{
    return machine_time(rdtsc());
}

uint64_t machine_counter_scale(void)
{
    return tsc_scale;
}

/* ---- console, end ---- */

#define PORT_EXIT   0xF4    /* QEMU's isa-debug-exit */

void machine_putc(char c)
{
    while (!(inb(UART_LSR) & UART_LSR_EMPTY))
        ;
    outb(UART_DATA, (uint8_t)c);
}

int machine_getc(void)
{
    return inb(UART_LSR) & UART_LSR_DATA ? inb(UART_DATA) : -1;
}

/* The debug exit is the kernel's, or a program could stop the machine. The
   console is not: its driver and the kernel, which polls, can share it. */
bool machine_ports_free(unsigned first, unsigned count)
{
    static const struct {
        uint16_t first, last;
    } own[] = {
        { PIC_MASTER, PIC_MASTER + 1 }, { PIC_SLAVE, PIC_SLAVE + 1 },
        { PIT_COUNTER, PIT_CONTROL }, { PORT_EXIT, PORT_EXIT + 3 },
    };

    for (unsigned i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (first <= own[i].last && own[i].first < first + count)
            return false;
    return true;
}

/* QEMU leaves with twice the status plus one. */
void machine_halt(unsigned status)
{
    outb(PORT_EXIT, (uint8_t)status);
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

/* ---- what the boot loader says (Multiboot Specification 0.6.96, 3.3) ---- */

#define MB_BOOT_MAGIC   0x2BADB002
#define MB_HAS_MODULES  (1u << 3)
#define MB_HAS_MEMORY   (1u << 6)
#define MB_RAM          1
#define MB_ACPI_TABLES  3
#define MB_ACPI_NVS     4

/* In the PC's memory map. */
#define VGA_START       0x000A0000u
#define VGA_END         0x000C0000u
#define PCI_END         0xFEC00000u     /* the APICs follow */
#define MEMORY_END      0xFFFFF000u     /* last page a word can end at */

struct mb_info {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline;
    uint32_t modules, module_table, symbols[4], map_bytes, map;
};

struct mb_module {
    uint32_t start, end, string, reserved;
};

struct mb_memory {
    uint32_t bytes;         /* of what follows */
    uint64_t base, length;
    uint32_t type;
} __attribute__((packed));

/* From boot.S: the loader's registers. */
uint32_t multiboot_magic, multiboot_address;

/* Whole pages of a stretch, below MEMORY_END; page 0 is nobody's. */
static void add_ram(struct boot_info *info, uint64_t start, uint64_t end)
{
    start = (start + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
    end &= ~(uint64_t)(PAGE_SIZE - 1);
    if (start == 0)
        start = PAGE_SIZE;
    if (end > MEMORY_END)
        end = MEMORY_END;
    if (start < end)
        boot_add_region(info, (paddr_t)start, (paddr_t)end, L4_MEMORY_RAM);
}

/* Report RAM; returns the end of all that is memory of some kind. */
static paddr_t add_memory_map(struct boot_info *info, const struct mb_info *mb)
{
    const char *at = phys_to_kva(mb->map);
    const char *end = at + mb->map_bytes;
    uint64_t top = 0;

    while (at < end) {
        const struct mb_memory *m = (const void *)at;
        uint64_t m_end = m->base + m->length;
        if (m->type == MB_RAM)
            add_ram(info, m->base, m_end);
        if ((m->type == MB_RAM || m->type == MB_ACPI_TABLES ||
             m->type == MB_ACPI_NVS) && m_end > top && m_end <= PCI_END)
            top = m_end;
        at += m->bytes + sizeof(m->bytes);
    }
    return ((paddr_t)top + PAGE_SIZE - 1) & PAGE_MASK;
}

/* The last path component of a command's first word. */
static void name_of(const char *command, char *name, size_t size)
{
    const char *start = command, *end = command;
    size_t n = 0;

    for (; *end && *end != ' '; end++)
        if (*end == '/')
            start = end + 1;
    while (start < end && n < size - 1)
        name[n++] = *start++;
    name[n] = 0;
}

static void add_modules(struct boot_info *info, const struct mb_info *mb)
{
    const struct mb_module *m = phys_to_kva(mb->module_table);
    char name[L4_KIP_NAME_LENGTH];

    for (uint32_t i = 0; i < mb->modules; i++) {
        name_of(phys_to_kva(m[i].string), name, sizeof(name));
        if (m[i].start & ~PAGE_MASK)
            print("boot module %s does not begin on a page: ignored\n", name);
        else
            boot_add_module(info, m[i].start, m[i].end, name);
    }
}

void machine_boot_info(struct boot_info *info)
{
    const struct mb_info *mb = phys_to_kva(multiboot_address);

    if (multiboot_magic != MB_BOOT_MAGIC || !(mb->flags & MB_HAS_MEMORY))
        panic("the boot loader is not Multiboot or gives no memory map");
    paddr_t top = add_memory_map(info, mb);
    boot_add_region(info, VGA_START, VGA_END, L4_MEMORY_DEVICE);
    boot_add_region(info, top, PCI_END, L4_MEMORY_DEVICE);
    if (mb->flags & MB_HAS_MODULES)
        add_modules(info, mb);
}
