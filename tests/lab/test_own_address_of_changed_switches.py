"""A switch that gets another adapter or type: the host's own address in the file goes with it."""

from __future__ import annotations

from contextlib import suppress

import pytest

import nestlab
from nestlab.errors import Cancelled
from nestlab.model import Cmdlet
from tests.lab.test_taken_adapters import HOST, own, settings

OWN = "ip_address: 10.9.0.1/24"
FIRST = f"{{name: E, switch_type: External, net_adapter: NIC1, {OWN}}}"
OTHER = FIRST.replace("NIC1", "NIC2")
INTERNAL = f"{{name: E, switch_type: Internal, {OWN}}}"
NAT = INTERNAL.replace("}", ", nat: 10.9.0.0/24}")
CHANGES = [
    (FIRST, OTHER),
    (OTHER, FIRST),
    (FIRST, INTERNAL),
    (INTERNAL, OTHER),
    (FIRST, NAT),
    tuple(each.replace("}", ", gateway: 10.9.0.254}") for each in (FIRST, OTHER)),
]


@pytest.fixture(
    params=[(False, True), (False, False), (True, True), (True, False)],
    ids=["new", "new-lost", "stays", "stays-lost"],
)
def host(request, monkeypatch, tmp_path):
    """Return a host in each reading of Set-VMSwitch, and of what an adapter below a switch has."""
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    found = nestlab.connect(HOST)
    quirks = found.simulated_host.world.quirks
    quirks.changed_switches_keep_adapters, quirks.taken_adapters_keep_settings = request.param
    own(found, "NIC1", "192.0.2.60", to="10.50.0.0/16", via="192.0.2.9")
    own(found, "NIC2", "198.51.100.61", to="10.51.0.0/16", via="198.51.100.1")
    return found


def lab(host, switch):
    return nestlab.Lab(nestlab.loads(f"name: one\nswitches:\n  - {switch}\n"), host)


def failed(results):
    return [str(result) for result in results if not result.ok]


def holders(host, address="10.9.0.1"):
    found = host.run(Cmdlet("Get-NetIPAddress", {"AddressFamily": "IPv4"}))
    return [str(each["InterfaceAlias"]) for each in found if each["IPAddress"] == address]


@pytest.mark.parametrize(("first", "then"), CHANGES)
def test_it_is_set_again_and_undo_restores_it(host, first, then):
    assert failed(lab(host, first).apply()) == []
    before = settings(host)
    changed = lab(host, then)
    assert failed(changed.apply()) == []
    assert holders(host) == ["vEthernet (E)"]
    assert changed.plan().is_empty
    assert failed(changed.undo()) == []
    assert settings(host) == before
    assert lab(host, first).plan().is_empty


def test_the_plan_says_where_it_is_removed(host):
    assert failed(lab(host, FIRST).apply()) == []
    (step,) = (each for each in lab(host, OTHER).plan().steps if each.action == "set-address")
    assert "; Windows moves 10.9.0.1/24 to NIC1 when the switch changes" in step.why
    assert any("NIC1" in str(each) for each in step.cmdlets)


@pytest.mark.parametrize(("first", "then"), CHANGES)
def test_a_run_that_ended_after_the_change_is_completed(host, first, then):
    assert failed(lab(host, first).apply()) == []
    with suppress(Cancelled):  # nothing is left to do where the adapter stays
        list(lab(host, then).apply(confirm=lambda step: step.action == "set-switch"))
    assert failed(lab(host, then).apply()) == []
    assert holders(host) == ["vEthernet (E)"]
    assert lab(host, then).plan().is_empty


def test_one_that_no_run_set_is_not_removed_from_another_adapter(host):
    assert failed(lab(host, FIRST).apply()) == []
    theirs = {"InterfaceAlias": "NIC2", "IPAddress": "10.9.0.7", "PrefixLength": 24}
    host.run(Cmdlet("New-NetIPAddress", theirs))
    wanted = FIRST.replace("10.9.0.1", "10.9.0.7")
    removed = [
        str(cmdlet)
        for step in lab(host, wanted).plan().steps
        for cmdlet in step.cmdlets
        if cmdlet.name == "Remove-NetIPAddress" and "NIC2" in str(cmdlet)
    ]
    assert removed == []
