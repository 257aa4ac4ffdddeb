# SPDX-License-Identifier: BSD-2-Clause
"""What each path of the benchmark may cost: the record, and what differs.

The record is tests/perf/paths.json, and beside it the listing of each path,
paths/TARGET/CASE.txt. tests/perf compares; `./l4 bench --record` writes.
"""
import difflib
import json
import os
from concurrent.futures import ThreadPoolExecutor

import bench
import builder
import listing

RECORD = os.path.join(builder.ROOT, 'tests/perf/paths.json')
LISTINGS = os.path.join(builder.ROOT, 'tests/perf/paths')
# Averages move a little with what else is in memory; exact costs do not.
TOLERANCE = 2
AGAIN = './l4 bench --record'


def listing_file(target, case):
    return os.path.join(LISTINGS, target, case + '.txt')


def load():
    try:
        with open(RECORD) as text:
            return json.load(text)
    except FileNotFoundError:
        return {}


def as_record(costs):
    return {cost.case: {'user': bench.plain(cost.user),
                        'kernel': bench.plain(cost.kernel)} for cost in costs}


def write_listings(target, costs):
    for case, lines in listing.listings(target, costs).items():
        name = listing_file(target, case)
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, 'w') as out:
            out.write('\n'.join(lines) + '\n')


def write(targets, costs):
    """Record these targets' costs and paths; others stay as they are."""
    record = load()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda target: write_listings(
            target, [cost for cost in costs if cost.target == target]),
                      targets))
    for target in targets:
        record[target] = as_record(cost for cost in costs
                                   if cost.target == target)
    with open(RECORD, 'w') as out:
        json.dump(record, out, indent=1)
        out.write('\n')


def differs(was, now):
    whole = float(was).is_integer() and float(now).is_integer()
    return was != now if whole else abs(was - now) > TOLERANCE


def changes(target, costs):
    """Sentences about what costs more or less than the record says, and the
    cases that cost more."""
    record = load().get(target, {})
    said, longer = [], []
    for case, now in as_record(costs).items():
        was = record.get(case)
        if was is None:
            said.append(f'{case} is not in the record: {AGAIN}')
            continue
        for mode in 'user', 'kernel':
            if not differs(was[mode], now[mode]):
                continue
            more = now[mode] > was[mode]
            said.append(f'{case}: {now[mode]} instructions in {mode} mode, '
                        f'{"more" if more else "less"} than the '
                        f'{was[mode]} of the record' +
                        ('' if more else f'; if that is so, {AGAIN}'))
            if more and case not in longer:
                longer.append(case)
    said += [f'{case} is in the record, but was not measured'
             for case in record if case not in as_record(costs)]
    return said, longer


def difference(target, case, lines):
    """A path before and after, as diff shows it."""
    try:
        with open(listing_file(target, case)) as text:
            before = text.read().split('\n')[:-1]
    except FileNotFoundError:
        before = []
    return '\n'.join(difflib.unified_diff(before, lines, f'{case}, recorded',
                                          f'{case}, now', lineterm='', n=3))


def report(target, costs):
    """All that differs, with the paths that got longer; empty: nothing."""
    said, longer = changes(target, costs)
    if longer:
        paths = listing.listings(target, costs)
        said += [difference(target, case, paths[case]) for case in longer]
    return '\n'.join(said)
