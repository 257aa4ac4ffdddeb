/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: descriptor tables, thread-local storage, lazy FPU switching, the way
 * to a thread.
 */
#include <l4/sys/arch/regs.h>

#include "arch.h"
#include "klib.h"
#include "panic.h"
#include "small.h"
#include "tcb.h"

/* In entry.S. */
extern const struct vector {
    uint32_t number, dpl, entry;
} vector_table[], vector_table_end[];
extern char ipc_fast_entry[];
void resume_user(struct arch_frame *f) NORETURN;

#define REG(name) { #name, offsetof(struct arch_frame, name) }
#define TLS(slot, half) \
    { "tls" #slot, offsetof(struct tcb, arch.tls[slot]) + (half) }

const struct arch_reg_desc arch_regs[] = {
    REG(gs), REG(fs), REG(es), REG(ds), REG(edi), REG(esi), REG(ebp),
    REG(ebx), REG(edx), REG(ecx), REG(eax), REG(eip), REG(cs), REG(eflags),
    REG(esp), REG(ss), TLS(0, 0), TLS(0, 4), TLS(1, 0), TLS(1, 4), TLS(2, 0),
    TLS(2, 4), { NULL, 0 }
};
_Static_assert(sizeof(arch_regs) / sizeof(arch_regs[0]) == L4_REG_COUNT + 1,
               "as many as the API says");

/* ---- tables of the CPU ---- */

/* What the kernel's segments have of the descriptor privilege level's bits
   (SDM 3, 3.4.5), which are 3 for users. */
#define KERNEL(segment) ((segment) & ~0x0000600000000000ull)
#define TSS_FREE        0x89ull

/* SDM 3, 6.11: type and present bit, in the upper word. */
#define GATE_INTERRUPT  0x8E00u
#define GATE_TASK       0x8500u
#define GATE_DPL(dpl)   ((dpl) << 13)

uint64_t gdt[GDT_ENTRIES] = {
    [KERNEL_CS / 8] = KERNEL(SEGMENT_FLAT | SEGMENT_CODE),
    [KERNEL_DS / 8] = KERNEL(SEGMENT_FLAT),
    [USER_CS / 8] = SEGMENT_FLAT | SEGMENT_CODE,
    [USER_DS / 8] = SEGMENT_FLAT,
};
static uint64_t idt[VECTOR_COUNT];
struct kernel_task kernel_task __attribute__((aligned(4096)));
static struct tss fault_task;
static char fault_stack[4096];

/* limit: offset of its last byte. */
static uint64_t tss_descriptor(uint32_t address, uint32_t limit)
{
    uint64_t base = address;

    return limit | (base & 0xFFFFFF) << 16 | TSS_FREE << 40 |
           (base >> 24) << 56;
}

static void load_gdt(void)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) table = { sizeof(gdt) - 1, (uint32_t)gdt };

    __asm__ volatile("lgdt %0\n\t"
                     "ljmp %1, $1f\n"
                     "1:\tmovl %2, %%ds\n\t"
                     "movl %2, %%es\n\t"
                     "movl %2, %%ss\n\t"
                     "movl %3, %%fs\n\t"
                     "movl %3, %%gs\n\t"
                     "lldt %w3\n\t"
                     "ltr %w4"
                     : : "m"(table), "i"(KERNEL_CS), "r"(KERNEL_DS), "r"(0),
                         "r"(KERNEL_TSS) : "memory");
}

static void load_idt(void)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) table = { sizeof(idt) - 1, (uint32_t)idt };

    for (const struct vector *v = vector_table; v < vector_table_end; v++)
        idt[v->number] =
            (uint64_t)((v->entry & 0xFFFF0000) | GATE_INTERRUPT |
                       GATE_DPL(v->dpl)) << 32 |
            KERNEL_CS << 16 | (v->entry & 0xFFFF);
    idt[VECTOR_DOUBLE_FAULT] = (uint64_t)GATE_TASK << 32 | FAULT_TSS << 16;
    __asm__ volatile("lidt %0" : : "m"(table));
}

/*
 * A fault in the delivery of a fault: the stack is of no use, so this is a
 * task of its own, and the registers stand in the TSS of the one that broke.
 */
