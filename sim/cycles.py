# SPDX-License-Identifier: BSD-2-Clause
"""What the cases of the benchmark take on the processors of the cycle model.

The guest runs under the plugin cycles.c, which puts each instruction through a
pipeline, caches and translation buffers. Figures are of one operation, like
those of bench.py; lines of the caches are those that a whole round touches.
"""
import json
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import bench
import builder
import listing
import model as models
import runner
from errors import RunError
from machines import MACHINES

PLUGIN = 'build/plugin/cycles.so'
TIMEOUT = 300           # seconds; ten times as long as without the plugin
COUNTS = ['cycles', 'l1_misses', 'l2_misses', 'tlb_misses']
LINES = ['icache_lines', 'dcache_lines']
# log2 of the pages that the kernel's window is mapped with.
LARGE_PAGES = {'ia32': 22, 'arm': 21, 'mips64': 12}
HANDLER = 'tlb_refill'  # where software loads the translation buffer


class Figures(NamedTuple):
    """One case on one processor: of one operation, by mode."""
    target: str
    model: str
    case: str
    cold: bool
    user_cycles: float
    kernel_cycles: float
    counts: dict        # l1_misses, ..., icache_lines, ...: both modes

    @property
    def cycles(self):
        return self.user_cycles + self.kernel_cycles


def argument(target, image, model_file, out, cold, profile=None):
    isa = MACHINES[target].isa
    words = [f'large={LARGE_PAGES[isa]}', f'model={model_file}']
    if cold:
        words.append('cold=on')
    if profile is not None:
        words.append(f'profile={profile}')
    if isa == 'mips64':
        handler = [at for at, name in listing.functions(target, image)
                   if name == HANDLER]
        words.append(f'refill={handler[0]:#x}')
    if target == 'mips64be':
        words.append('big=on')
    return runner.plugin_argument(target, PLUGIN, out, more=words)


def record(target, model, cold, profile=None, system=bench.SYSTEM):
    """Boot the bench system, or another like it, under a model: its console, its
    spans."""
    image = builder.image(target, bench.CONFIG, system)
    with tempfile.TemporaryDirectory() as directory:
        model_file, out = (os.path.join(directory, name)
                           for name in ('model', 'out'))
        models.write(model, model_file)
        result = runner.run(
            target, image, TIMEOUT, deterministic=True,
            plugin=argument(target, image, model_file, out, cold, profile))
        if result.problem:
            raise RunError(f'model {model.name} on {target}: '
                           f'{explain(result)}')
        return result.lines, bench.read_spans(out)


def explain(result):
    """Why the run failed: QEMU says so when a plugin does not load."""
    for line in result.lines:
        if 'plugin' in line or line.startswith('cycles:'):
            return f'the plugin cannot be used: {line.strip()}'
    return result.problem


def of_round(case, spans, key):
    """A figure of one round; the loop was run N and 2 N times."""
    if 'each' in case:
        return float(bench.per_run(case, spans, key))
    once, twice = bench.both_runs(case, spans, key)
    return (twice - once) / case['rounds']


def of_first_round(case, spans, key):
    """The same of a round that finds the caches empty, as the first one of each
    run does; the others are those of which there are more in 2 N rounds."""
    if 'each' in case:
        return float(bench.per_run(case, spans, key))
    once, _ = bench.both_runs(case, spans, key)
    return once - (case['rounds'] - 1) * of_round(case, spans, key)


def lines_of(case, spans, key):
    """Lines touched in a run of a span, which a round touches anew."""
    span = spans[case['span']]
    return span[key] / span['runs']


def figures(target, model, case, spans, cold):
    """One case's figures; cold: each span began with empty caches."""
    of_one = of_first_round if cold else of_round

    def one(key):
        return of_one(case, spans, key) / case['ops']

    both = {key: sum(one(f'{mode}_{key}') for mode in ('user', 'kernel'))
            for key in COUNTS[1:]}
    both.update((key, sum(lines_of(case, spans, f'{mode}_{key}')
                          for mode in ('user', 'kernel'))) for key in LINES)
    return Figures(target, model.name, case['case'], cold,
                   one('user_cycles'), one('kernel_cycles'), both)


def measure(target, model, cold=False, system=bench.SYSTEM):
    """The figures of every case of a target on a processor."""
    lines, spans = record(target, model, cold, system=system)
    return [figures(target, model, case, spans, cold)
            for case in bench.cases(lines)]


def profile(target, model, span):
    """Address -> cycles of one execution there, in a span of the benchmark."""
    _, spans = record(target, model, False, span)
    return {int(at, 16): one['cycles'] / one['count']
            for at, one in spans.items()
            if isinstance(at, str) and one['count']}


def measure_all(chosen, cold):
    """chosen: target -> models. Two runs at a time; what fails is told, and
    the others go on."""
    work = [(target, model) for target, every in chosen.items()
            for model in every]
    found, problems = [], []
    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(measure, *one, cold) for one in work]:
            try:
                found += future.result()
            except RunError as error:
                problems.append(str(error))
    return found, problems


# ---- as people read it ----

HEAD = ['case', 'cycles', 'user', 'kernel', 'I lines', 'D lines',
        'L1 misses', 'L2 misses', 'TLB misses']


def row(one):
    def plain(value):
        return f'{value:.1f}'.removesuffix('.0')

    return [one.case] + [plain(value) for value in (
        one.cycles, one.user_cycles, one.kernel_cycles,
        one.counts['icache_lines'], one.counts['dcache_lines'],
        one.counts['l1_misses'], one.counts['l2_misses'],
        one.counts['tlb_misses'])]


def table(rows):
    width = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    return '\n'.join('  '.join(
        [row[0].ljust(width[0])] +
        [cell.rjust(width[i + 1]) for i, cell in enumerate(row[1:])])
        for row in rows)


def report(found):
    """One table for each target and processor."""
    parts = []
    for target, name in dict.fromkeys((one.target, one.model)
                                      for one in found):
        mine = [one for one in found if (one.target, one.model) ==
                (target, name)]
        title = models.load(models.find(name)).title if name in \
            models.names() else name
        state = ', caches empty before' if mine[0].cold else ''
        parts.append(f'{target} as {title}{state}\n' +
                     table([HEAD] + [row(one) for one in mine]))
    return '\n\n'.join(parts)


FOOTNOTE = """\
Modelled, not measured: cycles of one operation, from user to user as in the
table above; misses of one operation; lines that one round touches. The model,
its sources and its errors: doc/model.md."""


def objects(found, problems):
    """For a JSON file."""
    def plain(value):
        return round(value, 2)

    return [{'target': one.target, 'case': one.case, 'model': one.model,
             'cold': one.cold, 'cycles': plain(one.cycles),
             'user_cycles': plain(one.user_cycles),
             'kernel_cycles': plain(one.kernel_cycles),
             **{key: plain(value) for key, value in one.counts.items()}}
            for one in found] + [{'problem': text} for text in problems]


def add_to(name, found, problems):
    """Behind what bench.write_json wrote."""
    with open(name) as text:
        records = json.load(text)
    with open(name, 'w') as out:
        json.dump(records + objects(found, problems), out, indent=1)
        out.write('\n')


def show(chosen, cold, json_name):
    """Measure, print, and write; what cannot be measured is one line."""
    found, problems = measure_all(chosen, cold)
    if found:
        print('\n' + report(found))
        print('\n' + FOOTNOTE)
    for text in problems:
        print(f'l4: no cycles: {text}')
    if json_name:
        add_to(json_name, found, problems)
