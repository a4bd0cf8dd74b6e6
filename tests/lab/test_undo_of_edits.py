"""Undo of an edit's steps: after it, nothing differs between the host and the file from before the edit."""

import os
from itertools import islice

from hypothesis import HealthCheck, Phase, assume, given, note, settings
from hypothesis import strategies as st

import nestlab
from nestlab.errors import PlanRefused
from tests.lab.comparer import differences
from tests.lab.edits import edit_adapter, edit_routing, edit_switch, small_topologies
from tests.lab.test_honest_plan import MOST_STEPS, carried, converge, prepared_host

CASES = int(os.environ.get("NESTLAB_UNDO_CASES", "20"))
IN_PLACE = [edit_adapter, edit_adapter, edit_routing, edit_switch]
"""Edits that neither remove nor recreate anything: what is deleted cannot be undone."""


@settings(
    max_examples=CASES,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
    print_blob=False,
)
@given(st.data(), small_topologies(), st.lists(st.sampled_from(IN_PLACE), min_size=1, max_size=2))
def test_after_undo_the_host_is_as_the_file_before_the_edit_says(
    tmp_path_factory, data, before, edits
):
    carried(before)
    after = before
    for edit in edits:
        after = edit(after, data.draw)
    carried(after)
    host, folder = prepared_host(), tmp_path_factory.mktemp("undo")
    lab = nestlab.Lab(after, host, folder / "2.jsonl")
    try:
        converge(before, host, folder / "1.jsonl")
        plan = lab.plan()
    except PlanRefused:
        assume(False)
    assume(plan.steps)
    note(f"before: {before.to_dict()}\nafter: {after.to_dict()}\n{plan}")
    results = [*islice(lab.apply(plan), MOST_STEPS), *islice(lab.undo(), MOST_STEPS)]
    assert [str(result) for result in results if not result.ok] == []
    assert differences(before, host.simulated_host.world.host) == []
