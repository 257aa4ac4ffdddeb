/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Map, grant and unmap of flexpages of all sizes among some spaces, against
 * the reference in mapmodel.c.
 */
#include "host.h"
#include "htest.h"
#include "kmem.h"
#include "mapmodel.h"

#define POOL 3000

/* All pages of the model or more: sizes beyond say the same. */
static unsigned random_shift(void)
{
    static const unsigned extra[] = { 9, 10, 0, 0, 1, 3 };
    unsigned log2 = chance(70) ? rnd(9) : extra[rnd(6)];

    return PAGE_SHIFT + log2;
}

static unsigned pages_of(unsigned shift)
{
    unsigned log2 = shift - PAGE_SHIFT;

    return log2 > 8 ? PAGES : 1u << log2;
}

static unsigned random_start(unsigned pages)
{
    return rnd(PAGES / pages) * pages;
}

static unsigned shift_now;

static struct wish random_wish(void)
{
    struct wish w = { .from = rnd(SPACES), .to = rnd(SPACES) };

    shift_now = random_shift();
    w.pages = pages_of(shift_now);
    w.at = random_start(w.pages);
    w.to_at = chance(50) ? w.at : random_start(w.pages);
    w.write = chance(70);
    w.grant = chance(15);
    w.flush = chance(60);
    w.own = chance(30);
    w.only_to = !w.own && chance(30);
    w.ask = chance(30);
    return w;
}

/* What the system calls of a preempted thread come to. */
static bool each_step_is_preempted;

static enum err begin(void)
{
    if (each_step_is_preempted)
        host_preempt_always();
    return ERR_AGAIN;
}

static struct unmap kernels;

static enum err kernel_map(const struct wish *w, bool *mapped)
{
    const struct map_request r = {
        .walk = &kernels.walk,
        .from = &space[w->from], .to = &space[w->to],
        .from_base = w->at * PAGE_SIZE, .to_base = w->to_at * PAGE_SIZE,
        .shift = shift_now, .write = w->write, .grant = w->grant,
    };
    word_t offset = 0;
    enum err e = begin();

    while (e == ERR_AGAIN && begin() == ERR_AGAIN)
        e = map_fpage(&r, &offset, mapped);
    return e;
}

static word_t mask_of(const struct wish *w)
{
    return (w->flush ? L4_FP_FLUSH_PAGE : 0) |
           (w->ask ? L4_FP_STATUS : 0) |
           (w->own ? L4_FP_ALL_SPACES : 0) |
           (w->only_to ? L4_FP_TASK(TASK_OF(w->to)) : 0);
}

static word_t kernel_unmap(const struct wish *w)
{
    const struct fpage f = { .base = w->at * PAGE_SIZE, .shift = shift_now };

    kernels.walk.status = 0;
    unmap_begin(&kernels, &f, mask_of(w));
    while (begin() == ERR_AGAIN &&
           unmap_run(&space[w->from], &kernels) == ERR_AGAIN)
        ;
    return kernels.walk.status;
}

static bool anything_at(unsigned s, unsigned at, unsigned pages)
{
    for (unsigned i = at; i < at + pages; i++)
        if (model[s][i].used)
            return true;
    return false;
}

/* One random operation on kernel and model. */
static void step(void)
{
    struct wish w = random_wish();
    bool mapped = false;

    if (chance(60)) {
        if (model_overwrites_source(&w))
            return;
        bool expected = anything_at(w.from, w.at, w.pages) &&
                        !(w.from == w.to && w.at == w.to_at);
        check(kernel_map(&w, &mapped) == OK);
        model_map(&w);
        check(mapped == expected);
    } else if (w.from != 0 || !w.own || chance(10)) {
        word_t told = kernel_unmap(&w), wanted = model_unmap(&w);
        note("told %lx, wanted %lx", told, wanted);
        check((told & wanted) == wanted);
        check(told == wanted || !small_roots);
    }
    if (chance(5))
        roots_make();
}

