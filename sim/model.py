# SPDX-License-Identifier: BSD-2-Clause
"""The processors of the cycle model: files in sim/models, or of one's own.

A file is TOML: each number stands in a list with its source, which begins with
a key of [sources] or with "estimate:". doc/model.md tells what they mean.
"""
import os
import re
import tomllib
from typing import NamedTuple

import builder
from errors import UsageError
from machines import MACHINES

MODELS = os.path.join(builder.ROOT, 'sim/models')
HEADER = os.path.join(builder.ROOT, 'sim/plugin/model.h')
SUFFIX = '.toml'
# The one that a target is shown on when nobody says which.
USUAL = {'ia32': 'pentium3-500', 'arm': 'cortex-a7', 'mips64': 'mips64r2'}
PAIRS = ['no', 'first', 'second', 'both', 'serial']
WORDS = {'order': ['in-order', 'out-of-order'],
         'predictor': ['not-taken', 'delay-slot', 'buffer']}
SWITCHES = ['allocate', 'unified', 'tags', 'global']
MOST = 1 << 24          # of any number
PIPELINE = ['order', 'width', 'window', 'agi', 'word', 'predictor', 'targets',
            'returns', 'taken', 'mispredicted', 'trap']
MEMORY = [f'{cache}_{what}' for cache in ('icache', 'dcache', 'l2')
          for what in ('size', 'line', 'ways')] + [
              'allocate', 'l2_hit', 'memory', 'store_miss']
TRANSLATION = [f'{tlb}_{what}' for tlb in
               ('itlb', 'dtlb', 'itlb_large', 'dtlb_large')
               for what in ('entries', 'ways')] + [
                   'unified', 'tags', 'global', 'walk']
SECTIONS = {'pipeline': PIPELINE, 'memory': MEMORY, 'translation': TRANSLATION}


class Model(NamedTuple):
    name: str
    title: str
    isa: str
    values: dict        # name -> what the plugin reads
    sources: dict       # name -> where it is from


def classes():
    """The kinds of instructions, as the plugin's header lists them."""
    with open(HEADER) as text:
        body = text.read().split('#define CLASSES(X)')[1].split('enum')[0]
    return re.findall(r'X\((\w+)\)', body)


def names():
    return sorted(name.removesuffix(SUFFIX) for name in os.listdir(MODELS)
                  if name.endswith(SUFFIX))


def find(name):
    """A model by its name, or a file of one's own."""
    if name in names():
        return os.path.join(MODELS, name + SUFFIX)
    if name.endswith(SUFFIX) and os.path.isfile(name):
        return name
    raise UsageError(f'unknown model "{name}"; choose from '
                     f'{", ".join(names())}, all, or a {SUFFIX} file')


def is_number(value):
    return type(value) is int and 0 <= value <= MOST


def text_of(key, value):
    """A value as the plugin reads it; None when it cannot be."""
    if key in SWITCHES:
        return str(int(value)) if type(value) is bool else None
    if key in WORDS:
        return value if value in WORDS[key] else None
    return str(value) if is_number(value) else None


def timing_of(values):
    if (len(values) == 3 and all(map(is_number, values[:2])) and
            values[2] in PAIRS):
        return ' '.join(map(str, values))
    return None


def check_source(name, key, source, known):
    if not isinstance(source, str) or not (
            source.startswith('estimate: ') or
            any(re.match(rf'{re.escape(one)}\b', source) for one in known)):
        raise UsageError(f'{name}: {key} has no source; give a key of '
                         '[sources], or "estimate: " and why')


def read_section(name, section, wanted, entries, known):
    """Text and source of each number; all that are wanted, and no others."""
    values, sources = {}, {}
    for key in list(entries) + wanted:
        if key not in wanted:
            raise UsageError(f'{name}: [{section}] knows no {key}')
        if key not in entries:
            raise UsageError(f'{name}: [{section}] {key} is missing')
    for key in wanted:
        entry = entries[key]
        if not isinstance(entry, list) or len(entry) < 2:
            raise UsageError(f'{name}: {key} takes a list of value and source')
        text = (timing_of(entry[:-1]) if section == 'classes'
                else text_of(key, entry[0]) if len(entry) == 2 else None)
        if text is None:
            raise UsageError(f'{name}: {key} cannot be {entry[:-1]}')
        check_source(name, key, entry[-1], known)
        values[key], sources[key] = text, entry[-1]
    return values, sources


def load(file_name):
    name = os.path.basename(file_name).removesuffix(SUFFIX)
    try:
        with open(file_name, 'rb') as data:
            content = tomllib.load(data)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f'{file_name}: {error}')
    isa, title = content.get('isa'), content.get('title')
    known = content.get('sources')
    if isa not in ('ia32', 'arm', 'mips64') or not isinstance(title, str):
        raise UsageError(f'{name}: give a title, and isa = "ia32", "arm" or '
                         '"mips64"')
    if not isinstance(known, dict):
        raise UsageError(f'{name}: [sources] is missing')
    values, sources = {}, {}
    for section, wanted in {**SECTIONS, 'classes': classes()}.items():
        entries = content.get(section)
        if not isinstance(entries, dict):
            raise UsageError(f'{name}: [{section}] is missing')
        for into, part in zip((values, sources), read_section(
                name, section, wanted, entries, known)):
            into.update(part)
    check_sizes(name, values)
    return Model(name, title, isa, values, sources)


def check_sizes(name, values):
    """What the plugin could not make sets of."""
    if not int(values['width']):
        raise UsageError(f'{name}: width cannot be 0')
    if values['predictor'] == 'buffer' and not int(values['targets']):
        raise UsageError(f'{name}: a branch buffer needs targets')
    for cache in 'icache', 'dcache', 'l2':
        size, line, ways = (int(values[f'{cache}_{what}'])
                            for what in ('size', 'line', 'ways'))
        if cache == 'l2' and not size:
            continue
        if not line or line & line - 1 or not ways or size % (line * ways):
            raise UsageError(f'{name}: the {cache} does not divide into ways '
                             'of whole lines')


def write(model, file_name):
    """The form that the plugin reads."""
    with open(file_name, 'w') as out:
        for key, value in model.values.items():
            out.write(f'{key} {value}\n')


def chosen(name, targets):
    """target -> the models to run it on; `name` as the user gave it."""
    if name == 'all':
        every = [load(find(one)) for one in names()]
    else:
        every = [load(find(name))]
    found = {target: [model for model in every
                      if model.isa == MACHINES[target].isa]
             for target in targets}
    if not any(found.values()):
        raise UsageError(f'model {every[0].name} is for {every[0].isa}, not '
                         f'for {", ".join(targets)}')
    return found


def usual(target):
    return load(find(USUAL[MACHINES[target].isa]))