static NORETURN void double_fault(void)
{
    const struct tss *t = &kernel_task.tss;

    trap_frame = (struct arch_frame){
        .gs = t->gs, .fs = t->fs, .es = t->es, .ds = t->ds,
        .edi = t->edi, .esi = t->esi, .ebp = t->ebp, .ebx = t->ebx,
        .edx = t->edx, .ecx = t->ecx, .eax = t->eax,
        .entry = VECTOR_DOUBLE_FAULT,
        .eip = t->eip, .cs = t->cs, .eflags = t->eflags,
        .esp = t->esp, .ss = t->ss,
    };
    kernel_panic();
}

/* The kernel writes its TSS in the window, as its SYSENTER stack; the CPU has
   it where each space can put its own I/O bitmap behind it. */
static void init_tasks(void)
{
    const uint32_t tss = TSS_PAGE + offsetof(struct kernel_task, tss);

    kernel_task.after_ports = ~0u;
    kernel_task.tss.ss0 = KERNEL_DS;
    kernel_task.tss.io_map = PORT_BITMAP - tss;
    gdt[KERNEL_TSS / 8] = tss_descriptor(tss, PORT_BITMAP_END - tss);

    fault_task = (struct tss){
        .cr3 = kva_to_phys(kernel_root),
        .eip = (uint32_t)double_fault,
        .eflags = EFLAGS_ONE,
        .esp = (uint32_t)(fault_stack + sizeof(fault_stack)),
        .es = KERNEL_DS, .cs = KERNEL_CS, .ss = KERNEL_DS, .ds = KERNEL_DS,
        .io_map = sizeof(struct tss),
    };
    gdt[FAULT_TSS / 8] = tss_descriptor((uint32_t)&fault_task,
                                        sizeof(fault_task) - 1);
}

/* ---- segments of small spaces ---- */

/* All programs use the same two, which change with who runs. */
static void segments_load(uint64_t data)
{
    gdt[USER_DS / 8] = data;
    gdt[USER_CS / 8] = data | SEGMENT_CODE;
}

void segments_flat(void)
{
    segments_load(SEGMENT_FLAT);
}

/* Whatever its size, a small space begins elsewhere. */
static bool segments_are_flat(void)
{
    return (uint32_t)(gdt[USER_DS / 8] >> 32) == (uint32_t)(SEGMENT_FLAT >> 32);
}

#define SEGMENT_GROWS_DOWN  0x0000040000000000ull
#define SEGMENT_PAGES       0x0080000000000000ull   /* the limit counts them */
/* It grows down to its limit, which is the end of all. */
#define SEGMENT_OF_NOTHING  0x00CFF7000000FFFFull

static uint32_t segment_base(uint64_t d)
{
    return (uint32_t)(d >> 16 & 0xFFFFFF) | (uint32_t)(d >> 56) << 24;
}

/* In bytes, less one. */
static uint32_t segment_limit(uint64_t d)
{
    uint32_t limit = (uint32_t)(d & 0xFFFF) | ((uint32_t)(d >> 32) & 0xF0000);

    return d & SEGMENT_PAGES ? limit << PAGE_SHIFT | 0xFFF : limit;
}

/* The same with another base, and a limit of no more than this. */
static uint64_t segment_with(uint64_t d, uint32_t base, uint32_t limit)
{
    bool pages = limit > 0xFFFFF;

    if (pages)
        limit = ((limit + 1) >> PAGE_SHIFT) - 1;
    d &= ~0xFF8F00FFFFFFFFFFull;
    return d | (limit & 0xFFFF) | (uint64_t)(limit & 0xF0000) << 32 |
           (uint64_t)(base & 0xFFFFFF) << 16 | (uint64_t)(base >> 24) << 56 |
           (pages ? SEGMENT_PAGES : 0);
}

/* What a segment of the API's has in the small space. With what is beyond the
   space grows: the CPU's protection fault. */
static uint64_t segment_within(const struct arch_space *small, uint64_t d)
{
    uint32_t base = segment_base(d), limit = segment_limit(d);

    if (!d)
        return 0;
    if (base >= small->size || d & SEGMENT_GROWS_DOWN)
        return SEGMENT_OF_NOTHING;
    if (limit > small->size - 1 - base)
        limit = small->size - 1 - base;
    return segment_with(d, small->base + base, limit);
}

/* SYSEXIT loads flat segments, whatever the descriptors say: leave by IRET,
   with the registers that would have. */