static void run(unsigned steps)
{
    spaces_start(POOL);
    roots_make();
    for (unsigned i = 0; i < steps; i++) {
        step();
        model_compare();
        if (i % 4 == 0)
            spaces_check();
    }
    spaces_empty();
}

TEST(map, random_sequences_agree_with_the_model)
{
    run(rounds(1000));
}

TEST(map, preemption_after_every_step_changes_no_result)
{
    each_step_is_preempted = true;
    run(rounds(700));
    check(host.looks > 5000);
}

TEST(map, status_of_small_pages_is_told_exactly)
{
    small_roots = true;
    run(rounds(1000));
}

TEST(map, all_memory_is_back_when_all_is_flushed)
{
    for (unsigned i = 0; i < rounds(8); i++) {
        spaces_start(POOL);
        roots_make();
        for (unsigned j = 0; j < 60; j++)
            step();
        spaces_empty();
    }
}

/* Own pages as well, though others than the named task have them: they
   cannot stay without the page they came from. */
TEST(map, unmap_of_one_task_and_the_own_space_leaves_structures_whole)
{
    spaces_start(POOL);
    roots_make();
    for (unsigned i = 0; i < rounds(500); i++) {
        step();
        struct wish w = random_wish();
        w.own = w.only_to = true;
        kernel_unmap(&w);
        spaces_check();
        model_reload();
        roots_make();
    }
    spaces_empty();
}

/* ---- memory that runs out ---- */

static struct mpage before[SPACES][PAGES];

static bool allowed_by(const struct mpage *there, const struct mpage *said)
{
    return said->used && there->pa == said->pa &&
           !(there->rights & ~said->rights);
}

/* Nothing is where it was neither before nor should be after. */
static void check_nothing_new(void)
{
    static struct mpage after[SPACES][PAGES];

    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < PAGES; i++)
            after[s][i] = model[s][i];
    model_reload();
    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < PAGES; i++) {
            check(!model[s][i].used ||
                  allowed_by(&model[s][i], &before[s][i]) ||
                  allowed_by(&model[s][i], &after[s][i]));
        }
}

/* An operation whose n-th allocation fails; true when it came to that. */
static bool failing_step(unsigned n)
{
    struct wish w = random_wish();
    bool map = chance(70) && !model_overwrites_source(&w), mapped;

    for (unsigned s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < PAGES; i++)
            before[s][i] = model[s][i];
    memory_fail(n);
    enum err e = OK;
    if (map)
        e = kernel_map(&w, &mapped);
    else
        kernel_unmap(&w);
    bool failed = memory_failed();
    check(e == OK || (e == ERR_NO_MEM && failed));
    if (map)
        model_map(&w);
    else
        model_unmap(&w);
    if (failed)
        check_nothing_new();
    return failed;
}

TEST(map, an_allocation_that_fails_leaves_all_structures_whole)
{
    unsigned failures = 0;

    spaces_start(POOL);
    roots_make();
    for (unsigned i = 0; i < rounds(800); i++) {
        failures += failing_step(1 + rnd(rnd(4) ? 4 : 30));
        spaces_check();
        model_compare();
        roots_make();
    }
    spaces_empty();
    check(failures > 60);
}

/* Page of a large one to where no tables are yet: the longest way. */
TEST(map, first_mapping_that_fails_leaves_nothing)
{
    bool mapped;

    spaces_start(POOL);
    roots_make();
    word_t frames = kmem_frames_free();
    struct wish w = { .to = 1, .at = 1, .to_at = 2, .pages = 1 };
    shift_now = PAGE_SHIFT;
    for (unsigned n = 1;; n++) {
        memory_fail(n);
        enum err e = kernel_map(&w, &mapped);
        if (!memory_failed()) {
            check(e == OK && n > 4);
            break;
        }
        check(e == ERR_NO_MEM && kmem_frames_free() == frames);
        spaces_check();
        model_compare();
    }
    model_reload();
    spaces_empty();
}

