/* SPDX-License-Identifier: BSD-2-Clause */
/* Start of the programs that root loads: heap, C library, main(). */
#include <stdlib.h>

#include <hickory/start.h>

#include "heap.h"

int main(int argc, char *argv[]);

/* newlib's: run what is in .init_array; calls the two below. */
void __libc_init_array(void);
void _init(void);
void _fini(void);

void _init(void)
{
}

void _fini(void)
{
}

void crt_start(struct start_info *info)
{
    heap_set(info->heap_start, info->heap_end);
    __libc_init_array();
    exit(main((int)info->argc, info->argv));
}
