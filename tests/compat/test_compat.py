# SPDX-License-Identifier: BSD-2-Clause
"""Programs written for other Version 2 trees: they compile, and they run.

The programs here read like those of such trees. Together they use every
function and macro of the headers that such programs include.
"""
import os
import re
import subprocess
import sys
from glob import glob

import builder
import machines
import pytest
from conftest import chosen_targets

SYSTEM = 'compat'
HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = sorted(os.path.basename(path)[:-2]
                  for path in glob(os.path.join(HERE, '*.c')))
LAST_LINE = re.compile(r'^(\w+): (\d+) checks, (\d+) failed\r?$', re.M)

sys.path.insert(0, os.path.join(builder.ROOT, 'site_scons'))
import toolchain                                            # noqa: E402


def pytest_generate_tests(metafunc):
    targets = chosen_targets(metafunc.config)
    if 'mips64' in targets and 'mips64be' not in targets:
        targets.append('mips64be')
    if 'program' in metafunc.fixturenames:
        metafunc.parametrize('program', PROGRAMS)
    if 'system' in metafunc.fixturenames:
        boots = [(target, config, SYSTEM) for target in targets
                 for config in builder.CONFIGS]
        metafunc.parametrize('target,config,system', boots, scope='module',
                             ids=['-'.join(boot[:2]) for boot in boots])
    elif 'target' in metafunc.fixturenames:
        metafunc.parametrize('target', targets)


# ---- they run ----

def test_program_finds_all_as_it_expects(boots, target, config, system,
                                         program):
    result = boots.result(target, config, system)
    said = {name: (int(checks), int(failed)) for name, checks, failed
            in LAST_LINE.findall(result.output)}
    if program not in said:
        pytest.fail(f'{program} did not come to its end: {result.problem}\n' +
                    result.output[-2000:], pytrace=False)
    checks, failed = said[program]
    wrong = re.findall(rf'.*\b{program}\.c:\d+: not so: .*', result.output)
    assert checks > 0 and failed == 0, '\n'.join(wrong)


def test_system_ends_when_all_programs_have(boots, target, config, system):
    assert boots.result(target, config, system).status == 0


KDEBUG = """kdebug string
kdebug nstring
kdebug dec -2147483648 0 4711
kdebug hex 89abcdef bcdef cdef def ef
kdebug display!
--- kdebug: kdebug enters
--- kdebug:
--- kdebug: kdebug again
--- kdebug: kdebug ends
4"""


def test_kernel_console_shows_what_the_functions_print(boots, target, config,
                                                       system):
    lines = [line.rstrip() for line in
             boots.result(target, config, system).output.split('\n')]
    wanted = KDEBUG.split('\n')
    said = [line for line in lines
            if re.match(r'(--- )?kdebug\b(?!: \d)|4$', line)]
    assert said[:len(wanted)] == wanted


# ---- the headers ----

# For programs with a C library; the others need none.
HOSTED = {'l4/log/l4log.h', 'l4/util/getopt.h', 'l4/util/macros.h',
          'l4/util/parse_cmd.h', 'l4/util/sll.h', 'l4/util/slmap.h'}
C_LIBRARY = ['stdio.h', 'stdlib.h', 'string.h', 'unistd.h', 'sys/types.h',
             'errno.h', 'math.h', 'time.h', 'stdint.h', 'limits.h']
STANDARDS = ['gnu99', 'c11']


def headers(arch):
    """What programs may include, as they name it."""
    found = []
    for top in 'api', 'user/lib', f'user/lib/arch/{arch}':
        for part in 'sys', 'sigma0', 'rmgr', 'util', 'log':
            for path in glob(os.path.join(builder.ROOT, top, 'l4', part,
                                          '*.h')):
                found.append(f'l4/{part}/{os.path.basename(path)}')
    assert len(found) > 30
    return sorted(found)


def compiler(target, hosted=True):
    """The compiler of user programs and its flags, warnings as errors."""
    settings = toolchain.TARGETS[target]
    root = builder.ROOT
    line = [settings['prefix'] + 'gcc', *toolchain.user_flags(settings)]
    line += [f'-I{root}/{part}' for part in (
        'api', f'api/arch/{settings["arch"]}', 'user/lib',
        f'user/lib/arch/{settings["arch"]}')]
    return line + (['-isystem', f'{root}/build/{target}/newlib/include']
                   if hosted else ['-ffreestanding'])


def complaint(line, names):
    """What the compiler says of a file that includes these, or nothing."""
    text = ''.join(f'#include <{name}>\n' for name in names)
    done = subprocess.run(line + ['-fsyntax-only', '-x', 'c', '-'],
                          input=text, capture_output=True, text=True)
    return done.stderr if done.returncode else ''


@pytest.mark.parametrize('standard', STANDARDS)
def test_each_header_stands_alone(target, standard):
    wrong = []
    for name in headers(toolchain.TARGETS[target]['arch']):
        for hosted in (False, True):
            if hosted or name not in HOSTED:
                wrong.append(complaint(compiler(target, hosted) +
                                       [f'-std={standard}'], [name]))
    assert not any(wrong), '\n'.join(filter(None, wrong))


