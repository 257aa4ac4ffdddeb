/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * THE architecture interface: everything a port must define, and nothing
 * else. A port is learnt from this page; doc/porting.md goes through it as a
 * task list. tests/host/arch implements it for the build machine.
 *
 * Functions declared `static inline` here are defined in the port's
 * <arch_inline.h>, the others in its cpu.c, trap.c, mmu.c and machine.c. Unless a
 * contract says so nothing here may fail, block or enable interrupts.
 *
 * Assembly (entry.S, boot.S) enters the core by six functions that never
 * return, always on the empty kernel stack, interrupts off and, but for
 * kernel_main, with the whole user frame saved in current->frame:
 *
 *   kernel_main()                   once, from boot.S
 *   syscall_entry(number)           a gate number or an operation word
 *   fault_entry(address, access)    user touched `address`; access is RIGHT_*
 *   exception_entry(number, code)   any other trap from user mode
 *   irq_entry(which)                an interrupt, from user mode or idle; which:
 *                                   for machine_irq_taken()
 *   panic_trap(frame, what, addr)   a trap from kernel mode: a kernel bug
 *
 * All but panic_trap end in arch_resume() or arch_idle().
 */
#ifndef CORE_ARCH_H
#define CORE_ARCH_H

#include "types.h"

/*
 * <arch_types.h> defines
 *
 * struct arch_frame    the user registers, in the order entry.S stores them.
 *                      First member of struct tcb.
 * struct arch_tcb      what else a thread owns (FPU registers, TLS). Core
 *                      zeroes it at creation and never looks inside.
 * struct arch_space    hardware side of an address space (address-space tag).
 *                      Core never looks inside.
 * pte_t                a page-table entry. The all-zero entry is empty.
 *
 * ARCH_PT_LEVELS       levels of page table, 2 to 4; level 0 is the root.
 * ARCH_PT_SHIFTS       initialiser: log2 of the bytes one entry of each level
 *                      maps, e.g. { 22, 12 }.
 * ARCH_PT_TOP_SHIFT    log2 of the bytes the root maps.
 * ARCH_PT_LEAF_MASK    bit n set: level n may hold leaves (pages).
 *                      Each table, the root too, fills at most one frame.
 * ARCH_ROOT_USER       entries of the root that core may use; the rest is the
 *                      kernel's half, kept by the port.
 * ARCH_USER_TOP        end of the address space a user may map; page aligned.
 * ARCH_PHYS_LIMIT      end of the window on physical memory: kernel objects
 *                      come from below it.
 * ARCH_PAGE_STATUS     which of the status bits of pages, L4_FP_ACCESSED and
 *                      L4_FP_WRITTEN, the hardware keeps; 0: none.
 * ARCH_DECEIT_ON_STACK  1: the virtual sender of a deceit lies on the stack,
 *                      0: in registers.
 * ARCH_INTERNAL_PREEMPTER  1: the thread in the preempter's place hears of
 *                      ended time slices too, as Version 2 has it; 0: of
 *                      exceptions only, as on machines where it is called
 *                      the excepter.
 * ARCH_REFLECTS        1: arch_reflect() may do something.
 * ARCH_FAST_FAULTS     1: the port has arch_fault_call(), for the release
 *                      kernel.
 * ARCH_DELIVERS        1: the port has arch_deliver(), for the release kernel.
 * ARCH_FAST_PATH       1: the port has ipc_fast.S, for the release kernel.
 * ARCH_PARKS_BUFFERS   1: the port has message_fast.S, for the release kernel.
 * ARCH_SMALL_SPACES    1: the port has small address spaces.
 * MACHINE_IRQS         interrupt lines, numbered from 0; below 1,000.
 */
#include <arch_types.h>

struct tcb;
struct space;
struct boot_info;

/* What an access needs and what a mapping gives. Reading is always given. */
#define RIGHT_READ  1u
#define RIGHT_WRITE 2u

/* What a page holds. */
enum page_attr { ATTR_RAM, ATTR_DEVICE };

/* ---- the window on physical memory, valid from kernel_main on ---- */

static inline void *phys_to_kva(paddr_t pa);
static inline paddr_t kva_to_phys(const void *kva);

/* ---- user registers, in the thread's saved frame ---- */

/* Message word i, i < L4_REG_WORDS. */
static inline word_t arch_mr_get(const struct arch_frame *f, unsigned i);
static inline void arch_mr_set(struct arch_frame *f, unsigned i, word_t w);

