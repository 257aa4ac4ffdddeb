# SPDX-License-Identifier: BSD-2-Clause
"""TLB refills: what they take, and how often the software TLB has the page.

Only mips64 has them; the other processors walk the page tables themselves.
The plugin tells of each visit to the kernel which points it passed and how
many instructions it took.  A visit that begins at the refill vector is

    a hit       the software TLB has the pair of pages
    a walk      it does not, and the page tables are walked
    a fault     the page is not there, or the space has no ASID yet

The guest names its spans on the console:  tlb: span=K pages=N order=NAME
"""
import json
import os
import re
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import bench
import builder
import runner
import scale
import stretches
from errors import RunError
from machines import MACHINES

SYSTEM = 'tlb'
CONFIG = 'release'
PLUGIN = 'build/plugin/visits.so'
TIMEOUT = 120
REFILL = 'entry'
# Where visits begin, from the symbol `vectors` on.
VECTORS = {REFILL: 0x80, 'entry-general': 0x180, 'entry-interrupt': 0x200}
FAULTS = ['trap_entry', 'page_fault_fast']
POINTS = ['tlb_walk', *FAULTS]
LINE = re.compile(r'tlb: span=(\d+) pages=(\d+) order=(\S+)')
WALKS_ITSELF = [name for name, machine in MACHINES.items()
                if machine.isa != 'mips64']


class Refills(NamedTuple):
    """All of one load; hits and walks by the instructions they took."""
    load: str
    user: int           # instructions in user mode
    hits: Counter
    walks: Counter
    faults: int

    @property
    def count(self):
        return self.hits.total() + self.walks.total() + self.faults

    @property
    def hit_rate(self):
        """Of those for pages that are there; None: there were none."""
        found = self.hits.total() + self.walks.total()
        return self.hits.total() / found if found else None


def points(target, image):
    """The plugin's file: where a refill begins, and what it may pass."""
    found = dict(reversed(line.split()) for line in
                 stretches.symbols(target, image))
    try:
        vectors = int(found['vectors'], 16)
        return [f'{vectors + offset:x} {name}'
                for name, offset in VECTORS.items()] + [
                    f'{found[name]} {name}' for name in POINTS]
    except KeyError as name:
        raise RunError(f'{image} has no symbol {name}')


def refills(load, records):
    """Add up the plugin's lines of some spans."""
    hits, walks, faults, user = Counter(), Counter(), 0, 0
    for record in records:
        user += record.get('user', 0)
        passed = record.get('passed', [])
        if REFILL not in passed:
            continue
        if any(name in passed for name in FAULTS):
            faults += record['visits']
        else:
            kind = walks if 'tlb_walk' in passed else hits
            kind[record['instructions']] += record['visits']
    return Refills(load, user, hits, walks, faults)


def run(target, system):
    """Boot a system: its console, and the plugin's lines."""
    image = builder.image(target, CONFIG, system)
    with tempfile.TemporaryDirectory() as directory:
        where, out = (os.path.join(directory, name)
                      for name in ('points', 'visits'))
        with open(where, 'w') as file:
            file.write('\n'.join(points(target, image)) + '\n')
        result = runner.run(
            target, image, TIMEOUT, deterministic=True,
            plugin=runner.plugin_argument(target, PLUGIN, out,
                                          more=[f'points={where}']))
        if result.problem:
            raise RunError(f'{system} on {target}: {result.problem}\n' +
                           '\n'.join(result.lines[-10:]))
        return result.lines, scale.read_counts(out)


def loads_of_pages(lines, records):
    """The spans that the guest has named."""
    named = [match for match in map(LINE.fullmatch, map(str.strip, lines))
             if match]
    if not named:
        raise RunError('the guest named no span')
    return [refills(f'{match[2]} pages, {match[3].replace("-", " ")}',
                    [record for record in records
                     if record['span'] == int(match[1])])
            for match in named]


def measure(target):
    """The benchmark of IPC, between its marks and in all, and many pages."""
    _, records = run(target, bench.SYSTEM)
    marked = [record for record in records if record['span'] is not None]
    return [refills('bench, in its spans', marked),
            refills('bench, from boot to end', records),
            *loads_of_pages(*run(target, SYSTEM))]


def lengths(counters):
    """How many instructions: each length that occurred, the usual first."""
    every = sum(counters, Counter())
    return ' or '.join(str(length) for length, _ in every.most_common())


def row(one):
    rate = '-' if one.hit_rate is None else f'{100 * one.hit_rate:.1f}%'
    return [one.load, str(one.count), str(one.hits.total()),
            str(one.walks.total()), str(one.faults), rate,
            f'{1000 * one.count / one.user:.2f}']


def report(target, measured):
    head = [f'{target}:', 'refills', 'hits', 'walks', 'faults', 'hit rate',
            'per 1000']
    return (scale.align([head] + [row(one) for one in measured]) +
            f'\n\n{target}: a hit in the software TLB takes '
            f'{lengths(one.hits for one in measured)} instructions, a walk '
            f'through the page tables '
            f'{lengths(one.walks for one in measured)}')


FOOTNOTE = """\
From the vector to user mode, kernel of the release. hit rate: of the refills
for pages that are there. per 1000: refills for 1,000 instructions in user
mode. QEMU keeps more entries than the TLB has. See doc/bench.md."""


def objects(target, measured):
    return [{'target': target, 'load': one.load, 'user': one.user,
             'hits': one.hits.total(), 'walks': one.walks.total(),
             'faults': one.faults, 'hit_instructions': sorted(one.hits),
             'walk_instructions': sorted(one.walks)} for one in measured]


def tlb(targets, json_name=None):
    for target in targets:
        if target in WALKS_ITSELF:
            print(f'{target}: the processor walks the page tables itself; '
                  'there are no refills by the kernel')
    measured = [name for name in targets if name not in WALKS_ITSELF]
    with ThreadPoolExecutor(2) as pool:
        results = dict(zip(measured, pool.map(measure, measured)))
    for target, loads in results.items():
        print('\n' + report(target, loads))
    if results:
        print('\n' + FOOTNOTE)
    if json_name:
        with open(json_name, 'w') as out:
            json.dump([{**one, 'kernel_config': CONFIG,
                        'commit': bench.commit()}
                       for target, loads in results.items()
                       for one in objects(target, loads)], out, indent=1)
            out.write('\n')
