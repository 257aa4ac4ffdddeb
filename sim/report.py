# SPDX-License-Identifier: BSD-2-Clause
"""The benchmark as one page: ./l4 bench --html FILE.

The page is complete in itself: graphs are SVG, drawn with matplotlib, text is
text, colours follow the reader's.
"""
import html
import io
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import bench
import builder
import cycles
import model as models
import scale
import small
import steps
import suites
from errors import RunError
from machines import MACHINES

INK = '#123456'         # stands for the reader's text colour
SERIES = ['#3b6fb6', '#d1742f', '#4b9a5a', '#9a5aa8', '#a3872b', '#767676']
# Of the parts of a path; what none has together may have one colour.
COLOURS = {'entry': SERIES[0], 'exit': SERIES[3], 'switch': SERIES[2],
           'checks': SERIES[1], 'message': SERIES[4], 'partner': '#b0475e',
           'operation': SERIES[5], 'controller': SERIES[5],
           'scheduler': '#b0475e', 'answer': SERIES[4], 'map': '#2f8f8f',
           'memory': '#2f8f8f', 'copy': '#5a5a8a'}
SHORT = ['intra-short', 'inter-short', 'chief-short']
TRAPS = ['null-call', 'interrupt', 'foreign-call', 'exception', 'fault-map']
LENGTHS = {'words': 'words', 'string': 'bytes'}
REMARK = {'words': 'one way. Where words no longer fit in registers the message '
                   'goes through memory: the step in the curve.',
          'string': 'a call with a string, and a short answer. From some '
                    'thousand bytes on the copy is most of it.'}
# What other kernels need for a short message between tasks on the same
# emulators, user to user, one way.
OTHERS = {'ia32': 84, 'arm': 171, 'mips64': 650}
GROWTH = ['ipc', 'map', 'unmap-own', 'set-and-cancel', 'yield', 'task-new']

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
figure { margin: 1rem 0; overflow-x: auto; } figure svg { width: 100%;
  min-width: 34rem; height: auto; }
figcaption, .note { font-size: .9rem; opacity: .8; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums;
  font-size: .9rem; } .wide { overflow-x: auto; }
th, td { padding: .15rem .7rem; text-align: right; border-bottom: 1px solid
  rgb(127 127 127 / .3); } th:first-child, td:first-child, .words td { text-align: left; }
pre { padding: .6rem 1rem; background: rgb(127 127 127 / .15); overflow-x: auto; }
details { margin: .5rem 0 1.5rem; } summary { cursor: pointer; }
@media print { details { display: block; } }
"""


# ---- measuring ----

def tell(what):
    print(f'l4: {what}', flush=True)


def measure(targets):
    """All that the page shows."""
    tell('counting instructions')
    costs = bench.measure_all(targets)
    tell('modelling cycles, caches empty and not')
    usual = {target: [models.usual(target)] for target in targets}
    found, problems = [], []
    for cold in (False, True):
        more, trouble = cycles.measure_all(usual, cold)
        found += more
        problems += trouble
    tell('growing the system: some minutes')
    with ThreadPoolExecutor(2) as pool:
        growth = dict(zip(targets, pool.map(suites.measure_scale, targets)))
    return {'targets': targets, 'costs': costs, 'cycles': found,
            'problems': problems, 'growth': growth,
            'small': small_spaces(targets, problems),
            'steps': {target: steps.breakdowns(target, costs)
                      for target in targets},
            'step_cycles': step_cycles(targets, costs)}


def small_spaces(targets, problems):
    """Target -> its models with their figures; what fails is told."""
    found = {}
    for target in targets:
        try:
            if target in small.TARGETS:
                found[target] = small.measure(target)
        except RunError as error:
            problems.append(str(error))
    return found


def step_cycles(targets, costs):
    """Of the targets whose model runs; the others have told why before."""
    found = {}
    for target in targets:
        try:
            found[target] = steps.cycles_of(target, costs,
                                            models.usual(target))
        except RunError:
            pass
    return found


# ---- graphs ----

def figure(draw, title, height=3.2):
    """An SVG whose text is text and takes the page's colour."""
    import matplotlib
    matplotlib.use('svg')
    import matplotlib.pyplot as plt
    with plt.rc_context({
            'svg.fonttype': 'none', 'font.family': 'sans-serif', 'font.size': 9,
            'text.color': INK, 'axes.labelcolor': INK, 'axes.edgecolor': INK,
            'xtick.color': INK, 'ytick.color': INK, 'legend.frameon': False,
            'axes.spines.top': False, 'axes.spines.right': False,
            'svg.hashsalt': title}):
        drawing, axes = plt.subplots(figsize=(7.5, height),
                                     layout='constrained')
        draw(axes)
        out = io.StringIO()
        drawing.savefig(out, format='svg', transparent=True,
                        metadata={'Date': None, 'Creator': None})
        plt.close(drawing)
    svg = out.getvalue()[out.getvalue().index('<svg'):]
    svg = re.sub(r'<metadata>.*?</metadata>', '', svg, flags=re.S)
    svg = re.sub(r'font: [^;"]*?(\d+(?:\.\d+)?px)[^;"]*',
                 r'font: \1 system-ui, sans-serif', svg)
    label = html.escape(title, quote=True)
    return svg.replace(INK, 'currentColor').replace(
        '<svg', f'<svg role="img" aria-label="{label}"', 1)