/* Slot arg i (i < 3) and slot id i (i < 2) as arch/abi.h of the API binds
   them for every call but ipc. Results are set in the same slots. */
static inline word_t arch_arg(const struct arch_frame *f, unsigned i);
static inline void arch_arg_set(struct arch_frame *f, unsigned i, word_t w);
static inline threadid_t arch_id(const struct arch_frame *f, unsigned i);
static inline void arch_id_set(struct arch_frame *f, unsigned i, threadid_t t);

/* The arguments of ipc through its gate (number L4_SYS_IPC). The partner is
   slot id 0; the dope of the result goes to slot arg 0. */
static inline word_t arch_ipc_snd(const struct arch_frame *f);
static inline word_t arch_ipc_rcv(const struct arch_frame *f);
static inline word_t arch_ipc_timeouts(const struct arch_frame *f);

/* A send with deceit: its virtual sender, where that stands in registers. A
   port with ARCH_DECEIT_ON_STACK has it in memory at the stack pointer. */
static inline threadid_t arch_ipc_deceit(const struct arch_frame *f);

/* The receiver of a redirected message learns whom it was for. */
static inline void arch_ipc_set_real_dest(struct arch_frame *f, threadid_t id);

/* Instruction pointer, stack pointer, flags (0 where there are none). */
enum arch_reg { REG_IP, REG_SP, REG_FLAGS };
static inline word_t arch_reg_get(const struct arch_frame *f, enum arch_reg r);
static inline void arch_reg_set(struct arch_frame *f, enum arch_reg r,
                                word_t w);

/* Every register of the frame by name, in the order an exception message
   carries them, and words of struct arch_tcb that handlers read and write as
   well; the last has no name. Offsets in bytes from the frame's start, which
   is the TCB's. */
struct arch_reg_desc {
    const char *name;
    uint16_t offset;
};
extern const struct arch_reg_desc arch_regs[];

/* Copy n words, n > 0, which do not overlap: some tens at most. */
static inline void arch_copy_words(word_t *to, const word_t *from, unsigned n);

/* Copy n blocks of eight words, n > 0, which do not overlap: as fast as memory
   lets. */
static inline void arch_copy_blocks(word_t *to, const word_t *from, size_t n);

/* ---- threads ---- */

/* A frame for the first entry at ip with stack sp: no privilege, interrupts
   on, nothing of the kernel or of another thread in it. */
void arch_frame_init(struct arch_frame *f, word_t ip, word_t sp);

/* t is made: it has its space and its UTCB. What the port keeps of them in
   struct arch_tcb. */
void arch_thread_init(struct tcb *t);

/* Drop the kernel stack and go to user mode at t's frame. t == current, its
   space is current; publishes t->utcb_user where the program finds it. */
void arch_resume(struct tcb *t) NORETURN;

/* irq_entry() may be in a state that arch_deliver() wants, in which a fault of
   the kernel's own is not told as one: it ends here. */
static inline void arch_entered(void);

/* Drop the kernel stack and sleep with interrupts on; the next one goes to
   irq_entry(), with no frame to save. */
void arch_idle(void) NORETURN;

/* A thread waits for a message and has left this frame: put what the fast path
   needs to go on with it where that looks. False: it cannot, since the result
   of this way into the kernel is in other registers. */
static inline bool arch_frame_shorten(struct arch_frame *f);

/* The frame of a thread that the fast path has parked holds nothing but where
   it goes on: make all of it fit for arch_resume. */
static inline void arch_frame_complete(struct arch_frame *f);

/* The same for one that is parked in a call of the gate. Only with
   ARCH_PARKS_BUFFERS. */
static inline void arch_frame_complete_gate(struct arch_frame *f);

/* The FPU is off but for fpu_user. The first use by another thread traps; the
   port then sees to the registers, turns it on, and calls sched_fpu_on(). */
void arch_fpu_off(void);

/* t goes away: if the FPU holds its registers, forget them. */
void arch_fpu_forget(struct tcb *t);

/* Slot `slot` of t's thread-local storage holds this value from now on; it
   travels with the thread. False: no such slot, or a value that would harm;
   nothing has changed. All slots are empty at first. */
MUST_CHECK bool arch_tls_set(struct tcb *t, word_t slot, word_t low,
                             word_t high);

/* A handler has written registers of t, which is in no user mode, one by one
   by their places in arch_regs; bit n of `changed` stands for register n.
   Whatever they were given, they are fit for user mode afterwards. */
