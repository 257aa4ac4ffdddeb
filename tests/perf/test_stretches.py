# SPDX-License-Identifier: BSD-2-Clause
"""Interrupts are looked at in time, whatever the kernel is at.

The longest stretch without a look, under the load of `stress`, is held
against what budget.json allows it on each target. The counts depend on
nothing outside: who makes a stretch longer sees it here.
"""
import json
import os

import stretches

BUDGET = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      'budget.json')


def test_longest_stretch_is_within_its_budget(target):
    with open(BUDGET) as text:
        allowed = json.load(text)[target]
    longest = stretches.measure(target)[0]
    assert longest.length <= allowed, (
        f'{longest}; budget.json allows {allowed}')
