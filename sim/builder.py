# SPDX-License-Identifier: BSD-2-Clause
"""Building through SCons, and what can be built."""
import ast
import importlib.util
import os
import subprocess

from errors import RunError

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CONFIGS = ['release', 'debug']
PLUGIN = 'build/plugin/count.so'


def systems():
    """The build's own table: system -> (root task, other programs)."""
    with open(os.path.join(ROOT, 'user/SConscript')) as script:
        tree = ast.parse(script.read())
    for node in tree.body:
        names = getattr(node, 'targets', [])
        if [getattr(name, 'id', '') for name in names] == ['SYSTEMS']:
            return ast.literal_eval(node.value)
    raise RunError('user/SConscript has no table SYSTEMS')


def toolchain():
    """The build's table of compilers: target -> its tools' prefix and so on."""
    path = os.path.join(ROOT, 'site_scons/toolchain.py')
    spec = importlib.util.spec_from_file_location('toolchain', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.TARGETS


def image(target, config, system, kind='elf'):
    return f'build/{target}/{config}/{system}.{kind}'


def environment():
    """Without settings that another Python on PATH may need."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith('PYTHON')}


def call(line):
    """Run a command in the root of the tree: its exit status.

    Ctrl-C reaches the command as well, which may have to clean up: wait.
    """
    with subprocess.Popen(line, cwd=ROOT, env=environment()) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise


def scons(*arguments):
    """Build; SCons says what it does."""
    if call(['/usr/bin/scons', '-Q', *arguments]):
        raise RunError('the build failed, see above')


def build(targets, configs=('release',), names=None, goals=()):
    """Build systems (None: all) for targets in configurations."""
    arguments = ['arch=' + ','.join(targets), 'config=' + ','.join(configs)]
    if names:
        arguments.append('system=' + ','.join(names))
    scons(*arguments, 'images', *goals)
