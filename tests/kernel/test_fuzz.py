# SPDX-License-Identifier: BSD-2-Clause
"""The fuzzer for a few rounds, and what the command does with its image."""
import fuzz
import pytest
from conftest import every_boot
from errors import RunError


def pytest_generate_tests(metafunc):
    if 'system' in metafunc.fixturenames:
        boots = every_boot(metafunc.config, fuzz.SYSTEM)
        metafunc.parametrize('target,config,system', boots,
                             ids=['-'.join(boot[:2]) for boot in boots])


def test_random_calls_do_no_harm(boots, target, config, system):
    result = boots.result(target, config, system)
    assert not result.problem, '\n'.join(result.lines[-60:])
    assert ' calls: no harm done' in result.output


def test_plan_takes_seed_and_count():
    image = b'x\0fuzz: seed 0000000001 rounds 0000000004 trace 0\0y'
    planned = fuzz.plan(image, 77, 4294967295, True)
    assert planned == (
        b'x\0fuzz: seed 0000000077 rounds 4294967295 trace 1\0y')


@pytest.mark.parametrize('image', [b'', 2 * b'fuzz: seed 0000000001 rounds '
                                   b'0000000004 trace 0'])
def test_image_without_its_plan_is_refused(image):
    with pytest.raises(RunError, match='plans for the fuzzer'):
        fuzz.plan(image, 1, 1, False)
