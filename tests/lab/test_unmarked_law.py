"""Law: objects without a mark are what they were, whatever a file with their names says, and whatever is done with it."""

import contextlib
import os
from itertools import islice

from hypothesis import HealthCheck, Phase, assume, given, note, settings
from hypothesis import strategies as st

import nestlab
from nestlab.errors import GuestUnreachable, PlanRefused
from nestlab.lab import capture_all
from nestlab.simulator.state.dataclass_json import encode
from tests.lab.edits import EDITS, small_topologies
from tests.lab.foreign_hosts import unmark
from tests.lab.test_capture_law import credentials_of
from tests.lab.test_honest_plan import carried, everything, prepared_host

CASES = int(os.environ.get("NESTLAB_UNMARKED_CASES", "15"))


def theirs(machine):
    """Return what is on a machine without a mark, at every level, by what it is."""
    if machine is None or machine.hyper_v is None:
        return {}
    hyper_v = machine.hyper_v
    found = {f"switch {each.id}": encode(each) for each in hyper_v.switches if not own(each.notes)}
    found |= {f"nat {each.name}": encode(each) for each in machine.nats}
    for vm in hyper_v.vms:
        if not own(vm.settings.notes):
            found[f"vm {vm.id}"] = encode(vm)
    return {key: value for key, value in found.items() if not key.startswith("nat nestlab.")}


def own(notes):
    return "nestlab:" in notes


@settings(
    max_examples=CASES,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
    print_blob=False,
)
@given(st.data(), small_topologies(), st.lists(st.sampled_from(EDITS), max_size=2))
def test_the_capture_of_what_nobody_marked_plans_nothing_and_an_edit_of_it_harms_nothing(
    tmp_path_factory, data, topology, edits
):
    carried(topology)
    host, folder = prepared_host(), tmp_path_factory.mktemp("law")
    try:
        results = list(islice(nestlab.Lab(topology, host, folder / "1.jsonl").apply(), 300))
    except PlanRefused:
        assume(False)
    assume(all(result.ok for result in results))
    host.wait(600)
    try:
        unmark(topology, host, notes="Ada's")
    except GuestUnreachable:
        assume(False)  # what is inside a nested host that is off keeps its marks
    found = capture_all(host, credential=credentials_of(topology), name="found")
    note(f"captured: {found.topology.to_dict()}")
    assert nestlab.validate(found.topology).errors == ()
    plan = nestlab.Lab(found.topology, host).plan()
    assert (str(plan.steps), plan.deferred, plan.remainder) == ("()", (), ())
    edited = found.topology
    for edit in edits:
        edited = edit(edited, data.draw)
    note(f"edited: {edited.to_dict()}")
    machine = host.simulated_host.world.host
    before = theirs(machine)
    lab = nestlab.Lab(edited, host, folder / "2.jsonl")
    with contextlib.suppress(nestlab.NestlabError):
        list(islice(lab.apply(lab.plan(prune=True, recreate=everything(edited))), 300))
    for way in (lab.undo, lab.destroy):
        with contextlib.suppress(nestlab.NestlabError):
            list(way())
    after = theirs(machine)
    assert {
        key: (value, after.get(key)) for key, value in before.items() if after.get(key) != value
    } == {}
