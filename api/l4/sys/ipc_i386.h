/* SPDX-License-Identifier: BSD-2-Clause */
/* The names that the first Version 2 headers gave the IPC functions. They say
   i386 and mean every target: such programs run on all. */
#ifndef L4_SYS_IPC_I386_H
#define L4_SYS_IPC_I386_H

#define l4_i386_ipc_call                    l4_ipc_call
#define l4_i386_ipc_reply_and_wait          l4_ipc_reply_and_wait
#define l4_i386_ipc_send                    l4_ipc_send
#define l4_i386_ipc_wait                    l4_ipc_wait
#define l4_i386_ipc_receive                 l4_ipc_receive
#define l4_i386_ipc_sleep                   l4_ipc_sleep
#define l4_i386_ipc_send_deceiting          l4_ipc_send_deceiting
#define l4_i386_ipc_reply_deceiting_and_wait l4_ipc_reply_deceiting_and_wait
#define l4_i386_ipc_chief_send              l4_ipc_chief_send
#define l4_i386_ipc_chief_wait              l4_ipc_chief_wait
#define l4_i386_ipc_chief_receive           l4_ipc_chief_receive
#define l4_i386_ipc_chief_call              l4_ipc_chief_call
#define l4_i386_ipc_chief_reply_and_wait    l4_ipc_chief_reply_and_wait

#endif
