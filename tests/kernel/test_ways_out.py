# SPDX-License-Identifier: BSD-2-Clause
"""Each way out of the fast paths is taken by the kernel's tests.

The fast paths are rows of numbered tests (core/ipc_fast.c, fault_fast.c,
message_fast.c, send_fast.c and the ports' assembler), each with the general path as its way out.
A way out that no test takes may be wrong for years. So every conditional branch in
those steps has to go both ways in the boot that all the kernel's tests share; the
plugin branches.c counts. Random scenes take most of them; of each step there is a
test with its name, too.
"""
import os
import re
from typing import NamedTuple

import branches
import builder
import pytest
from conftest import COUNTED, every_boot
from machines import MACHINES
from test_kernel import names_of

SAME = 'three_hundred_random_scenes_end_as_on_the_general_path'
# Step -> what it asks, and the tests that leave the path there.
STEPS = {
    'F1': ('is it a call or a reply?', ['ipc_fast_f1_send_alone_arrives']),
    'F2': ('does the partner exist?', [
        'ipc_fast_f2_missing_partner_is_reported',
        'ipc_fast_f2_every_part_of_the_id_counts',
        'ipc_fast_f2_every_part_of_the_id_counts_in_a_reply']),
    'F3': ('is it parked, and urgent?', [
        'ipc_fast_f3_partner_that_does_not_wait_yet_answers_later',
        'ipc_fast_f3_partner_with_a_timeout_answers',
        'ipc_fast_f3_less_urgent_partner_gets_the_message']),
    'F4': ('does it wait for us?', [
        'ipc_fast_f4_partner_that_waits_for_another_answers_later',
        'ipc_fast_f4_reply_to_a_partner_that_waits_for_another_is_dropped']),
    'F5': ('is it near?', [
        'clan_message_out_of_a_clan_reaches_the_chief_first',
        'ipc_fast_f5_creature_calls_its_chief']),
    'H1': ('does the handler exist?', [
        'fault_fast_h1_handler_with_another_id_hears_nothing']),
    'H2': ('is it parked, and urgent?', ['fault_fast_' + SAME]),
    'H3': ('does it wait for us, near?', [
        'fault_fast_h3_handler_that_waits_for_just_this_one_hears_it',
        'fault_fast_h3_handler_that_waits_for_another_hears_nothing',
        'fault_fast_h3_handler_in_another_task_of_the_clan_hears_it',
        'fault_fast_h3_handler_of_another_clan_gets_it_by_the_chief',
        'fault_fast_h3_victim_with_the_fpu_on_is_heard']),
    'H5': ('which registers are asked for?', [
        'fault_fast_h5_a7_any_number_of_registers_goes_there_and_back']),
    'A1': ('is it an answer?', ['fault_fast_' + SAME]),
    'A2': ('does its thread exist?', [
        'fault_fast_a2_answer_to_another_id_is_refused']),
    'A3': ('does it wait for our answer?', [
        'fault_fast_a3_answer_of_another_than_the_handler_is_refused',
        'fault_fast_a3_answer_to_one_that_has_had_it_is_refused']),
    'A4': ('is it urgent, and may we?', [
        'fault_fast_a4_handler_with_the_fpu_on_may_map_a_page']),
    'A5': ('can we be parked?', ['fault_fast_' + SAME]),
    'A6': ('is there one page to map?', [
        'fault_fast_a6_page_for_an_exception_is_refused_and_it_comes_again']),
    'A7': ('which registers are changed?', [
        'fault_fast_h5_a7_any_number_of_registers_goes_there_and_back',
        'fault_fast_a7_result_alone_is_given_back']),
    'M1': ('is it a call or a reply, for ever?', [
        'message_fast_m1_call_until_a_time_that_is_to_come_is_answered']),
    'M2': ('may we go this way?', [
        'message_fast_' + SAME.replace('three', 'four')]),
    'M3': ('does the partner exist?', [
        'ipc_fast_f2_missing_partner_is_reported']),
    'M4': ('does it wait for us?', [
        'ipc_fast_f4_partner_that_waits_for_another_answers_later']),
    'M5': ('is it urgent?', [
        'message_fast_less_urgent_partner_does_not_run_before_others_that_are_'
        'ready']),
    'M6': ('is it near?', [
        'clan_message_out_of_a_clan_reaches_the_chief_first']),
    'M7': ('is all the memory there?', [
        'message_fast_pages_that_were_taken_back_are_not_used_any_more',
        'message_fast_m7_partner_that_waits_for_a_page_hears_words_from_a_buffer',
        'message_fast_m7_buffer_may_go_on_in_the_next_page_on_both_sides',
        'message_fast_m7_interrupt_does_not_wait_for_a_long_string']),
    'S1': ('is it a send alone?', ['ipc_fast_' + SAME]),
    'S2': ('may we go this way?', [
        'send_fast_s2_message_that_is_a_threads_first_ipc_arrives']),
    'S3': ('does the partner exist?', [
        'send_fast_s3_every_part_of_the_id_counts']),
    'S4': ('does it wait for us?', [
        'send_fast_s4_partner_that_does_not_wait_yet_hears_us_later',
        'send_fast_s4_partner_that_waits_for_another_hears_us_later',
        'send_fast_s4_partner_that_waits_for_just_us_hears_us']),
    'S5': ('is it near?', [
        'send_fast_s5_message_into_another_clan_reaches_the_chief_first']),
    'W1': ('is it a wait alone, for ever?', ['ipc_fast_' + SAME]),
    'W2': ('may we go this way?', [
        'send_fast_w2_wait_takes_the_message_of_who_waits_to_send',
        'send_fast_w2_wait_with_the_fpu_on_is_woken_with_its_registers']),
    'W3': ('does the partner exist, near?', [
        'send_fast_w3_wait_for_nobody_is_an_error',
        'send_fast_w3_wait_for_one_that_has_done_no_ipc_ends_with_it',
        'send_fast_w3_wait_for_one_of_another_clan_ends_with_it']),
    'W4': ('can we be parked?', ['ipc_fast_' + SAME]),
}


