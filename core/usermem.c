/* SPDX-License-Identifier: BSD-2-Clause */
#include "klib.h"
#include "ptab.h"
#include "usermem.h"

/* Bytes copied at a time: even where they have to go one by one it is a short
   stretch. */
#define COPY_MOST   2048

static void *stop(struct user_fault *fault, struct tcb *t, word_t va,
                  unsigned access, bool never)
{
    *fault = (struct user_fault){ t, va, access, never };
    return NULL;
}

/* Where va of t's space is in the window; NULL: not there, or not so. */
static void *look_up(struct tcb *t, word_t va, unsigned access,
                     struct user_fault *fault)
{
    struct pt_slot slot;

    if (va >= ARCH_USER_TOP)
        return stop(fault, t, va, access, true);
    ptab_walk(t->space, va, &slot);
    if (ptab_kind(&slot) != PTE_LEAF)
        return stop(fault, t, va, access, false);
    if ((access & RIGHT_WRITE) && !(arch_pte_rights(*slot.pte) & RIGHT_WRITE))
        return stop(fault, t, va, access, false);
    paddr_t pa = arch_pte_addr(*slot.pte, slot.level) +
                 (va & (pt_size(slot.level) - 1));
    if (arch_pte_attr(*slot.pte) != ATTR_RAM || pa >= ARCH_PHYS_LIMIT)
        return stop(fault, t, va, access, true);
    mapnode_use(*slot.node, access & RIGHT_WRITE);
    return phys_to_kva(pa);
}

/* Words of a message are aligned; a user who does not keep to that gets an
   error rather than a word that crosses into another page. */
static void *look_up_word(struct tcb *t, word_t va, unsigned access,
                          struct user_fault *fault)
{
    if (va & (sizeof(word_t) - 1))
        return stop(fault, t, va, access, true);
    return look_up(t, va, access, fault);
}

bool user_read(struct tcb *t, word_t va, word_t *w, struct user_fault *fault)
{
    word_t *p = look_up_word(t, va, RIGHT_READ, fault);

    if (!p)
        return false;
    arch_window_flush(p, sizeof(*p));
    *w = *p;
    return true;
}

bool user_write(struct tcb *t, word_t va, word_t w, struct user_fault *fault)
{
    word_t *p = look_up_word(t, va, RIGHT_READ | RIGHT_WRITE, fault);

    if (!p)
        return false;
    arch_window_flush(p, sizeof(*p));
    *p = w;
    arch_window_flush(p, sizeof(*p));
    return true;
}

static word_t to_page_end(word_t va)
{
    return PAGE_SIZE - (va & ~PAGE_MASK);
}

void *user_range(struct tcb *t, word_t va, word_t bytes, unsigned access,
                 struct user_fault *fault)
{
    if (va & 15 || bytes > to_page_end(va))
        return stop(fault, t, va, access, true);
    return look_up(t, va, access, fault);
}

/* The piece of r that `done` bytes of it come before: where it is, or NULL. */
static void *piece(const struct user_bytes *r, word_t done, word_t *bytes,
                   unsigned access, struct user_fault *fault)
{
    word_t left = r->bytes - done;

    *bytes = to_page_end(r->va + done);
    if (*bytes > left)
        *bytes = left;
    void *p = look_up(r->t, r->va + done, access, fault);
    if (p)
        arch_window_flush(p, *bytes);
    return p;
}

bool user_read_bytes(const struct user_bytes *r, void *to,
                     struct user_fault *fault)
{
    for (word_t done = 0, bytes; done < r->bytes; done += bytes) {
        const void *p = piece(r, done, &bytes, RIGHT_READ, fault);
        if (!p)
            return false;
        memcpy((char *)to + done, p, bytes);
    }
    return true;
}

bool user_write_bytes(const struct user_bytes *r, const void *from,
                      struct user_fault *fault)
{
    const unsigned access = RIGHT_READ | RIGHT_WRITE;

    for (word_t done = 0, bytes; done < r->bytes; done += bytes)
        if (!piece(r, done, &bytes, access, fault))
            return false;
    for (word_t done = 0, bytes; done < r->bytes; done += bytes) {
        void *p = piece(r, done, &bytes, access, fault);
        memcpy(p, (const char *)from + done, bytes);
        arch_window_flush(p, bytes);
    }
    return true;
}

bool user_copy(struct user_copy *c, struct user_fault *fault)
{
    const void *from = look_up(c->from, c->from_va, RIGHT_READ, fault);
    if (!from)
        return false;
    void *to = look_up(c->to, c->to_va, RIGHT_READ | RIGHT_WRITE, fault);
    if (!to)
        return false;
    if (c->bytes > COPY_MOST)
        c->bytes = COPY_MOST;
    if (c->bytes > to_page_end(c->from_va))
        c->bytes = to_page_end(c->from_va);
    if (c->bytes > to_page_end(c->to_va))
        c->bytes = to_page_end(c->to_va);
    arch_window_flush(from, c->bytes);
    arch_window_flush(to, c->bytes);
    memcpy(to, from, c->bytes);
    arch_window_flush(to, c->bytes);
    return true;
}
