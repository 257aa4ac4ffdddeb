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

/* What look_up() finds. */
enum found { HERE, ABSENT, NEVER };

static enum found find(struct space *s, word_t va, unsigned access, void **kva)
{
    struct pt_slot slot;

    if (va >= ARCH_USER_TOP)
        return NEVER;
    ptab_walk_inline(s, va, &slot);
    pte_t e = *slot.pte;
    if (arch_pte_kind(e, slot.level) != PTE_LEAF ||
        ((access & RIGHT_WRITE) && !(arch_pte_rights(e) & RIGHT_WRITE)))
        return ABSENT;
    paddr_t pa = arch_pte_addr(e, slot.level) +
                 (va & (pt_size(slot.level) - 1));
    if (arch_pte_attr(e) != ATTR_RAM || pa >= ARCH_PHYS_LIMIT)
        return NEVER;
    arch_pte_use(slot.pte, access & RIGHT_WRITE);
    *kva = phys_to_kva(pa);
    return HERE;
}

/* Where va of t's space is in the window; NULL: not there, or not so. */
static void *look_up(struct tcb *t, word_t va, unsigned access,
                     struct user_fault *fault)
{
    void *kva;
    enum found found = find(t->space, va, access, &kva);

    return found == HERE ? kva
                         : stop(fault, t, va, access, found == NEVER);
}

/* It is remembered; but for the first page, where a buffer of address 0 is none.
   What was seen as read only may be written by now: then it
   is found once more. */
void *user_place_anew(struct space *s, word_t va, unsigned access)
{
    struct window_entry *p = space_window(s, va);
    word_t tag = (va & PAGE_MASK) | WINDOW_VALID;
    void *kva;

    if (va < PAGE_SIZE || find(s, va, access, &kva) != HERE ||
        !arch_same_lines(kva, va))
        return NULL;
    p->tag[0] = tag;
    p->tag[1] = access & RIGHT_WRITE ? tag : window_empty(va);
    p->offset = (word_t)kva - va;
    return kva;
}

/* The window and t have seen the same of [kva, kva + bytes), which is at va. */
static inline void agree(const void *kva, word_t va, word_t bytes)
{
    if (!arch_same_lines(kva, va))
        arch_window_flush(kva, bytes);
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
    agree(p, va, sizeof(*p));
    *w = *p;
    return true;
}

bool user_write(struct tcb *t, word_t va, word_t w, struct user_fault *fault)
{
    word_t *p = look_up_word(t, va, RIGHT_READ | RIGHT_WRITE, fault);

    if (!p)
        return false;
    agree(p, va, sizeof(*p));
    *p = w;
    agree(p, va, sizeof(*p));
    return true;
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
        agree(p, r->va + done, *bytes);
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
        agree(p, r->va + done, bytes);
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
    agree(from, c->from_va, c->bytes);
    agree(to, c->to_va, c->bytes);
    memcpy(to, from, c->bytes);
    agree(to, c->to_va, c->bytes);
    return true;
}
