# SPDX-License-Identifier: BSD-2-Clause
"""The paths of the benchmark step by step, from what was run.

The sources number the steps of a path (sources.py). Here stands which of them, and
which functions without numbers, make up the parts that a reader is shown: an
instruction that is in none of them belongs to the part of the one before, so that
what a step calls is the step's.
"""
import textwrap
from typing import NamedTuple

import builder
import listing
import sources
from errors import RunError


class Part(NamedTuple):
    """Some steps of a path."""
    name: str
    labels: list            # numbers of steps, names of functions
    meaning: str


class Path(NamedTuple):
    """What one operation of a case does in the kernel."""
    title: str
    case: str
    parts: list
    visits: int = 0         # so many from user mode on; 0: all

    @property
    def names(self):
        return [part.name for part in self.parts]


# What is on the way in and out without a step of its own.
WAY_IN = ['entry', 'ordinary_trap', 'ordinary_trap_cause', 'trap_entry',
          'trap_saved', 'trap_fast', 'system_call', 'sysenter_slow',
          'supervisor_call', 'foreign_call']
WAY_OUT = ['exit', 'resume_user', 'arch_resume']


def entry(meaning='into the kernel; registers are saved'):
    return Part('entry', WAY_IN, meaning)


def leaving(meaning='to user mode'):
    return Part('exit', WAY_OUT, meaning)


RESUME = ['sched_resume', 'arch_space_switch']
# A call and a reply begin as messages do, before it is clear what they are.
HANDLER = [
    entry('into the kernel, twice; registers are saved'),
    Part('partner', ['H1', 'A2', 'F2'], 'H1, A2: the handler, and the thread '
         'that it answers, found by their numbers'),
    Part('checks', ['H2', 'H3', 'A1', 'A3', 'A4', 'A5', 'F1', 'F3', 'F4', 'N1'],
         'H2, H3: is it parked, as urgent, of our clan? A1, A3 to A5: is it '
         'an answer, and does the thread wait for it?'),
    Part('message', ['H4', 'H5', 'H6', 'A7', 'A8', 'F6'],
         'H4, A8: we are parked; H5, H6, A7: words and registers')]
BACK = [Part('switch', ['H7', 'F9', 'A9'],
             'H7, A9: address space and thread, twice'),
        leaving('to user mode, twice')]

PATHS = {
    'message': Path('A short message to another task, one way', 'inter-short', [
        entry('into the kernel; F6: what of our registers has to be kept'),
        Part('operation', ['F1'], 'F1: which system call is it?'),
        Part('partner', ['F2'], 'F2: the partner, found by its number'),
        Part('checks', ['F3', 'F4', 'F5'],
             'F3 to F5: is it parked, as urgent, of our clan?'),
        Part('message', ['F6', 'F7', 'F8'],
             'F6: we are parked; F8: sender and dope'),
        Part('switch', ['F9'], 'F9: address space, thread, thread-local '
             'storage, UTCB'),
        leaving('to user mode, in the partner')], visits=1),
    'fault': Path('A page fault, the pager\'s page, and back', 'fault-map', [
        *HANDLER, Part('map', ['A6'], 'A6: one page, and its place in the '
                       'mapping database'), *BACK]),
    'exception': Path('An exception to its handler, and back', 'exception',
                      HANDLER + BACK),
    'foreign': Path('A foreign system call to its server, and back',
                    'foreign-call', HANDLER + BACK),
    'interrupt': Path('An interrupt to its handler', 'interrupt', [
        entry(),
        Part('controller', ['machine_irq_taken', 'sched_catch_up'],
             'which interrupt? It is masked and acknowledged'),
        Part('checks', ['irq_entry', 'run_at_once'],
             'does a thread wait for it, and parked?'),
        Part('scheduler', ['sched_preempt'],
             'is it more urgent? The other stays ready'),
        Part('message', ['arch_deliver', 'F8', 'ipc_irq_message',
                         'arch_frame_complete'], 'sender, zeroes'),
        Part('switch', ['F9', *RESUME], 'address space, thread'),
        leaving()]),
    'null': Path('A thread\'s question for its own id', 'null-call', [
        entry('into the kernel'),
        Part('operation', ['F1', 'A1', 'N1'], 'N1: is it this call, with the nil '
             'id?'),
        Part('checks', ['N2'], 'N2: not by a foreign thread?'),
        Part('answer', ['N3'], 'N3: the id'), leaving()]),
    'string': Path('A string of 4 KB, and a short answer', 'string-4k', [
        entry('into the kernel, twice; registers are saved'),
        Part('operation', ['M1', 'F1', 'A1', 'N1'], 'M1: which system call is it?'),
        Part('partner', ['M3', 'F2'], 'M3: the partner, found by its number'),
        Part('checks', ['M2', 'M4', 'M5', 'M6', 'F3', 'F4', 'F5'],
             'M2, M4 to M6: may we, is it waiting, as urgent, of our clan?'),
        Part('memory', ['M7'], 'M7: buffers, their words and strings; is all the '
             'memory there?'),
        Part('copy', ['copy', 'copy_string', 'arch_copy_blocks', 'memcpy'],
             'the bytes'),
        Part('message', ['M8', 'M9', 'M10', 'F6', 'F7', 'F8'],
             'M8, M9: words, sender, dope; M10: we wait'),
        Part('switch', ['M11', *RESUME], 'M11: the partner runs'),
        leaving('to user mode, twice')]),
}
MESSAGE = PATHS['message']
CASE = MESSAGE.case
MEANING = {part.name: part.meaning for part in MESSAGE.parts}
FLOOR = ['entry', 'switch', 'exit']     # nothing but to get there
# What a protected control transfer has: the same, to a partner by its number.
TRANSFER = ['entry', 'partner', 'switch', 'exit']


