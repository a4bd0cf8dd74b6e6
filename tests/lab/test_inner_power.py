"""VMs inside a nested host that is turned off and on: each runs again, or the result says why not."""

import pytest

import nestlab
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.simulator.faults import Fault

LAB = """
name: lab
images: {ws: {path: 'D:\\images\\ws2022.vhdx', os: windows, prepared: true}}
switches: [{name: Lan, switch_type: Internal, ip_address: 10.7.0.1/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    processor_count: 4
    disk: {image: ws}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Nic, switch: Lan, ip_address: 10.7.0.2/24}]
    nested:
      vms: [{name: web, memory_startup: 1GB, disk: {size: 10GB}}]
"""
CHANGES = {
    "memory": LAB.replace("memory_startup: 8GB", "memory_startup: 9GB"),
    "processors": LAB.replace("processor_count: 4", "processor_count: 2"),
    "version of the role": LAB.replace(
        "    nested:\n", "    nested:\n      switches: []\n"
    ).replace("processor_count: 4", "processor_count: 3"),
}
ON = SwitchParameter.ON


def run(session, name, **parameters):
    return session.run(Cmdlet(name, parameters)).records


def built(host, text, **options):
    lab = nestlab.Lab(nestlab.loads(text), host, **options)
    assert [result.message for result in lab.apply() if not result.ok] == []
    return lab


def inner(host, name="HV1"):
    """Return the simulated nested host."""
    there = host.simulated_host.world.host
    return there.guest(next(vm for vm in there.hyper_v.vms if vm.name == name))


def states(host):
    return {vm.name: str(vm.state) for vm in inner(host).hyper_v.vms}


def foreign(host, name, *, state="Running", **settings):
    """Create a VM inside HV1 as another user would."""
    session = host.guest("HV1", "lab-admin")
    made = {"Name": name, "Generation": 2, "MemoryStartupBytes": Size.parse("1GB"), "NoVHD": ON}
    run(session, "New-VM", **made)
    if settings:
        run(session, "Set-VM", Name=name, **settings)
    if state != "Off":
        run(session, "Start-VM", Name=name)
    if state == "Paused":
        run(session, "Suspend-VM", Name=name)
    if state == "Saved":
        run(session, "Save-VM", Name=name)
    session.close()


def interrupt(results):
    """End a run while the nested host is off."""
    while next(results).step.action != "set-memory":
        pass
    results.close()


FOREIGN = {
    "usual": {},
    "never started by Hyper-V": {"AutomaticStartAction": "Nothing"},
    "turned off": {"AutomaticStopAction": "TurnOff", "AutomaticStartAction": "Nothing"},
    "paused": {"state": "Paused"},
    "saved": {"state": "Saved"},
    "off": {"state": "Off"},
}


def populated(**options):
    host = nestlab.connect()
    lab = built(host, LAB, **options)
    for name, settings in FOREIGN.items():
        foreign(host, name, **settings)
    return host, lab, states(host)


@pytest.mark.parametrize("change", CHANGES)
def test_apply_and_undo_leave_every_inner_vm_in_its_state(change):
    host, _, before = populated()
    assert set(before.values()) == {"Running", "Paused", "Saved", "Off"}
    lab = built(host, CHANGES[change])
    assert states(host) == before
    assert [str(result) for result in lab.undo() if not result.ok] == []
    assert states(host) == before
    assert nestlab.Lab(nestlab.loads(LAB), host).plan().is_empty


def test_the_plan_says_before_what_stops_with_the_nested_host():
    host, _, _ = populated()
    plan = nestlab.Lab(nestlab.loads(CHANGES["memory"]), host).plan()
    (stop,) = [step for step in plan.steps if step.action == "stop-vm"]
    for name in ("web", "usual", "never started by Hyper-V", "turned off", "paused"):
        assert name in stop.why
    assert "saved" not in stop.why
    assert "Running" in stop.why


def test_the_plan_says_that_vms_inside_cannot_start_without_the_extensions():
    host, _, _ = populated()
    text = LAB.partition("    nested:")[0]
    plan = nestlab.Lab(nestlab.loads(text), host).plan(disconnect_others=True)
    (stop,) = [step for step in plan.steps if step.action == "stop-vm"]
    assert "usual" in stop.why
    assert "cannot start again" in stop.why


def test_the_plan_says_that_it_does_not_know_what_runs_inside_a_guest_that_does_not_answer():
    host, _, _ = populated()
    host.simulated_host.world.host.guest(
        next(vm for vm in host.simulated_host.world.host.hyper_v.vms if vm.name == "HV1")
    ).ready_at = float(1 << 53)
    plan = nestlab.Lab(nestlab.loads(CHANGES["memory"]), host).plan()
    (stop,) = [step for step in plan.steps if step.action == "stop-vm"]
    assert "not known" in stop.why


@pytest.mark.parametrize("way", ["apply", "undo"])
def test_an_interrupted_run_is_continued_with_what_ran_before(way):
    host, _, before = populated()
    lab = nestlab.Lab(nestlab.loads(CHANGES["memory"]), host)
    interrupt(lab.apply())
    assert [str(result) for result in getattr(lab, way)() if not result.ok] == []
    host.wait(600)
    assert states(host) == before


def test_an_interrupted_undo_is_continued_with_what_ran_before():
    host, _, _ = populated()
    lab = built(host, CHANGES["memory"])
    foreign(host, "later", AutomaticStartAction="Nothing")
    before = states(host)
    interrupt(lab.undo())
    assert [str(result) for result in lab.undo() if not result.ok] == []
    assert states(host) == before


def test_undo_says_what_it_could_not_start_again_and_tries_again():
    host, _, before = populated()
    lab = built(host, CHANGES["memory"])
    host.simulated_host.inject_faults(Fault("fail", "Start-VM", nth=2))
    failed = [result for result in lab.undo() if not result.ok]
    assert [result.step.machine for result in failed] == [("HV1",)]
    assert failed[0].step.target.name in FOREIGN
    assert "again" in failed[0].step.title
    assert [str(result) for result in lab.undo() if not result.ok] == []
    assert states(host) == before


def test_undo_shuts_guests_down_before_it_turns_them_off():
    host, _, _ = populated()
    lab = built(host, CHANGES["memory"])
    calls = [str(call) for result in lab.undo() for call in result.step.cmdlets]
    assert any("Stop-VM" in call for call in calls)
    assert states(host)["web"] == "Running"


def test_undo_says_what_was_running_in_a_nested_host_that_was_off_before():
    host = nestlab.connect()
    built(host, LAB)
    run(host, "Stop-VM", Name="HV1", Force=ON)
    lab = nestlab.Lab(nestlab.loads(LAB), host)
    assert [result.message for result in lab.apply() if not result.ok] == []
    foreign(host, "usual")
    said = " ".join(result.message for result in lab.undo())
    assert "usual" in said


def test_the_plan_says_which_vms_of_others_are_deleted_with_a_recreated_nested_host():
    host, _, _ = populated()
    text = LAB.replace("    processor_count: 4", "    processor_count: 4\n    generation: 1")
    plan = nestlab.Lab(nestlab.loads(text), host).plan(recreate=["HV1"], delete_others=True)
    (remove,) = [step for step in plan.steps if step.action == "remove-vm"]
    assert "are deleted with it: " in remove.why
    assert "usual" in remove.why
    assert "web" not in remove.why
