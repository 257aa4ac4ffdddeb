# SPDX-License-Identifier: BSD-2-Clause
"""What IPC costs on each target, in instructions.

The guest names its cases on the console,

    bench: case=NAME span=K rounds=N direction=one-way ops=2

and runs each loop twice: N rounds, then 2 N.  The difference is N rounds and
nothing else: no entry into the loop, no call of it.  Either the same code
runs twice and is span K both times, which is exact by itself; or the loops
are spans K and K + 1, and the compiler must make the same code of both.  One
round holds `ops` operations, two one-way messages for instance.
"""
import json
import os
import re
import subprocess
import tempfile
import textwrap
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import NamedTuple

import builder
import runner
from errors import RunError, UsageError
from machines import MACHINES

SYSTEM = 'bench'
CONFIG = 'release'
TIMEOUT = 50            # seconds; a boot takes a few
NUMBERS = ['span', 'rounds', 'ops']
LINE = re.compile(r'bench: ((?:\w+=\S+ ?)+)')


class Cost(NamedTuple):
    """One case on one target; user and kernel instructions of one op."""
    target: str
    case: str
    direction: str
    ops: int
    user: Fraction
    kernel: Fraction
    span: int = -1      # where the guest does it
    rounds: bool = True     # ... round by round; else a span is one op

    @property
    def total(self):
        return self.user + self.kernel


def case_of(words):
    """The fields of one announcement, checked; None when they are not."""
    fields = dict(word.split('=', 1) for word in words.split())
    try:
        fields.update((name, int(fields[name])) for name in NUMBERS)
    except (KeyError, ValueError):
        return None
    complete = 'case' in fields and 'direction' in fields
    return fields if complete and all(fields[name] > 0 or name == 'span'
                                      for name in NUMBERS) else None


def cases(lines):
    """The cases the guest announced, each as a dictionary of its fields."""
    found = []
    for line in lines:
        match = LINE.fullmatch(line.strip())
        if match:
            found.append(case_of(match[1]))
            if not found[-1]:
                raise RunError(f'the guest said a strange thing: {line}')
    if not found:
        raise RunError('the guest announced no case')
    return found


def read_spans(name):
    """The plugin's counts by span number."""
    try:
        with open(name) as lines:
            records = [json.loads(line) for line in lines]
    except FileNotFoundError:
        raise RunError('the plugin wrote no counts')
    return {record['span']: record for record in records}


def both_runs(case, spans, mode):
    """Instructions of the run of N rounds and of the one of 2 N."""
    once, twice = (spans.get(case['span'] + i) for i in (0, 1))
    if once and once['paired'] and once['runs'] == 2:
        first = once['first_' + mode]
        return first, once[mode] - first
    if all(span and span['paired'] and span['runs'] == 1
           for span in (once, twice)):
        return once[mode], twice[mode]
    raise RunError(f'case {case["case"]}: its loop did not run exactly twice')


def per_run(case, spans, mode):
    """Instructions of one run of a span that is run for each operation; the
    first one is not typical."""
    span = spans.get(case['span'])
    if not span or not span['paired'] or span['runs'] < 2:
        raise RunError(f'case {case["case"]}: its span did not run')
    return Fraction(span[mode] - span['first_' + mode], span['runs'] - 1)


def per_round(case, spans, mode):
    """Instructions of one round in a mode; exact or an error, unless the guest
    says that rounds differ."""
    if 'each' in case:
        return per_run(case, spans, mode)
    once, twice = both_runs(case, spans, mode)
    count, rest = divmod(twice - once, case['rounds'])
    if 'average' in case and twice > once:
        return Fraction(twice - once, case['rounds'])
    if rest or count < 0:
        raise RunError(f'case {case["case"]}: {twice - once} {mode} '
                       f'instructions in {case["rounds"]} rounds, not a whole '
                       'number each')
    return count


