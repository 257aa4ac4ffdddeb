/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reference for map, grant and unmap: for each small page of each space
 * what is there, with which rights, and from which page it was made. No
 * tables and no trees; removing a page looks at all others for what came
 * from it. That a page is part of a large one is a mark.
 */
#ifndef MAPMODEL_H
#define MAPMODEL_H

#include "map.h"
#include "mapdb.h"

#define SPACES      5
#define PAGES       256         /* the first of each space are looked at */
#define TASK_OF(space) (100 + (space))   /* its task's number */
#define SUBPAGES    (1u << (pt_shift[LEVEL_LARGE] - PAGE_SHIFT))

struct mpage {
    bool used, large;
    unsigned rights;
    enum page_attr attr;
    paddr_t pa;
    struct mpage *parent;       /* NULL: a root */
    word_t own, below;          /* status: used itself; of what was derived
                                   from it and is gone or was told */
};

extern struct mpage model[SPACES][PAGES];
extern struct space space[SPACES];

/* The kernel's spaces, empty, made from a pool of `frames`. */
void spaces_start(unsigned frames);

/* All of space 0 that is nowhere comes into being, large and small pages, or
   small ones only. */
void roots_make(void);
extern bool small_roots;

/* What is asked for, in pages of the model. */
struct wish {
    unsigned from, to;              /* spaces */
    unsigned at, to_at, pages;      /* first pages, how many */
    bool write, grant, flush, own;
    bool only_to;                   /* unmap: from space `to` only */
    bool ask;                       /* unmap: only for the status */
};

/* What unmap tells is what it has to tell; a kernel with large pages, whose
   status is one for all, may say more. */
void model_map(const struct wish *w);
word_t model_unmap(const struct wish *w);

/* A program in space s reads or writes page i. */
void touch(unsigned s, unsigned i, bool write);

/* Is a page that w would overwrite the source of one that it would send? */
bool model_overwrites_source(const struct wish *w);

/* The kernel's spaces are what the model says. */
void model_compare(void);

/* Make the model what the kernel's spaces say. */
void model_reload(void);

/* The kernel's structures and the TLB are whole. */
void spaces_check(void);

/* Flush everything everywhere: all memory must be back. */
void spaces_empty(void);

#endif
