"""The removal of a VM whose guest serves others: by its NAT, its DHCP server or its routes."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.lab.journal_folder import journals_of
from tests.lab.beside_others import applied, coming, host_of, run
from tests.lab.test_guest_nat_of_others import SENDS, TRANSLATES, add_guest, lab_of

HEAD = r"""
name: one
images:
  ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
switches:
  - {name: Wan, switch_type: Internal, ip_address: 192.168.100.1/24}
  - {name: Lan, switch_type: Private}
"""
VM = """\
vms:
  - name: router
    SYSTEM
    DOES
    network_adapters:
      - {name: Out, switch: Wan, ip_address: 192.168.100.11/24, gateway: 192.168.100.1}
      - {name: In, switch: Lan, ip_address: 10.1.0.1/24SERVES}
"""
SYSTEMS = {
    "windows": "{disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}",
    "linux": "{disk: {image: ubuntu}, guest: {os: linux, cloud_init: true}}",
}
DOES = {
    "nat": ("nat: {inside: 10.1.0.0/16, outside: Wan}", ""),
    "dhcp": ("notes: plain", ", dhcp_server: {range: 10.1.0.100-10.1.0.120}"),
    "routes": ("forwarding: true", ""),
}
SERVES = "its guest serves DHCP or routes, which VM guest on switch Lan may use"
KEPT = f"kept: {SERVES}; `--disconnect-others` removes it anyway"


def text_of(system, does):
    setting, serves = DOES[does]
    of = SYSTEMS[system].strip("{}").replace("}, guest", "}\n    guest")
    system_text = of if of.endswith("}") else of + "}"
    vm = VM.replace("SYSTEM", system_text).replace("DOES", setting).replace("SERVES", serves)
    return HEAD + vm


EVERY = [(system, does) for system in SYSTEMS for does in DOES]
LINUX = text_of("linux", "nat")


@pytest.fixture
def host(monkeypatch, tmp_path):
    return host_of(monkeypatch, tmp_path)


def names(host):
    return [each["Name"] for each in run(host, "Get-VM")]


def removals(plan):
    return [step for step in plan.steps if step.action == "remove-vm"]


@pytest.mark.parametrize(("system", "does"), EVERY)
@pytest.mark.parametrize("state", ["on", "off"])
def test_prune_and_destroy_remove_it_with_consent_only(host, system, does, state):
    said = TRANSLATES if does == "nat" else KEPT
    lab = applied(host, text_of(system, does))
    (step,) = removals(lab.plan_destroy())
    assert "guest" not in step.why
    add_guest(host)
    if state == "off":
        run(host, "Stop-VM", Name="router", TurnOff=True)
    pruned = lab_of(host, HEAD)
    for plan in (pruned.plan(prune=True), lab.plan_destroy()):
        assert removals(plan) == []
        held = [text for each in plan.remainder for text in each.holds]
        assert said in (*held, *(each.why for each in plan.unchanged))
    for plan in (
        pruned.plan(prune=True, disconnect_others=True),
        lab.plan_destroy(disconnect_others=True),
    ):
        (step,) = removals(plan)
        assert "VM guest on switch Lan" in step.why
    agreed = pruned.plan(prune=True, disconnect_others=True)
    assert [str(each) for each in pruned.apply(agreed) if not each.ok] == []
    assert "guest" in names(host)
    assert "router" not in names(host)


@pytest.mark.parametrize(("system", "does"), EVERY)
def test_recreating_it_needs_consent(host, system, does):
    text = text_of(system, does)
    applied(host, text)
    add_guest(host)
    other = lab_of(host, text.replace("- name: router", "- name: router\n    generation: 1"))
    with pytest.raises(PlanRefused, match="VM guest on switch Lan"):
        other.plan(recreate=["router"])
    (step,) = removals(other.plan(recreate=["router"], disconnect_others=True))
    assert step.hazard == "deletes-data"


@pytest.mark.parametrize(("system", "does"), EVERY)
@pytest.mark.parametrize("action", ["destroy", "prune", "undo"])
def test_a_vm_that_came_since_the_plan_keeps_it(host, system, does, action):
    lab = applied(host, text_of(system, does))
    if action == "undo":
        add_guest(host)
        results = [*lab.undo()]
    elif action == "destroy":
        results = [*lab.destroy(lab.plan_destroy(), confirm=coming(host, add_guest))]
    else:
        pruned = lab_of(host, HEAD)
        results = [*pruned.apply(pruned.plan(prune=True), confirm=coming(host, add_guest))]
    assert "router" in names(host)
    said = (TRANSLATES if does == "nat" else KEPT).removeprefix("kept: ")
    assert any(said in each.message for each in results), [str(each) for each in results]


@pytest.mark.parametrize("system", SYSTEMS)
def test_others_elsewhere_keep_no_router(host, system):
    lab = applied(host, text_of(system, "routes"))
    run(host, "New-VMSwitch", Name="Theirs", SwitchType="Private")
    run(host, "New-VM", Name="guest", NoVHD=True, SwitchName="Theirs")
    assert len(removals(lab.plan_destroy())) == 1


def test_a_guest_with_one_adapter_routes_for_no_vm_of_others(host):
    text = text_of("windows", "routes")
    one = "\n".join(line for line in text.splitlines() if "name: Out" not in line)
    lab = applied(host, one)
    add_guest(host)
    assert len(removals(lab.plan_destroy())) == 1


WITHOUT = LINUX.replace(DOES["nat"][0], "notes: plain")
SMALLER = LINUX.replace("10.1.0.0/16", "10.1.0.0/24")


@pytest.mark.parametrize("text", [WITHOUT, SMALLER], ids=["without", "smaller"])
def test_a_linux_router_without_its_nat_or_with_a_smaller_one_needs_consent(host, text):
    applied(host, LINUX)
    add_guest(host)
    assert lab_of(host, LINUX).plan().is_empty
    with pytest.raises(PlanRefused) as error:
        lab_of(host, text).plan()
    (finding,) = error.value.findings
    assert (finding.code, finding.subject) == ("nat-in-use", "router")
    assert finding.message.endswith(
        f"it also translates {SENDS}, which nothing translates after that"
    )
    plan = lab_of(host, text).plan(disconnect_others=True)
    (step,) = (each for each in plan.steps if each.action == "write-seed")
    assert (step.hazard, SENDS in step.why) == ("may-cut-connection", True)
    applied(host, text, disconnect_others=True)
    assert lab_of(host, text).plan().is_empty


def test_a_linux_router_that_translates_no_more_is_removed_without_consent(host):
    applied(host, LINUX)
    applied(host, WITHOUT)
    add_guest(host)
    (step,) = removals(lab_of(host, HEAD).plan(prune=True))
    assert "it also translates" not in step.why
    pruned = lab_of(host, HEAD)
    assert [str(each) for each in pruned.apply(pruned.plan(prune=True)) if not each.ok] == []
    assert "guest" in names(host)
    assert "router" not in names(host)


def seeds(host):
    drives = run(host, "Get-VMHardDiskDrive", VMName="router")
    return [each["Path"] for each in drives if "cidata" in each["Path"]]


def test_a_vm_that_came_since_the_plan_keeps_the_nat_of_a_linux_router(host):
    applied(host, LINUX)
    before = seeds(host)
    lab = lab_of(host, WITHOUT)
    results = [*lab.apply(lab.plan(), confirm=coming(host, add_guest))]
    assert any(SENDS in each.message for each in results), [str(each) for each in results]
    assert seeds(host) == before


def test_undo_keeps_the_nat_of_a_linux_router_that_others_are_behind(host):
    applied(host, WITHOUT)
    applied(host, LINUX)
    before = seeds(host)
    add_guest(host)
    path = journals_of(host)[0].path
    results = [*nestlab.undo(host, path)]
    assert any(SENDS in each.message for each in results), [str(each) for each in results]
    assert seeds(host) == before
    run(host, "Stop-VM", Name="router", TurnOff=True)
    assert all(each.ok for each in nestlab.undo(host, path, disconnect_others=True))
    assert seeds(host) != before
