/* SPDX-License-Identifier: BSD-2-Clause */
/* The first program: says who and where it is. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <l4/sys/syscalls.h>

#include <arch_user.h>
#include <hickory/pager.h>
#include <hickory/time.h>

static void print_arguments(int argc, char *argv[])
{
    printf("I am %s, task %u", argv[0], (unsigned)l4_myself().id.task);
    for (int i = 1; i < argc; i++)
        printf("%s %s", i == 1 ? ", called with" : ",", argv[i]);
    printf("\n");
}

static void print_kernel(const l4_kernel_info_t *kip)
{
    printf("kernel: %s, %u-bit words on %s, %u of them in a short message\n",
           kip->kernel_config, (unsigned)kip->word_bits, ARCH_NAME,
           (unsigned)kip->reg_words);
    printf("memory:");
    for (unsigned i = 0; i < kip->memory_count; i++) {
        const l4_memory_desc_t *m = &kip->memory[i];
        if (m->type == L4_MEMORY_RAM)
            printf(" %lu KB at %#lx", (unsigned long)(m->end - m->start) / 1024,
                   (unsigned long)m->start);
    }
    printf("\nmodules:");
    for (unsigned i = 0; i < kip->module_count; i++)
        printf(" %s", kip->module[i].name);
    printf("\n");
}

/* The registers of the floating-point unit are ours like any others. */
static int print_floats(void)
{
    double sum = 0;

    for (int i = 1; i <= 10000; i++)
        sum += 1.0 / ((double)i * i);
    printf("floats: the square root of 6 times %.6f is %.6f\n", sum,
           sqrt(6 * sum));
    return fabs(sqrt(6 * sum) - 3.141497) < 1e-6;
}

/* The heap ends where malloc says so, not in a crash. */
static int print_heap(void)
{
    size_t total = 0, piece = 16 * 1024;
    void *last = NULL, **p;

    while ((p = malloc(piece))) {
        *p = last;
        last = p;
        total += piece;
    }
    while ((p = last)) {
        last = *p;
        free(p);
    }
    printf("heap: %lu KB\n", (unsigned long)total / 1024);
    return total > 0;
}

int main(int argc, char *argv[])
{
    const l4_kernel_info_t *kip = l4_kip();

    printf("Hello, world!\n");
    print_arguments(argc, argv);
    if (!kip) {
        printf("hello: no kernel info page\n");
        return 1;
    }
    print_kernel(kip);
    int good = print_floats();
    good &= print_heap();
    l4_uint64_t before = l4_time();
    l4_sleep_usec(2000);
    l4_uint64_t slept = l4_time() - before;
    printf("time: slept for %lu microseconds instead of 2000\n",
           (unsigned long)slept);
    good &= slept >= 2000;
    printf("%s\n", good ? "Good bye." : "hello: something is wrong");
    return !good;
}
