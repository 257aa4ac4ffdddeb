/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mips64: messages in memory, the tuned form of core/message_fast.c, step for
 * step: a call or a reply-and-wait by number, inside a clan, for a partner that is
 * parked, with a buffer (T_PARKED_BUFFER) or in registers. At most 63 words, or no
 * more than registers hold and one string that lies in one page on either side. All
 * else is for the C form.
 *
 * All registers are in the frame already (entry.S), so the way out is to go on as
 * all traps do; what stands behind a branch is done in any case. EXL is set still: only unmapped segments are touched.
 *
 * Buffers and strings are found by what the spaces remember of the kernel's
 * window (core/space.h): the place in a page is what an address differs in from
 * the tag, if that is less than a page. No entry that is empty agrees.
 */
#include <l4/sys/numbers.h>

#include "cpu.h"
#include "offsets.h"

    .set    noreorder
    .set    noat

#ifdef __MIPSEB__
#define WORD_LOW        4       /* of 64 bits the lower half */
#else
#define WORD_LOW        0
#endif
#define ID_TASK         17      /* as in ipc_fast.S */
#define ID_TASK_BITS    11
#define ID_CHIEF        49
#define ID_NUMBER       10

/* A message buffer: 3 words, and then 63 at most. */
#define SIZE_DOPE       8
#define SEND_DOPE       16
#define HEADER_BYTES    24
#define MOST_WORDS      63
#define REGISTER_WORDS  8
#define WORDS(n)        ((n) << 13)
#define STRINGS(n)      ((n) << 8)
#define ANY_STRING      STRINGS(31)
#define DOPE_WORDS_BIT  13
#define PAGE_BYTES      4096
/* Where it may begin in a page, so as not to go on in the next. */
#define MOST_OFFSET     (PAGE_BYTES - HEADER_BYTES - 8 * MOST_WORDS)

/* A string dope. */
#define SEND_SIZE       0
#define SEND_ADDRESS    8
#define ROOM_SIZE       16
#define ROOM_ADDRESS    24
#define DOPE_BYTES      32
#define MOST_BYTES      (4 << 20)

/* struct window_entry: 32 bytes */
#define ENTRY_READ      SPACE_WINDOW
#define ENTRY_WRITE     (SPACE_WINDOW + 8)
#define ENTRY_OFFSET    (SPACE_WINDOW + 16)

/* Make a window's address of \va, in place. Clobbers a4, a5. */
    .macro  find va, space, tag, limit
    dsrl    $a4, \va, 12 - 5
    andi    $a4, $a4, 7 << 5        /* the page's number, modulo 8 entries */
    daddu   $a4, $a4, \space
    ld      $a5, \tag($a4)
    xor     $a5, $a5, \va
    sltiu   $a5, $a5, \limit        /* M7 */
    beqz    $a5, trap_saved         /* M7 */
     ld     $a5, ENTRY_OFFSET($a4)
    daddu   \va, \va, $a5
    .endm

    .text
    .balign 64
    .globl  message_gate
/*
 * A system call of a thread that is not foreign. in: k0 = self, v0 = Cause,
 * k1 = Status for the kernel; of the user's only v0, v1, t0 and s0 have changed.
 *
 * t9 = partner, t8 = its id, t0 = our limit
 */
message_gate:
    lw      $t1, FRAME_R + 8 * 2 + WORD_LOW($k0)    /* M1: the number */
    bnez    $t1, trap_saved         /* M1 */
     andi   $t1, $a1, 7             /* M1: no map items, no deceit; aligned */
    bltz    $v0, trap_saved         /* M1: in a delay slot */
     andi   $t2, $a2, 6             /* M1: a wait, no window; aligned */
    or      $t1, $t1, $t2
    li      $t2, ~0xf0
    and     $t2, $t2, $a3           /* M1: for ever */
    or      $t1, $t1, $t2
    bnez    $t1, trap_saved         /* M1 */
     lh     $t0, TCB_LIMIT_LOW($k0) /* M2 */
    bltz    $t0, trap_saved         /* M2 */
     lui    $t9, %hi(tcb_table)     /* M3 */
    dsrl    $t8, $a0, ID_NUMBER     /* M3 */
    dins    $t9, $t8, 3, ID_TASK + ID_TASK_BITS - ID_NUMBER /* M3 */
    ld      $t9, 0($t9)             /* M3 */
    ld      $t8, TCB_ID($t9)        /* M3 */
    ld      $t1, TCB_ID($k0)
    bne     $t8, $a0, trap_saved    /* M3 */
     xor    $t2, $t8, $t1           /* M6: chief and nest */
    dsrl32  $t2, $t2, ID_CHIEF - 32 /* M6 */
    bnez    $t2, trap_saved         /* M6 */
     lw     $t2, TCB_STATE($t9)     /* M4 */
    bgez    $t2, .Lopen             /* M4: in registers, for anyone? */
     lhu    $t3, TCB_STATE_LOW($t9) /* M4 */
    sltiu   $a4, $t3, PARKED_OPEN   /* M4 */
    beqz    $a4, .Lclosed           /* M4: ... or for just one? */
     slt    $a4, $t3, $t0           /* M5 */
    addiu   $t3, $t3, PARKED_OPEN   /* M5: with a buffer, perhaps */
    slt     $t3, $t3, $t0           /* M5 */
    bnez    $t3, trap_saved         /* M5 */
     ld     $a7, TCB_BUFFER($t9)    /* M4 */
    andi    $a4, $a7, 1             /* M4 */
    bnez    $a4, 1f                 /* M4: for anyone? */
     move   $a6, $a1                /* M7: our buffer */
    ld      $a4, TCB_ACCEPTS($t9)   /* M4 */
    bne     $a4, $t1, trap_saved    /* M4 */
     nop
