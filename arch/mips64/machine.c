/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Malta board: memory, two i8259 interrupt controllers behind IP2, the
 * CPU's Count and Compare as timer on IP7, a 16550 UART as console. All but
 * the timer stand in the I/O space of the PCI bus.
 */
#include "arch.h"
#include "boot_info.h"
#include "klib.h"

#define MEGABYTE        0x100000ul

/* ---- I/O ports: uncached, so in order (PRA, access types) ---- */

#define IO_BASE         0x18000000ul
#define IO_END          0x18200000ul
#define PORT(n)         ((volatile uint8_t *)(CKSEG1 + IO_BASE + (n)))

/* Another access to a port follows, and comes after it. */
static void port_write_first(unsigned port, uint8_t value)
{
    *PORT(port) = value;
}

/* The store has left the CPU's write buffer on return. */
static void port_write(unsigned port, uint8_t value)
{
    port_write_first(port, value);
    __asm__ volatile("sync" : : : "memory");
}

static uint8_t port_read(unsigned port)
{
    return *PORT(port);
}

/* ---- memory ---- */

#define LOW_RAM_END     0x10000000ul    /* here devices begin */
#define ALL_RAM_BASE    0x80000000ul    /* here all RAM is seen once more */
#define MEMORY_VARIABLE "ememsize"

/* The decimal number that a string begins with. */
static word_t number(const char *s)
{
    word_t n = 0;

    for (; *s >= '0' && *s <= '9'; s++)
        n = n * 10 + *s - '0';
    return n;
}

/*
 * Bytes of RAM in all, as the loader's environment says; 0 when it does not.
 * That is a list of pairs of 32-bit addresses, of a name and of its value,
 * ended by a zero (YAMON, environment).
 */
static word_t ram_in_all(void)
{
    const int32_t *variable = (const int32_t *)boot_environment;
    static const char wanted[] = MEMORY_VARIABLE;

    if (boot_environment < CKSEG0)
        return 0;
    for (; variable[0] && variable[1]; variable += 2)
        if (memcmp((const char *)(long)variable[0], wanted,
                   sizeof(wanted)) == 0)
            return number((const char *)(long)variable[1]);
    return 0;
}

/*
 * RAM beyond 256 MB has its place above the devices: at 0x80000000 the whole
 * of it is seen again, of which the first 256 MB are those at 0.
 *
 * Page 0 stays unused: users get memory one to one, and address 0 is none.
 * The first page of ports is given to drivers though the i8259 pair is there
 * too: so are UARTs, keyboard, clock and disks. Whoever gets it is trusted.
 * GT: the system controller, for PCI configuration. CBUS: the board's own
 * registers and a third UART.
 */
void machine_boot_info(struct boot_info *info)
{
    paddr_t low = boot_ram_size & PAGE_MASK;
    paddr_t all = ram_in_all() & PAGE_MASK;

    if (low > LOW_RAM_END)
        low = LOW_RAM_END;
    if (all > ARCH_PHYS_LIMIT - ALL_RAM_BASE)
        all = ARCH_PHYS_LIMIT - ALL_RAM_BASE;
    boot_add_region(info, PAGE_SIZE, low, L4_MEMORY_RAM);
    boot_add_region(info, ALL_RAM_BASE + LOW_RAM_END, ALL_RAM_BASE + all,
                    L4_MEMORY_RAM);
    boot_add_region(info, 0x10000000, IO_BASE, L4_MEMORY_DEVICE); /* PCI */
    boot_add_region(info, IO_BASE, IO_END, L4_MEMORY_DEVICE);
    boot_add_region(info, 0x1be00000, 0x1be01000, L4_MEMORY_DEVICE); /* GT */
    boot_add_region(info, 0x1f000000, 0x1f001000, L4_MEMORY_DEVICE); /* CBUS */
}

/* ---- i8259 ---- */

