/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User memory, read and written by the kernel through its window. The kernel
 * never faults on it: it looks the address up, and what is not there becomes
 * a page fault of the thread that owns the address (transfer.c).
 */
#ifndef CORE_USERMEM_H
#define CORE_USERMEM_H

#include "tcb.h"

/* What stopped an access. */
struct user_fault {
    struct tcb *owner;
    word_t address;
    unsigned access;    /* RIGHT_* it would have needed */
    bool never;         /* no pager can help: not user memory, or not RAM */
};

/* Bytes from va to the end of its page. */
static inline word_t to_page_end(word_t va)
{
    return PAGE_SIZE - (va & ~PAGE_MASK);
}

/* One word at va of t's space. False: *fault says why. */
bool user_read(struct tcb *t, word_t va, word_t *w, struct user_fault *fault);
bool user_write(struct tcb *t, word_t va, word_t w, struct user_fault *fault);

/* Any bytes of one thread's memory, all or none of them. They may stand in
   several pages; nothing is written before all are found. */
struct user_bytes {
    struct tcb *t;
    word_t va, bytes;
};
bool user_read_bytes(const struct user_bytes *r, void *to,
                     struct user_fault *fault);
bool user_write_bytes(const struct user_bytes *r, const void *from,
                      struct user_fault *fault);

/*
 * Copy at most `bytes` bytes from one thread's memory to another's, up to the
 * next page boundary on either side and not very many; `bytes` is what was
 * copied.
 */
struct user_copy {
    struct tcb *from, *to;
    word_t from_va, to_va;
    word_t bytes;
};
bool user_copy(struct user_copy *c, struct user_fault *fault);

/* Where va of s is in the window, with the rest of its page. NULL: not there, not
   for this access, or not by the cache lines that its user uses. */
void *user_place_anew(struct space *s, word_t va, unsigned access);

static inline void *user_place(struct space *s, word_t va, unsigned access)
{
    const struct window_entry *p = space_window(s, va);

    if (p->tag[(access & RIGHT_WRITE) != 0] == ((va & PAGE_MASK) | WINDOW_VALID))
        return (void *)(va + p->offset);
    return user_place_anew(s, va, access);
}

/*
 * [va, va + bytes) of t's memory in the window, for this access; NULL: see
 * *fault. It has to begin at a multiple of 16 and lie in one page: anything
 * else is never there.
 */
void *user_range(struct tcb *t, word_t va, word_t bytes, unsigned access,
                 struct user_fault *fault);

#endif
