/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sigma0: the first pager. It owns all user memory, which the kernel maps one
 * to one into it, and gives each frame once. See doc/api/sigma0.md.
 */
#include <l4/sys/ipc.h>
#include <l4/sys/kernel.h>
#include <l4/sys/utcb.h>

#include <hickory/print.h>
#include <hickory/protocol.h>

#include "memory.h"

int main(void);

/* What goes back to a client: a mapping, or two words of zero. */
struct reply {
    bool map;
    l4_umword_t base;           /* where it is, physical: the send base */
    l4_fpage_t fpage;
};

static l4_kernel_info_t *kip;

static struct reply refused(void)
{
    return (struct reply){ .map = false };
}

static struct reply mapping(struct block b, unsigned write)
{
    return (struct reply){
        .map = true,
        .base = b.base,
        .fpage = l4_fpage(b.base, b.log2_size, write, L4_FPAGE_MAP),
    };
}

/* ---- requests ---- */

/* An fpage as a client wrote it. False: no such block of pages. */
static bool read_fpage(l4_umword_t word, struct block *b)
{
    b->log2_size = word >> 2 & 63;
    if (l4_is_iofpage((l4_fpage_t){ .raw = word }) ||
        b->log2_size < L4_PAGESHIFT || b->log2_size >= L4_WORD_BITS)
        return false;
    b->base = word & L4_PAGEMASK;
    return (b->base & ((1UL << b->log2_size) - 1)) == 0;
}

static struct reply give_kip(void)
{
    struct block page = { (l4_addr_t)kip, L4_PAGESHIFT };

    return mapping(page, L4_FPAGE_RO);
}

static struct reply give_any(l4_umword_t size_word, unsigned task)
{
    unsigned log2_size = size_word >> 2 & 63;
    struct block b;

    if (log2_size == 0)
        log2_size = L4_PAGESHIFT;
    if (log2_size < L4_PAGESHIFT || log2_size >= L4_WORD_BITS)
        return refused();
    return memory_give_any(log2_size, task, &b) ? mapping(b, L4_FPAGE_RW)
                                                : refused();
}

static struct reply give_ram(l4_umword_t fpage, unsigned task)
{
    struct block b;

    if (!read_fpage(fpage, &b) || !memory_give(b, task))
        return refused();
    return mapping(b, L4_FPAGE_RW);
}

static struct reply give_device(l4_umword_t fpage)
{
    struct block b;

    if (!read_fpage(fpage, &b) || !memory_is_device(b))
        return refused();
    return mapping(b, L4_FPAGE_RW);
}

/* The kernel's own ports are not here, so they do not get there. */
static struct reply give_ports(l4_umword_t fpage)
{
    l4_fpage_t f = { .raw = fpage };
    struct reply r = { .map = true, .base = fpage & L4_PAGEMASK };

    if (!l4_is_iofpage(f) || f.iofp.iosize > L4_WHOLE_IOADDRESS_SPACE ||
        (f.iofp.iopage & ((1u << f.iofp.iosize) - 1)) != 0)
        return refused();
    r.fpage = l4_iofpage(f.iofp.iopage, f.iofp.iosize, L4_FPAGE_MAP);
    return r;
}

/* A page fault. When it cannot be served the faulter will fault again and
   again: say so, once for each page in a row. */
static struct reply give_fault(l4_umword_t address, l4_umword_t ip,
                               unsigned task)
{
    static l4_umword_t last_refused;
    struct block page = { l4_trunc_page(address), L4_PAGESHIFT };

    if (memory_give(page, task))
        return mapping(page, L4_FPAGE_RW);
    if (page.base != last_refused || page.base == 0)
        print("sigma0: task %u: no memory at %lx, ip %lx\n", task, address,
              ip);
    last_refused = page.base;
    return refused();
}

static struct reply dump(void)
{
    print("sigma0: %lu KB of RAM are free\n",
          (unsigned long)memory_free_frames() * (L4_PAGESIZE / 1024));
    return refused();
}

static struct reply handle(l4_umword_t w0, l4_umword_t w1, unsigned task)
{
    if (w0 == REQUEST_KIP)
        return give_kip();
    if (w0 == REQUEST_ANY_PAGE)
        return give_any(w1, task);
    if (w0 == REQUEST_RAM)
        return give_ram(w1, task);
    if (w0 == REQUEST_DEVICE)
        return give_device(w1);
    if (w0 == REQUEST_PORTS)
        return give_ports(w1);
    if (w0 == REQUEST_DUMP)
        return dump();
    if (IS_FAULT(w0))
        return give_fault(FAULT_ADDRESS(w0), w1, task);
    return refused();
}

/* ---- the server ---- */

/* Send the reply, if there is one to send, and wait for the next message. */
static void next_message(l4_threadid_t *client, const struct reply *reply,
                         struct l4_words *words)
{
    l4_umword_t op = L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW;
    l4_msgdope_t dope;

    *words = (struct l4_words){ { 0 } };
    if (reply->map) {
        words->w[0] = reply->base;
        words->w[1] = reply->fpage.raw;
        op |= L4_OP_MAP;
    }
    dope = l4_ipc_words(op, client, words);
    while (L4_IPC_IS_ERROR(dope))   /* the client is gone: to the next one */
        dope = l4_ipc_wait_words(client, words);
}

static void serve(void)
{
    struct reply reply;
    l4_threadid_t client = L4_NIL_ID;
    struct l4_words words = { { 0 } };

    while (L4_IPC_IS_ERROR(l4_ipc_wait_words(&client, &words)))
        ;
    for (;;) {
        request_normalize(words.w);
        reply = handle(words.w[0], words.w[1], client.id.task);
        next_message(&client, &reply, &words);
    }
}

int main(void)
{
    /* The kernel leaves the info page's address in the first UTCB's first
       word: there is nobody to ask for it yet. */
    kip = (l4_kernel_info_t *)l4_utcb()->user[0];
    if (!kip || kip->magic != L4_KERNEL_INFO_MAGIC) {
        print("sigma0: no kernel info page\n");
        return 1;
    }
    if (!memory_init(kip)) {
        print("sigma0: no memory for the table of frames\n");
        return 1;
    }
    serve();
    return 0;
}