@pytest.mark.parametrize('standard', STANDARDS)
def test_headers_go_together_in_any_order(target, standard):
    names = headers(toolchain.TARGETS[target]['arch'])
    middle = len(names) // 2
    orders = [names, names[::-1], names[middle:] + names[:middle],
              names[::2] + names[1::2]]
    line = compiler(target) + [f'-std={standard}']
    wrong = []
    for order in orders:
        wrong += [complaint(line, C_LIBRARY + order),
                  complaint(line, order + C_LIBRARY)]
    assert not any(wrong), '\n'.join(filter(None, wrong))


# ---- every name is used ----

MACRO = re.compile(r'^#define (\w+)((?:\(.*?\))?(?:[^\n]*\\\n)*[^\n]*)', re.M)
WORD = re.compile(r'\b[A-Za-z_]\w*\b')
# numbers.h is for the kernel and the stubs.
NOT_FOR_PROGRAMS = {'l4/sys/numbers.h'}


def without_comments(text):
    return re.sub(r'/\*.*?\*/', ' ', text, flags=re.S)


def source(name):
    for top in 'api', 'user/lib', 'user/lib/arch/ia32':
        path = os.path.join(builder.ROOT, top, name)
        if os.path.exists(path):
            with open(path) as text:
                return without_comments(text.read())
    raise AssertionError(name)


def without_attributes(text):
    while True:
        shorter = re.sub(r'__attribute__\s*\((?:[^()]|\([^()]*\))*\)', ' ',
                         text)
        if shorter == text:
            return text
        text = shorter


def declarations(text):
    """What stands at the outermost level, each with its body."""
    depth = start = 0
    for at, c in enumerate(text):
        depth += (c == '{') - (c == '}')
        if depth == 0 and (c == ';' or c == '}' and
                           not re.match(r'\s*[\w;]+\s*;', text[at + 1:])):
            yield text[start:at + 1].strip()
            start = at + 1


def preprocessed(text, is_ours):
    """The lines of what the preprocessor makes of `text`, from our files."""
    done = subprocess.run(compiler('ia32') + ['-E', '-x', 'c', '-'],
                          input=text, capture_output=True, text=True,
                          check=True)
    found, ours = [], False
    for line in done.stdout.split('\n'):
        marker = re.match(r'# \d+ "(.*?)"', line)
        if marker:
            ours = is_ours(marker[1])
        elif ours:
            found.append(line)
    return '\n'.join(found)


def functions(names):
    """Function -> its text, of these headers; macros have made some."""
    text = preprocessed(
        ''.join(f'#include <{name}>\n' for name in names),
        lambda path: any(path.endswith('/' + name) for name in names))
    known = {}
    for each in declarations(without_attributes(text)):
        head = each.split('{')[0]
        name = re.search(r'(\w+)\s*\(', head)
        if name and not re.match(r'typedef|struct|enum|union', head) \
                and '=' not in head:
            known[name[1]] = known.get(name[1], '') + each
    return known


def words_of_programs():
    """All words of the programs and kernel tests, and of what macros make of
    the programs."""
    words = set()
    for path in glob(os.path.join(HERE, '*.c')) + glob(
            os.path.join(builder.ROOT, 'tests/kernel/*.[ch]')):
        with open(path) as text:
            words |= set(WORD.findall(without_comments(text.read())))
    for program in PROGRAMS:
        path = os.path.join(HERE, program + '.c')
        words |= set(WORD.findall(preprocessed(f'#include "{path}"\n',
                                               lambda it: it == path)))
    return words


def test_every_function_and_macro_is_used_by_a_program_that_runs():
    names = [name for name in headers('ia32') if name not in NOT_FOR_PROGRAMS]
    known = functions(names)
    assert {'l4_ipc_call', 'l4util_add16_res', 'rmgr_init',
            'l4sigma0_map_mem'} <= set(known)
    text = '\n'.join(source(name) for name in names)
    macros = {name: body for name, body in MACRO.findall(text)
              if not name.endswith('_H')}
    known.update(macros)
    assert len(known) > 400
    # Types and functions of the headers use macros, too.
    new = words_of_programs() | (
        set(WORD.findall(re.sub(MACRO, '', text))) & set(macros))
    used = set()
    while new:          # what is used by what is used counts, too
        used |= new
        new = set().union(*(WORD.findall(known[name]) for name in used
                            if name in known)) - used
    used |= {'SIGMA0_REQ_ID_' + name[len('SIGMA0_REQ_'):] for name in used
             if name.startswith('SIGMA0_REQ_')}     # made by ##
    assert sorted(set(known) - used) == []


def test_there_is_a_machine_for_each_target_that_is_tested():
    assert set(machines.MACHINES) == set(toolchain.TARGETS)
