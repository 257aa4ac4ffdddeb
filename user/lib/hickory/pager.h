/* SPDX-License-Identifier: BSD-2-Clause */
/* Client side of the requests that sigma0 and root both answer. */
#ifndef HICKORY_PAGER_H
#define HICKORY_PAGER_H

#include <stdbool.h>

#include <l4/sys/ipc.h>
#include <l4/sys/kernel.h>

/* Where a program accepts a mapping: 2^log2_size bytes at `address`. */
struct window {
    l4_addr_t address;
    unsigned log2_size;
};

/* All of the address space: what is mapped comes where the sender says, and
   that is 1:1 with sigma0. */
#define WINDOW_ANYWHERE ((struct window){ 0, L4_WHOLE_ADDRESS_SPACE })

/* All I/O ports. They always come with their own numbers. */
#define WINDOW_PORTS \
    ((struct window){ L4_IOFPAGE, L4_WHOLE_IOADDRESS_SPACE })

/*
 * Ask `pager` for a mapping with these two words. True when something was
 * mapped; then *where, if not NULL, is the address the pager sent it for,
 * which in an anywhere window is where it is.
 */
bool pager_request(l4_threadid_t pager, const l4_umword_t request[2],
                   struct window window, l4_addr_t *where);

/* 2^log2_size bytes of RAM, whichever is free. Only sigma0 has this. */
bool pager_any_page(l4_threadid_t pager, unsigned log2_size,
                    struct window window, l4_addr_t *where);

/* This RAM, or this device memory. */
bool pager_ram(l4_threadid_t pager, l4_fpage_t ram, struct window window);
bool pager_device(l4_threadid_t pager, l4_fpage_t device,
                  struct window window);

/* These I/O ports, an l4_iofpage(). True when there is at least one of them
   that is not the kernel's. */
bool pager_ports(l4_threadid_t pager, l4_fpage_t ports);

/*
 * The kernel info page. Programs that root started ask for it at the first
 * call and get it at KIP_ADDRESS (hickory/start.h). NULL: refused.
 */
const l4_kernel_info_t *l4_kip(void);

/* For programs that get the page in another way: this is it. */
void l4_kip_set(const l4_kernel_info_t *page);

#endif
