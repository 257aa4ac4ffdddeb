/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's machine "virt": RAM from the device tree, PL011 UART, GICv2,
 * the generic timer, semihosting to leave the simulator.
 */
#include "arch.h"
#include "boot_info.h"
#include "klib.h"
#include "print.h"

static inline uint32_t mmio_read(word_t address)
{
    return *(volatile uint32_t *)address;
}

static inline void mmio_write(word_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}

/* ---- console: PL011 (ARM DDI 0183), as the boot loader set it up ---- */

#define UART_DR         (UART_KVA + 0x00)
#define UART_FR         (UART_KVA + 0x18)
#define FR_RXFE         0x10    /* nothing received */
#define FR_TXFF         0x20    /* transmit buffer full */

void machine_putc(char c)
{
    while (mmio_read(UART_FR) & FR_TXFF)
        ;
    mmio_write(UART_DR, (uint8_t)c);
}

int machine_getc(void)
{
    if (mmio_read(UART_FR) & FR_RXFE)
        return -1;
    return mmio_read(UART_DR) & 0xff;
}

/* ---- RAM: flattened device tree (Devicetree Specification, chapter 5) ---- */

#define FDT_MAGIC       0xd00dfeed
#define FDT_MAX_SIZE    0x00200000      /* stays in what boot.S has mapped */
#define FDT_BEGIN_NODE  1
#define FDT_END_NODE    2
#define FDT_PROP        3
#define FDT_NOP         4
#define RAM_DEFAULT     0x04000000

/* Everything in a device tree is big-endian. */
struct fdt_header {
    uint32_t magic, total_size, struct_offset, strings_offset, reserve_offset;
    uint32_t version, compatible, boot_cpu, strings_size, struct_size;
};

struct fdt {
    const char *strings;
    uint32_t strings_size;
    const uint32_t *start, *end;        /* the structure block */
};

static uint32_t be32(uint32_t word)
{
    return __builtin_bswap32(word);
}

/* Words that `bytes` fill. */
static uint32_t fdt_words(uint32_t bytes)
{
    return bytes / 4 + (bytes % 4 != 0);
}

/* Check the header: afterwards both blocks lie within FDT_MAX_SIZE. */
static bool fdt_open(struct fdt *f, const struct fdt_header *h)
{
    uint32_t size = be32(h->total_size);
    uint32_t tree = be32(h->struct_offset), tree_size = be32(h->struct_size);
    uint32_t strings = be32(h->strings_offset);

    if (be32(h->magic) != FDT_MAGIC || size > FDT_MAX_SIZE)
        return false;
    f->strings_size = be32(h->strings_size);
    if (tree % 4 || tree > size || tree_size > size - tree ||
        strings > size || f->strings_size > size - strings)
        return false;
    f->strings = (const char *)h + strings;
    f->start = (const uint32_t *)((const char *)h + tree);
    f->end = f->start + tree_size / 4;
    return true;
}

/* Is the string at `offset` this name? */
static bool fdt_string_is(const struct fdt *f, uint32_t offset,
                          const char *name)
{
    uint32_t size = strlen(name) + 1;

    return offset <= f->strings_size && size <= f->strings_size - offset &&
           memcmp(f->strings + offset, name, size) == 0;
}

/*
 * The value of property `name` in the node whose path has `depth` components
 * and whose own name begins with `node`: the first such node. At least
 * `words` long, or NULL.
 */
static const uint32_t *fdt_find(const struct fdt *f, unsigned depth,
                                const char *node, const char *name,
                                uint32_t words)
{
    unsigned level = 0;
    bool here = false;
    uint32_t length;

    for (const uint32_t *p = f->start; p < f->end;) {
        uint32_t left = f->end - p - 1;

        switch (be32(*p++)) {
        case FDT_BEGIN_NODE:
            here = level++ == depth && strlen(node) <= left * 4 &&
                   memcmp(p, node, strlen(node)) == 0;
            while (p < f->end && *((const uint8_t *)p + 3))
                p++;            /* the name's last word ends in a zero */
            p++;
            break;
        case FDT_END_NODE:
            here = false;       /* properties come before subnodes */
            level--;
            break;
        case FDT_PROP:
            if (left < 2 || fdt_words(length = be32(p[0])) > left - 2)
                return NULL;
            if (here && length / 4 >= words &&
                fdt_string_is(f, be32(p[1]), name))
                return p + 2;
            p += 2 + fdt_words(length);
            break;
        case FDT_NOP:
            break;
        default:
            return NULL;
        }
    }
    return NULL;
}

