"""The law of capture: what was applied is captured as a topology that plans nothing on that host."""

import os
from itertools import islice

from hypothesis import HealthCheck, Phase, assume, given, note, settings
from hypothesis import strategies as st

import nestlab
from nestlab.errors import PlanRefused
from nestlab.lab import capture_all
from nestlab.model.topology import VM
from tests.lab.comparer import differences
from tests.lab.edits import EDITS, small_topologies
from tests.lab.test_honest_plan import carried, everything, prepared_host

CASES = int(os.environ.get("NESTLAB_CAPTURE_CASES", "25"))


def credentials_of(topology):
    return {
        "/".join(path): vm.guest.credential
        for path, vm in topology.machines()
        if isinstance(vm, VM) and vm.guest.credential
    }


@settings(
    max_examples=CASES,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
    print_blob=False,
)
@given(st.data(), small_topologies(), st.lists(st.sampled_from(EDITS), max_size=2))
def test_the_capture_of_an_applied_lab_plans_nothing_and_builds_the_same_elsewhere(
    tmp_path_factory, data, topology, edits
):
    carried(topology)
    for edit in edits:
        topology = edit(topology, data.draw)
    carried(topology)
    assume(topology.vms or topology.switches)  # an empty lab leaves no mark to capture
    host = prepared_host()
    journal = tmp_path_factory.mktemp("law") / "1.jsonl"
    lab = nestlab.Lab(topology, host, journal)
    try:
        results = list(islice(lab.apply(lab.plan(recreate=everything(topology))), 300))
    except PlanRefused as refused:
        note(str(refused))
        assume(False)
    assume(all(result.ok for result in results))
    note(f"applied: {topology.to_dict()}")
    host.wait(600)  # until every guest has asked for its address
    found = capture_all(host, of_topology=topology.name, credential=credentials_of(topology))
    captured, losses = found.topology, found.losses
    note(f"captured: {captured.to_dict()}")
    note("\n".join(found.comments))
    assert nestlab.validate(captured).errors == ()
    plan = nestlab.Lab(captured, host, journal).plan()
    assert (str(plan.steps), plan.deferred) == ("()", ())
    # A route has no mark: only the journal knows that the lab made it, so the capture lists it.
    listed = {loss.partition(": left out")[0] for loss in losses}
    assert {" on ".join((each.subject, *each.holds)) for each in plan.remainder} <= listed
    assert differences(captured, host.simulated_host.world.host) == []
    if any("it is not known which file of the host" in loss for loss in losses):
        return
    elsewhere = prepared_host()
    built = list(
        islice(nestlab.Lab(captured, elsewhere, journal.with_name("2.jsonl")).apply(), 300)
    )
    assert [str(result) for result in built if not result.ok] == []
    elsewhere.wait(600)
    again = capture_all(elsewhere, of_topology=topology.name, credential=credentials_of(topology))
    assert again.topology.to_dict() == captured.to_dict()
