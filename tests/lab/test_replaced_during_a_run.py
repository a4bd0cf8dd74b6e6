"""What others change in a DHCP scope or NAT during a run stays: no plan that was seen removes it."""

from __future__ import annotations

import pytest

import nestlab
from tests.lab.beside_others import add_guest, applied, coming, host_of, run
from tests.lab.test_changes_beside_others import LAB

MAC = "00-15-5D-00-00-77"
NEW_SWITCH = LAB.replace("vms:", "  - {name: L2, switch_type: Private}\nvms:")
WITHOUT = NEW_SWITCH.replace(
    ", reservations: [{ip_address: 10.9.0.101, mac_address: 00-15-5D-00-00-77}]", ""
)


@pytest.fixture
def host(monkeypatch, tmp_path):
    found = host_of(monkeypatch, tmp_path)
    applied(found, LAB)
    return found


def replace_reservation(host):
    """Give the lab's VM another address, as another user."""
    of_scope = {"ScopeId": "10.9.0.0", "ClientId": MAC}
    run(host, "Remove-DhcpServerv4Reservation", **of_scope)
    run(host, "Add-DhcpServerv4Reservation", **of_scope, IPAddress="10.9.0.105", Name="theirs")


def reserved(host):
    found = run(host, "Get-DhcpServerv4Reservation", ScopeId="10.9.0.0")
    return [str(each["IPAddress"]) for each in found]


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside-others"])
def test_a_reservation_that_others_replaced_during_the_run_stays(host, beside):
    if beside:
        add_guest(host)
    lab = nestlab.Lab(nestlab.loads(NEW_SWITCH), host)
    plan = lab.plan()
    results = [*lab.apply(plan, confirm=coming(host, replace_reservation))]
    assert reserved(host) == ["10.9.0.105"]
    assert [str(each) for each in results if not each.ok] == []


def test_a_removal_that_the_plan_names_runs(host):
    replace_reservation(host)
    lab = nestlab.Lab(nestlab.loads(WITHOUT), host)
    plan = lab.plan()
    assert "remove-reservation" in [step.action for step in plan]
    assert [str(each) for each in lab.apply(plan) if not each.ok] == []
    assert reserved(host) == []
