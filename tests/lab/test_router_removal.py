"""The removal of a VM that is a router: VMs of others behind its NAT keep it, and are named."""

from __future__ import annotations

import pytest

from nestlab.apply import StepStarted
from nestlab.lab.journal_folder import journals_of
from nestlab.lab.undo_history import entries_of_topology
from nestlab.plan.made_entries import EntryKind
from tests.lab.beside_others import applied, host_of, run
from tests.lab.test_guest_nat_of_others import LAB, SENDS, TRANSLATES, add_guest, lab_of

PRUNED = LAB[: LAB.index("vms:")]
CONSENT = f"it also translates {SENDS}, which nothing translates after that"
UNREAD = (
    "; its guest was not read: if it translates, nothing translates what VM guest on switch Lan "
    "sends after that"
)


@pytest.fixture
def host(monkeypatch, tmp_path):
    found = host_of(monkeypatch, tmp_path)
    applied(found, LAB)
    return found


def removals(plan):
    return [step for step in plan.steps if step.action == "remove-vm"]


def has_router(host):
    return "router" in [each["Name"] for each in run(host, "Get-VM")]


@pytest.mark.parametrize("state", ["on", "off"])
def test_prune_removes_a_router_with_consent_only(host, state):
    add_guest(host)
    if state == "off":
        run(host, "Stop-VM", Name="router", TurnOff=True)
    lab = lab_of(host, PRUNED)
    plan = lab.plan(prune=True)
    assert removals(plan) == []
    assert TRANSLATES in str(plan)
    (step,) = removals(lab.plan(prune=True, disconnect_others=True))
    assert CONSENT in step.why
    plan = lab.plan(prune=True, disconnect_others=True)
    assert [str(each) for each in lab.apply(plan) if not each.ok] == []
    assert not has_router(host)


def test_prune_without_a_journal_says_that_the_guest_was_not_read(host):
    add_guest(host)
    for journal in journals_of(host):
        journal.path.unlink()
    (step,) = removals(lab_of(host, PRUNED).plan(prune=True))
    assert UNREAD in step.why


def test_without_vms_of_others_a_router_is_removed(host):
    (step,) = removals(lab_of(host, PRUNED).plan(prune=True))
    assert "translate" not in step.why


@pytest.mark.parametrize("action", ["destroy", "prune", "undo"])
def test_a_vm_that_came_since_the_plan_keeps_the_router(host, action):
    lab = lab_of(host, PRUNED if action == "prune" else LAB)
    came = []

    def come(event):
        if not came and isinstance(event, StepStarted):
            came.append(event)
            add_guest(host)

    if action == "undo":
        add_guest(host)
        results = [*lab.undo()]
    elif action == "destroy":
        results = [*lab.destroy(on_event=come)]
    else:
        results = [*lab.apply(lab.plan(prune=True), on_event=come)]
    assert has_router(host)
    said = [each.message for each in results if TRANSLATES.removeprefix("kept: ") in each.message]
    assert len(said) == 1, [str(each) for each in results]


def test_the_nat_of_a_removed_router_is_forgotten(host):
    def nats():
        entries = entries_of_topology(lab_of(host, LAB).topology.name, host)
        return [each for each in entries if each.kind is EntryKind.NAT]

    assert [each.machine for each in nats()] == [("router",)]
    lab = lab_of(host, PRUNED)
    assert [str(each) for each in lab.apply(lab.plan(prune=True)) if not each.ok] == []
    assert nats() == []