static void leave_by_iret(struct arch_frame *f)
{
    if (f->entry != ENTRY_SYSENTER)
        return;
    f->ebp = f->edx;
    f->edx = f->eip;
    f->ecx = f->esp;
    f->entry = 0;
}

/* To t, from or to a small space. */
static NOINLINE void segments_switch(struct tcb *t)
{
    segments_load(t->arch.segment);
    if (t->hold & HOLD_SMALL)
        leave_by_iret(&t->frame);
}

/* ---- thread-local storage ---- */

_Static_assert(TLS_FIRST == L4_TLS_SELECTOR(0), "as the API says");

/* A present data segment of 32 bits for users (SDM 3, 3.4.5). Code, gates and
   what belongs to the kernel would let a program out of its ring; 16-bit
   stacks and segments that are not present have a history of surprises. */
#define TLS_CHECKED     0x0060F80000000000ull   /* L, D, P, DPL, S, code */
#define TLS_FIT         0x0040F00000000000ull
#define TLS_ACCESSED    0x0000010000000000ull   /* else the CPU sets it */

static bool tls_others;         /* slots but the first may not be empty */

static bool tls_is_fit(uint64_t descriptor)
{
    return descriptor == 0 || (descriptor & TLS_CHECKED) == TLS_FIT;
}

/* A slot as the CPU is to have it. */
static uint64_t tls_as_loaded(const struct tcb *t, unsigned slot)
{
    uint64_t descriptor = t->arch.tls[slot];

    return small_number(t->space)
               ? segment_within(&t->space->arch, descriptor) : descriptor;
}

static void tls_put(struct tcb *t, unsigned slot, uint64_t descriptor)
{
    t->arch.tls[slot] = descriptor ? descriptor | TLS_ACCESSED : 0;
    t->arch.tls_count = 0;
    for (unsigned i = 0; i < L4_TLS_SLOTS; i++)
        if (t->arch.tls[i])
            t->arch.tls_count = (uint8_t)(i + 1);
    /* The fast path switches the first slot, and has GS name it. */
    t->arch.tls_loaded = tls_as_loaded(t, 0);
    t->frame.utcb.selector = t->arch.tls[0] ? TLS_FIRST : USER_DS;
    if (t->arch.tls_count > 1)
        tcb_hold(t, HOLD_ARCH);
    else
        tcb_release(t, HOLD_ARCH);
}

bool arch_tls_set(struct tcb *t, word_t slot, word_t low, word_t high)
{
    uint64_t descriptor = (uint64_t)high << 32 | low;

    if (slot >= L4_TLS_SLOTS || !tls_is_fit(descriptor))
        return false;
    tls_put(t, slot, descriptor);
    return true;
}

static void tls_filter(struct tcb *t)
{
    for (unsigned i = 0; i < L4_TLS_SLOTS; i++)
        tls_put(t, i, tls_is_fit(t->arch.tls[i]) ? t->arch.tls[i] : 0);
}

/* resume_user() sees to EFLAGS, CS, SS and the other selectors. */
void arch_regs_changed(struct tcb *t, word_t changed)
{
    arch_reg_set(&t->frame, REG_IP, t->frame.eip);
    if (changed >> L4_REG_TLS)
        tls_filter(t);
}

/* Few threads have more than one: what lies behind is not looked at. Out of
   arch_resume's way, which has not enough registers for both. */
static NOINLINE void tls_load_others(const struct tcb *t)
{
    uint64_t *slot = &gdt[TLS_FIRST / 8];

    for (unsigned i = 1; i < L4_TLS_SLOTS; i++)
        slot[i] = tls_as_loaded(t, i);
    tls_others = t->arch.tls_count > 1;
}

static void tls_load(const struct tcb *t)
{
    gdt[TLS_FIRST / 8] = t->arch.tls_loaded;
    if (t->arch.tls_count > 1 || tls_others)
        tls_load_others(t);
}

/* ---- FPU ---- */

_Static_assert(sizeof(struct l4_fpu_state) == L4_FPU_BYTES, "FXSAVE area");

/* Whose registers the FPU holds, on or off. CR0.TS is its switch. */
static struct tcb *fpu_owner;

/* What FXRSTOR gives a new thread (SDM 1, 10.5.1): all exceptions masked,
   64-bit precision, every register empty or 0. */
