# SPDX-License-Identifier: BSD-2-Clause
"""The documents and the rules of the source tree, checked against the code.

Every check gathers all that is wrong and fails with the list.
"""
import ast
import os
import re
from glob import glob

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
ARCHES = ['ia32', 'arm', 'mips64']
NO_SOURCE = {'.git', 'build', '__pycache__', '.pytest_cache'}


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as text:
        return text.read()


def files(*tops):
    """Paths of all files below these directories, relative to the root."""
    found = []
    for top in tops:
        for directory, below, names in os.walk(os.path.join(ROOT, top)):
            below[:] = [name for name in below if name not in NO_SOURCE]
            found += [os.path.relpath(os.path.join(directory, name), ROOT)
                      for name in names]
    return sorted(found)


def matching(pattern):
    return sorted(os.path.relpath(path, ROOT)
                  for path in glob(os.path.join(ROOT, pattern)))


def without_comments(text):
    return re.sub(r'/\*.*?\*/', ' ', text, flags=re.S)


def differences(what, wanted, found):
    """Two sets that ought to be equal, as lines of complaint."""
    wanted, found = set(wanted), set(found)
    return ([f'{what}: {name} is missing' for name in sorted(wanted - found)] +
            [f'{what}: {name} does not belong there'
             for name in sorted(found - wanted)])


def expect_none(problems):
    assert not problems, '\n' + '\n'.join(problems)


def first_cells(path):
    """Names in the first column of a page's tables: | `name` | ..."""
    return re.findall(r'^\| `(?:struct )?([\w.+-]+)` \|', read(path), re.M)


def rows(path):
    """All table rows of a page as lists of cells."""
    return [[cell.strip() for cell in line.strip().strip('|').split('|')]
            for line in read(path).split('\n') if line.startswith('|')]


def documents():
    return ['README.md'] + [path for path in files('doc')
                            if path.endswith('.md')]


# ---- reading order, porting guide, dependencies ----

def test_reading_order_lists_exactly_the_files():
    listed = []
    for path in re.findall(r'^- `(\S+)` — \S', read('doc/reading.md'), re.M):
        listed += ([path.replace('<a>', arch) for arch in ARCHES]
                   if '<a>' in path else [path])
    problems = [f'reading.md lists {path} twice' for path in set(listed)
                if listed.count(path) > 1]
    expect_none(problems + differences('reading.md',
                                       files('core', 'arch', 'api'), listed))


def promised_by_arch_h():
    """What core/arch.h wants of a port, and the entries it offers."""
    ports, offered = read('core/arch.h').split('#include <arch_inline.h>')
    types = ports.split('<arch_types.h> defines')[1].split('*/')[0]
    names = re.findall(r'^ \* (?:struct )?(\w+) {2,}\S', types, re.M)
    code = re.sub(r'^#.*$', '', without_comments(ports), flags=re.M)
    names += re.findall(r'(\w+)\([^;{}]*\)\s*(?:NORETURN)?\s*;', code)
    names += re.findall(r'^extern [^;(]*?(\w+)\[\];', code, re.M)
    entries = re.findall(r'^void (\w+)\(', offered, re.M)
    return names, entries


def test_porting_guide_has_a_row_for_each_promise_of_a_port():
    names, entries = promised_by_arch_h()
    assert len(names) > 50 and len(entries) == 8     # the parser sees them
    expect_none(differences('porting.md', names + entries,
                            first_cells('doc/porting.md')))


def literal(path, name):
    """The value of a constant in a Python file, without running it."""
    for node in ast.parse(read(path)).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f'{path} has no {name}')


def test_every_debian_package_has_its_line():
    expect_none(differences('dependencies.md',
                            literal('sim/packages.py', 'PROOF'),
                            first_cells('doc/dependencies.md')))


# ---- system calls: pages, numbers, registers ----

def calls():
    """Name of the call -> name of its number."""
    found = re.findall(r'\[(L4_SYS_\w+)\] = sys_(\w+),',
                       read('core/syscall.c'))
    assert found
    return {call: number for number, call in found}