void arch_regs_changed(struct tcb *t, word_t changed);

/* t's FPU registers as they are now, or from now on: L4_FPU_BYTES, laid out
   as struct l4_fpu_state of the API's arch/regs.h. Whatever is loaded, it
   harms nobody but t. */
void arch_fpu_store(struct tcb *t, void *to);
void arch_fpu_load(struct tcb *t, const void *from);

/* ---- exceptions ---- */

/* fault_fast_call() of fault.h in its tuned form: goes to the handler's user
   mode, or returns with nothing done. */
void arch_fault_call(struct tcb *t, unsigned kind, word_t w0);

/*
 * To user mode in t, which was parked and whose frame is short: with a message
 * of zeroes from `sender`, the low word of an id whose upper one is 0. `from` ran
 * before; the FPU is off.
 */
void arch_deliver(struct tcb *t, word_t sender, struct tcb *from) NORETURN;

/*
 * t has raised an exception. Where programs may handle their own, as if they
 * had the processor's vectors, the port sends it there; and it carries out
 * instructions that belong to that. It touches user memory by usermem.h only,
 * and finds all it needs before it changes anything.
 */
enum reflection {
    REFLECT_NONE,       /* not the port's: nothing has changed */
    REFLECT_DONE,       /* t goes on with its frame */
    REFLECT_FAULT       /* *fault first, then again; nothing has changed */
};
struct user_fault;
enum reflection arch_reflect(struct tcb *t, word_t number, word_t code,
                             struct user_fault *fault);

/* ---- page-table entries: pure functions ---- */

enum pte_kind { PTE_EMPTY, PTE_TABLE, PTE_LEAF };

/* Entries of `level`. pa is aligned to what the entry maps. */
static inline pte_t arch_pte_leaf(paddr_t pa, unsigned level, unsigned rights,
                                  enum page_attr attr);
static inline pte_t arch_pte_table(paddr_t table);
static inline enum pte_kind arch_pte_kind(pte_t e, unsigned level);
/* Of a leaf or a table: where it points. Of a leaf: RIGHT_*, its attribute. */
static inline paddr_t arch_pte_addr(pte_t e, unsigned level);
static inline unsigned arch_pte_rights(pte_t e);
/* A leaf like this one of the last level, without what status it may keep, and
   read only unless `write`. */
static inline pte_t arch_pte_copy(pte_t e, bool write);
/* Of a table: the table, in the window. */
static inline pte_t *arch_pte_below(pte_t e);
static inline enum page_attr arch_pte_attr(pte_t e);

/* ---- address spaces ---- */

/* After core has made the zeroed root table: add the kernel's half. */
void arch_space_init(struct space *s);

/* The space goes away: no stale translation may ever be found under its tag.
   Never the current space. */
void arch_space_fini(struct space *s);

/* Make s the space of user addresses. Cheap when it is so already. */
void arch_space_switch(struct space *s);

/* *slot = e, in such a way that a walker in hardware sees it on return. Says
   nothing about the TLB. */
static inline void arch_pte_write(pte_t *slot, pte_t e);

/* What a leaf was used for since it was written or last asked, as bits of
   ARCH_PAGE_STATUS; it is reset. When it was not 0 the TLB has to be flushed
   before later uses are sure to be seen. */
static inline word_t arch_pte_status(pte_t *slot);

/* The kernel has used a leaf's page for its user: as if the hardware had seen
   it. */
static inline void arch_pte_use(pte_t *slot, bool write);

/* On return no stale translation of [va, va + 2^shift) of s is used; a shift
   of ARCH_PT_TOP_SHIFT or more means the whole space. */
void arch_tlb_flush(struct space *s, word_t va, unsigned shift);

/* len bytes at kva were written and will be executed by user code: make the
   instruction side see them. */
void arch_cache_sync(const void *kva, size_t len);

/* Caches that are indexed by virtual address may hold the same memory under
   the window's address and under a user's. Make [kva, kva + len) of the
   window agree with memory: after the kernel wrote there for users to see,
   and before it reads what users wrote. Nothing where caches do not alias. */
void arch_window_flush(const void *kva, size_t len);

/* Do kva and va, by which a user sees the same memory, use the same cache
   lines? Then arch_window_flush() is not needed. */
static inline bool arch_same_lines(const void *kva, word_t va);

/* ---- small address spaces: only with ARCH_SMALL_SPACES, see small.h ---- */

