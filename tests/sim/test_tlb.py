# SPDX-License-Identifier: BSD-2-Clause
"""The suite tlb: what it makes of a guest's lines and the plugin's."""
import json

import pytest
import tlb
from errors import RunError


def visits(span, passed, instructions, count):
    return {'span': span, 'passed': passed, 'instructions': instructions,
            'visits': count}


RECORDS = [
    {'span': 0, 'user': 3000}, {'span': None, 'user': 1000},
    visits(0, [], 50, 7),                           # no refill
    visits(0, ['trap_entry'], 256, 3),              # neither
    visits(0, ['entry'], 21, 6),
    visits(0, ['entry', 'tlb_walk'], 70, 2),
    visits(0, ['entry', 'tlb_walk', 'page_fault_fast'], 256, 4),
    visits(None, ['entry', 'tlb_walk', 'trap_entry'], 200, 1),
    visits(None, ['entry', 'tlb_walk'], 56, 1),
]


def test_a_refill_is_a_hit_a_walk_or_a_fault():
    every = tlb.refills('all', RECORDS)
    assert (every.hits, every.walks) == ({21: 6}, {70: 2, 56: 1})
    assert (every.faults, every.count, every.user) == (5, 14, 4000)


def test_hit_rate_is_of_the_refills_for_pages_that_are_there():
    assert tlb.refills('all', RECORDS).hit_rate == 6 / 9
    assert tlb.refills('none', RECORDS[:4]).hit_rate is None


def test_loads_are_the_spans_that_the_guest_names():
    found = tlb.loads_of_pages(
        ['hello', ' tlb: span=0 pages=16 order=at-random'], RECORDS)
    assert [(one.load, one.count) for one in found] == [
        ('16 pages, at random', 12)]
    with pytest.raises(RunError, match='named no span'):
        tlb.loads_of_pages(['hello'], RECORDS)


def test_report_has_a_row_for_each_load_and_the_lengths():
    lines = tlb.report('mips64', [
        tlb.refills('all', RECORDS),
        tlb.refills('none', RECORDS[:4])]).splitlines()
    assert lines[1].split() == ['all', '14', '6', '3', '5', '66.7%', '3.50']
    assert lines[2].split() == ['none', '0', '0', '0', '0', '-', '0.00']
    assert lines[-1] == ('mips64: a hit in the software TLB takes 21 '
                         'instructions, a walk through the page tables '
                         '70 or 56')


def test_json_has_an_object_for_each_load():
    found = tlb.objects('mips64', [tlb.refills('all', RECORDS)])
    assert json.loads(json.dumps(found)) == [
        {'target': 'mips64', 'load': 'all', 'user': 4000, 'hits': 6,
         'walks': 3, 'faults': 5, 'hit_instructions': [21],
         'walk_instructions': [56, 70]}]


def test_who_has_no_refills_is_told_so_without_a_boot(capsys):
    tlb.tlb(['ia32', 'arm'])
    said = capsys.readouterr().out.splitlines()
    assert [line.split(':')[0] for line in said] == ['ia32', 'arm']
    assert all('walks the page tables itself' in line for line in said)
