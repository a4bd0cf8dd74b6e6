"""A picture that is drawn again with what is known is the picture that is drawn anew."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nestlab.drawing import layout
from nestlab.drawing.known_blocks import KnownBlocks
from nestlab.model.topology import Topology
from nestlab.notebook.designer.draft import Draft
from nestlab.notebook.designer.edits import EDITS, edit
from nestlab.notebook.designer.parts import EditRefused
from nestlab.notebook.designer.templates import template
from nestlab.texts import language, set_language
from nestlab.topology_file import loads

STEPS = st.lists(
    st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 99), st.integers(0, 99)), max_size=10
)
NARROW = loads("name: lab\nvms: [{name: HV1, nested: {vms: [{name: HV2, nested: {}}]}}]\n")
START = [NARROW, *map(template, ("nat", "two-node-cluster", "three-levels"))]


def step(draft: Draft, does: str, one: int, other: int) -> Draft:
    ids = [each.id for each in layout(draft.topology).boxes] + [
        each.id for each in layout(draft.topology).bars
    ]
    part, target = ids[one % len(ids)], ids[other % len(ids)]
    intent = {"do": does, "id": part, "into": part, "from": part, "to": target, "rows": other % 3}
    values = {"name": f"new{other}", "field": "answers_ping", "value": bool(other % 2), "ids": []}
    try:
        return edit(draft, intent | values)
    except EditRefused:
        return draft


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(START), STEPS, st.sets(st.sampled_from(["HV1", "HV2", "HV1/HV2"])))
def test_a_picture_with_known_hosts_is_the_one_that_is_drawn_anew(
    start: Topology, steps: list[tuple[str, int, int]], folded: set[str]
) -> None:
    draft, known = Draft(start), KnownBlocks()
    for number, (does, one, other) in enumerate([("", 0, 0), *steps]):
        draft = step(draft, does, one, other) if does else draft
        closed = folded if number % 3 == 1 else frozenset[str]()
        shown = layout(draft.topology, draft.positions, closed, known)
        assert shown == layout(draft.topology, draft.positions, closed)


def test_a_host_that_was_removed_is_not_kept() -> None:
    known = KnownBlocks()
    layout(NARROW, known=known)
    assert set(known.paths) == {("HV1",), ("HV1", "HV2")}
    layout(NARROW, folded={"HV1"}, known=known)
    assert ("HV1", "HV2") in known.paths, "it is folded, and can be unfolded"
    layout(loads("name: lab\nvms: [{name: HV1, nested: {}}]\n"), known=known)
    assert set(known.paths) == {("HV1",)}


def test_known_hosts_are_written_in_the_language_of_the_picture() -> None:
    topology, known = template("nat"), KnownBlocks()
    layout(topology, known=known)
    before = language()
    try:
        set_language("es")
        assert layout(topology, known=known) == layout(topology)
    finally:
        set_language(before)


def test_a_host_that_is_the_same_is_not_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    topology, known = template("two-node-cluster"), KnownBlocks()
    layout(topology, known=known)
    asked: list[object] = []
    keep = KnownBlocks.keep
    monkeypatch.setattr(
        KnownBlocks, "keep", lambda self, *of: (asked.append(of[0]), keep(self, *of))
    )
    layout(topology, known=known)
    assert asked == []
    host = topology.vms[0].name
    changed = edit(Draft(topology), {"do": "add-vm", "into": host}).topology
    layout(changed, known=known)
    assert asked == [(host,)]