/* A number of 1 or 2 cells; all ones when it does not fit a word. */
static word_t fdt_number(const uint32_t *cell, uint32_t cells)
{
    if (cells == 2 && cell[0])
        return ~0ul;
    return be32(cell[cells - 1]);
}

/* The bytes of RAM that start at RAM_BASE; 0 when the tree does not say. */
static word_t fdt_ram_size(const void *tree)
{
    struct fdt f;
    const uint32_t *cells, *reg;
    uint32_t address_cells, size_cells;

    if (!fdt_open(&f, tree))
        return 0;
    cells = fdt_find(&f, 0, "", "#address-cells", 1);
    address_cells = cells ? be32(*cells) : 2;   /* defaults: section 2.3.5 */
    cells = fdt_find(&f, 0, "", "#size-cells", 1);
    size_cells = cells ? be32(*cells) : 1;
    if (address_cells - 1 > 1 || size_cells - 1 > 1)
        return 0;
    reg = fdt_find(&f, 1, "memory", "reg", address_cells + size_cells);
    if (!reg || fdt_number(reg, address_cells) != RAM_BASE)
        return 0;
    return fdt_number(reg + address_cells, size_cells);
}

/*
 * RAM and what users may drive. The device tree lies in RAM, unneeded from
 * here on. RAM beyond what a user can address is no use to sigma0.
 */
void machine_boot_info(struct boot_info *info)
{
    word_t size;

    size = fdt_ram_size(phys_to_kva(RAM_BASE));
    if (size < BOOT_MAPPED_END - WINDOW_BASE) {
        print("no device tree: taking %u MB of RAM\n", RAM_DEFAULT >> 20);
        size = RAM_DEFAULT;
    }
    if (size > ARCH_USER_TOP - RAM_BASE)
        size = ARCH_USER_TOP - RAM_BASE;
    size &= -(1ul << BLOCK_SHIFT);
    window_map(RAM_BASE + size);

    boot_add_region(info, RAM_BASE, RAM_BASE + size, L4_MEMORY_RAM);
    boot_add_region(info, GIC_PHYS, GIC_PHYS + GIC_SIZE, L4_MEMORY_KERNEL);
    /* UART, clock, firmware configuration, GPIO */
    boot_add_region(info, UART_PHYS, UART_PHYS + 0x40000, L4_MEMORY_DEVICE);
    /* virtio-mmio: 32 of 512 bytes */
    boot_add_region(info, 0x0a000000, 0x0a004000, L4_MEMORY_DEVICE);
    /* PCI: memory, ports, configuration space */
    boot_add_region(info, 0x10000000, RAM_BASE, L4_MEMORY_DEVICE);
}

/* ---- interrupts: GICv2 (ARM IHI 0048) ---- */

#define GICD_CTLR           (GIC_KVA + 0x000)
#define GICD_ISENABLER(n)   (GIC_KVA + 0x100 + (n) / 32 * 4)
#define GICD_ICENABLER(n)   (GIC_KVA + 0x180 + (n) / 32 * 4)
#define GICD_IPRIORITYR(n)  (GIC_KVA + 0x400 + (n) / 4 * 4)
#define GICD_ITARGETSR(n)   (GIC_KVA + 0x800 + (n) / 4 * 4)
#define GICC_CTLR           (GIC_KVA + GICC_OFFSET + 0x00)
#define GICC_PMR            (GIC_KVA + GICC_OFFSET + 0x04)
#define GICC_IAR            (GIC_KVA + GICC_OFFSET + 0x0c)
#define GICC_EOIR           (GIC_KVA + GICC_OFFSET + 0x10)
#define CTLR_ENABLE         1
#define PMR_ALL             0xff
#define PRIORITY_SAME       0xa0a0a0a0  /* of four lines */
#define TARGET_CPU0         0x01010101
#define LINE_BIT(n)         (1u << (n) % 32)
#define IAR_LINE            0x3ff
#define LINE_NONE           1020        /* and above: nothing is pending */
#define FIRST_SHARED        32          /* below: the CPU's own lines */

static void gic_init(void)
{
    mmio_write(GICD_CTLR, 0);
    for (unsigned n = 0; n < MACHINE_IRQS; n += 32)
        mmio_write(GICD_ICENABLER(n), ~0u);
    for (unsigned n = 0; n < MACHINE_IRQS; n += 4)
        mmio_write(GICD_IPRIORITYR(n), PRIORITY_SAME);
    for (unsigned n = FIRST_SHARED; n < MACHINE_IRQS; n += 4)
        mmio_write(GICD_ITARGETSR(n), TARGET_CPU0);
    mmio_write(GICD_CTLR, CTLR_ENABLE);
    mmio_write(GICC_PMR, PMR_ALL);
    mmio_write(GICC_CTLR, CTLR_ENABLE);
}