1:  beqz    $a1, .Lregisters        /* M7: do we send one? */
     ld     $t1, TCB_SPACE($k0)     /* M7 */
    find    $a6, $t1, ENTRY_READ, MOST_OFFSET
    ld      $t2, TCB_SPACE($t9)     /* M7: its buffer */
    find    $a7, $t2, ENTRY_WRITE, MOST_OFFSET
    dins    $a7, $zero, 0, 1        /* M7 */
    ld      $v1, SEND_DOPE($a6)     /* M7: words only, and not too many? */
    andi    $a5, $v1, WORDS(1) - 1  /* M7 */
    dsrl    $a4, $v1, DOPE_WORDS_BIT + 6    /* M7 */
    or      $a5, $a5, $a4           /* M7 */
    bnez    $a5, .Lstring           /* M7 */
     ld     $a4, SIZE_DOPE($a7)     /* M7 */
    sltu    $a4, $a4, $v1           /* M7: do they fit? */
    bnez    $a4, trap_saved         /* M7 */
     dsrl   $t3, $v1, DOPE_WORDS_BIT
    addiu   $t3, $t3, -REGISTER_WORDS
    blez    $t3, .Lcommit           /* M7: any in memory? */
     daddiu $a6, $a6, HEADER_BYTES + 8 * REGISTER_WORDS
    daddiu  $a7, $a7, HEADER_BYTES + 8 * REGISTER_WORDS
1:  ld      $a4, 0($a6)             /* M7 */
    addiu   $t3, $t3, -1
    daddiu  $a6, $a6, 8
    sd      $a4, 0($a7)
    bgtz    $t3, 1b
     daddiu $a7, $a7, 8

/* v1 = the dope; all of it has been copied. */
.Lcommit:
    ld      $a4, FRAME_EPC($k0)     /* M10 */
    sd      $t8, TCB_ACCEPTS($k0)
    daddiu  $a4, $a4, 4
    sd      $a4, FRAME_EPC($k0)
    nor     $a5, $a2, $zero
    sll     $a5, $a5, 31            /* T_PARKED_CLOSED - T_PARKED_OPEN, or 0 */
    dsrl    $a4, $a2, 1
    bnez    $a4, .Lpark_buffer      /* M10: a buffer to wait with? */
     or     $t0, $t0, $a5
.Lparked:
    sw      $t0, TCB_STATE($k0)     /* M10 */
    ld      $s0, FRAME_R + 8 * 16($k0)  /* M8 */
    ld      $a0, TCB_ID($k0)        /* M9 */
    move    $a1, $v1                /* M9 */
    sw      $zero, TCB_STATE($t9)   /* M11 */
    sd      $zero, TCB_BUFFER($t9)
    ld      $t0, TCB_SPACE($t9)
    ld      $t0, SPACE_HI($t0)
    dmtc0   $t0, CP0_ENTRYHI
    dmtc0   $t9, CP0_ERROREPC
    ld      $t1, FRAME_EPC($t9)     /* exit */
    ld      $k0, TCB_UTCB_USER($t9)
    dmtc0   $t1, CP0_EPC
    ld      $sp, FRAME_R + 8 * 29($t9)
    .irp    n, 2, 8, 9, 10, 11, 12, 14, 25
    move    $\n, $zero              /* exit: what may be an address of ours */
    .endr
    ehb                             /* EPC before eret (PRA, hazards) */
    eret                            /* exit */

.Lpark_buffer:
    sd      $a2, TCB_BUFFER($k0)    /* M10 */
    lhu     $t0, TCB_LIMIT_LOW($k0) /* T_PARKED_BUFFER + our priority */
    addiu   $t0, $t0, -PARKED_OPEN
    lui     $a5, 0x8000
    b       .Lparked
     or     $t0, $t0, $a5

/* In registers: what is sent is there too. */
.Lclosed:
    bnez    $a4, trap_saved         /* M5 */
     ld     $a4, TCB_ACCEPTS($t9)   /* M4 */
    bne     $a4, $t1, trap_saved    /* M4 */
     nop
.Lno_room:
    bnez    $a1, trap_saved         /* M7 */
     move   $v1, $zero              /* M8: the dope says: without a buffer */
    b       .Lcommit
     nop
