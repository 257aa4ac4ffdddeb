# SPDX-License-Identifier: BSD-2-Clause
"""What operations of the kernel cost as the system grows.

The guest runs span 0 for each measurement and then says what it was,

    scale: op=NAME of=THINGS n=NUMBER rounds=R

and what things cost in memory,

    scale: memory=THING bytes=TOTAL count=N

The plugin writes a line for each run of the span: the k-th line of the first
kind belongs to the k-th run.
"""
import json
import os
import re
import tempfile
import threading
from typing import NamedTuple

import builder
import runner
from errors import RunError

SYSTEM = 'scale'
CONFIG = 'release'
TIMEOUT = 900           # seconds; a target takes one or two minutes
SPAN = 0
LINE = re.compile(r'scale: ((?:\w+=\S+ ?)+)')
PROGRESS = re.compile(r'(?:scale|stress): now (\S.*)')
MORE = 1.05             # what the largest may cost beside the smallest


class Sample(NamedTuple):
    """One measurement: instructions of all its rounds."""
    op: str
    of: str
    n: int
    rounds: int
    user: int
    kernel: int

    @property
    def each(self):
        return (self.user + self.kernel) / self.rounds


class Memory(NamedTuple):
    """Kernel memory that one thing takes, on average over many."""
    thing: str
    bytes: float


class Series(NamedTuple):
    """One operation from the smallest system to the largest."""
    op: str
    of: str
    costs: dict         # n -> instructions of one

    @property
    def ratio(self):
        return self.costs[max(self.costs)] / self.costs[min(self.costs)]

    @property
    def holds(self):
        return self.ratio <= MORE


class Progress:
    """Stands in for a stream: tells how far the guest is."""
    lock = threading.Lock()

    def __init__(self, target):
        self.target = target
        self.rest = ''

    def write(self, text):
        *lines, self.rest = (self.rest + text).split('\n')
        for line in lines:
            match = PROGRESS.fullmatch(line.strip())
            if match:
                with self.lock:
                    print(f'l4: {self.target}: {match[1]}', flush=True)

    def flush(self):
        pass


def announcements(lines):
    """The fields of each line of the guest's that has some."""
    found = []
    for line in lines:
        match = LINE.fullmatch(line.strip())
        if match:
            found.append(dict(word.split('=', 1)
                              for word in match[1].split()))
    return found


def read_counts(name):
    """The plugin's lines."""
    try:
        with open(name) as lines:
            return [json.loads(line) for line in lines]
    except FileNotFoundError:
        raise RunError('the plugin wrote no counts')


def samples(said, counts):
    """Measurements: what the guest said of each run of the span."""
    runs = [record for record in counts
            if 'run' in record and record['span'] == SPAN]
    ops = [fields for fields in said if 'op' in fields]
    if len(runs) != len(ops) or not ops:
        raise RunError(f'the guest told of {len(ops)} measurements and made '
                       f'{len(runs)}')
    return [Sample(fields['op'], fields['of'], int(fields['n']),
                   int(fields['rounds']), run['user'], run['kernel'])
            for fields, run in zip(ops, runs)]


def memory(said):
    return [Memory(fields['memory'],
                   int(fields['bytes']) / int(fields['count']))
            for fields in said if 'memory' in fields]


def series(measured):
    """The samples of each operation together, in the guest's order."""
    found = {}
    for sample in measured:
        costs = found.setdefault((sample.op, sample.of), {})
        costs[sample.n] = sample.each
    return [Series(op, of, costs) for (op, of), costs in found.items()]


def number(value):
    return f'{value:.0f}' if value >= 10 else f'{value:.1f}'


def rows_of(title, of, group):
    """Heading and rows of one kind of thing: a column for each number."""
    sizes = sorted({n for one in group for n in one.costs})
    rows = [[f'{title}, {of}:', *map(str, sizes), 'ratio', '']]
    for one in group:
        rows.append([one.op, *(number(one.costs[n]) if n in one.costs else '-'
                               for n in sizes),
                     f'{one.ratio:.2f}', 'holds' if one.holds else 'GROWS'])
    return rows


def align(rows):
    """Columns of equal width, the first to the left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return '\n'.join('  '.join(
        [row[0].ljust(widths[0])] +
        [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
    ).rstrip() for row in rows)


def table(target, all_series):
    """One target's figures."""
    parts = []
    for of in dict.fromkeys(one.of for one in all_series):
        group = [one for one in all_series if one.of == of]
        parts.append(align(rows_of(target, of, group)))
    return '\n\n'.join(parts)


def memory_lines(target, costs):
    return '\n'.join(f'{target}: kernel memory for one {cost.thing}: '
                     f'{number(cost.bytes)} bytes' for cost in costs)


def measure(target, live=None):
    """Boot the guest of one target: its series, and what memory is taken."""
    image = builder.image(target, CONFIG, SYSTEM)
    with tempfile.TemporaryDirectory() as directory:
        counts = os.path.join(directory, 'counts')
        result = runner.run(
            target, image, TIMEOUT, live, deterministic=True,
            plugin=runner.plugin_argument(target, builder.PLUGIN, counts,
                                          each=True))
        if result.problem:
            raise RunError(f'{SYSTEM} on {target}: {result.problem}\n' +
                           '\n'.join(result.lines[-10:]))
        said = announcements(result.lines)
        return series(samples(said, read_counts(counts))), memory(said)