def number(value):
    return (f'{value:.1f}'.removesuffix('.0') if value < 1000
            else f'{value:.0f}')


def bars(axes, names, series):
    """Groups of bars; series: label -> value for each name, or None."""
    width = .8 / len(series)
    for i, (label, values) in enumerate(series.items()):
        places = [at + (i - (len(series) - 1) / 2) * width
                  for at in range(len(names))]
        drawn = axes.bar(places, [value or 0 for value in values], width * .92,
                         label=label, color=SERIES[i % len(SERIES)])
        axes.bar_label(drawn, [number(value) if value else '' for value in
                               values], fontsize=7, color=INK, padding=1)
    axes.set_xticks(range(len(names)), names)
    axes.legend(ncols=len(series), loc='upper left')


def by_case(costs, names, targets):
    known = {(one.case, one.target): float(one.total) for one in costs}
    return {target: [known.get((name, target)) for name in names]
            for target in targets}


def short_graph(data):
    def draw(axes):
        bars(axes, SHORT, by_case(data['costs'], SHORT, data['targets']))
        at = SHORT.index('inter-short')
        width = .8 / len(data['targets'])
        for i, target in enumerate(data['targets']):
            place = at + (i - (len(data['targets']) - 1) / 2) * width
            if OTHERS[target] <= 200:
                axes.plot([place - width / 2, place + width / 2],
                          [OTHERS[target]] * 2, color=INK, lw=1.5)
                axes.annotate(f'other: {OTHERS[target]}',
                              (place, OTHERS[target] + 3), ha='center',
                              fontsize=7)
        axes.set_ylim(0, 210)
        axes.set_ylabel('instructions, one way')
    return figure(draw, 'Instructions of short messages on each target')


def trap_graph(data):
    def draw(axes):
        bars(axes, TRAPS, by_case(data['costs'], TRAPS, data['targets']))
        axes.set_ylabel('instructions')
    return figure(draw, 'Instructions of traps on each target')


