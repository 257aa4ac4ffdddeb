/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cycle model's parts: what an instruction is to a pipeline, the numbers of
 * one processor, its caches and translation buffers. doc/model.md tells what
 * they mean and where they come from; cycles.c joins them to QEMU.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What kind of work an instruction is; the names are those in model files. */
#define CLASSES(X)                                                          \
    X(alu) X(shift) X(load) X(store) X(load_alu) X(alu_store)               \
    X(mul) X(mul_long) X(div) X(div_long) X(branch) X(jump) X(call) X(ret)  \
    X(push) X(pop) X(multiple) X(string) X(nop) X(complex) X(fpu)           \
    X(syscall) X(sysret) X(interrupt) X(iret) X(segment) X(space)           \
    X(control) X(control_read) X(barrier) X(io)
enum class {
#define X(name) CLASS_##name,
    CLASSES(X)
#undef X
    CLASS_COUNT
};

/* May it be issued together with another one? SERIAL: not even while another is
 * still at work; out of order its `issue` is in cycles. */
enum pairing { PAIR_NO, PAIR_FIRST, PAIR_SECOND, PAIR_BOTH, PAIR_SERIAL };

/* Registers are bits of a mask: the ISA's own, then these. */
#define REG_FLAGS   40
#define REG_HILO    41
#define BIT(n)      (UINT64_C(1) << (n))
#define REGISTERS   48

/* A decoded instruction, as the pipeline sees it. */
struct op {
    uint64_t address;
    uint64_t line;          /* where its bytes are in host memory */
    uint64_t reads, writes; /* registers */
    uint64_t addressing;    /* registers that make an address */
    uint8_t size;
    uint8_t class;
    uint8_t words;          /* of a load or store of several registers */
    bool kernel;
    bool conditional;       /* a branch that may not be taken */
    bool indirect;          /* ... whose target is in a register or memory */
    bool delayed;           /* ... after which one more instruction is executed */
    bool first_only;        /* not in the second pipe, whatever the class */
    bool unpaired;          /* in no pair, whatever the class */
    bool free_stack;        /* the stack pointer is ready early (push, pop) */
};

void ia32_decode(struct op *op, const uint8_t *code, bool big);
void arm_decode(struct op *op, const uint8_t *code, bool big);
void mips64_decode(struct op *op, const uint8_t *code, bool big);

struct timing {
    uint32_t issue;         /* cycles, or micro-operations out of order */
    uint32_t latency;       /* until its result can be used */
    enum pairing pairs;
};

struct cache_shape {
    uint32_t size, line, ways;
};

struct tlb_shape {
    uint32_t entries, ways;
};

enum order { IN_ORDER, OUT_OF_ORDER };
enum predictor { PREDICT_NOT_TAKEN, PREDICT_DELAY_SLOT, PREDICT_BUFFER };

struct model {
    enum order order;
    uint32_t width;         /* instructions or micro-operations in a cycle */
    uint32_t window;        /* micro-operations in flight, out of order */
    uint32_t agi;           /* wait for a register that makes an address */
    uint32_t word;          /* each further word of a `multiple` or `string` */
    enum predictor predictor;
    uint32_t targets;       /* entries of the branch target buffer */
    uint32_t returns;       /* entries of the return stack */
    uint32_t taken;         /* a branch that is taken */
    uint32_t mispredicted;
    uint32_t trap;          /* a fault or interrupt, until the first
                               instruction of its handler */
    struct cache_shape icache, dcache, l2;
    bool allocate;          /* a store that misses fills a line */
    uint32_t l2_hit;        /* L1 misses, the second level has it */
    uint32_t memory;        /* nobody has it */
    uint32_t store_miss;    /* a store that fills no line */
    struct tlb_shape itlb, dtlb, itlb_large, dtlb_large;
    bool unified;           /* dtlb serves instructions as well */
    bool tags;              /* entries tell address spaces apart */
    bool global;            /* the kernel's entries outlive a new space */
    uint32_t walk;          /* a miss, by hardware */
    struct timing timing[CLASS_COUNT];
};

/* Read "NAME VALUE" lines as sim/model.py writes them; NULL, or a complaint. */
const char *model_read(struct model *model, const char *file_name);

/* Sets of tags, the most recently used first in each. */
struct sets {
    uint64_t *tags;         /* 0: empty */
    uint32_t sets, ways;
};

bool sets_init(struct sets *sets, uint32_t entries, uint32_t ways);
void sets_clear(struct sets *sets);
/* Forget the tags with this bit; the others stay. */
void sets_forget(struct sets *sets, uint64_t bit);
/* Is it there? Then it is the most recently used one now. */
bool sets_find(struct sets *sets, uint64_t index, uint64_t tag);
/* Put it in place of the least recently used. */
void sets_insert(struct sets *sets, uint64_t index, uint64_t tag);

/* ---- memory.c: what accesses cost beyond a hit ---- */

enum count { CYCLES, ICACHE_LINES, DCACHE_LINES, L1_MISSES, L2_MISSES,
             TLB_MISSES, COUNTS };

/* What one instruction met on its way. */
struct events {
    uint32_t fetch, data;   /* cycles of waiting */
    uint8_t count[COUNTS];  /* misses and lines */
};

struct memory {
    const struct model *model;
    unsigned large_shift;   /* of the kernel's pages */
    struct sets icache, dcache, l2, itlb, dtlb, itlb_large, dtlb_large;
    uint64_t last_line, last_page;  /* of the last fetch */
};

bool memory_init(struct memory *memory, const struct model *model,
                 unsigned large_shift);
void memory_empty(struct memory *memory);
/* Another address space is current. */
void memory_space(struct memory *memory);
void memory_fetch(struct memory *memory, const struct op *op,
                  struct events *events);
void memory_data(struct memory *memory, uint64_t address, uint64_t physical,
                 bool kernels, bool store, struct events *events);

/* ---- pipeline.c: when instructions are issued, and how long they take ---- */

void pipeline_init(const struct model *model);
/* Units of time since the start; so many are a cycle. */
uint64_t pipeline_time(void);
uint32_t pipeline_units(void);
/* An instruction was executed and met these events. */
void pipeline_op(const struct op *op, const struct events *events);
/* A branch went to `target`, or fell through. */
void pipeline_branch(const struct op *op, bool taken, uint64_t target);
/* A fault or an interrupt. */
void pipeline_trap(void);
