/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the port's boot.S to the first user thread, step by step.
 */
#include "boot.h"
#include "invariants.h"
#include "kip.h"
#include "kmem.h"
#include "panic.h"
#include "print.h"
#include "regstate.h"
#include "sched.h"
#include "task.h"
#include "tcb.h"

char kernel_stack[KERNEL_STACK_SIZE] __attribute__((aligned(16)));

static struct boot_info info;

static void init_memory(void)
{
    paddr_t pool_start, pool_end;

    machine_boot_info(&info);
    boot_collect(&info);
    boot_choose_pool(&info, &pool_start, &pool_end);
    kmem_init(phys_to_kva(pool_start), phys_to_kva(pool_end));
    print("memory: %lu KB for the kernel at %p, %u modules\n",
          (pool_end - pool_start) >> 10, (void *)pool_start, info.modules);
    kip_init(&info, pool_start, pool_end);
}

void kernel_main(void)
{
    print("\nHickory, an L4 Version 2 microkernel (%s)\n",
          CONFIG_DEBUG ? "debug" : "release");
    tcb_init();
    regstate_init();
    task_init();
    init_memory();
    arch_init();
    machine_init();
    kip_set_clock_scale(machine_counter_scale());
    kip_update_clock(machine_now());
    sched_init();
    boot_start_initial_tasks(&info);
    check_all();
    kernel_exit();
}