def step_graph(path, by_target, unit):
    """A bar for each target, part by part. A part has the same colour on every
    path; too narrow a part has no number."""
    targets = list(by_target)

    def draw(axes):
        left = [0] * len(targets)
        most = max(sum(one.values()) for one in by_target.values())
        for name in path.names:
            values = [by_target[target][name] for target in targets]
            drawn = axes.barh(targets, values, left=left, label=name,
                              color=COLOURS[name])
            axes.bar_label(drawn, [f'{value:.0f}' if value >= most / 60 else ''
                                   for value in values],
                           label_type='center', fontsize=8, color='white')
            left = [a + b for a, b in zip(left, values)]
        axes.invert_yaxis()
        axes.set_xlabel(unit)
        axes.legend(ncols=5, loc='lower center', bbox_to_anchor=(.5, 1))
    return targets and figure(draw, f'{path.title}: steps, {unit}', 2.4)


def lengths(found, kind):
    """target -> (length, value) of the cases words-N or string-N."""
    series = {}
    for target, case, value in found:
        match = re.fullmatch(rf'{kind}-(\d+)(k?)', case)
        if match:
            length = int(match[1]) * (1024 if match[2] else 1)
            series.setdefault(target, []).append((length, value))
    return {target: sorted(points) for target, points in series.items()}


def length_graph(found, kind, unit):
    series = lengths(found, kind)
    if not series:
        return None

    def draw(axes):
        for i, (target, points) in enumerate(series.items()):
            axes.plot(*zip(*points), marker='o', ms=4, label=target,
                      color=SERIES[i])
        axes.set_xscale('log', base=2)
        if kind == 'string':
            axes.set_yscale('log')
        lengths_seen = sorted({x for points in series.values()
                               for x, _ in points})
        axes.set_xticks(lengths_seen, [str(x) for x in lengths_seen])
        axes.minorticks_off()
        axes.set_xlabel(f'{LENGTHS[kind]} in the message')
        axes.set_ylabel(unit)
        axes.legend()
    return figure(draw, f'{unit} against {LENGTHS[kind]} of a message')


def cycle_graph(data):
    names = SHORT + ['null-call', 'interrupt', 'exception']

    def draw(axes):
        series = {}
        for target in data['targets']:
            for cold in (False, True):
                known = {one.case: one.cycles for one in data['cycles']
                         if one.target == target and one.cold == cold}
                if known:
                    series[f'{target}, {"cold" if cold else "warm"}'] = [
                        known.get(name) for name in names]
        bars(axes, names, series)
        axes.set_yscale('log')
        axes.legend(ncols=3, loc='upper left')
        axes.set_ylabel('modelled cycles (log.)')
    return figure(draw, 'Modelled cycles, caches warm and cold', 3.8)


def small_graph(target, model, found):
    def draw(axes):
        for i, (spaces, label) in enumerate(small.SPACES.items()):
            points = sorted((one.pages, one.cycles) for one in found
                            if one.spaces == spaces)
            axes.plot(*zip(*points), marker='o', ms=4, label=label,
                      color=SERIES[i])
        axes.set_ylim(bottom=0)
        axes.set_xlabel('pages that sender and receiver each read in between')
        axes.set_ylabel('modelled cycles, one way')
        axes.legend()
    return figure(draw, f'Small address spaces: {target} as {model.title}')


