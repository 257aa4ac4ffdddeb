# SPDX-License-Identifier: BSD-2-Clause
"""Which step an instruction belongs to, from comments and debug information."""
import pytest
import sources
from errors import RunError

ASSEMBLY = r"""/* F1: a heading is no instruction's */
    .macro  FIND who, slow
    ld      t0, \who            /* F2 */
    nop
    bne     t0, t1, \slow       /* F2, F3 */
    .subsection 1
2:  b       1b                  /* F5 */
    .previous
    .endm
    .macro  ALL
    .irp n, 1, 2, \
            3
    move    \n, zero            /* F7 */
    .endr
    .endm
start:                          /* entry */
    nop
    FIND a, b
    ALL
    sw      zero, 0(t0)         /* F6; F8: and more */
    addu    t0, t1, t2          /* not F9 at all */
next:
    nop
    nop                         /* exit: away */
""".split('\n')


def test_macros_are_unfolded_and_a_line_without_a_step_has_the_one_above():
    uses = sources.Assembly(ASSEMBLY).uses
    after = [uses[line] for line in sorted(uses)]
    assert [use.steps for use in after] == [
        [('entry',)], [('F2',), ('F2',), ('F2', 'F3')], [('F7',)] * 3,
        [('F6',)], [('F6',)], [()], [('exit',)]]
    assert after[1].aside == [('F5',)]


def test_lines_keep_their_numbers():
    uses = sources.Assembly(ASSEMBLY).uses
    for line in uses:
        assert ASSEMBLY[line - 1].startswith(' ')
    assert ASSEMBLY[max(uses) - 1].endswith('away */')


def use(*names):
    return sources.Use([(name,) for name in names], [('F9',)])


def test_a_macro_may_be_repeated_or_be_of_one_step_or_stand_aside():
    assert sources.steps_of_run(use('F1', 'F2'), 4, 'x') == [
        ('F1',), ('F2',), ('F1',), ('F2',)]
    assert sources.steps_of_run(use('F1', 'F1'), 5, 'x') == [('F1',)] * 5
    assert sources.steps_of_run(use('F1', 'F2'), 1, 'x') == [('F9',)]


def test_a_macro_that_is_not_understood_is_an_error_with_its_line():
    with pytest.raises(RunError, match='some.S:7: a macro of 3 instructions '
                       'has made 4'):
        sources.steps_of_run(sources.Use([('F1',), ('F2',), ('F3',)], []), 4,
                             'some.S:7')


def test_a_statement_of_c_has_the_step_of_its_comment_wherever_that_is():
    found = sources.statement_steps("""\
bool f(void)
{
    int x;

    if (!a)                     /* M1 operation */
        return false;
    b();
    if (!c &&
        !d)
        return false;           /* M2 same clan, or
                                   chief */
}

int g(void)
{
    return 1;
}""".split('\n'))
    steps = {line: found[line] for line in (3, 5, 6, 7, 8, 9, 10, 16)}
    assert steps == {3: (), 5: ('M1',), 6: ('M1',), 7: ('M1',), 8: ('M2',),
                     9: ('M2',), 10: ('M2',), 16: ()}


@pytest.mark.parametrize('text, steps', [
    ('x /* F2, F3 */', ('F2', 'F3')),
    ('x /* H5: F1 */', ('H5',)),
    ('x /* exit */', ('exit',)),
    ('x /* entry: self */', ('entry',)),
    ('x /* what F2 does */', ()),
    ('x /* exits */', ()),
    ('x /* F12 */ /* F13 */', ('F12',)),
    ('x', ()),
])
def test_a_comment_names_steps_at_its_beginning_only(text, steps):
    assert sources.comment_steps(text) == steps