/* An unmap takes what it is told to even when large pages cannot be split. */
TEST(map, unmap_reaches_its_end_without_memory)
{
    unsigned failures = 0;

    for (unsigned i = 0; i < rounds(300); i++) {
        spaces_start(POOL);
        roots_make();
        for (unsigned j = 0; j < 6; j++)
            step();
        struct wish w = random_wish();
        w.flush = w.own = true;
        w.only_to = w.ask = false;
        memory_fail(1 + rnd(4));
        kernel_unmap(&w);
        failures += memory_failed();
        model_reload();
        check(!anything_at(w.from, w.at, w.pages));
        spaces_check();
        spaces_empty();
    }
    check(failures > 0);
}

TEST(map, a_pool_that_is_empty_is_an_error_until_memory_is_back)
{
    unsigned refused = 0;
    bool mapped;

    spaces_start(60);
    roots_make();
    model_reload();
    for (unsigned i = 0; i < rounds(1000); i++) {
        struct wish w = random_wish();
        if (chance(85))
            refused += kernel_map(&w, &mapped) == ERR_NO_MEM;
        else
            kernel_unmap(&w);
        spaces_check();
    }
    check(refused > 0);
    spaces_empty();
}

/* ---- two operations at a time ---- */

/* A map or unmap that stops after every step, while another one goes on. */
struct stroll {
    struct wish w;
    unsigned shift;
    bool map, done;
    word_t offset;
    struct unmap unmap;         /* stays where it is: nodes know of it */
};

static void begin_stroll(struct stroll *s)
{
    struct wish w = random_wish();
    const struct fpage f = { .base = w.at * PAGE_SIZE, .shift = shift_now };

    s->w = w;
    s->shift = shift_now;
    s->map = chance(65);
    s->done = false;
    s->offset = 0;
    if (!s->map)
        unmap_begin(&s->unmap, &f, mask_of(&w));
}

static void stroll_on(struct stroll *s)
{
    const struct map_request r = {
        .from = &space[s->w.from], .to = &space[s->w.to],
        .from_base = s->w.at * PAGE_SIZE, .to_base = s->w.to_at * PAGE_SIZE,
        .shift = s->shift, .write = s->w.write, .grant = s->w.grant,
        .walk = &s->unmap.walk,
    };
    bool mapped;
    enum err e;

    host_preempt_always();
    if (s->map)
        e = map_fpage(&r, &s->offset, &mapped);
    else
        e = unmap_run(&space[s->w.from], &s->unmap);
    s->done = e != ERR_AGAIN;
}

/* Now and then one is given up in the middle, as by lthread_ex_regs. */
TEST(map, operations_that_interleave_leave_all_structures_whole)
{
    static struct stroll s[4];

    spaces_start(POOL);
    roots_make();
    for (unsigned i = 0; i < 4; i++)
        begin_stroll(&s[i]);
    for (unsigned i = 0; i < rounds(16000); i++) {
        unsigned who = rnd(4);
        stroll_on(&s[who]);
        if (s[who].done || chance(2))
            begin_stroll(&s[who]);
        host_access(&space[rnd(SPACES)], rnd(PAGES) * PAGE_SIZE);
        if (i % 16)
            continue;
        spaces_check();
        model_reload();
        roots_make();
    }
    spaces_empty();
}

/* ---- an unmap wins ---- */

/* Those who have pages from space 0 do what they like with them; space 0
   itself does nothing. */
static void others_play(void)
{
    static struct unmap other;
    struct wish w = random_wish();
    const struct fpage f = { .base = w.at * PAGE_SIZE, .shift = shift_now };
    word_t offset = 0;
    bool mapped;
    const struct map_request r = {
        .from = &space[1 + rnd(SPACES - 1)], .to = &space[1 + rnd(SPACES - 1)],
        .from_base = w.at * PAGE_SIZE, .to_base = w.to_at * PAGE_SIZE,
        .shift = shift_now, .write = w.write, .grant = w.grant,
        .walk = &other.walk,
    };

    host.preempt = false;
    if (chance(75)) {
        check(map_fpage(&r, &offset, &mapped) == OK);
    } else {
        unmap_begin(&other, &f, mask_of(&w));
        check(unmap_run(r.from, &other) == OK);
    }
}