def constants(path):
    return {name: int(value, 0) for name, value in re.findall(
        r'^#define (\w+)\s+(0x[0-9a-fA-F]+|\d+)\b', read(path), re.M)}


def abi(arch):
    return read(f'api/arch/{arch}/l4/sys/arch/abi.h')


def test_every_system_call_has_a_page_with_its_number():
    numbers = constants('api/l4/sys/numbers.h')
    gate = int(re.search(r'L4_GATE_BASE\s+(\w+)', abi('ia32'))[1], 0)
    problems = []
    for call, name in calls().items():
        page = f'doc/api/{call}.md'
        n = numbers[name]
        line = (f'Call number {n} (`{name}`): `int {gate + n:#x}`, '
                f'`r12 = {n}`, `v0 = {n}`.')
        if not os.path.exists(os.path.join(ROOT, page)):
            problems.append(f'{page} is missing')
        elif line not in ' '.join(read(page).split()):
            problems.append(f'{page} does not say: {line}')
        if f'({call}.md) | {n} |' not in read('doc/api/index.md'):
            problems.append(f'index.md has no row for {call}, number {n}')
    expect_none(problems)


REGISTER = r'(?:E[A-Z]{2}|[ars]\d+)'


def bound(arch):
    """Role -> registers, as the comment of abi.h has them."""
    text = abi(arch)
    roles = {slot: registers for slot, registers in re.findall(
        rf'^ \*   ((?:id|arg) \d) +({REGISTER}(?:, {REGISTER})?)', text, re.M)}
    assert sorted(roles) == ['arg 0', 'arg 1', 'arg 2', 'id 0', 'id 1']

    def register_before(what):
        return re.search(rf'({REGISTER})(?: +| = ){what}', text)[1]

    roles['timeouts'] = register_before('timeouts')
    roles['receive descriptor'] = register_before(r'receive desc\.')
    all_words = re.search(rf'({REGISTER} \.\.\. {REGISTER}) +words 0', text)
    roles['words'] = all_words[1] if all_words else ', '.join(
        register_before(f'word {i}') for i in (0, 1))
    return roles


def test_register_tables_agree_with_the_bindings():
    roles = {arch: bound(arch) for arch in ARCHES}
    problems = []
    tables = {f'doc/api/{call}.md': 6 for call in calls()}
    tables['doc/api/index.md'] = 4
    for page, columns in tables.items():
        seen = 0
        for row in rows(page):
            if row[0] not in roles['arm'] or len(row) != columns:
                continue
            seen += 1
            wanted = [roles[arch][row[0]] for arch in ARCHES]
            if row[-3:] != wanted:
                problems.append(f'{page}: {row[0]} is {wanted} in abi.h, '
                                f'not {row[-3:]}')
        if not seen:
            problems.append(f'{page} has no register table')
    expect_none(problems)


def test_operation_word_page_agrees_with_the_code():
    page = 'doc/api/operation-word.md'
    cells = {row[0]: row[1:] for row in rows(page)}
    problems = []
    for name, value in constants('api/l4/sys/numbers.h').items():
        if name.startswith('L4_OP_') and name != 'L4_OP_MASK':
            if cells.get(f'0x{value:03x}', [''])[0] != f'`{name}`':
                problems.append(f'{page}: no row {value:#x} `{name}`')
    text = ' '.join(re.sub(r'^ \*', '', abi('ia32'), flags=re.M).split())
    in_, out = re.search(r' in (EAX operation.*?) out (EAX dope.*?);',
                         text).groups()
    names = {'operation': 'operation word', 'partner': 'partner, then source',
             'source': 'partner, then source', "the user's ESP":
             "user's stack pointer", 'the address to return to':
             'address to return to'}
    for column, described in ((0, in_), (1, out)):
        for part in described.split(', '):
            registers, what = part.split(' ', 1)
            row = cells.get(names.get(what, what), [''] * 4)
            if row[column] != registers.replace(':', ', '):
                problems.append(f'{page}: {what} is {registers} in abi.h, '
                                f'not {row[column]}')
    for row, role in (('partner, then source', 'id 0'), ('dope', 'arg 0')):
        wanted = [bound(arch)[role] for arch in ('arm', 'mips64')]
        if cells[row][2:] != wanted:
            problems.append(f'{page}: {row} is {wanted} in abi.h')
    steps = {row[0] for row in rows(page) if re.fullmatch(r'F\d', row[0])}
    tests = re.findall(r'/\* (F\d) ',
                       read('core/ipc_fast.c').split('---- commit')[0])
    expect_none(problems + differences(page, tests, steps))


