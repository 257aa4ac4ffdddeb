# SPDX-License-Identifier: BSD-2-Clause
"""Each path of the benchmark takes the instructions that are on record.

More is a failure, with the path before and after. So is less: then the record
has to be brought up to date, so that it is what the next one is held to.
"""
import os

import bench
import budget
import builder


def test_every_path_costs_what_the_record_says(target):
    report = budget.report(target, bench.measure(target))
    assert not report, f'{target}:\n{report}'


def test_record_has_every_target_and_the_listing_of_every_case(target):
    cases = budget.load()[target]
    assert len(cases) > 8
    for case in cases:
        with open(budget.listing_file(target, case)) as text:
            assert len(text.read().split('\n')) > 4, case


def test_every_case_of_the_record_is_explained(target):
    with open(os.path.join(builder.ROOT, 'doc/bench.md')) as text:
        page = text.read()
    assert not [case for case in budget.load()[target]
                if f'`{case}`' not in page]


def test_a_path_that_grows_is_shown_before_and_after(monkeypatch):
    costs = [bench.Cost('arm', 'null-call', 'round-trip', 1, 6, 20, 10)]
    monkeypatch.setattr(budget, 'load', lambda: {
        'arm': {'null-call': {'user': 6, 'kernel': 19}}})
    monkeypatch.setattr(budget.listing, 'listings', lambda target, costs: {
        'null-call': ['somewhere: nop']})
    said = budget.report('arm', costs)
    assert 'null-call: 20 instructions in kernel mode, more than the 19' in said
    assert '+somewhere: nop' in said and '\n-' in said


def test_a_path_that_shrinks_asks_for_the_record(monkeypatch):
    costs = [bench.Cost('arm', 'null-call', 'round-trip', 1, 6, 18, 10)]
    monkeypatch.setattr(budget, 'load', lambda: {
        'arm': {'null-call': {'user': 6, 'kernel': 19}}})
    assert '18 instructions in kernel mode, less' in budget.report('arm', costs)
    assert '--record' in budget.report('arm', costs)
