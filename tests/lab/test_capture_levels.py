"""A capture has every level that answers, can be built elsewhere, and says what it does not know."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

import nestlab
from nestlab.cli import main
from nestlab.errors import CredentialNotUsable, PlanRefused
from nestlab.lab import capture_all
from nestlab.model import Cmdlet
from nestlab.model.topology import VM
from nestlab.simulator.scenarios import scenario_names
from tests.lab.test_field_labs import scenario_of

FOLDERS = [
    Path(__file__).parents[1] / "cases" / "topologies",
    Path(__file__).parents[2] / "notebooks" / "topologies",
]
EXAMPLES = sorted({p.stem: p for folder in FOLDERS for p in folder.glob("*.yml")}.values())


def credentials_of(topology):
    return {
        "/".join(path): vm.guest.credential
        for path, vm in topology.machines()
        if isinstance(vm, VM) and vm.guest.credential
    }


def applied(topology, scenario="ws2022-intel"):
    host = nestlab.connect(f"sim:{scenario}")
    assert [str(r) for r in nestlab.Lab(topology, host).apply() if not r.ok] == []
    return host


def generalized(image):
    return replace(image, prepared=image.os == "linux")


SOME = ("ws2022-intel", "ws2022-spanish", "ws2025-amd")
SCENARIOS = (
    tuple(scenario_names()) if os.environ.get("NESTLAB_CAPTURE_SCENARIOS") == "all" else SOME
)
"""All scenarios take minutes; where one does not carry an example, the test is skipped and says why."""


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_captured_whole_and_builds_the_same_on_an_empty_host(path, scenario):
    topology = nestlab.load(path)
    if scenario == "ws2022-generalized":
        topology = replace(topology, images=tuple(map(generalized, topology.images)))
    try:
        host = applied(topology, scenario)
    except (PlanRefused, CredentialNotUsable) as refused:
        assert scenario not in SOME
        pytest.skip(f"{scenario} does not carry it: {str(refused).splitlines()[1].strip()}")
    names = credentials_of(topology)
    found = capture_all(host, of_topology=topology.name, credential=names)
    assert (found.losses, found.unread) == ((), ())
    assert [vm for vm, _ in found.topology.machines()] == [vm for vm, _ in topology.machines()]
    assert nestlab.validate(found.topology).errors == ()
    plan = nestlab.Lab(found.topology, host).plan()
    assert (plan.steps, plan.deferred, plan.remainder) == ((), (), ())
    # With what others have beside it, which nestlab did not create.
    everything = nestlab.capture(host, credential=names)
    assert len(everything.vms) >= len(found.topology.vms)
    assert nestlab.validate(everything).errors == ()
    plan = nestlab.Lab(everything, host).plan()
    assert (plan.steps, plan.deferred, plan.remainder) == ((), (), ())
    elsewhere = applied(found.topology, scenario)
    again = nestlab.capture(elsewhere, of_topology=topology.name, credential=names)
    assert again.to_dict() == found.topology.to_dict()


FIELD = sorted((FOLDERS[1] / "field").glob("*.yml"))
QUICK = ("azure-nested-nat-dhcp", "labbuilder-dc-dhcp-edge", "minikube-default-switch")
LABS = FIELD if SCENARIOS != SOME else [path for path in FIELD if path.stem in QUICK]


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_the_capture_of_a_lab_of_the_field_builds_the_same_on_an_empty_host(path):
    topology = nestlab.load(path)
    names = credentials_of(topology)
    captures = []
    for _ in range(2):
        host = nestlab.connect(scenario_of(path), prepared_for=topology)
        results = nestlab.Lab(captures[-1] if captures else topology, host).apply()
        assert [str(result) for result in results if not result.ok] == []
        host.wait(600)
        found = capture_all(host, of_topology=topology.name, credential=names)
        assert found.losses == ()
        captures.append(found.topology)
    assert captures[1].to_dict() == captures[0].to_dict()


def test_own_and_foreign_objects_are_told_apart(tmp_path, capsys):
    state = f"sim:ws2022-intel?state={tmp_path / 'host.json'}"
    topology = nestlab.load(FOLDERS[1] / "nat-lab.yml")
    list(nestlab.Lab(topology, nestlab.connect(state)).apply())
    file = tmp_path / "found.yml"
    assert main(["capture", "--host", state, "-o", str(file)]) == 0
    said = capsys.readouterr().out
    assert "Owned by topology nat-lab: VM HV1" in said
    assert "Without a mark of nestlab: VM dc-archive, VM build-agent, VM sql-test" in said
    text = file.read_text("utf-8")
    assert text.startswith("# Owned by topology nat-lab: VM HV1")
    assert "# Guests not read: build-agent, HV1 (no credential was given)" in text
    only = tmp_path / "own.yml"
    arguments = ["--of-topology", "nat-lab", "--credential", "lab-admin", "-o", str(only)]
    assert main(["capture", "--host", state, *arguments]) == 0
    assert "1 nested host." in capsys.readouterr().out
    assert main(["plan", str(only), "--host", state]) == 0
    assert "Nothing to do" in capsys.readouterr().out


def test_only_some_vms_are_captured_with_the_switches_that_they_use(tmp_path, capsys):
    host = applied(nestlab.load(FOLDERS[0] / "two-node-cluster.yml"))
    topology = nestlab.capture(host, only=["node1"], credential="lab-admin")
    assert [vm.name for vm in topology.vms] == ["NODE1"]
    assert {switch.name for switch in topology.switches} == {"Mgmt", "Cluster"}
    with pytest.raises(nestlab.UsageError, match="no VM named nope") as refused:
        nestlab.capture(host, only=["nope"])
    assert "NODE1" in refused.value.hint
    with pytest.raises(nestlab.UsageError, match="belongs to the topology other"):
        nestlab.capture(host, of_topology="other")
    assert main(["capture", "-o", str(tmp_path / "x.yml"), "--only", "nope"]) == 2
    assert "build-agent" in capsys.readouterr().err


def test_a_guest_that_cannot_be_read_is_named_with_the_reason():
    topology = nestlab.load(FOLDERS[1] / "nat-lab.yml")
    host = applied(topology)
    without = capture_all(host, of_topology="nat-lab")
    assert "Guests not read: HV1 (no credential was given)" in without.unread[0]
    assert without.topology.vms[0].nested is None
    host.run(Cmdlet("Stop-VM", {"Name": "HV1", "Force": True, "TurnOff": True}))
    off = capture_all(host, of_topology="nat-lab", credential="lab-admin")
    assert off.unread[0].startswith("Guests not read: HV1 (it is Off)")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--credential", "a", "--credential", "b"], "more than once for every guest"),
        (["--credential", "HV1=a", "--credential", "HV1=b"], "more than once for HV1"),
        (["--credential", "=a"], "must be NAME or MACHINE=NAME"),
        (["--credential", "HV1="], "must be NAME or MACHINE=NAME"),
        (["--of-topology", "a b"], "must be 1 to 40 letters"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(arguments, message, tmp_path, capsys):
    try:
        code = main(["capture", "-o", str(tmp_path / "x.yml"), *arguments])
    except SystemExit as exited:
        code = exited.code
    assert code == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "x.yml").exists()
