# SPDX-License-Identifier: BSD-2-Clause
"""The steps of a short message to another task, from the path that was run.

A step begins with the first instruction that looks so; they come in this order
on every target, since the paths follow core/ipc_fast.c.
"""
import re

import listing
from errors import RunError
from machines import MACHINES

CASE = 'inter-short'
# step -> steps of core/ipc_fast.c, and what it does
MEANING = {
    'entry': 'into the kernel',
    'operation': 'F1: which system call is it?',
    'partner': 'F2: the partner, found by its number, and what of our '
               'registers has to be kept',
    'checks': 'F3 to F5: is it parked, as urgent, of our clan? F6: we are parked',
    'switch': 'F8, F9: address space, thread, thread-local storage, UTCB',
    'exit': 'to user mode, in the partner',
}
BEGINS = {
    'ia32': {'entry': r'mov \(%esp\),%esp', 'operation': r'cmp \$0x45,%eax',
             'partner': r'mov %ecx,-0x8\(%esp\)', 'checks': r'mov \(%esp\),%ecx',
             'switch': r'movl \$0x0,%ss:', 'exit': r'cld'},
    'arm': {'entry': r'b ipc_fast_entry', 'operation': r'teq ip, #',
            'partner': r'cpsid', 'checks': r'ldr r8, \[lr, #\d+\]',
            'switch': r'ldr r8, \[lr, #104\]', 'exit': r'clrex'},
    'mips64': {'entry': r'mfc0 k1,c0_cause', 'operation': r'dins k1,v0',
               'partner': r'sd sp,\d+\(k0\)', 'checks': r'bne t0,a0',
               'switch': r'ld k1,\d+\(sp\)', 'exit': r'ld k1,272\(sp\)'},
}
LAST = re.compile(r'sysexit|rfeia|eret')
FLOOR = ['entry', 'switch', 'exit']     # nothing but to get there
# What a protected control transfer has: the same, to a partner by its number.
TRANSFER = ['entry', 'partner', 'switch', 'exit']


def walk(isa, lines):
    """(step, place among the lines) of each instruction of the first message,
    from the kernel's first one to the one that leaves it."""
    begins = BEGINS[isa]
    names, at, found = list(begins), -1, []
    for i, line in enumerate(lines):
        text = line.split(': ', 1)[-1]
        if at + 1 < len(names) and re.match(begins[names[at + 1]], text):
            at += 1
        if at >= 0:
            found.append((names[at], i))
            if LAST.match(text):
                break
    if at + 1 < len(names) or not LAST.match(text):
        raise RunError('the path of a short message ends before the step "'
                       f'{names[min(at + 1, len(names) - 1)]}"')
    return found


def count(isa, lines):
    """Step -> instructions, in the order of the path."""
    counts = dict.fromkeys(BEGINS[isa], 0)
    for name, _ in walk(isa, lines):
        counts[name] += 1
    return counts


def places(isa, lines, addresses):
    """Step -> the addresses of its instructions, the one that enters the kernel
    first: each line of the path is one instruction."""
    found = {name: [] for name in BEGINS[isa]}
    path = walk(isa, lines)
    found['entry'].append(addresses[path[0][1] - 1])
    for name, i in path:
        found[name].append(addresses[i])
    return found


def cycles_of(target, costs, model):
    """Step -> cycles of a modelled processor, warm."""
    import cycles
    one = next(one for one in costs
               if one.case == CASE and one.target == target)
    texts, addresses = listing.path(target, one)
    took = cycles.profile(target, model, one.span)
    return {name: sum(took.get(at, 0) for at in spots) for name, spots in
            places(MACHINES[target].isa, texts, addresses).items()}


def breakdown(target, costs):
    """The same for a target whose benchmark was run: costs of bench.py."""
    mine = [one for one in costs if one.case == CASE and one.target == target]
    lines = listing.listings(target, mine)[CASE]
    return count(MACHINES[target].isa, lines)


def total(counts, names):
    return sum(counts[name] for name in names)


# ---- the suite pct ----

def table(by_target, plain=str):
    """As table 6 of Haertig and others, SOSP 1997, has it: a bare transfer of
    control against a message."""
    targets = list(by_target)
    rows = [['step'] + targets]
    rows += [[name] + [plain(by_target[t][name]) for t in targets]
             for name in MEANING]
    rows += [[label] + [plain(total(by_target[t], names)) for t in targets]
             for label, names in (
                 ('floor: entry, switch, exit', FLOOR),
                 ('protected control transfer', TRANSFER),
                 ('message', list(MEANING)))]
    for label, names in ('floor', FLOOR), ('transfer', TRANSFER):
        rows.append([f'message / {label}'] + [
            f'{total(by_target[t], MEANING) / total(by_target[t], names):.2f}'
            for t in targets])
    width = max(len(row[0]) for row in rows)
    return '\n'.join('  '.join([row[0].ljust(width)] + [
        cell.rjust(max(8, len(target)))
        for cell, target in zip(row[1:], targets)]) for row in rows)


def floor_line(targets, costs):
    """Beside the figures of the suite ipc."""
    counts = {target: breakdown(target, costs) for target in targets}
    return ('Of the kernel part of a message to another task, entry, '
            'address-space switch and exit alone are\n' + ', '.join(
                f'{total(one, FLOOR)} of {total(one, MEANING)} on {target}'
                for target, one in counts.items()) +
            ' (./l4 bench --suite pct).')


FOOTNOTE = """\
Instructions in the kernel of one message of two words to another task, one way,
release kernel, by steps of its path. A protected control transfer has to enter the
kernel, find its target, switch to it and leave; a message has to look whether it
is wanted as well. Cycles are modelled, with the caches warm, and have the
instruction that enters the kernel in them; what an emptied translation buffer costs
later is not there. See doc/bench.md."""
