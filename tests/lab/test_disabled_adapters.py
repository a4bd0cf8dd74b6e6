"""A network adapter that was disabled by hand: it is enabled again, and its addresses return.

Get-NetIPInterface does not list a disabled adapter, so what it has is not known until then
(https://learn.microsoft.com/powershell/module/netadapter/disable-netadapter).
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet, SwitchParameter
from tests.lab.test_renamed_windows_adapters import FILE, NESTED, at


def disable(session, name):
    """Disable an adapter of Windows."""
    session.run(Cmdlet("Disable-NetAdapter", {"Name": name, "Confirm": SwitchParameter.OFF}))


def status(session, name):
    (found,) = session.run(Cmdlet("Get-NetAdapter", {"Name": name})).of_type("MSFT_NetAdapter")
    return found["Status"]


@pytest.fixture
def lab_at():
    """Apply a lab, and disable an adapter at a path in it."""

    def make(text, path, name):
        lab = nestlab.Lab(nestlab.loads(text), nestlab.connect())
        assert all(result.ok for result in lab.apply())
        disable(at(lab, path), name)
        return lab

    return make


@pytest.fixture(params=["own switch", "own switch in a nested host", "guest"])
def case(request, lab_at):
    text, path, name = {
        "own switch": (FILE, (), "vEthernet (Lab)"),
        "own switch in a nested host": (NESTED, ("HV1",), "vEthernet (Lab)"),
        "guest": (FILE, ("a",), "Ethernet"),
    }[request.param]
    return lab_at(text, path, name), path, name


def test_the_plan_is_to_enable_it_and_nothing_else(case):
    lab, path, name = case
    (step,) = lab.plan().steps
    assert step.action == "enable-adapter"
    assert step.machine == path
    assert step.title == f"Enable the network adapter {name}"
    assert [str(each) for each in step.cmdlets] == [
        f"Enable-NetAdapter -Name '{name}' -Confirm:$false"
    ]
    assert [str(each) for each in step.undo] == [
        f"Disable-NetAdapter -Name '{name}' -Confirm:$false"
    ]


def test_apply_mends_the_lab_and_undo_disables_it_again(case):
    lab, path, name = case
    assert not lab.verify().ok
    results = list(lab.apply())
    assert [(result.step.action, result.ok) for result in results] == [("enable-adapter", True)]
    assert lab.verify().ok
    assert lab.plan().is_empty
    assert all(result.ok for result in lab.undo())
    assert status(at(lab, path), name) == "Disabled"


def test_verify_names_it(case):
    lab, _, name = case
    assert f"{name} is Disabled" in str(lab.verify())


def test_drift_says_why_nothing_is_known_of_it(case):
    lab, _, name = case
    (found,) = nestlab.drift(lab.topology, lab.host)
    assert f"Enable the network adapter {name} (it is Disabled; " in found.message


def test_what_it_had_is_compared_when_it_is_enabled(lab_at):
    lab = lab_at(FILE, ("a",), "Ethernet")
    changed = nestlab.loads(FILE.replace("10.5.0.11/24", "10.5.0.12/24"))
    results = list(nestlab.Lab(changed, lab.host).apply())
    assert [result.step.action for result in results] == ["enable-adapter", "set-address"]
    assert all(result.ok for result in results)
    assert nestlab.Lab(changed, lab.host).verify().ok


def test_further_adapters_of_a_switch_are_enabled_as_well(lab_at):
    text = FILE.replace(
        "nat: 10.5.0.0/24}",
        "nat: 10.5.0.0/24, management_adapters: [{name: Backup, ip_address: 10.6.0.1/24}]}",
    )
    lab = lab_at(text, (), "vEthernet (Backup)")
    assert [step.action for step in lab.plan().steps] == ["enable-adapter"]
    assert all(result.ok for result in lab.apply())
    assert lab.plan().is_empty


def test_routes_over_it_wait_until_it_is_enabled(lab_at):
    text = FILE.replace("forwarding: true", "routes: [{to: 10.99.0.0/24, via: 10.5.0.11}]")
    lab = lab_at(text, (), "vEthernet (Lab)")
    assert [step.action for step in lab.plan().steps] == ["enable-adapter"]
    assert all(result.ok for result in lab.apply())
    assert lab.plan().is_empty


def test_one_of_an_existing_switch_is_left_alone_and_named(lab_at):
    lab = lab_at(FILE, (), "vEthernet (Lab)")
    text = "name: other\nswitches: [{name: Lab, existing: true}]\nvms: [{name: b, memory_startup: 1GB, network_adapters: [{switch: Lab}]}]"
    other = nestlab.Lab(nestlab.loads(text), lab.host)
    (found,) = (each for each in other.check() if each.code == "adapter-disabled")
    assert "vEthernet (Lab) of the host, which is Disabled" in found.message
    assert "enable-adapter" not in [step.action for step in other.plan().steps]


def test_a_restricted_session_enables_only_the_adapters_of_the_lab(tmp_path):
    topology = nestlab.loads(FILE)
    nestlab.export_topology(topology, tmp_path, to="jea")
    host = nestlab.connect(f"sim:?configuration={tmp_path}")
    lab = nestlab.Lab(topology, host)
    assert all(result.ok for result in lab.apply())
    for session, name in ((host, "vEthernet (Lab)"), (at(lab, ("a",)), "Ethernet")):
        disable(session, name)
        assert all(result.ok for result in lab.apply())
        assert lab.verify().ok
    with pytest.raises(nestlab.errors.NestlabError):
        disable(host, "Ethernet")


def test_it_is_said_in_spanish(lab_at):
    lab = lab_at(FILE, (), "vEthernet (Lab)")
    nestlab.set_language("es")
    try:
        (step,) = lab.plan().steps
        assert step.action == "enable-adapter"
        assert step.title == "Habilitar el adaptador de red vEthernet (Lab)"
        assert "El adaptador de red vEthernet (Lab) está Disabled" in str(lab.verify())
    finally:
        nestlab.set_language("en")
