/* SPDX-License-Identifier: BSD-2-Clause */
#include "elf.h"

/* The parts of the format that are used. Fields of a word's size differ
   between ELF32 and ELF64, and so does the order of program headers. */
struct header {
    unsigned char ident[16];
    uint16_t type, machine;
    uint32_t version;
    uintptr_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct program_header {
    uint32_t type;
#if UINTPTR_MAX > 0xffffffff
    uint32_t flags;
#endif
    uintptr_t offset, vaddr, paddr, filesz, memsz;
#if UINTPTR_MAX <= 0xffffffff
    uint32_t flags;
#endif
    uintptr_t align;
};

#define IDENT_CLASS     4
#define IDENT_DATA      5
#define IDENT_VERSION   6

#define CLASS_OWN       (sizeof(uintptr_t) == 8 ? 2 : 1)
#define DATA_OWN        (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 2 : 1)

#define TYPE_EXEC       2
#define PT_LOAD         1
#define PT_DYNAMIC      2
#define PT_INTERP       3
#define PF_X            1
#define PF_W            2

static const char *check_ident(const unsigned char *ident)
{
    if (ident[0] != 0x7f || ident[1] != 'E' || ident[2] != 'L' ||
        ident[3] != 'F')
        return "not an ELF file";
    if (ident[IDENT_CLASS] != CLASS_OWN)
        return "ELF file of another word size";
    if (ident[IDENT_DATA] != DATA_OWN)
        return "ELF file of the other byte order";
    if (ident[IDENT_VERSION] != 1)
        return "ELF file of an unknown version";
    return NULL;
}

static const char *check_header(const struct header *h, size_t size,
                                unsigned machine)
{
    if (size < sizeof(*h))
        return "shorter than an ELF header";
    const char *reason = check_ident(h->ident);
    if (reason)
        return reason;
    if (h->version != 1)
        return "ELF file of an unknown version";
    if (h->machine != machine)
        return "ELF file for another processor";
    if (h->type != TYPE_EXEC)
        return "not an executable ELF file";
    if (h->phnum == 0)
        return "no program headers";
    if (h->phentsize != sizeof(struct program_header))
        return "program headers of the wrong size";
    if (h->phoff % sizeof(uintptr_t))
        return "program headers are not aligned";
    if (h->phoff > size ||
        h->phnum > (size - h->phoff) / sizeof(struct program_header))
        return "program headers beyond the end of the file";
    return NULL;
}

/* What is being read, and into what. */
struct reading {
    const unsigned char *file;
    size_t size;
    const struct elf_limits *limits;
    struct elf_image *image;
};

static const char *check_segment(const struct reading *r,
                                 const struct program_header *ph)
{
    if (ph->filesz > ph->memsz)
        return "a segment is larger in the file than in memory";
    if (ph->offset > r->size || ph->filesz > r->size - ph->offset)
        return "a segment beyond the end of the file";
    if (ph->vaddr < r->limits->low || ph->vaddr >= r->limits->high ||
        ph->memsz > r->limits->high - ph->vaddr)
        return "a segment outside the addresses of programs";
    return NULL;
}

/* Do a and b, in this order, have no page in common? */
static bool is_apart(const struct elf_segment *a, const struct elf_segment *b)
{
    return (a->end - 1) / ELF_PAGE < b->start / ELF_PAGE;
}

/* Put it in its place among those before it. */
static const char *insert_segment(struct elf_image *image,
                                  const struct elf_segment *new)
{
    unsigned i = image->segments;

    if (i == ELF_SEGMENTS)
        return "too many segments";
    for (; i > 0 && image->segment[i - 1].start > new->start; i--)
        image->segment[i] = image->segment[i - 1];
    image->segment[i] = *new;
    image->segments++;
    if (i > 0 && !is_apart(&image->segment[i - 1], new))
        return "two segments share a page";
    if (i + 1 < image->segments && !is_apart(new, &image->segment[i + 1]))
        return "two segments share a page";
    return NULL;
}

static const char *read_program_header(const struct reading *r,
                                       const struct program_header *ph)
{
    if (ph->type == PT_INTERP || ph->type == PT_DYNAMIC)
        return "not statically linked";
    if (ph->type != PT_LOAD || ph->memsz == 0)
        return NULL;
    const char *reason = check_segment(r, ph);
    if (reason)
        return reason;
    const struct elf_segment segment = {
        .start = ph->vaddr,
        .end = ph->vaddr + ph->memsz,
        .file = r->file + ph->offset,
        .file_size = ph->filesz,
        .write = ph->flags & PF_W,
        .execute = ph->flags & PF_X,
    };
    return insert_segment(r->image, &segment);
}

static const char *check_entry(const struct elf_image *image)
{
    for (unsigned i = 0; i < image->segments; i++) {
        const struct elf_segment *s = &image->segment[i];
        if (s->execute && image->entry >= s->start && image->entry < s->end)
            return NULL;
    }
    return "the entry is not in an executable segment";
}

const char *elf_parse(const void *file, size_t size,
                      const struct elf_limits *limits, struct elf_image *out)
{
    const struct reading r = { file, size, limits, out };
    const struct header *h = file;
    const char *reason = check_header(h, size, limits->machine);

    if (reason)
        return reason;
    out->entry = h->entry;
    out->segments = 0;
    const void *table = r.file + h->phoff;
    const struct program_header *ph = table;
    for (unsigned i = 0; i < h->phnum; i++) {
        reason = read_program_header(&r, &ph[i]);
        if (reason)
            return reason;
    }
    return check_entry(out);
}
