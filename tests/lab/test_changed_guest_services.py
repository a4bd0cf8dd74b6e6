"""A change of a VM whose guest serves others: what its adapters and its power state mean for them."""

from __future__ import annotations

import pytest

from nestlab.errors import PlanRefused
from tests.lab.beside_others import applied, host_of
from tests.lab.test_guest_nat_of_others import SENDS, add_guest, lab_of
from tests.lab.test_services_of_removed_vms import SERVES, SYSTEMS, text_of

OFF = ("- name: router", "- name: router\n    state: Off")
VLAN = ("10.1.0.1/24", "10.1.0.1/24, vlan: {access: 5}")
ELSEWHERE = ("name: In, switch: Lan", "name: In, switch: Wan")
UNPLUGGED = ("name: In, switch: Lan", "name: In, connected: false, switch: Lan")
CASES = [
    ("nat", OFF, "stop-vm"),
    ("nat", VLAN, "set-vlan"),
    ("nat", UNPLUGGED, "disconnect-adapter"),
    ("dhcp", OFF, "stop-vm"),
    ("dhcp", VLAN, "set-vlan"),
    ("dhcp", ELSEWHERE, "connect-adapter"),
    ("routes", OFF, "stop-vm"),
    ("routes", VLAN, "set-vlan"),
    ("routes", ELSEWHERE, "connect-adapter"),
    ("routes", UNPLUGGED, "disconnect-adapter"),
]


@pytest.fixture
def host(monkeypatch, tmp_path):
    return host_of(monkeypatch, tmp_path)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("does", "edit", "action"), CASES)
def test_it_needs_consent(host, system, does, edit, action):
    text = text_of(system, does)
    applied(host, text)
    changed = lab_of(host, text.replace(*edit))
    (step,) = (each for each in changed.plan().steps if each.action == action)
    assert "VM guest" not in step.why
    add_guest(host)
    said = SENDS if does == "nat" else SERVES
    with pytest.raises(PlanRefused) as error:
        changed.plan()
    (finding,) = error.value.findings.errors
    assert (finding.code, finding.subject) == (
        "nat-in-use" if does == "nat" else "dhcp-scope-in-use",
        "router",
    )
    assert said in finding.message
    plan = changed.plan(disconnect_others=True)
    (step,) = (each for each in plan.steps if each.action == action)
    assert said in step.why
    assert step.hazard in ("may-cut-connection", "stops-vm")
    assert [str(each) for each in changed.apply(plan) if not each.ok] == []


def test_other_changes_of_it_need_none(host):
    text = text_of("windows", "routes")
    applied(host, text)
    add_guest(host)
    more = text.replace("- name: router", "- name: router\n    processor_count: 1")
    assert lab_of(host, more).plan().steps
