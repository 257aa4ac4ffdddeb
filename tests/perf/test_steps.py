# SPDX-License-Identifier: BSD-2-Clause
"""The steps of each path add up to what the path costs, on each target."""
import bench
import pytest
import steps


@pytest.fixture(scope='module')
def measured():
    """Target -> its costs and its breakdowns; each is booted once."""
    known = {}

    def of(target):
        if target not in known:
            costs = bench.measure(target)
            known[target] = costs, steps.breakdowns(target, costs)
        return known[target]
    return of


@pytest.mark.parametrize('name', steps.PATHS)
def test_steps_of_a_path_are_all_that_it_does_in_the_kernel(target, name,
                                                            measured):
    costs, found = measured(target)
    path = steps.PATHS[name]
    counts = found[name]
    assert list(counts) == path.names
    cost = next(one for one in costs if one.case == path.case)
    if path is steps.MESSAGE:           # the first of two
        assert 0 < sum(counts.values()) < cost.kernel * cost.ops
    else:                               # rounds may differ where it is an average
        assert sum(counts.values()) == pytest.approx(
            float(cost.kernel * cost.ops),
            abs=20 if cost.kernel.denominator > 1 else 0)


def test_a_message_is_more_than_a_transfer_and_that_than_the_floor(target,
                                                                   measured):
    counts = measured(target)[1]['message']
    assert steps.total(counts, steps.FLOOR) < steps.total(
        counts, steps.TRANSFER) < sum(counts.values())
