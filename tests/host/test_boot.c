/* SPDX-License-Identifier: BSD-2-Clause */
/* From kernel_main to the first two tasks, on the simulated machine. */
#include <stdio.h>
#undef strlen
#undef memcmp
#include <string.h>

#include <l4/sys/kdebug.h>
#include <l4/sys/utcb.h>

#include "kip.h"
#include "map.h"
#include "ptab.h"
#include "world.h"

static bool at(paddr_t pa, const char *text)
{
    return memcmp(phys_to_kva(pa), text, strlen(text)) == 0;
}

TEST(boot, initial_tasks_are_loaded_and_sigma0_runs_first)
{
    host_power_on();
    host_boot();
    check(current->task->number == TASK_SIGMA0);
    check(current->frame.ip == HOST_SIGMA0_AT + 4);
    check(at(HOST_SIGMA0_AT, "sigma0's program"));
    check(at(HOST_ROOT_AT, "root's program"));
    do_wait();
    check(current->task->number == TASK_ROOT);
    check(current->frame.ip == HOST_ROOT_AT + 4);
    check(current->pager == tcb_find_number(TASK_SIGMA0, 0)->id);
    check_world();
}

TEST(boot, memory_behind_a_segments_file_part_is_zero)
{
    const char *p;

    host_power_on();
    memset(phys_to_kva(HOST_ROOT_AT), 0xff, 2 * PAGE_SIZE);
    host_boot();
    p = phys_to_kva(HOST_ROOT_AT);
    for (word_t i = HOST_MODULE_BYTES; i < 2 * PAGE_SIZE; i++)
        check(p[i] == 0);
}

TEST(boot, kernel_info_page_says_what_the_machine_is)
{
    world_boot();
    check(kip->magic == L4_KERNEL_INFO_MAGIC && kip->word_bits == 64);
    check(kip->user_top == ARCH_USER_TOP && kip->irq_count == MACHINE_IRQS);
    check(kip->module_count == 2);
    check(strcmp(kip->module[0].name, "sigma0") == 0);
    check(strcmp(kip->module[1].name, "root") == 0);
    host_advance(5000000);
    check(kip->clock_sequence % 2 == 0);
    check(host.now - kip->clock <= MACHINE_TIMER_MAX);
    uint64_t past = (machine_counter() - kip->clock_counter) *
                    kip->clock_scale >> 32;
    check(kip->clock + past == host.now);
}

TEST(boot, users_never_get_kernel_memory)
{
    enum page_attr attr;

    world_boot();
    for (unsigned i = 0; i < kip->memory_count; i++)
        if (kip->memory[i].type == L4_MEMORY_KERNEL)
            for (paddr_t pa = kip->memory[i].start; pa < kip->memory[i].end;
                 pa += PAGE_SIZE)
                check(!kip_user_memory(pa, pa + PAGE_SIZE, &attr));
    check(!kip_user_memory(0, PAGE_SIZE, &attr));
    check(kip_user_memory(PAGE_SIZE, 2 * PAGE_SIZE, &attr));
    check(attr == ATTR_RAM);
    check(kip_user_memory(HOST_DEVICE_AT, HOST_DEVICE_AT + PAGE_SIZE, &attr));
    check(attr == ATTR_DEVICE);
}

/* ---- sigma0's memory ---- */

/* As the hardware does it: a fault if nothing is there, then again. */
static struct host_page touch(word_t address)
{
    if (host_access(sigma0_space, address).rights == 0)
        host_fault(address, RIGHT_READ);
    return host_access(sigma0_space, address);
}

TEST(sigma0, its_memory_is_there_one_to_one_when_it_is_touched)
{
    host_power_on();
    host_boot();
    for (unsigned i = 0; i < 200; i++) {
        word_t address = PAGE_SIZE + rnd(HOST_RAM_SIZE / 2);
        struct host_page p = touch(address);
        check(current->task->number == TASK_SIGMA0);
        check(p.pa == address && p.rights == (RIGHT_READ | RIGHT_WRITE));
    }
    check(touch(HOST_DEVICE_AT + 0x123).pa == HOST_DEVICE_AT + 0x123);
    check_world();
}

TEST(sigma0, the_kernel_info_page_is_there_read_only)
{
    host_power_on();
    host_boot();
    word_t address = ((struct l4_utcb *)current->utcb)->user[0];
    struct host_page p = touch(address);
    check(p.rights == RIGHT_READ && phys_to_kva(p.pa) == kip);
}

TEST(sigma0, touching_nothing_stops_it_and_nobody_else)
{
    static const word_t nowhere[] = { 0, ARCH_USER_TOP, ~(word_t)0xfff };

    host_power_on();
    host_boot();
    struct tcb *sigma0 = current;
    host_fault(nowhere[rnd(3)], RIGHT_WRITE);
    check(sigma0->state == T_HALTED);
    check(current->task->number == TASK_ROOT);
    check(strstr(host.console, "sigma0: no memory at"));
}

/* ---- the kernel's console ---- */

TEST(kdebug, console_and_free_memory_are_for_everybody)
{
    world_boot();
    host.printed = 0;
    outstring("hello");
    check(strncmp(host.console, "hello", 5) == 0);
    host.input = "x";
    check(l4_kdebug(L4_KDEBUG_GETC, 0) == 'x');
    check(l4_kdebug(L4_KDEBUG_GETC, 0) == ~(word_t)0);
    check(l4_kdebug(L4_KDEBUG_COUNT, 0) == kmem_frames_free() * PAGE_SIZE);
    check(l4_kdebug(99, 0) == ~(word_t)0);
}

TEST(kdebug, only_root_stops_the_machine)
{
    world_boot();
    struct tcb *other = new_task(10, 200);
    check(current == other);
    l4_kdebug_halt(3);
    check(host.halted == -1 && current == other);
    set_prio(other, 10);
    host.halt_expected = true;
    l4_kdebug_halt(3);
    check(host.halted == 3);
}