# ---- parts ----

def labels_of(path):
    """Step or function -> part."""
    return {label: part.name for part in path.parts for label in part.labels}


def part_at(known, steps, address):
    """The part that an instruction names by itself, or None."""
    return next((known[label] for label in steps.labels(address)
                 if label in known), None)


def visits(addresses, base):
    """What is done in the kernel: (place among the addresses, address), each
    time from user mode to user mode."""
    found, before = [], False
    for i, at in enumerate(addresses):
        if at >= base and not before:
            found.append([])
        before = at >= base
        if before:
            found[-1].append((i, at))
    return found


def walk(path, addresses, base, steps):
    """(part, place among the addresses) of each instruction in the kernel. A
    visit to the kernel begins with the entry."""
    known, found = labels_of(path), []
    for visit in visits(addresses, base)[:path.visits or None]:
        part = path.names[0]
        for i, at in visit:
            part = part_at(known, steps, at) or part
            found.append((part, i))
    seen = {part for part, _ in found}
    for part in path.parts[1:]:         # some processors enter right there
        if part.name not in seen:
            raise RunError(f'the path of "{path.case}" has no step "{part.name}" '
                           f'({", ".join(part.labels)})')
    return found


def count(path, found):
    """Part -> instructions, in the order of the path."""
    counts = dict.fromkeys(path.names, 0)
    for name, _ in found:
        counts[name] += 1
    return counts


# ---- a target whose benchmark was run ----

def walks(target, costs, names):
    """Path -> its walk, and the addresses; of those that costs have."""
    mine = [one for one in costs if one.target == target and
            one.case in {PATHS[name].case for name in names}]
    trails, code = listing.paths(target, mine)
    steps = sources.Steps(target, code.image, code.kernel())
    return {name: (walk(path, trails[path.case], code.base, steps),
                   trails[path.case])
            for name, path in PATHS.items()
            if name in names and path.case in trails}


def breakdowns(target, costs, names=tuple(PATHS)):
    """Path -> part -> instructions in the kernel."""
    return {name: count(PATHS[name], found) for name, (found, _) in
            walks(target, costs, names).items()}


def breakdown(target, costs):
    """The same of a short message."""
    return breakdowns(target, costs, ['message'])['message']


def cycles_of(target, costs, model):
    """Part -> cycles of a short message on a modelled processor, warm. The
    instruction that enters the kernel counts as well."""
    import cycles
    one = next(one for one in costs
               if one.case == CASE and one.target == target)
    found, addresses = walks(target, costs, ['message'])['message']
    took = cycles.profile(target, model, one.span)
    spent = dict.fromkeys(MESSAGE.names, 0)
    spent['entry'] = took.get(addresses[found[0][1] - 1], 0)
    for name, i in found:
        spent[name] += took.get(addresses[i], 0)
    return spent


def total(counts, names):
    return sum(counts[name] for name in names)
def align(rows):
    width = max(len(row[0]) for row in rows)
    return '\n'.join('  '.join([row[0].ljust(width)] + [
        cell.rjust(max(8, len(target)))
        for cell, target in zip(row[1:], rows[0][1:])]) for row in rows)


# ---- the suite steps ----

def path_rows(path, by_target):
    """What one path takes, part by part; by_target: target -> its parts."""
    return [['step', *by_target]] + [
        [name] + [str(one[name]) for one in by_target.values()]
        for name in path.names] + [
        ['all'] + [str(total(one, path.names)) for one in by_target.values()]]


def path_tables(found):
    """found: target -> path -> part -> instructions."""
    return '\n\n'.join(
        f'{path.title} (case {path.case})\n' + align(path_rows(
            path, {target: paths[name] for target, paths in found.items()})) +
        '\n' + '\n'.join(f'  {part.name}: {part.meaning}' for part in path.parts)
        for name, path in PATHS.items())


PATHS_FOOTNOTE = """\
Instructions in the kernel of one operation, release kernel, by steps of its path;
numbers are those of core/ipc_fast.c (F), fault_fast.c (H, A) and message_fast.c (M)
and of the same comments in the assembler. See doc/bench.md."""


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
    return align(rows)


def floor_line(targets, costs):
    """Beside the figures of the suite ipc."""
    counts = {target: breakdown(target, costs) for target in targets}
    each = ', '.join(f'{total(one, FLOOR)} of {total(one, MEANING)} on {target}'
                     for target, one in counts.items())
    return textwrap.fill('Of the kernel part of a message to another task, entry, '
                         f'address-space switch and exit alone are {each} '
                         '(./l4 bench --suite pct).', 78)


FOOTNOTE = """\
Instructions in the kernel of one message of two words to another task, one way,
release kernel, by steps of its path. A protected control transfer has to enter the
kernel, find its target, switch to it and leave; a message has to look whether it
is wanted as well. Cycles are modelled, with the caches warm, and have the
instruction that enters the kernel in them; what an emptied translation buffer costs
later is not there. See doc/bench.md."""