class Exempt(NamedTuple):
    """A branch that can go one way only; `text` stands on its line."""
    file: str
    text: str
    isas: tuple
    why: str


EXEMPT = [
    Exempt('core/fault_fast.c', '!arch_frame_shorten(&self->frame)', ('ia32',),
           'an operation word comes by SYSENTER, whose frame is a short one'),
    Exempt('core/send_fast.c', '!arch_frame_shorten(&self->frame)', ('ia32',),
           'W4: an operation word comes by SYSENTER, whose frame is a short one'),
    Exempt('core/message_fast.c', '(va & (sizeof(word_t) - 1))',
           ('ia32', 'arm'), 'descriptors are multiples of four'),
    Exempt('core/message_fast.c', 'for (; c.bytes;', ('ia32', 'arm', 'mips64'),
           'a piece is not longer than what is left'),
    Exempt('arch/arm/ipc_fast.S', 'PASS    eq, .Lanswer', ('arm',),
           'F5: who has waited for just us is near, or was when it called'),
    Exempt('arch/mips64/message_fast.S', 'bltz    $v0, trap_saved', ('mips64',),
           'M1: no test has a call by number in a delay slot'),
    Exempt('arch/mips64/fault_fast.S', 'bnez    $t0, trap_saved', ('mips64',),
           'QEMU runs no instruction at an odd address'),
]


def text_of(line):
    """The line of source that `file:number` names."""
    file, number = line.rsplit(':', 1)
    with open(os.path.join(builder.ROOT, file)) as text:
        return text.read().split('\n')[int(number) - 1]


def exemption_of(one, isa):
    return next((exempt for exempt in EXEMPT if isa in exempt.isas and
                 one.line.startswith(exempt.file + ':') and
                 exempt.text in text_of(one.line)), None)


def complaints(found, counts, isa):
    """Branches that go one way only, and exemptions that are wrong."""
    said, used, known = [], [], set()
    for one in found:
        exempt = exemption_of(one, isa)
        known |= {exempt} if exempt else set()
        text = branches.never(one, counts)
        if text and exempt and exempt not in used:
            used.append(exempt)
        elif text:
            said.append(text)
    return said + [f'{exempt.file}: a branch of "{exempt.text}" may go one way '
                   'only, but none does' for exempt in known
                   if exempt not in used]


def pytest_generate_tests(metafunc):
    if 'config' in metafunc.fixturenames:
        boots = every_boot(metafunc.config, COUNTED)
        metafunc.parametrize('target,config,system', boots,
                             ids=['-'.join(boot[:2]) for boot in boots])


def test_every_branch_of_the_fast_paths_goes_both_ways(boots, target, config,
                                                       system):
    boots.result(target, config, system)
    counted = boots.branches[target, config, system]
    if isinstance(counted, str):
        pytest.fail(counted, pytrace=False)
    said = complaints(*counted, MACHINES[target].isa)
    if said:
        pytest.fail('\n'.join(said), pytrace=False)


def test_each_step_that_is_a_test_has_branches_and_a_place_in_the_table(
        boots, target, config, system):
    boots.result(target, config, system)
    found, _ = boots.branches[target, config, system]
    steps = {step for one in found for step in one.steps}
    assert steps - {'N1', 'N2'} <= set(STEPS)
    in_c = {'H1', 'H2', 'H3', 'A1', 'A2', 'A3', 'A4', 'M1', 'M2', 'M3', 'M4',
            'M5', 'M6', 'M7'}
    assert in_c | {'F1', 'F2', 'F3', 'F4', 'F5'} <= steps


@pytest.mark.parametrize('step', STEPS)
def test_tests_of_a_step_exist(step):
    names = names_of('ia32')
    assert STEPS[step][1]
    assert not [name for name in STEPS[step][1] if name not in names]


# ---- the counting itself ----

def branch(address, *steps):
    return branches.Branch(address, address + 4, address + 40, 0, steps,
                           'core/message_fast.c:1', 'bne somewhere')


@pytest.mark.parametrize('counts, says', [
    ((3, 4), None),
    ((0, 4), 'never taken'),
    ((4, 0), 'never passed'),
    ((0, 0), 'never reached'),
])
def test_a_branch_that_goes_one_way_is_told_with_its_step(counts, says):
    said = complaints([branch(16, 'M3')], {16: counts}, 'arm')
    assert len(said) == (says is not None)
    assert not says or re.match(rf'step M3: core/message_fast.c:1 .*{says}',
                                said[0])


def test_an_exemption_is_for_one_branch_and_has_to_be_needed(monkeypatch):
    monkeypatch.setitem(globals(), 'text_of', lambda line: 'for (; c.bytes;')
    found = [branch(16, 'M7'), branch(32, 'M7')]
    assert not complaints(found, {16: (1, 0), 32: (1, 1)}, 'arm')
    assert len(complaints(found, {16: (1, 0), 32: (0, 1)}, 'arm')) == 1
    assert 'but none does' in complaints(found, {16: (1, 1), 32: (1, 1)},
                                         'arm')[0]