def measure(target, system=SYSTEM):
    """Boot the bench system of one target, or another that has marks and names
    its cases: its costs, in the guest's order."""
    image = builder.image(target, CONFIG, system)
    with tempfile.TemporaryDirectory() as directory:
        counts = os.path.join(directory, 'counts')
        result = runner.run(
            target, image, TIMEOUT, deterministic=True,
            plugin=runner.plugin_argument(target, builder.PLUGIN, counts))
        try:
            if result.problem:
                raise RunError(result.problem)
            spans = read_spans(counts)
            return [Cost(target, case['case'], case['direction'], case['ops'],
                         *(Fraction(per_round(case, spans, mode), case['ops'])
                           for mode in ('user', 'kernel')),
                         case['span'], 'each' not in case)
                    for case in cases(result.lines)]
        except RunError as error:
            tail = '\n'.join(result.output.rstrip().split('\n')[-15:])
            raise RunError(f'{system} on {target}: {error}; the console ended '
                           f'with:\n{tail}')


def plain(value):
    """A number as JSON and tables show it: 57 or 57.5."""
    return (int(value) if value.denominator == 1
            else round(float(value), 2))


def commit():
    """Which sources these are, as git names them."""
    try:
        return subprocess.run(
            ['git', 'describe', '--always', '--dirty'], cwd=builder.ROOT,
            capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return 'unknown'


def write_json(name, costs):
    known = commit()
    records = [{'target': cost.target, 'case': cost.case,
                'instructions': plain(cost.total),
                'user': plain(cost.user), 'kernel': plain(cost.kernel),
                'direction': cost.direction, 'ops': cost.ops,
                'cpu': MACHINES[cost.target].cpu, 'kernel_config': CONFIG,
                'commit': known} for cost in costs]
    with open(name, 'w') as out:
        json.dump(records, out, indent=1)
        out.write('\n')


def cell(cost):
    return (f'{plain(cost.total)} = {plain(cost.user):>5} + '
            f'{plain(cost.kernel):>5}')


def table(targets, costs):
    """Rows are cases, columns targets: total = user + kernel."""
    cells = {(cost.case, cost.target): cell(cost) for cost in costs}
    names = list(dict.fromkeys(cost.case for cost in costs))
    first = max(len(name) for name in names + ['case'])
    width = max(len(text) for text in [*cells.values(), *targets])
    rows = [['case'.ljust(first)] + [name.rjust(width) for name in targets]]
    for name in names:
        rows.append([name.ljust(first)] +
                    [cells.get((name, target), '-').rjust(width)
                     for target in targets])
    return '\n'.join('  '.join(row) for row in rows)


def by_direction(costs):
    """Which cases are one way, which round trips, and so on."""
    found = {}
    for cost in costs:
        cases = found.setdefault(cost.direction.replace('-', ' '), [])
        if cost.case not in cases:
            cases.append(cost.case)
    return '; '.join(f'{direction}: {", ".join(cases)}'
                     for direction, cases in found.items())


def footnote(targets, costs):
    """What the figures are, so that nobody has to guess."""
    cpus = ', '.join(f'{name} {MACHINES[name].cpu}' for name in targets)
    return textwrap.fill(
        'Each figure: instructions of one operation = in user mode + in the '
        f'kernel. {by_direction(costs).capitalize()}. From user to user with '
        f'the stubs and the loop around them, {CONFIG} kernel, counted under '
        f'QEMU -icount. CPU models: {cpus}. See doc/bench.md.', 78)


def check_writable(name):
    """Better to hear of a bad file name before a minute of work."""
    directory = os.path.dirname(name)
    if not os.path.isdir(directory) or os.path.isdir(name):
        raise UsageError(f'cannot write {name}: give a file in an existing '
                         'directory')


def measure_all(targets):
    """The costs of each target, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return [cost for part in pool.map(measure, targets) for cost in part]


def bench(targets, json_name=None):
    costs = measure_all(targets)
    print(table(targets, costs))
    print()
    print(footnote(targets, costs))
    if json_name:
        write_json(json_name, costs)
    return costs
