/* SPDX-License-Identifier: BSD-2-Clause */
/* Start of the programs that the kernel loads by itself: they have neither a
   stack nor arguments, and the system ends with them. */
#include <l4/sys/ipc.h>
#include <l4/sys/kdebug.h>

#include <hickory/start.h>

int main(void);

void crt_start(struct start_info *info)
{
    (void)info;
    l4_kdebug_halt((l4_umword_t)main());
    for (;;)                    /* not root: it may not halt the system */
        l4_ipc_sleep(L4_IPC_NEVER);
}
