/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * root: the first task that is not the kernel's. Starts the system that the
 * boot module `system` describes, and then serves it. See doc/api/root.md.
 */
#include <stddef.h>

#include <l4/sys/kdebug.h>

#include <arch_user.h>
#include <hickory/pager.h>
#include <hickory/print.h>
#include <hickory/protocol.h>
#include <hickory/string.h>

#include "frames.h"
#include "server.h"

#define DESCRIPTION "system"

int main(void);

static struct config config;

/* ---- errors: nothing goes on after one ---- */

static void L4_NORETURN stop(void)
{
    l4_kdebug_halt(1);
    for (;;)
        l4_ipc_sleep(L4_IPC_NEVER);
}

static void L4_NORETURN stop_at(unsigned line, const char *name,
                                const char *reason)
{
    print("root: " DESCRIPTION ":%u: %s%s%s\n", line, name ? name : "",
          name ? ": " : "", reason);
    stop();
}

/* ---- what there is ---- */

/* From the linker: this program. */
extern char __executable_start[], _end[];

/* Root's own pages come from sigma0 when they are touched. Touch them all
   before asking for free pages, or one of them might be among those. */
static void claim_own_pages(void)
{
    l4_addr_t page = l4_trunc_page(__executable_start);

    for (; page < (l4_addr_t)_end; page += L4_PAGESIZE)
        (void)*(const volatile char *)page;
}

static const l4_kernel_info_t *get_kip(void)
{
    const l4_umword_t request[2] = { REQUEST_KIP, 0 };
    l4_addr_t page;

    if (!pager_request(SIGMA0_ID, request, WINDOW_ANYWHERE, &page)) {
        print("root: sigma0 has no kernel info page\n");
        stop();
    }
    return (const l4_kernel_info_t *)page;
}

static const l4_module_desc_t *find_module(const l4_kernel_info_t *kip,
                                           const char *name)
{
    for (unsigned i = 0; i < kip->module_count; i++)
        if (strcmp(kip->module[i].name, name) == 0)
            return &kip->module[i];
    return NULL;
}

/* ---- checks, all of them before anything is started ---- */

static void read_description(const l4_kernel_info_t *kip)
{
    const l4_module_desc_t *m = find_module(kip, DESCRIPTION);
    const char *names[L4_KIP_MAX_MODULES + 1];
    struct config_text text;

    if (!m) {
        print("root: there is no boot module `" DESCRIPTION "'\n");
        stop();
    }
    for (unsigned i = 0; i < kip->module_count; i++)
        names[i] = kip->module[i].name;
    names[kip->module_count] = NULL;
    text = (struct config_text){ (const char *)m->start, m->end - m->start };
    if (!config_parse(text, names, &config))
        stop_at(config.error_line, NULL, config.error);
}

static const char *plan_task(struct task *t, const l4_module_desc_t *m)
{
    static const struct elf_limits limits = {
        ARCH_ELF_MACHINE, PROGRAM_LOW, PROGRAM_HIGH,
    };
    const char *reason = elf_parse((const void *)m->start, m->end - m->start,
                                   &limits, &t->image);

    return reason ? reason
                  : memory_plan(&t->memory, &t->image, t->config->memory);
}

static void plan_tasks(const l4_kernel_info_t *kip)
{
    for (; task_count < config.tasks; task_count++) {
        struct task *t = &tasks[task_count];
        t->config = &config.task[task_count];
        const char *reason = plan_task(t, find_module(kip,
                                                      t->config->module));
        if (reason)
            stop_at(t->config->line, t->config->name, reason);
    }
}

static void start_tasks(void)
{
    for (unsigned i = 0; i < task_count; i++)
        if (!task_start(&tasks[i]))
            stop_at(tasks[i].config->line, tasks[i].config->name,
                    "it cannot be started: no memory left");
}

int main(void)
{
    const l4_kernel_info_t *kip = get_kip();

    claim_own_pages();
    frames_init(kip);
    requests_init(kip);
    read_description(kip);
    plan_tasks(kip);
    start_tasks();
    serve();
}
