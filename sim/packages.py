# SPDX-License-Identifier: BSD-2-Clause
"""Which Debian packages a verb needs, and how to get the missing ones.

A package counts as installed when a file it brings is there: that costs
nothing and needs neither dpkg's database nor the network.
"""
import glob
import os
import shutil
import subprocess
import sys

from errors import RunError
from machines import MACHINES

# package -> a command, or a file (with wild cards) when it has a slash
PROOF = {
    'scons': '/usr/bin/scons',
    'make': 'make',
    'gcc': 'gcc',
    'libc6-dev': '/usr/include/stdio.h',
    'xz-utils': 'xz',
    'newlib-source': '/usr/src/newlib/newlib-*.tar.*',
    'gcc-i686-linux-gnu': 'i686-linux-gnu-gcc',
    'gcc-arm-none-eabi': 'arm-none-eabi-gcc',
    'gcc-mips64el-linux-gnuabi64': 'mips64el-linux-gnuabi64-gcc',
    'gcc-mips64-linux-gnuabi64': 'mips64-linux-gnuabi64-gcc',
    'qemu-system-x86': 'qemu-system-i386',
    'qemu-system-arm': 'qemu-system-arm',
    'qemu-system-mips': 'qemu-system-mips64el',
    'gdb-multiarch': 'gdb-multiarch',
    'python3-matplotlib':
        '/usr/lib/python3/dist-packages/matplotlib/__init__.py',
    'python3-pytest': '/usr/lib/python3/dist-packages/pytest/__init__.py',
    'grub-common': 'grub-mkrescue',
    'grub-pc-bin': '/usr/lib/grub/i386-pc/multiboot.mod',
    'xorriso': 'xorriso',
    'mtools': 'mformat',
}
BUILD = ['scons', 'make', 'gcc', 'libc6-dev', 'xz-utils', 'newlib-source']
COMPILER = {
    'ia32': 'gcc-i686-linux-gnu',
    'arm': 'gcc-arm-none-eabi',
    'mips64': 'gcc-mips64el-linux-gnuabi64',
    'mips64be': 'gcc-mips64-linux-gnuabi64',
}
VERB = {
    'build': [],
    'run': [],
    'fuzz': [],
    'bench': [],
    'report': ['python3-matplotlib'],
    'debug': ['gdb-multiarch'],
    'test': ['python3-pytest', 'python3-matplotlib', 'grub-common', 'grub-pc-bin', 'xorriso',
             'mtools'],
}
# Development packages that exclude Debian's cross compilers.
IN_THE_WAY = ['gcc-multilib', 'g++-multilib']
LISTS = '/var/lib/apt/lists/*_Packages*'


def needed(verb, targets):
    """Package names for a verb on these targets."""
    names = BUILD + VERB[verb] + [COMPILER[target] for target in targets]
    if verb != 'build':
        names += [MACHINES[target].package for target in targets]
    return list(dict.fromkeys(names))


def is_there(package):
    proof = PROOF[package]
    if '/' in proof:
        return bool(glob.glob(proof))
    return shutil.which(proof) is not None


def ensure(verb, targets):
    """Install what the verb lacks, or say what to install."""
    missing = [name for name in needed(verb, targets) if not is_there(name)]
    if not missing:
        return
    print('l4: missing Debian packages: ' + ' '.join(missing), flush=True)
    problem = install(missing)
    missing = [name for name in missing if not is_there(name)]
    if missing:
        raise RunError(f'{problem or "apt-get installed nothing"}; install '
                       f'these packages and try again: {" ".join(missing)}')


def install(names):
    """Install packages with apt-get: None, or why it did not work."""
    if not shutil.which('apt-get'):
        return 'there is no apt-get here'
    prefix = [] if os.geteuid() == 0 else ['sudo']
    if prefix and not shutil.which('sudo'):
        return 'only root can install and there is no sudo'
    if prefix and not sys.stdin.isatty():
        prefix.append('-n')             # nobody there to type a password
    apt = prefix + ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get']
    get = apt + ['install', '-y', '--no-install-recommends', '--no-remove']
    if not glob.glob(LISTS):
        subprocess.run(apt + ['update'])
    if subprocess.run(get + names).returncode == 0:
        return None
    # Stale lists, or a mirror that was synchronising: fetch them and retry.
    subprocess.run(apt + ['update'])
    if subprocess.run(get + names).returncode == 0:
        return None
    return 'apt-get failed' + in_the_way()


def in_the_way():
    """Name what --no-remove kept, if that is the likely cause."""
    found = [name for name in IN_THE_WAY
             if os.path.exists(f'/var/lib/dpkg/info/{name}.list')]
    if not found:
        return ''
    return f' ({" ".join(found)} excludes the cross compilers: remove it)'