static void give_some(void)
{
    for (unsigned i = 0; i < 8; i++) {
        struct wish w = random_wish();
        bool mapped;
        w.from = 0;
        w.to = 1 + rnd(SPACES - 1);
        w.write = true;
        w.grant = false;
        check(kernel_map(&w, &mapped) == OK);
        others_play();
    }
}

/* The rights that spaces other than 0 have to frames of w. */
static unsigned rights_left(const struct wish *w)
{
    unsigned rights = 0;

    model_reload();
    for (unsigned s = 1; s < SPACES; s++)
        for (unsigned i = 0; i < PAGES; i++)
            if (model[s][i].used && model[s][i].pa / PAGE_SIZE >= w->at &&
                model[s][i].pa / PAGE_SIZE < w->at + w->pages)
                rights |= model[s][i].rights;
    return rights;
}

TEST(map, unmap_wins_against_those_who_map_on_in_the_meantime)
{
    static struct unmap u;
    unsigned steps = 0;

    spaces_start(POOL);
    for (unsigned i = 0; i < rounds(400); i++) {
        if (i % 20 == 0)
            spaces_empty();
        roots_make();
        give_some();
        struct wish w = random_wish();
        w.ask = w.only_to = w.own = false;
        const struct fpage f = { .base = w.at * PAGE_SIZE,
                                 .shift = shift_now };
        unmap_begin(&u, &f, mask_of(&w));
        host_preempt_always();
        while (unmap_run(&space[0], &u) == ERR_AGAIN) {
            if (chance(20))
                others_play();
            steps++;
            host_preempt_always();
        }
        host.preempt = false;
        check(rights_left(&w) == (w.flush ? 0 : rights_left(&w) & RIGHT_READ));
        spaces_check();
    }
    spaces_empty();
    check(steps > 10000);
}

/* Space 0's first large page goes to three spaces as a whole, and from the
   n-th of these a small page to the fourth. */
static void give_large_page(unsigned n)
{
    struct wish w = { .from = 0, .pages = SUBPAGES, .write = true };
    bool mapped;

    spaces_start(POOL);
    roots_make();
    shift_now = pt_shift[LEVEL_LARGE];
    for (w.to = 1; w.to < 4; w.to++)
        check(kernel_map(&w, &mapped) == OK);
    shift_now = PAGE_SHIFT;
    w = (struct wish){ .from = n, .to = 4, .at = 1, .to_at = 1, .pages = 1,
                       .write = true };
    check(kernel_map(&w, &mapped) == OK);
}

static void split_page_of(unsigned n)
{
    const struct fpage f = { .base = 0, .shift = PAGE_SHIFT };
    static struct unmap other;

    host.preempt = false;
    unmap_begin(&other, &f, L4_FP_REMAP_PAGE | L4_FP_ALL_SPACES);
    check(unmap_run(&space[n], &other) == OK);
}

/* It is among what hangs on the large page, and all that has moved. */
TEST(map, walk_inside_a_large_page_that_is_split_misses_nothing)
{
    static struct unmap u;
    struct wish w = { .pages = SUBPAGES };
    const struct fpage f = { .base = 0, .shift = pt_shift[LEVEL_LARGE] };

    for (unsigned i = 0; i < 12; i++) {
        unsigned n = 1 + i % 3;
        give_large_page(n);
        w.flush = i / 3 % 2;
        unmap_begin(&u, &f, mask_of(&w));
        do {
            host_preempt_always();
            check(unmap_run(&space[0], &u) == ERR_AGAIN);
        } while (!u.walk.gate);
        split_page_of(n);
        if (i >= 6)             /* the next in order as well */
            split_page_of(1 + (n + 1) % 3);
        check(unmap_run(&space[0], &u) == OK);
        check(rights_left(&w) == (w.flush ? 0 : RIGHT_READ));
        spaces_check();
        spaces_empty();
    }
}