static const struct l4_fpu_state fpu_initial __attribute__((aligned(16))) = {
    .fcw = 0x37F, .mxcsr = 0x1F80
};

/* FXRSTOR of any other bit of MXCSR is a fault. */
static uint32_t mxcsr_mask;

static void clear_ts(void)
{
    __asm__ volatile("clts" : : : "memory");
}

static void fxsave(struct l4_fpu_state *to)
{
    __asm__ volatile("fxsave (%0)" : : "r"(to) : "memory");
}

/* A mask of 0 stands for the first CPUs with SSE (SDM 1, 11.6.6). */
static void fpu_init(void)
{
    static struct l4_fpu_state state __attribute__((aligned(16)));

    fxsave(&state);
    mxcsr_mask = state.mxcsr_mask ? state.mxcsr_mask : 0xFFBF;
    arch_fpu_off();
}

void arch_fpu_off(void)
{
    write_cr0(read_cr0() | CR0_TS);
}

/* The owner's registers to its TCB. The FPU is on afterwards. */
static void fpu_put_away(void)
{
    clear_ts();
    if (fpu_owner)
        fxsave(&fpu_owner->arch.fpu);
    fpu_owner = NULL;
}

void fpu_take(struct tcb *t)
{
    if (fpu_owner != t) {
        fpu_put_away();
        const void *from = t->arch.fpu_valid ? &t->arch.fpu : &fpu_initial;
        __asm__ volatile("fxrstor (%0)" : : "r"(from) : "memory");
        t->arch.fpu_valid = true;
        fpu_owner = t;
    }
    clear_ts();
    sched_fpu_on();
}

void arch_fpu_forget(struct tcb *t)
{
    if (fpu_owner == t)
        fpu_owner = NULL;
    sched_fpu_off(t);
}

void arch_fpu_store(struct tcb *t, void *to)
{
    if (fpu_owner == t) {
        fpu_put_away();
        sched_fpu_off(fpu_user);
        arch_fpu_off();
    }
    memcpy(to, t->arch.fpu_valid ? &t->arch.fpu : &fpu_initial, L4_FPU_BYTES);
}

void arch_fpu_load(struct tcb *t, const void *from)
{
    arch_fpu_forget(t);
    memcpy(&t->arch.fpu, from, L4_FPU_BYTES);
    t->arch.fpu.mxcsr &= mxcsr_mask;
    t->arch.fpu_valid = true;
}

/* ---- start ---- */

void arch_init(void)
{
    mmu_init();
    init_tasks();
    load_gdt();
    load_idt();
    wrmsr(MSR_SYSENTER_CS, KERNEL_CS);
    wrmsr(MSR_SYSENTER_ESP, (uint32_t)&kernel_task.tss.esp0);
    wrmsr(MSR_SYSENTER_EIP, (uint32_t)ipc_fast_entry);
    fpu_init();
}

/* ---- threads ---- */

void arch_frame_init(struct arch_frame *f, word_t ip, word_t sp)
{
    *f = (struct arch_frame){
        .short_ip.selector = USER_DS, .utcb = f->utcb,
        .gs = USER_DS, .fs = USER_DS, .es = USER_DS, .ds = USER_DS,
        .eip = ip, .cs = USER_CS, .eflags = EFLAGS_IF | EFLAGS_ONE,
        .esp = sp, .ss = USER_DS,
    };
}

void arch_thread_init(struct tcb *t)
{
    t->frame.short_ip.selector = USER_DS;
    t->frame.utcb = (struct far){ t->utcb_user, USER_DS };
    t->arch.root = (struct far){ kva_to_phys(t->space->root), USER_DS };
    arch_small_changed(t);
}

void arch_small_changed(struct tcb *t)
{
    t->arch.segment = t->space->arch.segment;
    t->arch.tls_loaded = tls_as_loaded(t, 0);
}

void arch_resume(struct tcb *t)
{
    assert(t == current && ((word_t)&t->arch.fpu & 15) == 0);
    kernel_task.tss.esp0 = (uint32_t)(&t->frame + 1);
    utcb_pointer[0] = t->utcb_user;
    if (t->hold & HOLD_SMALL || !segments_are_flat())
        segments_switch(t);
    tls_load(t);
    resume_user(&t->frame);
}
