/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O ports, mapped, granted and unmapped like memory but each to its own
 * number. The model knows for each port of each space from which space it
 * came.
 */
#include "kmem.h"
#include "map.h"
#include "mapdb.h"
#include "ports.h"
#include "world.h"

#define SPACES  4
#define NONE    (-2)        /* the space does not have the port */
#define ROOT    (-1)        /* it is the first to have it */

static struct space space[SPACES];
static int parent[SPACES][IO_PORTS];
static word_t frames;

static void start(void)
{
    host_power_on();
    memory_start(800);
    frames = kmem_frames_free();
    for (unsigned s = 0; s < SPACES; s++) {
        check(ptab_init(&space[s]) == OK);
        check(ports_make(&space[s]) == OK);
    }
    ports_give_all(&space[0]);
    for (unsigned port = 0; port < IO_PORTS; port++) {
        for (unsigned s = 0; s < SPACES; s++)
            parent[s][port] = NONE;
        if (port != HOST_KERNEL_PORT)
            parent[0][port] = ROOT;
    }
}

/* ---- the model, one port ---- */

static bool is_below(int s, int top, unsigned port)
{
    for (s = parent[s][port]; s >= 0; s = parent[s][port])
        if (s == top)
            return true;
    return false;
}

static void take(int s, unsigned port, bool own)
{
    bool gone[SPACES];

    for (int t = 0; t < SPACES; t++)
        gone[t] = (own && t == s) || is_below(t, s, port);
    for (int t = 0; t < SPACES; t++)
        if (gone[t])
            parent[t][port] = NONE;
}

static void give(int from, int to, unsigned port, bool grant)
{
    if (parent[from][port] == NONE)
        return;
    if (parent[to][port] != NONE)
        take(to, port, true);
    if (parent[from][port] == NONE)
        return;             /* it had it from there */
    parent[to][port] = grant ? parent[from][port] : from;
    if (!grant)
        return;
    for (int t = 0; t < SPACES; t++)
        if (parent[t][port] == from)
            parent[t][port] = to;
    parent[from][port] = NONE;
}

/* ---- both ---- */

static struct fpage random_fpage(void)
{
    unsigned log2 = rnd(11);
    struct fpage f;

    check(fpage_parse(l4_iofpage(rnd(IO_PORTS) >> log2 << log2, log2, 0).raw,
                      &f));
    check(f.ports);
    return f;
}

static struct unmap unmap;

static void random_map(const struct fpage *f, unsigned first, unsigned count)
{
    struct map_request r = { .from_base = f->base, .to_base = f->base,
                             .shift = f->shift, .write = true,
                             .grant = chance(20), .walk = &unmap.walk };
    int from = (int)rnd(SPACES), to = (int)rnd(SPACES);
    word_t offset = 0;
    bool mapped;

    /* Over its own source, and once more the same: see test_map.c. */
    for (unsigned i = first; i < first + count; i++)
        if (from == to || is_below(from, to, i) || parent[to][i] == from)
            return;
    r.from = space[from].ports;
    r.to = space[to].ports;
    check(map_fpage(&r, &offset, &mapped) == OK);
    for (unsigned i = first; i < first + count; i++)
        give(from, to, i, r.grant);
}

static void random_unmap(const struct fpage *f, unsigned first, unsigned count)
{
    int s = 1 + (int)rnd(SPACES - 1);
    bool own = chance(50);

    unmap_begin(&unmap, f, own ? L4_FP_ALL_SPACES : 0);
    check(unmap_run(&space[s], &unmap) == OK);
    for (unsigned i = first; i < first + count; i++)
        if (parent[s][i] != NONE)
            take(s, i, own);
}

static void compare(void)
{
    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < IO_PORTS; i++) {
            note("space %u port %x: from %d", s, i, parent[s][i]);
            check(space[s].arch.port[i] == (parent[s][i] != NONE));
        }
}

TEST(ports, random_sequences_allow_what_was_given)
{
    start();
    for (unsigned i = 0; i < rounds(1000); i++) {
        struct fpage f = random_fpage();
        unsigned first = (unsigned)(f.base >> PAGE_SHIFT);
        unsigned count = 1u << (f.shift - PAGE_SHIFT);
        if (chance(65))
            random_map(&f, first, count);
        else
            random_unmap(&f, first, count);
        if (i % 4 == 0)
            compare();
        for (unsigned s = 0; s < SPACES; s++)
            check_space(space[s].ports);
    }
}

TEST(ports, all_memory_is_back_without_them)
{
    struct fpage all;

    start();
    check(fpage_parse(l4_iofpage(0, 16, 0).raw, &all));
    for (unsigned i = 0; i < 40; i++) {
        struct fpage f = random_fpage();
        random_map(&f, (unsigned)(f.base >> PAGE_SHIFT),
                   1u << (f.shift - PAGE_SHIFT));
    }
    for (unsigned s = 0; s < SPACES; s++) {
        unmap_begin(&unmap, &all, L4_FP_ALL_SPACES);
        check(unmap_run(&space[s], &unmap) == OK);
        ports_destroy(&space[s]);
        ptab_fini(&space[s]);
    }
    check(kmem_frames_free() == frames);
}

/* A first port for a space that has none: each of its allocations fails once.
   The space itself, once it could be made, stays; the port does not. */
TEST(ports, port_that_finds_no_memory_is_not_given)
{
    struct space new = { .root = NULL };
    bool mapped = false;
    unsigned n;

    start();
    check(ptab_init(&new) == OK);
    for (n = 1;; n++) {
        struct map_request r = {
            .from = space[0].ports, .from_base = 5 << PAGE_SHIFT,
            .to_base = 5 << PAGE_SHIFT, .shift = PAGE_SHIFT, .write = true,
            .walk = &unmap.walk,
        };
        word_t offset = 0;
        bool had_space = new.ports;
        word_t before = kmem_frames_free();

        memory_fail(n);
        enum err e = ports_make(&new);
        if (e == OK) {
            r.to = new.ports;
            e = map_fpage(&r, &offset, &mapped);
        }
        if (!memory_failed())
            break;
        check(e == ERR_NO_MEM && !mapped);
        check(had_space != !!new.ports || kmem_frames_free() == before);
        check(!new.ports || kmem_frame_info(new.ports->root)->count == 0);
    }
    check(n > 5 && mapped);
}

TEST(ports, the_kernel_keeps_its_own_port)
{
    start();
    for (unsigned i = 0; i < IO_PORTS; i++)
        check(space[0].arch.port[i] == (i != HOST_KERNEL_PORT));
}