.Lopen:
    slt     $a4, $t2, $t0           /* M5 */
    beqz    $a4, .Lno_room          /* M5 */
     nop
    b       trap_saved
     nop
.Lregisters:
    dsrl    $a7, $a7, 1             /* M8 */
    beqz    $a7, .Lcommit
     move   $v1, $zero
    lui     $v1, WORDS(REGISTER_WORDS) >> 16
    b       .Lcommit
     nop

/* ---- one string ---- */

.Lstring:
    andi    $a5, $v1, WORDS(1) - 1  /* M7 */
    xori    $a5, $a5, STRINGS(1)    /* M7: one string? */
    bnez    $a5, trap_saved         /* M7 */
     dsrl   $t3, $v1, DOPE_WORDS_BIT
    sltiu   $t3, $t3, REGISTER_WORDS + 1    /* M7 */
    beqz    $t3, trap_saved         /* M7: words in registers? */
     andi   $a5, $a4, ANY_STRING    /* M7 */
    beqz    $a5, trap_saved         /* M7: and room for one? */
     dsrl   $a4, $a4, DOPE_WORDS_BIT
    sltiu   $a5, $a4, MOST_WORDS - DOPE_BYTES / 8 + 1   /* M7 */
    beqz    $a5, trap_saved         /* M7: its dope is in the page */
     dsll   $a4, $a4, 3
    daddu   $a7, $a7, $a4
    ld      $a4, SIZE_DOPE($a6)     /* M7 */
    dsrl    $a4, $a4, DOPE_WORDS_BIT
    sltiu   $a5, $a4, MOST_WORDS - DOPE_BYTES / 8 + 1   /* M7 */
    beqz    $a5, trap_saved         /* M7: so is ours */
     dsll   $a4, $a4, 3
    daddu   $a6, $a6, $a4
    ld      $v0, HEADER_BYTES + SEND_SIZE($a6)  /* M7 */
    ld      $a4, HEADER_BYTES + ROOM_SIZE($a7)
    sltu    $a5, $a4, $v0           /* M7: does it fit? */
    bnez    $a5, trap_saved         /* M7 */
     lui    $a5, MOST_BYTES >> 16
    sltu    $a5, $a5, $a4           /* M7 */
    bnez    $a5, trap_saved         /* M7 */
     ld     $a6, HEADER_BYTES + SEND_ADDRESS($a6)   /* M7 */
    ld      $s0, HEADER_BYTES + ROOM_ADDRESS($a7)
    or      $a4, $a6, $s0
    or      $a4, $a4, $v0
    andi    $a4, $a4, 7             /* M7 */
    bnez    $a4, trap_saved         /* M7: whole words? */
     andi   $a4, $a6, PAGE_BYTES - 1
    daddu   $a4, $a4, $v0
    sltiu   $a4, $a4, PAGE_BYTES + 1    /* M7 */
    beqz    $a4, trap_saved         /* M7: in one page? */
     andi   $a4, $s0, PAGE_BYTES - 1
    daddu   $a4, $a4, $v0
    sltiu   $a4, $a4, PAGE_BYTES + 1    /* M7 */
    beqz    $a4, trap_saved         /* M7: there too? */
     move   $t3, $s0
    find    $a6, $t1, ENTRY_READ, PAGE_BYTES
    find    $s0, $t2, ENTRY_WRITE, PAGE_BYTES
    sd      $v0, HEADER_BYTES + SEND_SIZE($a7)  /* how much came, and where */
    sd      $t3, HEADER_BYTES + SEND_ADDRESS($a7)
copy_string:                        /* a name for sim/steps.py */
    andi    $t1, $v0, 63
    dsubu   $v0, $v0, $t1
    daddu   $v0, $v0, $a6           /* the end of the blocks of eight words */
    beq     $a6, $v0, 2f
     nop
1:  ld      $t2, 0($a6)
    ld      $t3, 8($a6)
    ld      $a4, 16($a6)
    ld      $a5, 24($a6)
    sd      $t2, 0($s0)
    sd      $t3, 8($s0)
    sd      $a4, 16($s0)
    sd      $a5, 24($s0)
    ld      $t2, 32($a6)
    ld      $t3, 40($a6)
    ld      $a4, 48($a6)
    ld      $a5, 56($a6)
    daddiu  $a6, $a6, 64
    sd      $t2, 32($s0)
    sd      $t3, 40($s0)
    sd      $a4, 48($s0)
    sd      $a5, 56($s0)
    bne     $a6, $v0, 1b
     daddiu $s0, $s0, 64
2:  beqz    $t1, .Lcommit
     nop
3:  ld      $t2, 0($a6)
    daddiu  $a6, $a6, 8
    addiu   $t1, $t1, -8
    sd      $t2, 0($s0)
    bnez    $t1, 3b
     daddiu $s0, $s0, 8
string_copied:
    b       .Lcommit
     nop
