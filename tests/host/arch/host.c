/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The build machine as a port: the functions of core/arch.h that are not
 * inline. It looks after the promises which core makes to a port.
 *
 * A kernel entry is a call; arch_resume and arch_idle jump back to where it
 * was made, which is what dropping the kernel stack comes to here.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <l4/sys/arch/stubs.h>

#include "boot_info.h"
#include "host.h"
#include "klib.h"
#include "map.h"

#define HOST_SPACE_LIVE 0x6c697665

struct host_machine host;
struct space *host_space;
char *host_ram;

void host_broken(const char *promise)
{
    printf("# core broke a promise to the port: %s\n", promise);
    fflush(stdout);
    abort();
}

static void expect(bool ok, const char *promise)
{
    if (!ok)
        host_broken(promise);
}

void host_power_on(void)
{
    if (host_ram)
        munmap(host_ram, HOST_RAM_SIZE);
    host_ram = mmap(NULL, HOST_RAM_SIZE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    expect(host_ram != MAP_FAILED, "(no memory for the simulated machine)");
    host = (struct host_machine){
        .timer = HOST_NEVER, .masked = (1u << MACHINE_IRQS) - 1, .halted = -1,
        .input = "",
    };
    host_space = NULL;
}

/* ---- into the kernel and out again ---- */

static jmp_buf outside;
static bool inside;

static bool interrupt_waits(void)
{
    return host.timer <= host.now || host.raised & ~host.masked;
}

/* Runs `entry`, which ends in leave(). */
#define ENTER_ONCE(entry)                           \
    do {                                            \
        expect(!inside, "(entered twice)");         \
        inside = true;                              \
        if (setjmp(outside) == 0)                   \
            entry;                                  \
        inside = false;                             \
    } while (0)

/* Users and idle run with interrupts on: those that wait come at once. */
#define ENTER(entry)                                \
    do {                                            \
        ENTER_ONCE(entry);                          \
        while (interrupt_waits())                   \
            ENTER_ONCE(irq_entry(0));                \
    } while (0)

static void NORETURN leave(void)
{
    expect(inside, "(left without having been entered)");
    longjmp(outside, 1);
}

void host_boot(void)
{
    ENTER(kernel_main());
}

void host_syscall(word_t number)
{
    ENTER(syscall_entry(number));
}

void host_fault(word_t address, unsigned access)
{
    ENTER(fault_entry(address, access));
}

void host_exception(word_t number, word_t code)
{
    ENTER(exception_entry(number, code));
}

void host_interrupt(void)
{
    ENTER(irq_entry(0));
}

void host_run(void (*code)(void))
{
    ENTER_ONCE(code());
}

void arch_resume(struct tcb *t)
{
    expect(t == current && t != &idle_tcb, "it resumes the current thread");
    expect(t->state == T_READY && t->cont == CONT_NONE,
           "who is resumed has nothing left to do in the kernel");
    expect(t->space == host_space, "its space is current");
    leave();
}

void arch_idle(void)
{
    expect(current == &idle_tcb, "nobody is current when it sleeps");
    leave();
}

void host_advance(usec_t us)
{
    usec_t until = host.now + us;

    while (host.timer <= until) {
        if (host.now < host.timer)
            host.now = host.timer;
        host_interrupt();
    }
    host.now = until;
}

void host_raise(unsigned irq)
{
    host.raised |= 1u << irq;
    if (interrupt_waits())
        host_interrupt();
}

/* ---- threads ---- */

#define REG(n) { #n, offsetof(struct arch_frame, n) }

const struct arch_reg_desc arch_regs[] = {
    REG(mr[0]), REG(mr[1]), REG(mr[2]), REG(mr[3]), REG(arg[0]), REG(arg[1]),
    REG(arg[2]), REG(id[0]), REG(id[1]), REG(ip), REG(sp), REG(flags),
    { "tls", offsetof(struct tcb, arch.tls) }, { NULL, 0 }
};

void arch_frame_init(struct arch_frame *f, word_t ip, word_t sp)
{
    *f = (struct arch_frame){ .ip = ip, .sp = sp, .flags = 0x200 };
}

void arch_thread_init(struct tcb *t)
{
    expect(t->space && t->utcb, "a thread has both when it is made");
}

void arch_fpu_off(void)
{
}

void arch_fpu_forget(struct tcb *t)
{
    expect(t->arch.opaque == 0, "core leaves struct arch_tcb alone");
}

bool arch_tls_set(struct tcb *t, word_t slot, word_t low, word_t high)
{
    (void)high;
    if (slot >= L4_TLS_SLOTS)
        return false;
    t->arch.tls = low;
    return true;
}

void arch_regs_changed(struct tcb *t, word_t changed)
{
    (void)t;
    (void)changed;
}

void arch_fpu_store(struct tcb *t, void *to)
{
    memcpy(to, &t->arch.fpu, L4_FPU_BYTES);
}

void arch_fpu_load(struct tcb *t, const void *from)
{
    memcpy(&t->arch.fpu, from, L4_FPU_BYTES);
}

enum reflection arch_reflect(struct tcb *t, word_t number, word_t code,
                             struct user_fault *fault)
{
    expect(number == t->exception_number && code == t->exception_code,
           "an exception stands in the thread that raised it");
    return host.reflect ? host.reflect(t, fault) : REFLECT_NONE;
}

/* ---- spaces ---- */

void arch_space_init(struct space *s)
{
    s->arch.initialised = HOST_SPACE_LIVE;
}

void arch_space_fini(struct space *s)
{
    expect(s->arch.initialised == HOST_SPACE_LIVE, "it ends once");
    expect(s != host_space, "the space that ends is not the current one");
    s->arch.initialised = 0;
    host_tlb_forget(s);
}

void arch_space_switch(struct space *s)
{
    expect(s->arch.initialised == HOST_SPACE_LIVE, "it switches to a space");
    host_space = s;
}

/* ---- I/O ports ---- */

enum err arch_ports_init(struct space *s)
{
    expect(!s->arch.has_ports, "a space gets ports once");
    memset(s->arch.port, 0, sizeof(s->arch.port));
    s->arch.has_ports = 1;
    return OK;
}

void arch_ports_fini(struct space *s)
{
    expect(s->arch.has_ports, "a space without ports does not lose them");
    for (unsigned i = 0; i < IO_PORTS; i++)
        expect(!s->arch.port[i], "ports are taken away one by one");
    s->arch.has_ports = 0;
}

void arch_ports_allow(struct space *s, unsigned first, unsigned count,
                      bool allow)
{
    expect(s->arch.has_ports && first + count <= IO_PORTS, "ports exist");
    for (unsigned i = first; i < first + count; i++) {
        expect(s->arch.port[i] != allow, "a port comes or goes once");
        s->arch.port[i] = allow;
    }
}

bool machine_ports_free(unsigned first, unsigned count)
{
    return first + count <= HOST_KERNEL_PORT || first > HOST_KERNEL_PORT;
}

/* ---- caches ---- */

void arch_cache_sync(const void *kva, size_t len)
{
    paddr_t pa = kva_to_phys(kva);

    expect(pa + len <= HOST_RAM_SIZE, "caches are synchronised for RAM");
}

void arch_window_flush(const void *kva, size_t len)
{
    expect(len <= PAGE_SIZE - ((word_t)kva & ~PAGE_MASK),
           "what is shared with users lies inside a frame");
}

/* ---- machine ---- */

void arch_init(void)
{
}

void machine_init(void)
{
    host.masked = (1u << MACHINE_IRQS) - 1;
}

void machine_irq_mask(unsigned irq)
{
    expect(irq < MACHINE_IRQS, "lines exist");
    host.masked |= 1u << irq;
}

void machine_irq_unmask(unsigned irq)
{
    expect(irq < MACHINE_IRQS, "lines exist");
    host.masked &= ~(1u << irq);
}

/* The smallest steps up to the next look. */
static unsigned steps_to_look(void)
{
    unsigned before = host.looks, steps = 0;

    for (; host.looks == before; steps++)
        preemption_point(STEP_SKIP);
    return steps;
}

/* The core looks at the lines only once in a while, by a count of steps. Run
   it up so that the very next step, however small, looks. */
static void wind_up(void)
{
    bool preempt = host.preempt;

    host.preempt = false;
    steps_to_look();
    for (unsigned i = steps_to_look(); i > 1; i--)
        preemption_point(STEP_SKIP);
    host.preempt = preempt;
}

void host_preempt_always(void)
{
    host.preempt = true;
    wind_up();
}

int machine_irq_next(void)
{
    uint32_t lines = host.raised & ~host.masked;

    if (host.timer <= host.now) {
        host.timer = HOST_NEVER;
        return IRQ_TIMER;
    }
    if (lines) {
        int irq = __builtin_ctz(lines);
        host.raised &= ~(1u << irq);
        host.masked |= 1u << irq;
        return irq;
    }
    if (host.preempt)
        wind_up();
    return IRQ_NONE;
}

int machine_irq_taken(word_t which)
{
    (void)which;
    return machine_irq_next();
}

bool machine_irq_pending(void)
{
    host.looks++;
    return host.preempt || interrupt_waits();
}

usec_t machine_now(void)
{
    return host.now;
}

void machine_timer_set(usec_t when)
{
    expect(when <= host.now + MACHINE_TIMER_MAX, "timers are near");
    host.timer = when;
}

usec_t machine_time(uint64_t count)
{
    return count / 2;
}

uint64_t machine_counter(void)
{
    return host.now * 2;
}

uint64_t machine_counter_scale(void)
{
    return (uint64_t)1 << 31;
}

void machine_putc(char c)
{
    if (host.printed == HOST_CONSOLE - 1)
        host.printed = 0;
    host.console[host.printed++] = c;
    host.console[host.printed] = 0;
}

int machine_getc(void)
{
    return *host.input ? *host.input++ : -1;
}

void machine_halt(unsigned status)
{
    host.halted = (int)status;
    if (host.halt_expected)
        leave();
    printf("# the kernel halted with status %u and had said:\n", status);
    for (const char *s = host.console, *e; *s; s = e + (*e == '\n')) {
        for (e = s; *e && *e != '\n';)
            e++;
        printf("#   %.*s\n", (int)(e - s), s);
    }
    fflush(stdout);
    abort();
}

/* ---- the C bindings, in the name of the running thread ---- */

l4_umword_t l4_arch_ipc_op(l4_umword_t op, l4_threadid_t *id,
                           l4_umword_t words[L4_REG_WORDS])
{
    struct arch_frame *f = &current->frame;

    f->id[0] = id->raw;
    memcpy(f->mr, words, sizeof(f->mr));
    host_syscall(op);
    id->raw = f->id[0];
    memcpy(words, f->mr, sizeof(f->mr));
    return f->arg[0];
}

l4_umword_t l4_arch_ipc(l4_umword_t snd, l4_umword_t rcv,
                        l4_umword_t timeouts, l4_threadid_t *id,
                        l4_umword_t words[L4_REG_WORDS])
{
    struct arch_frame *f = &current->frame;

    f->arg[0] = snd;
    f->arg[1] = rcv;
    f->arg[2] = timeouts;
    return l4_arch_ipc_op(L4_SYS_IPC, id, words);
}

l4_umword_t l4_arch_ipc_chief(l4_umword_t snd, l4_umword_t rcv,
                              l4_umword_t timeouts, l4_threadid_t *id,
                              l4_threadid_t *other,
                              l4_umword_t words[L4_REG_WORDS])
{
    struct arch_frame *f = &current->frame;

    f->id[1] = other->raw;
    l4_umword_t dope = l4_arch_ipc(snd, rcv, timeouts, id, words);
    other->raw = f->id[1];
    return dope;
}

void l4_arch_call(unsigned n, struct l4_call_args *a)
{
    struct arch_frame *f = &current->frame;

    memcpy(f->arg, a->arg, sizeof(f->arg));
    f->id[0] = a->id[0].raw;
    f->id[1] = a->id[1].raw;
    host_syscall(n);
    memcpy(a->arg, f->arg, sizeof(f->arg));
    a->id[0].raw = f->id[0];
    a->id[1].raw = f->id[1];
}

void *l4_arch_utcb(void)
{
    return current->utcb;
}
