# SPDX-License-Identifier: BSD-2-Clause
"""The bench: what it makes of a guest's lines and the plugin's counts."""
from fractions import Fraction

import bench
import pytest
from errors import RunError

CASE = {'case': 'short', 'span': 4, 'rounds': 100, 'ops': 2}


def spans(once, twice, **changes):
    made = {4: {'runs': 1, 'paired': True, 'user': once},
            5: {'runs': 1, 'paired': True, 'user': twice}}
    made[5].update(changes)
    return made


def test_what_is_outside_the_rounds_cancels_out():
    assert bench.per_round(CASE, spans(1234, 1234 + 5700), 'user') == 57


def test_one_span_that_ran_twice_is_taken_apart():
    counts = {4: {'runs': 2, 'paired': True, 'first_user': 1234,
                  'user': 2 * 1234 + 5700}}
    assert bench.per_round(CASE, counts, 'user') == 57


@pytest.mark.parametrize('counts, says', [
    (spans(1000, 6701), 'not a whole number'),
    (spans(6700, 1000), 'not a whole number'),
    (spans(1000, 6700, runs=2), 'did not run exactly twice'),
    (spans(1000, 6700, paired=False), 'did not run exactly twice'),
    ({}, 'did not run exactly twice'),
])
def test_doubtful_counts_are_errors(counts, says):
    with pytest.raises(RunError, match=says):
        bench.per_round(CASE, counts, 'user')


def test_cases_are_read_from_the_console():
    lines = ['hello', 'bench: case=short span=4 rounds=100 '
             'direction=one-way ops=2', 'bench: case=8-words span=6 rounds=10 '
             'direction=round-trip ops=1']
    found = bench.cases(lines)
    assert [case['case'] for case in found] == ['short', '8-words']
    assert found[0]['span'] == 4 and found[1]['ops'] == 1


@pytest.mark.parametrize('line', [
    '', 'bench: case=x', 'bench: case=x span=a rounds=1 direction=d ops=1',
    'bench: case=x span=2 rounds=0 direction=d ops=1'])
def test_strange_lines_are_errors(line):
    with pytest.raises(RunError):
        bench.cases([line])


def test_table_has_a_row_for_a_case_and_a_column_for_a_target():
    costs = [bench.Cost('ia32', 'short', 'one-way', 2, Fraction(41, 2),
                        Fraction(30))]
    table = bench.table(['ia32', 'arm'], costs).splitlines()
    assert table[0].split() == ['case', 'ia32', 'arm']
    assert table[1].split() == ['short', '50.5', '=', '20.5', '+', '30', '-']