def test_ipc_page_has_every_error_with_its_value():
    known = constants('api/l4/sys/consts.h')
    said = {name: int(value, 16) for name, value in re.findall(
        r'`(L4_IPC_\w+)` (0x\w+)', read('doc/api/ipc.md'))}
    problems = [f'ipc.md: {name} is not {value:#x}'
                for name, value in said.items() if known.get(name) != value]
    enum = re.search(r'enum ipc_error \{(.*?)\}', read('core/ipc.h'), re.S)[1]
    for name, value in re.findall(r'(\w+) = (0x\w+)', enum):
        if int(value, 16) not in said.values():
            problems.append(f'ipc.md does not have {name}, {value}')
    expect_none(problems)


def test_pages_of_info_page_and_utcb_agree_with_the_headers():
    header = read('api/l4/sys/kernel.h')
    struct = without_comments(header).split('typedef struct {')[-1]
    page = read('doc/api/kernel-info-page.md')
    problems = [f'kernel-info-page.md: no field {name}'
                for name in re.findall(r'(\w+)(?:\[\w+\])?;',
                                       struct.split('}')[0])
                if not re.search(rf'`{name}(\[\d+\])?`', page)]
    for name in ('MAGIC', 'VERSION'):
        value = re.search(rf'INFO_{name}\s+(0x\w+?)UL', header)[1]
        if value not in page:
            problems.append(f'kernel-info-page.md: {name} is {value}')
    areas = {row[0]: row[1] for row in rows('doc/api/utcb.md')}
    for arch in ARCHES:
        area = re.search(r'L4_UTCB_AREA\s+(0x\w+)', abi(arch))[1]
        if areas.get(arch) != area:
            problems.append(f'utcb.md: the area of {arch} is {area}')
    expect_none(problems)


# ---- tests named in the API pages ----

KERNEL_TEST = re.compile(r'^TEST\((\w+),\s*(\w+)\)', re.M)
CITED_FILE = re.compile(r'- \[\S+\]\((\S*tests/kernel/\S+)\)')
CITED_TEST = re.compile(r'  - `(\w+)`')


def kernel_tests():
    """Name as TAP has it -> source file."""
    sources = (matching('tests/kernel/*.c') +
               matching('tests/kernel/arch/*/*.c'))
    return {'_'.join(match): path for path in sources
            for match in KERNEL_TEST.findall(read(path))}


def citations():
    """(page, cited file, test name) of the lists in doc/api."""
    for page in matching('doc/api/*.md'):
        cited = None
        for line in read(page).split('\n'):
            source, test = CITED_FILE.fullmatch(line), \
                CITED_TEST.fullmatch(line)
            if test:
                yield page, cited, test[1]
            else:
                cited = source and os.path.normpath(os.path.join(
                    os.path.dirname(page), source[1]))


def test_api_pages_and_kernel_tests_name_each_other():
    tests = kernel_tests()
    problems = [f'{page}: {name} is not a test of {source}'
                for page, source, name in citations()
                if tests.get(name) != source]
    cited = {name for _, _, name in citations()}
    problems += [f'no page of doc/api cites {name} ({source})'
                 for name, source in tests.items() if name not in cited]
    assert tests
    expect_none(problems)


# ---- links, commands ----

def slug(heading):
    """The anchor that a heading gets."""
    plain = re.sub(r'[^\w\- ]', '', heading.strip().lower())
    return plain.replace(' ', '-')


