"""A DHCP scope in a guest, which VMs of others beside it may use: it stays for them, and it is said."""

from __future__ import annotations

import pytest

from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet
from tests.lab.beside_others import applied, coming, host_of, run
from tests.lab.test_guest_dhcp import SERVED, WINDOWS, lab_of

LAB = WINDOWS[: WINDOWS.index("  - name: reserved")]
RANGE = LAB.replace("10.1.0.120", "10.1.0.130")
WITHOUT = LAB.replace(SERVED, "")
SCOPE = "nestlab.served.dc/In"
SERVES = "it may serve VM guest on switch Lan; `--disconnect-others` removes it anyway"
BOB = {"ScopeId": "10.1.0.0", "IPAddress": "10.1.0.60", "ClientId": "00-15-5D-99-99-99"}


@pytest.fixture
def host(monkeypatch, tmp_path):
    found = host_of(monkeypatch, tmp_path)
    applied(found, LAB)
    return found


def add_guest(host):
    run(host, "New-VM", Name="guest", NoVHD=True, SwitchName="Lan")


def inside(host, name, **parameters):
    """The records of a cmdlet that another user runs in the guest with the scope."""
    return host.guest("dc", "lab-admin").run(Cmdlet(name, parameters)).records


def now(host):
    """The last address of each scope in the guest."""
    return [str(each["EndRange"]) for each in inside(host, "Get-DhcpServerv4Scope")]


def test_another_range_needs_consent(host):
    add_guest(host)
    lab = lab_of(RANGE, host)
    with pytest.raises(PlanRefused) as error:
        lab.plan()
    (finding,) = error.value.findings.errors
    assert (finding.code, finding.subject) == ("dhcp-scope-in-use", "dc")
    assert finding.message == (
        f"its DHCP scope {SCOPE} would change to 10.1.0.100 to 10.1.0.130, without its leases; "
        "it may serve VM guest, too"
    )
    applied(host, RANGE, disconnect_others=True)
    assert now(host) == ["10.1.0.130"]


def test_a_scope_that_the_file_no_longer_has_is_left_over(host):
    add_guest(host)
    plan = lab_of(WITHOUT, host).plan()
    assert plan.steps == ()
    (left,) = plan.remainder
    assert (left.subject, left.holds[-1]) == (f"DHCP scope {SCOPE}", f"kept: {SERVES}")
    applied(host, WITHOUT, disconnect_others=True)
    assert now(host) == []


def test_a_scope_without_vms_of_others_is_changed_and_removed(host):
    applied(host, RANGE)
    applied(host, WITHOUT)
    assert now(host) == []


def test_a_reservation_of_others_is_kept_for_them(host):
    add_guest(host)
    inside(host, "Add-DhcpServerv4Reservation", **BOB)
    plan = lab_of(LAB, host).plan()
    assert plan.steps == ()
    (left,) = plan.remainder
    assert "and VM guest on switch Lan may use it" in left.holds[0]


@pytest.mark.parametrize("text", [RANGE, WITHOUT], ids=["range", "without"])
def test_a_vm_that_came_since_the_plan_keeps_the_scope(host, text):
    lab = lab_of(text, host)
    plan = lab.plan()
    results = [*lab.apply(plan, confirm=coming(host, add_guest))]
    assert now(host) == ["10.1.0.120"]
    assert [each.message for each in results if SERVES in each.message] != []


def test_undo_keeps_a_range_that_others_use_by_now(host):
    lab = applied(host, RANGE)
    add_guest(host)
    results = [*lab.undo()]
    assert now(host) == ["10.1.0.130"]
    assert [each.message for each in results if SERVES in each.message] != []