#define PIC_MASTER      0x20        /* command; data at + 1 */
#define PIC_SLAVE       0xa0
#define PIC_CASCADE     2           /* the slave's line at the master */
#define PIC_ICW1        0x11        /* edge triggered, cascaded, ICW4 follows */
#define PIC_ICW4        0x01
#define PIC_ICW4_AEOI   0x02        /* what is acknowledged is at its end */
#define PIC_POLL        0x0c        /* the next read acknowledges */
#define PIC_EOI         0x60        /* of the line in the low bits */
#define PIC_LEVEL       0x4d0       /* bit set: line is level triggered */
#define PIC_LEVEL_PCI   0x0c        /* ... at + 1: 10 and 11, PCI's lines */

static uint8_t master_mask = 0xff & ~(1u << PIC_CASCADE), slave_mask = 0xff;

static inline void master_set(uint8_t mask)
{
    master_mask = mask;
    port_write(PIC_MASTER + 1, mask);
}

static void slave_set(uint8_t mask)
{
    slave_mask = mask;
    port_write(PIC_SLAVE + 1, mask);
}

/* ICW1 to ICW4; the vectors (ICW2) are not used, lines are polled. */
static void pic_start(unsigned pic, uint8_t vectors_from, uint8_t cascade,
                      uint8_t icw4)
{
    port_write(pic, PIC_ICW1);
    port_write(pic + 1, vectors_from);
    port_write(pic + 1, cascade);
    port_write(pic + 1, icw4);
}

static void pic_init(void)
{
    pic_start(PIC_MASTER, 0, 1 << PIC_CASCADE, PIC_ICW4 | PIC_ICW4_AEOI);
    pic_start(PIC_SLAVE, 8, PIC_CASCADE, PIC_ICW4);
    port_write(PIC_LEVEL, 0);
    port_write(PIC_LEVEL + 1, PIC_LEVEL_PCI);
    master_set(master_mask);
    slave_set(slave_mask);
}

/* The line that one controller has pending, which is acknowledged, with more in
   the upper bits; 0 or more: there is none. */
static inline int pic_poll(unsigned pic)
{
    port_write_first(pic, PIC_POLL);
    return (int8_t)port_read(pic);
}

/* It is in service there; the master is done with it. */
static NOINLINE int slave_next(void)
{
    int found = pic_poll(PIC_SLAVE), line = found & 7;

    if (found >= 0)
        return IRQ_NONE;
    slave_set(slave_mask | 1u << line);
    port_write(PIC_SLAVE, PIC_EOI | line);
    return line + 8;
}

/* Acknowledge, mask, end: a line that stays up does not come again. The master
   ends by itself: not every slave can (8259A, automatic end of interrupt). */
static inline int pic_next(void)
{
    int found = pic_poll(PIC_MASTER), line = found & 7;

    if (found >= 0)
        return IRQ_NONE;
    if (line == PIC_CASCADE)
        return slave_next();
    master_set(master_mask | 1u << line);
    return line;
}

void machine_irq_mask(unsigned irq)
{
    if (irq < 8)
        master_set(master_mask | 1u << irq);
    else
        slave_set(slave_mask | 1u << (irq - 8));
}

void machine_irq_unmask(unsigned irq)
{
    if (irq < 8)
        master_set(master_mask & ~(1u << irq));
    else
        slave_set(slave_mask & ~(1u << (irq - 8)));
}

/* ---- time: Count, 32 bits, extended ---- */

#define COUNT_MIN   1000        /* least distance Compare is set ahead */

static uint64_t counter;        /* the low half was Count when last read */
static uint64_t counter_scale;  /* microseconds per count, times 2^32 */
static uint64_t counter_hz;

uint64_t machine_counter(void)
{
    counter += cp0_read32(CP0_COUNT) - (uint32_t)counter;
    return counter;
}

uint64_t machine_counter_scale(void)
{
    return counter_scale;
}

usec_t machine_time(uint64_t count)
{
    return (unsigned __int128)count * counter_scale >> 32;
}

usec_t machine_now(void)
{
    return machine_time(machine_counter());
}

/* Writing Compare takes back its interrupt; a Count just past it would be
   too late for 2^32 more, so look again. */
