# SPDX-License-Identifier: BSD-2-Clause
"""A TLB refill by the kernel takes no more instructions than it did.

The lengths depend on nothing outside, and each kind of refill has to occur.
"""
import tlb
from conftest import chosen_targets

HIT = 21                # from the vector to user mode
WALK = {69, 70}         # which of the two pages of a pair it is


def pytest_generate_tests(metafunc):
    """For the targets whose kernel loads the TLB."""
    metafunc.parametrize('target', [
        target for target in chosen_targets(metafunc.config)
        if target not in tlb.WALKS_ITSELF])


def test_refill_is_as_short_as_ever(target):
    loads = tlb.loads_of_pages(*tlb.run(target, tlb.SYSTEM))
    assert set().union(*(one.hits for one in loads)) == {HIT}
    assert set().union(*(one.walks for one in loads)) == WALK


def test_software_tlb_has_what_it_has_room_for(target):
    """1,024 pairs, and so nearly all of 2,048 pages."""
    loads = {one.load: one for one in
             tlb.loads_of_pages(*tlb.run(target, tlb.SYSTEM))}
    assert loads['2048 pages, at random'].count > 50000
    assert loads['2048 pages, at random'].hit_rate > 0.99
    assert loads['8192 pages, in turn'].hit_rate < 0.01
