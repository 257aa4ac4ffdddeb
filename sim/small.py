# SPDX-License-Identifier: BSD-2-Clause
"""Small address spaces beside large ones: instructions, and cycles and TLB misses
of a modelled processor, when client and server read more and more pages.

The guest names its cases SPACES-PAGES, in the benchmark's manner (bench.py).
"""
import json
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import bench
import cycles
import model as models
import scale
from errors import RunError

SYSTEM = 'small'
TARGETS = ['ia32']
# As the guest calls the spaces, and people.
SPACES = {'large': 'both large', 'server-small': "server's small",
          'both-small': 'both small'}


class Figure(NamedTuple):
    """One way, both modes."""
    spaces: str
    pages: int
    instructions: float
    cycles: float
    tlb_misses: float


def parts_of(case):
    """Spaces and pages that a case's name stands for."""
    spaces, _, pages = case.rpartition('-')
    if spaces not in SPACES or not pages.isdigit():
        raise RunError(f'small: the guest named a strange case: {case}')
    return spaces, int(pages)


def figures(costs, modelled):
    """What was counted and what was modelled, case by case."""
    instructions = {one.case: float(one.total) for one in costs}
    return [Figure(*parts_of(one.case), instructions[one.case], one.cycles,
                   one.counts['tlb_misses']) for one in modelled]


def rows(title, found):
    """Of pages; columns are the spaces: instructions, cycles, misses."""
    known = {(one.spaces, one.pages): one for one in found}
    names = [name for name in SPACES if any(one.spaces == name
                                            for one in found)]
    groups = [f'{SPACES[name]}:' for name in names]
    made = [[title] + [cell for name in groups
                       for cell in (name, 'cycles', 'TLB misses')]]
    for pages in sorted({one.pages for one in found}):
        cells = [known[name, pages] for name in names]
        made.append([f'{pages} pages'] + [
            text for one in cells for text in (
                f'{one.instructions:.1f}', f'{one.cycles:.1f}',
                f'{one.tlb_misses:.1f}')])
    return made


FOOTNOTE = """\
A short message to another task, one way, user and kernel, kernel of the
release; before it, who sends has read a word in each of so many pages of its
own. Under "both large:" and so on: instructions, counted under QEMU -icount;
cycles and TLB misses are modelled (doc/model.md). See doc/bench.md."""


def measure(target):
    """Pairs of a model of the target's processors and its figures."""
    costs = bench.measure(target, SYSTEM)
    chosen = [models.load(models.find(name)) for name in models.names()]
    chosen = [one for one in chosen if one.isa == models.usual(target).isa]
    with ThreadPoolExecutor(2) as pool:
        modelled = pool.map(
            lambda one: cycles.measure(target, one, system=SYSTEM), chosen)
        return [(one, figures(costs, found))
                for one, found in zip(chosen, modelled)]


def objects(target, model, found):
    return [{'target': target, 'model': model.name, 'spaces': one.spaces,
             'pages': one.pages, 'instructions': one.instructions,
             'cycles': round(one.cycles, 2),
             'tlb_misses': round(one.tlb_misses, 2)} for one in found]


def small(targets, json_name=None):
    for target in targets:
        if target not in TARGETS:
            print(f'{target}: no small address spaces; its TLB has tags')
    results = {target: measure(target) for target in targets
               if target in TARGETS}
    for target, by_model in results.items():
        for model, found in by_model:
            print(f'\n{target} as {model.title}\n' +
                  scale.align(rows('', found)))
    if results:
        print('\n' + FOOTNOTE)
    if json_name:
        with open(json_name, 'w') as out:
            json.dump([{**one, 'kernel_config': bench.CONFIG,
                        'commit': bench.commit()}
                       for target, by_model in results.items()
                       for model, found in by_model
                       for one in objects(target, model, found)], out, indent=1)
            out.write('\n')