void machine_timer_set(usec_t when)
{
    usec_t now = machine_now();
    uint32_t ahead = COUNT_MIN, compare;

    if (when > now && (when - now) * counter_hz / 1000000 > ahead)
        ahead = (when - now) * counter_hz / 1000000;
    do {
        compare = cp0_read32(CP0_COUNT) + ahead;
        cp0_write32(CP0_COMPARE, compare);
        ahead *= 2;
    } while ((int32_t)(cp0_read32(CP0_COUNT) - compare) >= 0);
}

static inline int next(void)
{
    if (cp0_read32(CP0_CAUSE) & CAUSE_TI) {
        cp0_write32(CP0_COMPARE, cp0_read32(CP0_COUNT) - 1);
        cp0_hazard();               /* Compare before Cause is read again */
        return IRQ_TIMER;
    }
    return pic_next();
}

int machine_irq_next(void)
{
    return next();
}

int machine_irq_taken(word_t which)
{
    (void)which;
    return next();
}

/* Status enables just these two. */
bool machine_irq_pending(void)
{
    return cp0_read32(CP0_CAUSE) & (CAUSE_IP2 | CAUSE_IP7);
}

/* ---- the i8254: how fast is Count? ---- */

#define PIT_CHANNEL     0x40
#define PIT_COMMAND     0x43
#define PIT_RATE        0x34        /* channel 0, two bytes, mode 2 */
#define PIT_LATCH       0x00        /* channel 0 */
#define PIT_HZ          1193182
#define PIT_SPAN        11932       /* 10 ms; the counter wraps at 55 ms */
#define PIT_TOLERANCE   128         /* two spans agree to 1 in this */

static uint16_t pit_read(void)
{
    uint8_t low;

    port_write(PIT_COMMAND, PIT_LATCH);
    low = port_read(PIT_CHANNEL);
    return low | port_read(PIT_CHANNEL) << 8;
}

/* Counts per second, by one span. The channel counts down. */
static uint64_t measure_once(void)
{
    uint16_t from = pit_read(), gone;
    uint32_t count = cp0_read32(CP0_COUNT);

    do
        gone = from - pit_read();
    while (gone < PIT_SPAN);
    count = cp0_read32(CP0_COUNT) - count;
    return (uint64_t)count * PIT_HZ / gone;
}

/* A simulator that stops in a span for too long spoils that one: go on until
   two agree. */
static uint64_t measure_counter(void)
{
    uint64_t hz, last;

    port_write(PIT_COMMAND, PIT_RATE);
    port_write(PIT_CHANNEL, 0);
    port_write(PIT_CHANNEL, 0);     /* 0: 65,536 */
    hz = measure_once();
    do {
        last = hz;
        hz = measure_once();
    } while (hz > last + last / PIT_TOLERANCE ||
             last > hz + hz / PIT_TOLERANCE);
    return hz;
}

void machine_init(void)
{
    pic_init();
    counter_hz = measure_counter();
    counter_scale = ((uint64_t)1000000 << 32) / counter_hz;
    cp0_write32(CP0_COUNT, 0);
    cp0_write32(CP0_COMPARE, ~0u);
    counter = 0;
}

/* ---- console: UART 0, set up by the boot loader ---- */

#define UART            0x3f8       /* data */
#define UART_STATUS     (UART + 5)
#define UART_RECEIVED   0x01
#define UART_ROOM       0x20

void machine_putc(char c)
{
    while (!(port_read(UART_STATUS) & UART_ROOM))
        ;
    port_write(UART, c);
}

int machine_getc(void)
{
    return port_read(UART_STATUS) & UART_RECEIVED ? port_read(UART) : -1;
}

/* ---- end ---- */

/* The exit call of UHI, the semihosting interface of MIPS: `sdbbp 1`, call
   number in t9. A board without it stops at the debug exception. */
void machine_halt(unsigned status)
{
    register unsigned long call __asm__("$25") = 1;
    register unsigned long a0 __asm__("$4") = status;

    __asm__ volatile("sdbbp 1" : : "r"(call), "r"(a0) : "memory");
    for (;;)
        __asm__ volatile("wait");
}
