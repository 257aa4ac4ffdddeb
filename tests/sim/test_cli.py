# SPDX-License-Identifier: BSD-2-Clause
"""The command ./l4: wrong input gets one clear line and exit status 2."""
import os
import subprocess

import builder
import cli
import machines
import packages
import pytest
from errors import RunError

L4 = os.path.join(builder.ROOT, 'l4')


def l4(*words, **options):
    return subprocess.run([L4, *words], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, **options)


@pytest.mark.parametrize('line, says', [
    ('fly', 'unknown verb "fly"; choose from bench'),
    ('run', 'which target? Choose from ia32'),
    ('run vax', 'unknown target "vax"; choose from ia32'),
    ('run ia32 doom', 'unknown system "doom"; choose from hello'),
    ('run ia32 hello extra', 'unrecognized arguments: extra'),
    ('run ia32 hello --config fast', "invalid choice: 'fast'"),
    ('run ia32 hello --timeout soon', "invalid seconds value: 'soon'"),
    ('run ia32 hello --timeout -1', "invalid seconds value: '-1'"),
    ('run ia32 hello --timeout nan', "invalid seconds value: 'nan'"),
    ('debug', 'which target? Choose from ia32'),
    ('debug ia32 hello --icount', 'unrecognized arguments: --icount'),
    ('build ia32 pdp11', 'unknown target "pdp11"'),
    ('bench pdp11', 'unknown target "pdp11"'),
    ('bench --suite nix', 'unknown suite "nix"; choose from ipc, pct, steps, scale, small, tlb'),
    ('bench --suite', 'expected one argument'),
    ('bench --json', 'expected one argument'),
    ('bench --json /nowhere/at/all', 'cannot write /nowhere/at/all'),
    ('bench --pdf x', 'unrecognized arguments: --pdf'),
    ('test pdp11', 'unknown target "pdp11"'),
    ('test ia32 -k (', '-k "("'),
    ('help me', 'help takes no arguments'),
])
def test_wrong_input_is_one_line_and_exit_2(line, says):
    done = l4(*line.split())
    assert done.returncode == 2
    assert done.stderr.startswith('l4: ') and done.stderr.count('\n') == 1
    assert says in done.stderr
    assert done.stdout == ''


def test_help_names_every_verb():
    done = l4('help')
    assert (done.returncode, done.stderr) == (0, '')
    assert all(f'\n  {verb} ' in done.stdout for verb in cli.VERBS)


def test_an_internal_error_is_one_line(monkeypatch, capsys):
    monkeypatch.setitem(cli.VERBS, 'help', lambda words: 1 / 0)
    assert cli.guarded(['help']) == 1
    assert capsys.readouterr().err.count('\n') == 1


def test_command_works_from_any_directory(tmp_path):
    done = l4('run', 'ia32', 'fail', cwd=tmp_path)
    assert done.returncode == 1 and 'hickory: halt 3' in done.stdout


def test_scons_rejects_unknown_targets_and_options():
    for word, says in (('arch=vax', 'unknown arch "vax"'),
                       ('system=doom', 'unknown system "doom"'),
                       ('color=red', 'unknown option "color"')):
        done = subprocess.run(['/usr/bin/scons', '-Q', word], text=True,
                              capture_output=True, cwd=builder.ROOT)
        assert done.returncode == 2
        assert says in done.stderr and done.stderr.count('\n') == 1


def test_missing_package_without_apt_is_named(monkeypatch):
    monkeypatch.setitem(packages.PROOF, 'scons', '/nowhere/scons')
    monkeypatch.setattr(packages.shutil, 'which',
                        lambda name: None if name == 'apt-get' else name)
    with pytest.raises(RunError, match='no apt-get here; .*: scons$'):
        packages.ensure('build', ['ia32'])


FAKE_APT = """#!/bin/sh
echo "$@" >>{log}
case $1 in
    update) touch {fresh}; exit 100 ;;      # one index of many failed
    install) [ -e {fresh} ] && touch {proof} ;;
esac
"""


def test_packages_are_installed_with_fresh_lists(monkeypatch, tmp_path):
    """Stale lists: the first install fails, a partial update helps."""
    log, proof = tmp_path / 'log', tmp_path / 'proof'
    fake = tmp_path / 'apt-get'
    fake.write_text(FAKE_APT.format(log=log, proof=proof,
                                    fresh=tmp_path / 'fresh'))
    fake.chmod(0o755)
    (tmp_path / 'x_Packages').touch()
    monkeypatch.setenv('PATH', f'{tmp_path}:{os.environ["PATH"]}')
    monkeypatch.setattr(packages, 'LISTS', str(tmp_path / '*_Packages'))
    monkeypatch.setattr(packages.os, 'geteuid', lambda: 0)
    monkeypatch.setitem(packages.PROOF, 'mtools', str(proof))
    packages.ensure('test', ['ia32'])
    install = 'install -y --no-install-recommends --no-remove mtools'
    assert log.read_text().splitlines() == [install, 'update', install]


def test_every_package_has_a_proof():
    for verb in packages.VERB:
        assert all(name in packages.PROOF
                   for name in packages.needed(verb, machines.MACHINES))


def test_summary_is_the_last_line():
    done = l4('test', 'ia32', '-k', 'test_help_names_every_verb')
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == '1 passed, 0 failed'


def test_no_selected_test_is_a_usage_error():
    done = l4('test', 'ia32', '-k', 'no_test_has_this_name')
    assert done.returncode == 2
    assert done.stderr == 'l4: no test matches -k "no_test_has_this_name"\n'
