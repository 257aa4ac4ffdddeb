# SPDX-License-Identifier: BSD-2-Clause
"""The suites of ./l4 bench: what each needs built, and how it is run."""
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, NamedTuple

import bench
import model
import scale
import small
import steps
import stretches
import tlb


class Suite(NamedTuple):
    systems: list       # to be built
    run: Callable       # (targets, name of a JSON file or None)


def measure_scale(target):
    """One target: costs and memory, then stretches."""
    live = scale.Progress(target)
    costs, memory = scale.measure(target, live)
    return costs, memory, stretches.measure(target, live)


def report(target, costs, memory, longest):
    return '\n\n'.join([
        scale.table(target, costs), scale.memory_lines(target, memory),
        f'{target}: longest stretch without a look at the interrupts: '
        f'{longest[0]}'])


def records(target, costs, memory, longest):
    """The same as objects for a JSON file."""
    found = [{'target': target, 'op': one.op, 'of': one.of, 'n': n,
              'instructions': each, 'ratio': one.ratio, 'holds': one.holds}
             for one in costs for n, each in one.costs.items()]
    found += [{'target': target, 'memory': cost.thing, 'bytes': cost.bytes}
              for cost in memory]
    return found + [{'target': target, 'stretch': one.length,
                     'most': one.most, 'operation': one.operation,
                     'from': one.begin, 'to': one.end} for one in longest]


FOOTNOTE = f"""\
Instructions of one operation, user and kernel, {scale.CONFIG} kernel, counted
under QEMU -icount, when there are so many threads, timeouts, ready threads or
mappings besides. ratio: the largest system's cost over the smallest's; it holds
when it is at most {scale.MORE}. See doc/bench.md."""


def run_scale(targets, json_name=None):
    with ThreadPoolExecutor(2) as pool:
        results = dict(zip(targets, pool.map(measure_scale, targets)))
    for target, result in results.items():
        print('\n' + report(target, *result))
    print('\n' + FOOTNOTE)
    if json_name:
        known = bench.commit()
        objects = [{**one, 'kernel_config': scale.CONFIG, 'commit': known}
                   for target, result in results.items()
                   for one in records(target, *result)]
        with open(json_name, 'w') as out:
            json.dump(objects, out, indent=1)
            out.write('\n')


def run_ipc(targets, json_name=None):
    costs = bench.bench(targets, json_name)
    print('\n' + steps.floor_line(targets, costs))


def run_pct(targets, json_name=None):
    costs = bench.measure_all(targets)
    found = {target: steps.breakdown(target, costs) for target in targets}
    usual = {target: model.usual(target) for target in targets}
    modelled = {target: steps.cycles_of(target, costs, usual[target])
                for target in targets}
    print('\nInstructions\n' + steps.table(found))
    print('\nModelled cycles: ' + '; '.join(
        f'{target} as {one.title}' for target, one in usual.items()) + '\n' +
        steps.table(modelled, '{:.1f}'.format))
    print('\n' + steps.FOOTNOTE)
    if json_name:
        known = bench.commit()
        with open(json_name, 'w') as out:
            json.dump([{'target': target, 'step': name, 'instructions': each,
                        'cycles': round(modelled[target][name], 2),
                        'model': usual[target].name,
                        'kernel_config': bench.CONFIG, 'commit': known}
                       for target, counts in found.items()
                       for name, each in counts.items()], out, indent=1)
            out.write('\n')


def run_steps(targets, json_name=None):
    costs = bench.measure_all(targets)
    found = {target: steps.breakdowns(target, costs) for target in targets}
    print('\n' + steps.path_tables(found))
    print('\n' + steps.PATHS_FOOTNOTE)
    if json_name:
        known = bench.commit()
        with open(json_name, 'w') as out:
            json.dump([{'target': target, 'path': name,
                        'case': steps.PATHS[name].case, 'step': part,
                        'instructions': each, 'kernel_config': bench.CONFIG,
                        'commit': known}
                       for target, paths in found.items()
                       for name, counts in paths.items()
                       for part, each in counts.items()], out, indent=1)
            out.write('\n')


SUITES = {
    'ipc': Suite([bench.SYSTEM], run_ipc),
    'pct': Suite([bench.SYSTEM], run_pct),
    'steps': Suite([bench.SYSTEM], run_steps),
    'scale': Suite([scale.SYSTEM, stretches.SYSTEM], run_scale),
    'small': Suite([small.SYSTEM], small.small),
    'tlb': Suite([bench.SYSTEM, tlb.SYSTEM], tlb.tlb),
}
DEFAULT = 'ipc'