/* s, which has no I/O ports, is the small space of this number, as thread_schedule
   has it, 1 to 254. False: there is none, or a part of it belongs to another
   space; nothing has changed. */
MUST_CHECK bool arch_small_enter(struct space *s, unsigned number);

/* s, which is small, is so no longer. */
void arch_small_leave(struct space *s);

/* t's space has become small, or large again: what the port keeps of it in struct
   arch_tcb. */
void arch_small_changed(struct tcb *t);

/* ---- I/O ports: only where L4_IO_PORTS is not 0, see ports.h ---- */

/* s is to have ports, none of them yet; ERR_NO_MEM changes nothing. */
MUST_CHECK enum err arch_ports_init(struct space *s);

/* s goes away, and has no ports any more. */
void arch_ports_fini(struct space *s);

/* Programs in s may use these ports from now on, or may not: `count`, what a
   small or a large page stands for, from `first` on. */
void arch_ports_allow(struct space *s, unsigned first, unsigned count,
                      bool allow);

/* Does the kernel leave all these ports to programs? */
bool machine_ports_free(unsigned first, unsigned count);

/* ---- machine: interrupts, time, console, end ---- */

/* Vectors, traps, FPU off. Called once, interrupts off before and after;
   kmem is up. */
void arch_init(void);

/* Interrupt controller (all lines masked), timer. After arch_init. */
void machine_init(void);

/* Fill in RAM, device memory and modules that came from the boot loader.
   Called first of all; may use only what boot.S set up. */
void machine_boot_info(struct boot_info *info);

void machine_irq_mask(unsigned irq);
void machine_irq_unmask(unsigned irq);

/* Acknowledge one pending interrupt and return its line, which is then
   masked; IRQ_TIMER for the kernel's timer; IRQ_NONE when none is left. */
#define IRQ_NONE    (-1)
#define IRQ_TIMER   (-2)
int machine_irq_next(void);

/* The same for the interrupt that led to irq_entry(which): what `which` is, is
   between the port's entry and this. */
int machine_irq_taken(word_t which);

/* Does an interrupt wait to be taken? Polled at preemption points. */
bool machine_irq_pending(void);

/* Microseconds since boot, never backwards. Called at least every timer
   interrupt, and those are at most MACHINE_TIMER_MAX apart. */
usec_t machine_now(void);

/* The same for the moment when machine_counter() gave `count`, a second ago at
   most. */
usec_t machine_time(uint64_t count);
#define MACHINE_TIMER_MAX   ((usec_t)1000000)

/* One shot: interrupt at this time since boot, at once when it has passed.
   Replaces an earlier one. At most MACHINE_TIMER_MAX ahead. */
void machine_timer_set(usec_t when);

/* For the kernel info page: the counter a program can read by itself, and
   microseconds per count times 2^32. */
uint64_t machine_counter(void);
uint64_t machine_counter_scale(void);

/* Now, as the port reads it fastest; and the machine_counter() of then, at most
   two MACHINE_TIMER_MAX later. */
static inline uint64_t machine_stamp(void);
static inline uint64_t machine_stamp_count(uint64_t stamp);

/* Polled console: usable from kernel_main on. getc: -1 when nothing came. */
void machine_putc(char c);
int machine_getc(void);

/* Leave the simulator with this status (0..125); on hardware stop. */
void machine_halt(unsigned status) NORETURN;

#include <arch_inline.h>

/* ---- what the core offers to assembly and ports ---- */

void kernel_main(void) NORETURN;
void syscall_entry(word_t number) NORETURN;
void fault_entry(word_t address, word_t access) NORETURN;
void exception_entry(word_t number, word_t code) NORETURN;
void irq_entry(word_t which) NORETURN;
void panic_trap(const struct arch_frame *f, const char *what, word_t address)
    NORETURN;

/* One kernel stack; it grows down from kernel_stack + KERNEL_STACK_SIZE. */
#define KERNEL_STACK_SIZE   8192
extern char kernel_stack[KERNEL_STACK_SIZE];

/* Running thread, or &idle_tcb; set by the scheduler only. */
extern struct tcb *current;
extern struct tcb idle_tcb;

/* Who runs with the FPU on, or NULL; set by sched_fpu_on() for the running
   thread, and by the scheduler, which turns it off. */
extern struct tcb *fpu_user;
void sched_fpu_on(void);

/* If the FPU is on for t, it is so no longer. */
void sched_fpu_off(struct tcb *t);

#endif
