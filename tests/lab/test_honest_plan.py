"""The law of the honest plan: it is empty and without remainder exactly when host and file do not differ."""

import os
from dataclasses import replace
from itertools import islice

from hypothesis import HealthCheck, Phase, assume, given, note, settings
from hypothesis import strategies as st

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.model.topology import VM
from nestlab.simulator.state.dataclass_json import encode
from nestlab.simulator.state.machine import File
from tests.lab.comparer import differences
from tests.lab.edits import COPIES, CORP, EDITS, EXISTING, ISO, small_topologies

CASES = int(os.environ.get("NESTLAB_LAW_CASES", "40"))
MOST_STEPS = 300
"""More steps than any of these labs takes: a run that does not end by itself is a failure, not a wait."""
SAID_BEFORE = {"cannot-change", "remainder-conflict"}
"""What forbids a plan because of what is there; everything else that forbids one is said of the file alone."""


def carried(topology):
    """Whether a host can carry it: no errors, disks that boot where a guest is waited for, one VM for the existing disk."""
    assume(nestlab.validate(topology).ok)
    vms = [vm for path, vm in topology.machines() if isinstance(vm, VM)]
    paths = [
        path for path, vm in topology.machines() if isinstance(vm, VM) and vm.disk and vm.disk.path
    ]
    assume(len(paths) <= 1 and all(len(path) == 1 for path in paths))
    assume(all(vm.generation == 2 or vm.nested is None for vm in vms))
    # The images of Windows have a GPT partition table, from which no VM of generation 1 boots.
    images = [vm for vm in vms if vm.disk and (vm.disk.image or vm.disk.parent)]
    assume(all(vm.generation == 2 or vm.guest.os != "windows" for vm in images))
    assume(all(vm.processor_count >= inner.processor_count for vm in vms for inner in vm.vms))
    assume(all(vm.version != "9.0" or vm.nested is None for vm in vms))
    return topology


def everything(topology):
    return ["/".join(path) for path, _ in topology.machines() if path]


def converge(topology, host, journal):
    """Apply with all consent; then the plan is empty, and nothing differs."""
    lab = nestlab.Lab(topology, host, journal)
    plan = lab.plan(prune=True, recreate=everything(topology), disconnect_others=True)
    results = list(islice(lab.apply(plan), MOST_STEPS))
    assert [str(result) for result in results if not result.ok] == []
    assert len(results) < MOST_STEPS, [result.step.id for result in results[-8:]]
    assert differences(topology, host.simulated_host.world.host, journal) == []
    after = lab.plan()
    assert (str(after.steps), after.deferred, after.remainder) == ("()", (), ())


def prepared_host():
    """Return a host with a disk, a switch and copies of images that are not the topology's."""
    host = nestlab.connect()
    disk = {"Path": EXISTING, "SizeBytes": Size.parse("10GB"), "Dynamic": SwitchParameter.ON}
    host.run(Cmdlet("New-VHD", disk))
    host.run(Cmdlet("New-VMSwitch", {"Name": CORP, "SwitchType": "Internal"}))
    files = host.simulated_host.world.host.files
    files[ISO.lower()] = File(ISO)
    for path, copy in COPIES.items():
        files[copy.lower()] = replace(files[path.lower()], path=copy)
    return host


def switch_of(host, name):
    switches = host.simulated_host.world.host.hyper_v.switches
    return next(switch for switch in switches if switch.name == name)


@settings(
    max_examples=CASES,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
    print_blob=False,
)
@given(st.data(), small_topologies(), st.lists(st.sampled_from(EDITS), min_size=1, max_size=2))
def test_a_plan_is_empty_exactly_where_file_and_host_do_not_differ_and_applying_it_converges(
    tmp_path_factory, data, before, edits
):
    carried(before)
    after = before
    for edit in edits:
        after = edit(after, data.draw)
    carried(after)
    folder = tmp_path_factory.mktemp("law")
    host = prepared_host()
    corp = encode(switch_of(host, CORP))
    try:
        converge(before, host, folder / "1.jsonl")
    except PlanRefused as refused:
        note(str(refused))
        assume(False)
    note(f"before: {before.to_dict()}")
    note(f"after: {after.to_dict()}")
    differs = differences(after, host.simulated_host.world.host)
    lab = nestlab.Lab(after, host, folder / "2.jsonl")
    is_empty = False
    try:
        plan = lab.plan()
        note(str(plan))
        is_empty = plan.is_empty and not plan.remainder
    except PlanRefused as refused:
        note(str(refused))
        assume(
            {finding.code for finding in refused.findings if finding.severity == "error"}
            <= SAID_BEFORE
        )
    assert is_empty == (not differs), differs
    converge(after, host, folder / "3.jsonl")
    assert encode(switch_of(host, CORP)) == corp