/* The timer's line is the kernel's, whoever asks. The barrier: masked before
   what follows, the end of interrupt in the other register bank too. */
void machine_irq_mask(unsigned irq)
{
    if (irq == IRQ_LINE_TIMER)
        return;
    mmio_write(GICD_ICENABLER(irq), LINE_BIT(irq));
    dsb();
}

void machine_irq_unmask(unsigned irq)
{
    if (irq != IRQ_LINE_TIMER)
        mmio_write(GICD_ISENABLER(irq), LINE_BIT(irq));
}

/* The timer's line stays high until the timer is off. */
int machine_irq_next(void)
{
    uint32_t iar = mmio_read(GICC_IAR);
    unsigned line = iar & IAR_LINE;

    if (line >= LINE_NONE)
        return IRQ_NONE;
    if (line == IRQ_LINE_TIMER) {
        cp15_write(CNTV_CTL, 0);
        isb();
    } else {
        machine_irq_mask(line);
    }
    mmio_write(GICC_EOIR, iar);
    return line == IRQ_LINE_TIMER ? IRQ_TIMER : (int)line;
}

int machine_irq_taken(word_t which)
{
    (void)which;
    return machine_irq_next();
}

/* The CPU's own view of its interrupt input, much cheaper than the GIC's. */
bool machine_irq_pending(void)
{
    return cp15_read(ISR) & ISR_I;
}

/* ---- time: the virtual generic timer (chapter B8) ---- */

static uint64_t boot_count;         /* the counter at boot */
static uint64_t usecs_per_count;    /* times 2^32 */
static uint32_t counts_per_usec;    /* times 2^16, rounded up */

static void timer_init(void)
{
    uint32_t frequency = cp15_read(CNTFRQ);

    usecs_per_count = (1000000ull << 32) / frequency;
    counts_per_usec = (((uint64_t)frequency << 16) + 999999) / 1000000;
    boot_count = machine_counter();
    cp15_write(CNTV_CTL, 0);
    cp15_write(CNTKCTL, CNTKCTL_PL0VCTEN);
    mmio_write(GICD_ISENABLER(IRQ_LINE_TIMER), LINE_BIT(IRQ_LINE_TIMER));
}

/* isb: the counter may otherwise be read early (B8.1.2). */
uint64_t machine_counter(void)
{
    isb();
    return cp15_read64(CNTVCT);
}

uint64_t machine_counter_scale(void)
{
    return usecs_per_count;
}

static usec_t count_to_usec(uint64_t count)
{
    return (count >> 32) * usecs_per_count +
           ((uint32_t)count * usecs_per_count >> 32);
}

usec_t machine_time(uint64_t count)
{
    return count_to_usec(count - boot_count);
}

usec_t machine_now(void)
{
    return machine_time(machine_counter());
}

/* The comparison is with the whole 64-bit counter: a time in the past
   interrupts at once. */
void machine_timer_set(usec_t when)
{
    uint64_t count = machine_counter();
    usec_t now = count_to_usec(count - boot_count);
    usec_t delay = when > now ? when - now : 0;

    if (delay > MACHINE_TIMER_MAX)
        delay = MACHINE_TIMER_MAX;
    cp15_write64(CNTV_CVAL, count + (delay * counts_per_usec >> 16) + 1);
    cp15_write(CNTV_CTL, CNTV_CTL_ENABLE);
    isb();
}

void machine_init(void)
{
    gic_init();
    timer_init();
}

/* ---- end: semihosting (ARM DUI 0058) ---- */

#define SYS_EXIT_EXTENDED           0x20
#define STOPPED_APPLICATION_EXIT    0x20026
#define SEMIHOSTING_HLT             0xe10f0070  /* hlt #0xf000 */

/* hlt, since an svc from kernel mode would enter the system call's path.
   Without a simulator it traps and the panic comes here again: then stop. */
void machine_halt(unsigned status)
{
    static bool tried;
    const word_t block[2] = { STOPPED_APPLICATION_EXIT, status };
    register word_t operation __asm__("r0") = SYS_EXIT_EXTENDED;
    register const word_t *argument __asm__("r1") = block;

    if (!tried) {
        tried = true;
        __asm__ volatile(".inst %c2" : "+r"(operation)
                         : "r"(argument), "i"(SEMIHOSTING_HLT) : "memory");
    }
    for (;;)
        __asm__ volatile("wfi");
}