/* ---- many ---- */

#define MANY 1500u              /* mappings of one page */

static struct unmap many;

static enum err one_step(void)
{
    host_preempt_always();
    return unmap_run(&space[0], &many);
}

/* Map from page `at` of one space to page `to_at` of another. */
static void map_page(unsigned from, word_t at, unsigned to, word_t to_at)
{
    const struct map_request r = {
        .from = &space[from], .to = &space[to], .from_base = at * PAGE_SIZE,
        .to_base = to_at * PAGE_SIZE, .shift = PAGE_SHIFT, .write = true,
        .walk = &kernels.walk,
    };
    word_t offset = 0;
    bool mapped = false;

    host.preempt = false;
    check(map_fpage(&r, &offset, &mapped) == OK && mapped);
}

/* Steps that an unmap of page 0 of space 0 takes. */
static unsigned steps_to_unmap(word_t mask)
{
    const struct fpage f = { .base = 0, .shift = PAGE_SHIFT };
    unsigned steps = 1;

    unmap_begin(&many, &f, mask);
    while (one_step() == ERR_AGAIN)
        steps++;
    host.preempt = false;
    return steps;
}

static unsigned steps_for(unsigned shape, word_t mask)
{
    spaces_start(POOL);
    roots_make();
    for (unsigned i = 0; i < MANY; i++)
        if (shape == 0)         /* all from one, for two tasks in turn */
            map_page(0, 0, 1 + i % 2, i);
        else if (shape == 1)    /* each from the last */
            map_page(i ? 1 : 0, i ? i - 1 : 0, 1, i);
        else                    /* in pairs, beside what is spared */
            map_page(i % 2 ? 1 : 0, i % 2 ? i - 1 : 0, 1 + i % 2, i);
    unsigned steps = steps_to_unmap(mask);
    spaces_check();
    spaces_empty();
    return steps;
}

TEST(map, steps_of_an_unmap_grow_with_the_mappings_it_meets)
{
    static const word_t masks[] = {
        L4_FP_STATUS, L4_FP_REMAP_PAGE, L4_FP_FLUSH_PAGE,
        L4_FP_FLUSH_PAGE | L4_FP_TASK(TASK_OF(1)),
        L4_FP_REMAP_PAGE | L4_FP_TASK(TASK_OF(2)),
        L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES,
    };

    for (unsigned shape = 0; shape < 3; shape++)
        for (unsigned i = 0; i < 6; i++) {
            unsigned steps = steps_for(shape, masks[i]);
            note("shape %u mask %lx: %u steps", shape, masks[i], steps);
            check(steps < 3 * MANY + 50);
        }
}

/* Seven of eight steps are somebody else's, at the same page. */
TEST(map, unmaps_of_the_same_page_help_each_other)
{
    static struct unmap u[8];
    const struct fpage f = { .base = 0, .shift = PAGE_SHIFT };
    unsigned done = 0, steps = 0;

    spaces_start(POOL);
    roots_make();
    for (unsigned i = 0; i < MANY; i++)
        map_page(i % 3 ? 1 : 0, i % 3 ? i - 1 : 0, 1, i);
    for (unsigned i = 0; i < 8; i++)
        unmap_begin(&u[i], &f, i < 2 ? L4_FP_FLUSH_PAGE : i < 5 ? L4_FP_STATUS
                                                   : L4_FP_REMAP_PAGE);
    for (; done != 0xff; steps++) {
        unsigned i = rnd(8);
        host_preempt_always();
        if (!(done & 1u << i) && unmap_run(&space[0], &u[i]) == OK)
            done |= 1u << i;
        check(steps < 100 * MANY);
    }
    host.preempt = false;
    spaces_check();
    spaces_empty();
}
