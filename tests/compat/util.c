/* SPDX-License-Identifier: BSD-2-Clause */
/* The helpers in l4/util and l4/log that need nobody else. */
#include <stdio.h>
#include <string.h>

#include <l4/sys/types.h>
#include <l4/sys/syscalls.h>
#include <l4/sys/cache.h>
#include <l4/sys/kdebug.h>
#include <l4/sys/utcb.h>
#include <l4/log/l4log.h>
#include <l4/sigma0/kip.h>
#include <l4/util/atomic.h>
#include <l4/util/bitops.h>
#include <l4/util/cpu.h>
#include <l4/util/getopt.h>
#include <l4/util/kprintf.h>
#include <l4/util/l4_macros.h>
#include <l4/util/macros.h>
#include <l4/util/parse_cmd.h>
#include <l4/util/rand.h>
#include <l4/util/rdtsc.h>
#include <l4/util/sll.h>
#include <l4/util/slmap.h>
#include <l4/util/stack.h>
#include <l4/util/thread.h>
#include <l4/util/util.h>

#include "check.h"

static void exchanging(void)
{
    l4_uint64_t v64 = 0x1234567812345678ULL;
    l4_umword_t v = 345;
    l4_uint32_t v32 = 7;
    l4_uint16_t v16 = 789;
    l4_uint8_t v8 = 111;

    CHECK(l4util_cmpxchg(&v, 345, 678) && v == 678);
    CHECK(!l4util_cmpxchg(&v, 123, 456) && v == 678);
    CHECK(l4util_cmpxchg64(&v64, 0x1234567812345678ULL, 5) && v64 == 5);
    CHECK(!l4util_cmpxchg64(&v64, 9, 2));
    CHECK(l4util_cmpxchg32(&v32, 7, 8) && !l4util_cmpxchg32(&v32, 7, 9));
    CHECK(l4util_cmpxchg16(&v16, 789, 456) && v16 == 456);
    CHECK(l4util_cmpxchg8(&v8, 111, 122) && v8 == 122);
    CHECK(l4util_cmpxchg_res(&v, 678, 1) == 678 && v == 1);
    CHECK(l4util_cmpxchg32_res(&v32, 1, 2) == 8 && v32 == 8);
    CHECK(l4util_cmpxchg16_res(&v16, 456, 2) == 456 && v16 == 2);
    CHECK(l4util_cmpxchg8_res(&v8, 122, 3) == 122 && v8 == 3);
    CHECK(l4util_xchg(&v, 2) == 1 && v == 2);
    CHECK(l4util_xchg32(&v32, 9) == 8 && v32 == 9);
    CHECK(l4util_xchg16(&v16, 9) == 2 && v16 == 9);
    CHECK(l4util_xchg8(&v8, 9) == 3 && v8 == 9);
}

