# SPDX-License-Identifier: BSD-2-Clause
"""The suite small: what it makes of the guest's cases, and what they show."""
import json

import bench
import builder
import cycles
import model as models
import pytest
import small
from errors import RunError


def figures(spaces, pages, misses):
    return small.Figure(spaces, pages, 61.5, 309.26, misses)


FOUND = [figures('large', 0, 5.5), figures('large', 8, 13.5),
         figures('both-small', 0, 0.), figures('both-small', 8, 0.)]


def test_case_names_spaces_and_pages():
    assert small.parts_of('both-small-16') == ('both-small', 16)
    for case in 'large', 'large-', 'large-x', 'huge-4':
        with pytest.raises(RunError, match='strange case'):
            small.parts_of(case)


def test_rows_are_of_pages_and_columns_of_spaces():
    head, *rows = small.rows('here', FOUND)
    assert head == ['here', 'both large:', 'cycles', 'TLB misses',
                    'both small:', 'cycles', 'TLB misses']
    assert rows == [
        ['0 pages', '61.5', '309.3', '5.5', '61.5', '309.3', '0.0'],
        ['8 pages', '61.5', '309.3', '13.5', '61.5', '309.3', '0.0']]


def test_json_has_an_object_for_each_figure():
    model = models.usual('ia32')
    found = json.loads(json.dumps(small.objects('ia32', model, FOUND[:1])))
    assert found == [{'target': 'ia32', 'model': model.name, 'spaces': 'large',
                      'pages': 0, 'instructions': 61.5, 'cycles': 309.26,
                      'tlb_misses': 5.5}]


def test_targets_with_tags_are_told_so_without_a_boot(capsys):
    small.small(['arm', 'mips64'])
    said = capsys.readouterr().out.splitlines()
    assert [line.split(':')[0] for line in said] == ['arm', 'mips64']


def test_switch_to_a_small_space_leaves_the_tlb_alone():
    """With large ones both sides miss each page that they read."""
    builder.build(['ia32'], [bench.CONFIG], [small.SYSTEM], goals=['plugin'])
    model = models.load(models.find('pentium-133'))
    found = {small.parts_of(one.case): one.counts['tlb_misses'] for one in
             cycles.measure('ia32', model, system=small.SYSTEM)}
    for pages in 8, 32:
        assert found['large', pages] > pages
        assert found['server-small', pages] < 1
        assert found['both-small', pages] < 1