def test_relative_links_lead_somewhere():
    problems = []
    for page in documents():
        for link in re.findall(r'\]\(([^)\s]+)\)', read(page)):
            if re.match(r'\w+:', link):
                continue
            path, _, anchor = link.partition('#')
            target = os.path.normpath(os.path.join(
                os.path.dirname(page), path)) if path else page
            if not os.path.exists(os.path.join(ROOT, target)):
                problems.append(f'{page}: {link} leads nowhere')
            elif anchor and anchor not in map(slug, re.findall(
                    r'^#+ (.*)$', read(target), re.M)):
                problems.append(f'{page}: {link} has no such heading')
    expect_none(problems)


def verbs():
    """Verb -> the options that the functions behind it know."""
    text = read('sim/cli.py')
    tree = ast.parse(text)
    sources = {node.name: ast.get_source_segment(text, node)
               for node in tree.body if isinstance(node, ast.FunctionDef)}
    table = next(node.value for node in tree.body
                 if isinstance(node, ast.Assign)
                 and node.targets[0].id == 'VERBS')
    known = {}
    for key, value in zip(table.keys, table.values):
        source = sources[value.id]
        if 'add_config(' in source:
            source += sources['add_config']
        known[key.value] = set(re.findall(r"'(--?\w+)'", source))
    return known


def commands(text):
    """Words of each ./l4 command in code spans and code blocks."""
    spans = re.findall(r'`\./l4([^`]*)`', text)
    spans += re.findall(r'^    \./l4([^#\n]*)', text, re.M)
    return [re.sub(r'[\[\]]|\.\.\.', '', span).split() for span in spans]


def test_commands_in_the_documents_exist():
    known = verbs()
    problems = []
    for page in documents():
        for words in commands(read(page)):
            if words and words[0] not in known:
                problems.append(f'{page}: there is no verb {words[0]}')
                continue
            problems += [f'{page}: {words[0]} has no option {word}'
                         for word in words[1:]
                         if word.startswith('-') and word not in
                         known[words[0]]]
    running = read('doc/running.md')
    every = set().union(*known.values())
    problems += [f'running.md: there is no option {option}'
                 for option in re.findall(r'`(--\w+)', running)
                 if option not in every]
    problems += [f'running.md does not have {word}'
                 for word in [*known, *every]
                 if not re.search(rf'`[^`]*(?<!\w){word}\b[^`]*`', running)]
    expect_none(problems)


# ---- rules of the source tree (core, api, arch) ----

SOURCE = re.compile(r'.*\.(c|h|S|py|sh)|SCons\w*|l4')
GPL = ('sim/plugin/', 'user/linux/')


def test_every_source_file_says_its_licence():
    problems = []
    for path in files('.'):
        if not SOURCE.fullmatch(os.path.basename(path)):
            continue
        head = '\n'.join(read(path).split('\n')[:3])
        found = re.search(r'SPDX-License-Identifier: (\S+)', head)
        right = (r'GPL-2\.0-(only|or-later)' if path.startswith(GPL)
                 else 'BSD-2-Clause')
        if not found:
            problems.append(f'{path}: no SPDX line')
        elif not re.fullmatch(right, found[1]):
            problems.append(f'{path}: the licence is {right}, not {found[1]}')
    expect_none(problems)


ARCHITECTURES = re.compile(
    r'\b(ia32|ia64|i[3456]86|x86|x64|x86_64|amd64|intel|pentium|arm|arm32|'
    r'arm64|armv\d\w*|aarch\d+|cortex|thumb|mips|mips32|mips64|mips64be|'
    r'mips64el|mipsel|malta|powerpc|ppc|sparc|riscv|alpha|qemu)\b', re.I)


def test_core_names_no_architecture():
    expect_none([f'{path}:{number}: {match[0]}' for path in files('core')
                 for number, line in enumerate(read(path).split('\n'), 1)
                 for match in ARCHITECTURES.finditer(line)])


FREESTANDING = {'stdarg.h', 'stdbool.h', 'stddef.h', 'stdint.h'}
OF_THE_PORT = {'arch_types.h': {'core/types.h', 'core/arch.h'},
               'arch_inline.h': {'core/types.h', 'core/arch.h'},
               'arch_offsets.h': {'core/offsets.c'}}


