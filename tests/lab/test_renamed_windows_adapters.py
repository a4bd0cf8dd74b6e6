"""The machine's own adapter on a switch of the lab, renamed by hand in Windows: it is the same one.

Rename-NetAdapter changes the name of an adapter in Windows only; Hyper-V knows its own adapter by
its DeviceId, which stays
(https://learn.microsoft.com/powershell/module/netadapter/rename-netadapter).
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet

FILE = r"""
name: lab
forwarding: true
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}}
switches: [{name: Lab, switch_type: Internal, ip_address: 10.5.0.1/24, nat: 10.5.0.0/24}]
vms: [{name: a, network_adapters: [{switch: Lab, ip_address: 10.5.0.11/24, gateway: 10.5.0.1, dns_servers: [1.1.1.1]}]}]
checks: [{from: a, to: host}, {from: a, to: internet}]
"""
NESTED = r"""
name: lab
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}}
switches: [{name: Out, switch_type: Internal, ip_address: 10.4.0.1/24, nat: 10.4.0.0/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    network_adapters: [{switch: Out, ip_address: 10.4.0.11/24, gateway: 10.4.0.1, dns_servers: [1.1.1.1]}]
    nested:
      switches: [{name: Lab, switch_type: Internal, ip_address: 10.5.0.1/24, nat: 10.5.0.0/24}]
      vms: [{name: a, memory_startup: 1GB, network_adapters: [{switch: Lab, ip_address: 10.5.0.11/24, gateway: 10.5.0.1, dns_servers: [1.1.1.1]}]}]
checks: [{from: a, to: internet}]
"""
RENAMED = Cmdlet("Rename-NetAdapter", {"Name": "vEthernet (Lab)", "NewName": "LabLAN"})
LEVELS = pytest.mark.parametrize(
    ("text", "path"), [(FILE, ()), (NESTED, ("HV1",))], ids=["host", "nested"]
)


def applied(text, path, address="sim:ws2022-intel"):
    lab = nestlab.Lab(nestlab.loads(text), nestlab.connect(address))
    assert all(result.ok for result in lab.apply())
    at(lab, path).run(RENAMED)
    return lab


def problems(findings):
    return [each.code for each in findings if each.severity in ("warning", "error")]


def at(lab, path):
    return lab.host.guest(*path, "lab-admin") if path else lab.host


@LEVELS
def test_it_is_neither_a_difference_nor_anothers(text, path):
    lab = applied(text, path)
    assert problems(lab.check()) == []
    assert list(nestlab.drift(lab.topology, lab.host)) == []
    plan = lab.plan()
    assert list(plan.steps) == []
    assert problems(plan.warnings) == []
    assert [result.passed for result in lab.verify()] == [True] * len(lab.topology.checks)


@LEVELS
def test_its_settings_are_changed_and_removed_under_its_name(text, path):
    lab = applied(text, path)
    changed = nestlab.Lab(nestlab.loads(text.replace("10.5.0", "10.6.0")), lab.host)
    done = list(changed.apply())
    assert all(result.ok for result in done)
    assert list(nestlab.drift(changed.topology, lab.host)) == []
    assert all(result.ok for result in changed.destroy())
    assert not any(
        "LabLAN" in str(record["Name"])
        for record in lab.host.run(Cmdlet("Get-NetAdapter", {})).records
    )


@LEVELS
def test_undo_removes_what_was_made(text, path, tmp_path):
    journal = tmp_path / "run.jsonl"
    lab = nestlab.Lab(nestlab.loads(text), nestlab.connect("sim:ws2022-intel"), journal)
    assert all(result.ok for result in lab.apply())
    at(lab, path).run(RENAMED)
    assert [result.title for result in nestlab.undo(lab.host, journal) if not result.ok] == []
    assert list(lab.host.run(Cmdlet("Get-VMSwitch", {})).records) == []


def test_undo_finds_it_under_its_new_name(tmp_path):
    text = FILE.replace("forwarding: true\n", "")
    lab = nestlab.Lab(nestlab.loads(text), nestlab.connect("sim:ws2022-intel"))
    assert all(result.ok for result in lab.apply())
    more = text.replace("ip_address: 10.5.0.1/24,", "ip_address: 10.5.0.1/24, interface_metric: 7,")
    journal = tmp_path / "more.jsonl"
    changed = nestlab.Lab(nestlab.loads("forwarding: true" + more), lab.host, journal)
    actions = [result.step.action for result in changed.apply()]
    assert actions == ["set-metric", "set-forwarding"]
    lab.host.run(RENAMED)
    assert [result.status for result in nestlab.undo(lab.host, journal)] == ["done", "done"]
    assert list(nestlab.drift(lab.topology, lab.host)) == []


ROUTED = """
name: one
routes: [{to: 10.77.0.0/16, via: 10.9.0.9}]
switches: [{name: Lab, switch_type: Internal, ip_address: 10.9.0.1/24}]
"""
EXISTING = ROUTED.replace("switches: [", "switches: [{name: Lab, existing: true}]  # [")
IN_GUEST = r"""
name: one
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
switches: [{name: Lab, switch_type: Internal, ip_address: 10.9.0.1/24}]
vms:
  - name: a
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    routes: [{to: 10.77.0.0/16, via: 10.9.0.9}]
    network_adapters: [{switch: Lab, ip_address: 10.9.0.2/24}]
"""
ROUTES = "routes: [{to: 10.77.0.0/16, via: 10.9.0.9}]"
OF_OTHERS = (
    Cmdlet("New-VMSwitch", {"Name": "Lab", "SwitchType": "Internal"}),
    Cmdlet(
        "New-NetIPAddress",
        {"InterfaceAlias": "vEthernet (Lab)", "IPAddress": "10.9.0.1", "PrefixLength": 24},
    ),
)


@pytest.fixture(params=["own", "existing", "guest"])
def routed(request, monkeypatch, tmp_path):
    """Return a host, where its route is, the text of its lab, and how its adapter is renamed."""
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    host = nestlab.connect("sim:ws2022-intel")
    if request.param == "existing":
        host.run(*OF_OTHERS)
    text = {"own": ROUTED, "existing": EXISTING, "guest": IN_GUEST}[request.param]
    before = text.replace(ROUTES, "notes: plain" if request.param == "guest" else "")
    for each in (before, text):
        lab = nestlab.Lab(nestlab.loads(each), host)
        assert [str(result) for result in lab.apply() if not result.ok] == []
    return lab, at(lab, ("a",) if request.param == "guest" else ()), before


def routes_of(session):
    found = session.run(Cmdlet("Get-NetRoute", {"AddressFamily": "IPv4"}))
    return [
        (str(each["InterfaceAlias"]), str(each["NextHop"]))
        for each in found
        if str(each["DestinationPrefix"]) == "10.77.0.0/16"
    ]


def rename(session):
    ((alias, _),) = routes_of(session)
    session.run(Cmdlet("Rename-NetAdapter", {"Name": alias, "NewName": "LabLAN"}))


def test_undo_removes_a_route_under_its_name(routed):
    lab, session, _ = routed
    rename(session)
    assert [str(result) for result in lab.undo() if result.status != "done"] == []
    assert routes_of(session) == []


def test_undo_adds_a_route_again_under_its_name(routed):
    lab, session, before = routed
    without = nestlab.Lab(nestlab.loads(before), lab.host)
    plan = without.plan(prune=True)
    assert [str(result) for result in without.apply(plan) if not result.ok] == []
    assert routes_of(session) == []
    name = "Ethernet" if "vms:" in before else "vEthernet (Lab)"
    session.run(Cmdlet("Rename-NetAdapter", {"Name": name, "NewName": "LabLAN"}))
    assert [str(result) for result in without.undo() if result.status != "done"] == []
    assert routes_of(session) == [("LabLAN", "10.9.0.9")]


def test_a_run_removes_a_route_of_an_adapter_that_was_renamed_since_its_plan(routed):
    lab, session, before = routed
    without = nestlab.Lab(nestlab.loads(before), lab.host)

    def confirm(step):
        if step.action == "remove-route":
            rename(session)
        return True

    done = [*without.apply(without.plan(prune=True), confirm=confirm)]
    assert [str(result) for result in done if not result.ok] == []
    assert routes_of(session) == []


def test_a_route_of_others_to_the_same_destination_stays(routed):
    lab, session, _ = routed
    rename(session)
    where = {"DestinationPrefix": "10.77.0.0/16", "InterfaceAlias": "LabLAN"}
    session.run(Cmdlet("New-NetRoute", {**where, "NextHop": "10.9.0.8"}))
    assert all(result.ok for result in lab.undo())
    assert routes_of(session) == [("LabLAN", "10.9.0.8")]