def growth_graph(target, costs):
    def draw(axes):
        i = 0
        for one in costs:
            if one.op in GROWTH and len(one.costs) > 1:
                points = sorted(one.costs.items())
                axes.plot([n for n, _ in points], [each for _, each in points],
                          marker='.', label=f'{one.op}, of {one.of}',
                          color=SERIES[i % len(SERIES)],
                          ls=['-', '--', ':'][i // len(SERIES) % 3])
                i += 1
        axes.set_xscale('log')
        axes.set_yscale('log')
        axes.set_xlabel('how many there are besides')
        axes.set_ylabel('instructions')
        axes.legend(ncols=2, fontsize=7, loc='center left',
                    bbox_to_anchor=(1, .5))
    return figure(draw, f'Growth with the size of the system on {target}', 3.4)


# ---- the page ----

def table(rows, kind='numbers'):
    head, *body = [[html.escape(str(cell)) for cell in row] for row in rows]
    return (f'<div class="wide"><table class="{kind}"><tr>' +
            ''.join(f'<th>{cell}</th>' for cell in head) + '</tr>' +
            ''.join('<tr>' + ''.join(f'<td>{cell}</td>' for cell in row) +
                    '</tr>' for row in body) + '</table></div>')


def shown(svg, caption, rows=None):
    data = (f'<details><summary>The numbers</summary>{table(rows)}</details>'
            if rows else '')
    return (f'<figure>{svg}<figcaption>{caption}</figcaption></figure>{data}'
            if svg else f'<p class="note">{caption} Not measured.</p>')


def case_rows(data):
    known = {(one.case, one.target): bench.cell(one) for one in data['costs']}
    names = list(dict.fromkeys(one.case for one in data['costs']))
    return [['case'] + data['targets']] + [
        [name] + [known.get((name, target), '-') for target in data['targets']]
        for name in names]


def step_rows(path, by_target):
    def plain(value):
        return f'{value:.1f}'.removesuffix('.0')

    sums = [('all', path.names)]
    if path is steps.MESSAGE:
        sums[:0] = [('floor', steps.FLOOR), ('control transfer', steps.TRANSFER)]
    return [['step', 'is', *by_target]] + [
        [part.name, part.meaning] + [plain(one[part.name])
                                     for one in by_target.values()]
        for part in path.parts] + [
        [label, ''] + [plain(steps.total(one, names))
                       for one in by_target.values()]
        for label, names in sums]


def path_graphs(data):
    """One for each path but the short message, which has its own."""
    for name, path in steps.PATHS.items():
        mine = {target: paths[name] for target, paths in
                data['steps'].items() if name in paths}
        if path is not steps.MESSAGE:
            yield shown(step_graph(path, mine, 'instructions in the kernel'),
                        f'{path.title} (case {path.case}).',
                        step_rows(path, mine))


def cycle_rows(data):
    return [['target', 'caches'] + cycles.HEAD] + [
        [one.target, 'cold' if one.cold else 'warm'] + cycles.row(one)
        for one in data['cycles']]


def small_graphs(data):
    """One for each processor; those of other targets need none of it."""
    for target, by_model in data['small'].items():
        for model, found in by_model:
            yield shown(small_graph(target, model, found),
                        f'{target} as {html.escape(model.title)}: a short message '
                        'to another task, which then reads its pages.',
                        small.rows('', found))


def growth_rows(costs):
    sizes = sorted({n for one in costs for n in one.costs})
    return [['operation', 'of'] + sizes + ['ratio', 'holds']] + [
        [one.op, one.of] + [f'{one.costs[n]:.0f}' if n in one.costs else ''
                            for n in sizes] +
        [f'{one.ratio:.2f}', 'yes' if one.holds else 'GROWS'] for one in costs]


def version(command):
    try:
        return subprocess.run([command, '--version'], capture_output=True,
                              text=True, check=True).stdout.split('\n')[0]
    except (OSError, subprocess.CalledProcessError):
        return f'{command}: unknown'


def configuration(data, name):
    tools = [version(program) for target in data['targets'] for program in
             (MACHINES[target].qemu,
              builder.toolchain()[target]['prefix'] + 'gcc')]
    return (f'<pre>./l4 bench {" ".join(data["targets"])} --html '
            f'{html.escape(name)}</pre>' + table(
                [['what', 'which'], ['sources', bench.commit()],
                 ['date', date.today().isoformat()],
                 ['kernel', f'{bench.CONFIG} configuration'],
                 ['user land', 'public stubs, thread-local storage and a UTCB '
                  'on both sides, 100 other threads ready']] +
                [[f'CPU of {target}', f'QEMU\'s {MACHINES[target].cpu}, '
                  f'modelled as {models.usual(target).title}']
                 for target in data['targets']] +
                [['tool', tool] for tool in dict.fromkeys(tools)], 'words'))


def message_graphs(data):
    by_target = {target: paths['message'] for target, paths in
                 data['steps'].items() if 'message' in paths}
    path = steps.MESSAGE
    return shown(
        step_graph(path, by_target, 'instructions in the kernel'),
        'The steps of one message to another task. Entry, switch and exit '
        'are the floor: nothing gets there with less. A bare transfer of '
        'control needs to find its partner too; the rest makes a message '
        'of it.', step_rows(path, by_target)) + shown(
            step_graph(path, data['step_cycles'], 'modelled cycles'),
            'The same in modelled cycles, caches warm: entries and exits '
            'of the processor are most of it.',
            step_rows(path, data['step_cycles']))


def sections(data, name):
    counted = [(one.target, one.case, float(one.total))
               for one in data['costs']]
    modelled = [(one.target, one.case, one.cycles) for one in data['cycles']
                if not one.cold]
    return [
        ('What this is', '<p>What messages, traps and system calls cost on '
         'Hickory, an L4 microkernel, on each processor it runs on. '
         '<b>Instructions</b> are counted exactly, in user mode and in the '
         'kernel, from user to user. <b>Cycles</b> are those of a model of a '
         'processor, good for comparison and no more. To see it again:</p>' +
         configuration(data, name)),
        ('Short messages', shown(
            short_graph(data), 'Instructions of one message of two words, one '
            'way: to a thread of the same task, of another one, between chief '
            'and creature. Lines: the best other kernel on the same emulator, '
            'between tasks (ia32 84, arm 171; mips64 650, above the graph).', case_rows(data))),
        ('Where they go', message_graphs(data)),
        ('Traps and system calls', shown(
            trap_graph(data), 'null-call: a thread asks for its own id. '
            'interrupt: to the driver\'s first instruction. foreign-call: a '
            'Linux-like system call to its server and back. exception: all '
            'registers to the handler and back. fault-map: a page fault, its '
            'pager\'s answer with a page.') + '<p>Where they go, step by step. '
            'What a step calls is its own.</p>' + ''.join(path_graphs(data))),
        ('Longer messages', ''.join(shown(
            length_graph(found, kind, unit), f'{unit.capitalize()} of a '
            f'message with so many {LENGTHS[kind]}; {REMARK[kind]}')
            for kind in LENGTHS for found, unit in
            ((counted, 'instructions'), (modelled, 'modelled cycles')))),
        ('Cycles', shown(
            cycle_graph(data), 'Warm: a round among thousands. Cold: the '
            'caches and translation buffers are empty when it begins.',
            cycle_rows(data)) + ''.join(
                f'<p class="note">{html.escape(text)}</p>'
                for text in data['problems'])),
        ('Small address spaces', '<p>On ia32 a switch to another large space '
         'empties the translation buffers (TLB), and each page then costs a walk '
         'through the page tables. A small space lies in a part of all others, '
         'fenced in by segments: its switch leaves the TLB alone, but '
         'takes more instructions. It pays where walks are dear.</p>' +
         ''.join(small_graphs(data))),
        ('Growth', ''.join(shown(
            growth_graph(target, costs), f'{target}: what operations cost '
            'beside so many threads, timeouts, ready threads or mappings. Flat '
            'is good.', growth_rows(costs))
            for target, (costs, *_) in data['growth'].items())),
    ]


def page(data, name):
    body = ''.join(f'<section><h2>{title}</h2>{text}</section>'
                   for title, text in sections(data, name))
    return ('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f'<title>Hickory: what IPC costs</title><style>{STYLE}</style>'
            f'</head><body><h1>Hickory: what IPC costs</h1>{body}</body>'
            '</html>\n')


def write(targets, name, shown_name):
    data = measure(targets)
    text = page(data, shown_name)
    with open(name, 'w') as out:
        out.write(text)
    print(bench.table(targets, data['costs']))
    tell(f'the page is {shown_name}')
    if not data['cycles']:
        raise RunError('no cycles: ' + '; '.join(data['problems']))