def included(path, mark, name):
    """The files that an include of a core or api file means; None: not
    allowed; empty: the compiler's or a port's."""
    if mark == '<' and name in FREESTANDING:
        return []
    if mark == '<' and path in OF_THE_PORT.get(name, ()):
        return []
    if mark == '<' and name.startswith('l4/'):
        found = [f'api/{name}'] + [f'api/arch/{a}/{name}' for a in ARCHES]
        found = [f for f in found if os.path.exists(os.path.join(ROOT, f))]
        return found if len(found) in (1, len(ARCHES)) else None
    here = os.path.join(os.path.dirname(path), name)
    if (mark == '"' and path.startswith('core/') and '/' not in name and
            os.path.exists(os.path.join(ROOT, here))):
        return [here]
    return None


def include_graph():
    """File -> files it includes, for core and api; and the problems."""
    graph, problems = {}, []
    for path in files('core', 'api'):
        if not path.endswith(('.c', '.h')):
            continue
        graph[path] = []
        for mark, name in re.findall(r'^\s*#\s*include\s*(\S)([^>"\n]*)',
                                     read(path), re.M):
            targets = included(path, mark, name)
            if targets is None:
                problems.append(f'{path} may not include {mark}{name}')
            graph[path] += targets or []
    return graph, problems


def cycle_from(path, graph, done, way=()):
    """A circle of includes that is reached from path, or None."""
    if path in way:
        return way[way.index(path):] + (path,)
    if path in done:
        return None
    for target in graph.get(path, []):
        found = cycle_from(target, graph, done, way + (path,))
        if found:
            return found
    done.add(path)
    return None


def test_core_and_api_include_only_what_they_may():
    graph, problems = include_graph()
    done = set()
    for path in graph:
        circle = cycle_from(path, graph, done)
        if circle:
            problems.append('a circle: ' + ' -> '.join(circle))
            break
    expect_none(problems)


FILE_LIMIT = 500
FUNCTION_LIMIT = 60


def functions(path):
    """(line, length) of each function: from its head to its last brace."""
    lines = read(path).split('\n')
    start = None
    for number, line in enumerate(lines):
        if line == '{':
            start = number
            while start and re.match(r'[\w\s]', lines[start - 1]):
                start -= 1
        elif line == '}' and start is not None:
            yield start + 1, number - start + 1
            start = None


def test_core_has_no_long_file_and_no_long_function():
    problems, count = [], 0
    for path in files('core'):
        length = len(read(path).split('\n')) - 1
        if length > FILE_LIMIT:
            problems.append(f'{path} has {length} lines')
        for line, length in functions(path):
            count += 1
            if length > FUNCTION_LIMIT:
                problems.append(f'{path}:{line}: a function of {length} lines')
    assert count > 200      # the counter sees them
    expect_none(problems)


# A port may do without: the C form serves there. The constant says so.
OPTIONAL = {'message_fast.S': 'ARCH_PARKS_BUFFERS'}


def test_architectures_have_the_same_file_names():
    problems = []
    for top in ('arch', 'api/arch'):
        names = {arch: {os.path.relpath(path, f'{top}/{arch}')
                        for path in files(f'{top}/{arch}')}
                 for arch in ARCHES}
        every = set().union(*names.values()) - set(OPTIONAL)
        for arch in ARCHES:
            names[arch] -= set(OPTIONAL)
            problems += differences(f'{top}/{arch}', every, names[arch])
    for arch in ARCHES:
        types = read(f'arch/{arch}/arch_types.h')
        problems += [f'arch/{arch}: {name} and {constant} disagree'
                     for name, constant in OPTIONAL.items()
                     if os.path.exists(os.path.join(ROOT, 'arch', arch, name))
                     != bool(re.search(rf'{constant} 1$', types, re.M))]
    problems += differences('arch', ARCHES + ['SConscript'],
                            os.listdir(os.path.join(ROOT, 'arch')))
    expect_none(problems)