/* All operations of one width: on a value of 12. */
#define COUNT_WITH(bits)                                                  \
    do {                                                                  \
        l4_uint##bits##_t a[3] = { 55, 12, 77 }, *p = &a[1];              \
        l4util_add##bits(p, 4);                                           \
        l4util_sub##bits(p, 1);                                           \
        l4util_inc##bits(p);                                              \
        l4util_dec##bits(p);                                              \
        CHECK(*p == 15);                                                  \
        l4util_and##bits(p, 6);                                           \
        l4util_or##bits(p, 16);                                           \
        CHECK(*p == 22);                                                  \
        CHECK(l4util_add##bits##_res(p, 10) == 32);                       \
        CHECK(l4util_sub##bits##_res(p, 1) == 31);                        \
        CHECK(l4util_inc##bits##_res(p) == 32);                           \
        CHECK(l4util_dec##bits##_res(p) == 31);                           \
        CHECK(l4util_and##bits##_res(p, 0x11) == 0x11);                   \
        CHECK(l4util_or##bits##_res(p, 0x80) == 0x91);                    \
        CHECK(a[0] == 55 && a[2] == 77);                                  \
    } while (0)

static void counting(void)
{
    long n = 5;

    COUNT_WITH(8);
    COUNT_WITH(16);
    COUNT_WITH(32);
    l4util_atomic_inc(&n);
    l4util_atomic_add(&n, -16);
    CHECK(n == -10);
}

static void bits(void)
{
    l4_umword_t v[3] = { 0, 0, 0 };
    l4_uint32_t w[3] = { 0, 0, 0 };
    l4_umword_t full[2] = { ~0UL, ~0UL };
    int far = L4_MWORD_BITS + 5;

    l4util_set_bit(far, v);
    CHECK(v[0] == 0 && v[1] == 1UL << 5);
    CHECK(l4util_test_bit(far, v) && !l4util_test_bit(far + 1, v));
    CHECK(l4util_find_first_set_bit(v, sizeof(v) * 8) == far);
    l4util_complement_bit(far + 1, v);
    l4util_clear_bit(far, v);
    CHECK(v[1] == 1UL << 6);
    CHECK(l4util_bts(3, v) == 0 && l4util_test_and_set_bit(3, v) == 1);
    CHECK(l4util_btr(3, v) == 1 && l4util_test_and_clear_bit(3, v) == 0);
    CHECK(l4util_btc(3, v) == 0 && l4util_test_and_change_bit(3, v) == 1);
    CHECK(v[0] == 0 && v[2] == 0);
    l4util_set_bit32(70, w);
    CHECK(w[2] == 1U << 6 && l4util_test_bit32(70, w));
    l4util_clear_bit32(70, w);
    CHECK(w[2] == 0);
    CHECK(l4util_bsr(17) == 4 && l4util_bsf(0xbc123000) == 12);
    CHECK(l4util_bsr(0) == -1 && l4util_bsf(0) == -1);
    CHECK(l4util_log2(L4_PAGESIZE) == L4_PAGESHIFT);
    l4util_clear_bit(L4_MWORD_BITS + 12, full);
    CHECK(l4util_find_first_zero_bit(full, 2 * L4_MWORD_BITS) ==
          L4_MWORD_BITS + 12);
    CHECK(l4util_find_first_zero_bit(full, L4_MWORD_BITS) >= L4_MWORD_BITS);
    CHECK(l4util_find_first_zero_bit(full, 0) == 0);
    CHECK(l4util_find_first_set_bit(w, 64) >= 64);
}

static void lists(void)
{
    static char one[] = "one", two[] = "two", three[] = "three";
    slist_t *list, *e;
    slmap_t *map, *m;

    list = list_new_entry(one);
    list = list_append(list, list_new_entry(three));
    e = list_new_entry(two);
    list_insert_after(list, e);
    CHECK(list_elements(list) == 3 && list_get_at(list, 2) == e);
    CHECK(list_get_at(list, 4) == NULL && list_get_at(list, 0) == NULL);
    list = list_add(list, list_new_entry("zero"));
    CHECK(strcmp((char *)list_get_at(list, 1)->data, "zero") == 0);
    list = list_remove(list, e);
    CHECK(list_elements(list) == 3 && !list_is_empty(list));
    while (!list_is_empty(list))
        list = list_remove(list, list);
    e = list_new_entry(one);
    list_free_entry(&e);
    CHECK(e == NULL && list_elements(list) == 0);

    map = map_new_entry("k0", 2, one);
    map = map_append(map, map_new_sentry(two, three));
    map_insert_after(map, map_new_sentry("key2", two));
    map = map_add(map, map_new_sentry("first", "data"));
    CHECK(map_elements(map) == 4 && !map_is_empty(map));
    CHECK(map_find(map, "k0", 2)->data == one);
    CHECK(map_sfind(map, "two")->data == three);
    CHECK(map_sfind(map, "none") == NULL);
    CHECK(map_get_at(map, 3)->data == two);
    map = map_remove(map, map_get_at(map, 3));
    CHECK(map_elements(map) == 3);
    map_free(&map);
    CHECK(map == NULL);
    m = map_new_sentry(one, two);
    map_free_entry(&m);
    CHECK(m == NULL);
}

static int called, called_arg;

static void callback(int val)
{
    called = val;
}

static void callback_arg(int val, const char *text, int number)
{
    called_arg = val + number + (int)strlen(text);
}

static int parse(int *argc, const char ***argv, int first, ...)
{
    va_list va;
    int error;

    va_start(va, first);
    error = parse_cmdlinev(argc, argv, first, va);
    va_end(va);
    return error;
}

static void command_lines(void)
{
    const char *args[] = { "prog", "-n", "0x10", "--loud", "--name", "L4",
                           "-vv", "-f", "--with=12", "-d", "rest", NULL };
    const char **argv = args, *name;
    char *opts[] = { "prog", "-a", "-b", "x", NULL };
    int argc = 11, n, loud = 0, verbose, down, error, a = 0;

    error = parse_cmdline(&argc, &argv,
                          'n', "number", "a number", PARSE_CMD_INT, 5, &n,
                          'l', "loud", "be loud", PARSE_CMD_SWITCH, 1, &loud,
                          ' ', "name", "a name", PARSE_CMD_STRING, "?", &name,
                          'v', "verbose", "more", PARSE_CMD_INC, 1, &verbose,
                          'd', "down", "less", PARSE_CMD_DEC, 9, &down,
                          'f', "fn", "call", PARSE_CMD_FN, 3, callback,
                          ' ', "with", "call", PARSE_CMD_FN_ARG, 7,
                          callback_arg,
                          0);
    CHECK(error == 0 && n == 16 && loud == 1 && verbose == 3 && down == 8);
    CHECK(strcmp(name, "L4") == 0 && called == 3 && called_arg == 21);
    CHECK(argc == 1 && strcmp(argv[0], "rest") == 0);

    args[1] = "-q";
    argc = 2;
    argv = args;
    CHECK(parse(&argc, &argv, 'n', "number", "a number", PARSE_CMD_INT, 5, &n,
                0) == -3);
    CHECK(n == 5);
    args[1] = "--help";
    argc = 2;
    argv = args;
    CHECK(parse(&argc, &argv, 'n', "number", "a number", PARSE_CMD_INT, 5, &n,
                0) == -4);

    optind = 1;
    while ((error = getopt(4, opts, "ab:")) != -1)
        a += error == 'a' ? 1 : error == 'b' && *optarg == 'x' ? 10 : 100;
    CHECK(a == 11);
}

static void messages(void)
{
    l4_threadid_t me = l4_myself();
    char text[32];

    sprintf(text, l4util_idfmt, l4util_idstr(me));
    CHECK(strchr(text, '.') != NULL && text[strlen(text) - 1] == '0');
    sprintf(text, l4util_idfmt_adjust, l4util_idstr(me));
    CHECK(strlen(text) >= 6);
    sprintf(text, IdFmt, IdStr(me));
    CHECK(strchr(text, '.') != NULL);

    LOG("a line, %d", 1);
    LOGL("a line, %d", 2);
    LOGd(1, "a line, %d", 3);
    LOGdL(0, "not %s", "seen");
    LOGd_Enter(1, " with %d", 4);
    LOG_Enter();
    LOG_Error("no error, %d", 5);
    LOG_printf("a line, %d\n", 6);
    LOG_flush();
    Msg("a line, %d\n", 7);
    Error("no error, %d", 8);
    Panic("no panic, %d", 9);
    Kdebug("no debugger, %d", 10);
    Assert(1 + 1 == 2);
    CHECK(l4_kprintf("to the kernel: %s\n", "hello") == 21);
}

static void odds_and_ends(void)
{
    l4_umword_t stack[8] = { 0 };
    l4_addr_t sp = (l4_addr_t)(stack + 8);
    l4_cpu_time_t start = l4_rdtsc();
    l4_uint32_t first;
    l4_threadid_t id = l4_myself();
    int i, differ = 0;

    l4util_stack_push_threadid(&sp, id);
    CHECK(sp == (l4_addr_t)(stack + 8) - 8);
    CHECK(memcmp((void *)sp, &id, 8) == 0);
    l4util_stack_push_mword(&sp, -5);
    CHECK(*(l4_mword_t *)sp == -5);
    sp = l4util_stack_get_sp();
    CHECK(sp + 4096 > (l4_addr_t)stack && (l4_addr_t)stack + 4096 > sp);

    l4util_srand(5);
    first = l4util_rand();
    for (i = 0; i < 100; i++)
        differ += l4util_rand() != first;
    CHECK(first <= L4_RAND_MAX && differ > 90);
    l4util_srand(5);
    CHECK(l4util_rand() == first);
    CHECK(l4_rdtsc() != start && l4_rdtsc_32() != (l4_uint32_t)start);
    l4util_cpu_pause();

    CHECK(l4_cache_sync((l4_umword_t)stack, sizeof(stack)) == sizeof(stack));
    l4_cache_coherent((l4_umword_t)stack, (l4_umword_t)(stack + 8));
    CHECK(l4_utcb_get() == l4_utcb() && l4_utcb_get() != NULL);
    l4_utcb()->reg[L4_REG_IP] = 0x1234;
    CHECK(l4_utcb_exc_pc(l4_utcb_get()) == 0x1234);
}

static void interrupts(void)
{
    l4_threadid_t irq = l4util_attach_interrupt(5);

    CHECK(l4_is_irq_id(irq) && l4_get_irqnr(irq) == 5);
    l4util_detach_interrupt();
    irq = l4util_attach_interrupt(l4sigma0_kip_map(L4_INVALID_ID)->irq_count);
    CHECK(l4_is_nil_id(irq));
}

#ifdef __i386__
#include <l4/sys/ipc.h>
#include <l4/util/idt.h>
#include <l4/util/port_io.h>

/* The handler of a breakpoint, as in the processor's manual. */
void breakpoint_handler(void);
int breakpoints;
__asm__(".text\n"
        "breakpoint_handler:\n\t"
        "incl breakpoints\n\t"
        "iret");

#define PCI_ADDRESS 0xcf8
#define PCI_DATA    0xcfc

static void for_pcs(void)
{
    static struct {
        l4util_idt_header_t header;
        l4util_idt_desc_t desc[20];
    } __attribute__((packed)) idt;
    unsigned long a, b, c, d;
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;
    l4_threadid_t chief;

    CHECK(l4util_cpu_has_cpuid() && (l4util_cpu_capabilities() & 1));
    CHECK(l4util_cpu_capabilities() == l4util_cpu_capabilities_nocheck());
    l4util_cpu_cpuid(0, &a, &b, &c, &d);
    CHECK(a >= 1);

    l4util_idt_init(&idt.header, 20);
    l4util_idt_entry(&idt.header, 3, (void (*)(void))0x12345678);
    CHECK(idt.header.limit == 159 && idt.header.base == idt.desc);
    CHECK((idt.desc[3].a & 0xffff) == 0x5678);
    CHECK(idt.desc[3].b >> 16 == 0x1234);
    l4util_idt_entry(&idt.header, 3, breakpoint_handler);
    l4util_idt_load(&idt.header);
    __asm__ volatile("int3" : : : "memory");
    CHECK(breakpoints == 1);

    /* the PCI bus's ports, from whom they are: our chief */
    l4_nchief(L4_INVALID_ID, &chief);
    CHECK(l4_ipc_call(chief, L4_IPC_SHORT_MSG, 0x73,
                      l4_iofpage(PCI_ADDRESS, 3, L4_FPAGE_MAP).fpage,
                      L4_IPC_IOMAPMSG(0, L4_WHOLE_IOADDRESS_SPACE), &dw0, &dw1,
                      L4_IPC_NEVER, &result) == 0);
    CHECK(l4_ipc_fpage_received(result));
    l4util_out32(0x80000000, PCI_ADDRESS);          /* the host bridge */
    CHECK(l4util_in32(PCI_ADDRESS) == 0x80000000);
    CHECK(l4util_in16(PCI_DATA) == 0x8086);
    l4util_out32(0x8000003c, PCI_ADDRESS);          /* its interrupt line */
    l4util_out8(0x5a, PCI_DATA);
    CHECK(l4util_in8(PCI_DATA) == 0x5a);
    l4util_out16(0xa5, PCI_DATA);
    CHECK(l4util_in8(PCI_DATA) == 0xa5);
    CHECK(l4_ipc_call(chief, L4_IPC_SHORT_MSG, 0x73,
                      l4_iofpage(0x80, 0, L4_FPAGE_MAP).fpage,
                      L4_IPC_IOMAPMSG(0, L4_WHOLE_IOADDRESS_SPACE), &dw0, &dw1,
                      L4_IPC_NEVER, &result) == 0);
    l4util_iodelay();
}
#endif

int main(void)
{
    exchanging();
    counting();
    bits();
    lists();
    command_lines();
    messages();
    odds_and_ends();
    interrupts();
#ifdef __i386__
    for_pcs();
#endif
    FINISH("util");
}
