"""A switch that gets another adapter or type: what its further adapters of the host have, in both readings of Set-VMSwitch."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet, SwitchParameter
from tests.lab.test_taken_adapters import HOST, INTERNAL, NOT_SHARED, OTHER, SHARED, own, settings

FURTHER = ", management_adapters: [{name: Ours, ip_address: 10.30.0.1/24, vlan: {access: 5}}]}"
TYPES = {"external": SHARED, "internal": INTERNAL}
CHANGES = [(SHARED, OTHER), (SHARED, INTERNAL), (INTERNAL, SHARED)]
ALONE = NOT_SHARED.replace("NIC2", "NIC1")
UNDONE = [
    *CHANGES,
    (ALONE, NOT_SHARED),
    (NOT_SHARED, ALONE),
    (ALONE, INTERNAL),
    (INTERNAL, ALONE),
]
FURTHER_CHANGES = [*UNDONE, (ALONE, OTHER), (SHARED, NOT_SHARED)]
SAYS = "Microsoft does not document whether vEthernet (E) stays instead"


@pytest.fixture(params=[True, False], ids=["settings-kept", "settings-lost"])
def keep_settings(request):
    """Return whether an adapter keeps its settings while a switch has it."""
    return request.param


@pytest.fixture(params=[False, True], ids=["new", "kept"])
def host(request, monkeypatch, tmp_path):
    """Return a host whose changed switches get a new adapter of the host, or keep the one they have."""
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    found = nestlab.connect(HOST)
    found.simulated_host.world.quirks.changed_switches_keep_adapters = request.param
    own(found, "NIC1", "192.0.2.60", to="10.50.0.0/16", via="192.0.2.9")
    own(found, "NIC2", "198.51.100.61", to="10.51.0.0/16", via="203.0.113.1")
    return found


def lab(host, switch):
    return nestlab.Lab(nestlab.loads(f"name: one\nswitches:\n  - {switch}\n"), host)


def failed(results):
    return [str(result) for result in results if not result.ok]


def with_further(switch):
    return switch.removesuffix("}") + FURTHER


def adapters(host):
    found = host.run(Cmdlet("Get-VMNetworkAdapter", {"ManagementOS": SwitchParameter.ON}))
    return sorted(str(each["Name"]) for each in found)


@pytest.mark.parametrize(("first", "then"), FURTHER_CHANGES)
def test_further_adapters_of_the_file_are_removed_and_added_again(host, first, then):
    before = lab(host, with_further(first))
    assert failed(before.apply()) == []
    plan = lab(host, with_further(then)).plan()
    actions = [str(step.action) for step in plan.steps]
    assert actions.index("remove-management-adapter") < actions.index("set-switch")
    assert actions.index("set-switch") < actions.index("add-management-adapter")
    changed = lab(host, with_further(then))
    done = [*changed.apply(plan)]
    assert failed(done) == []
    later = {result.step.id for result in done} - {step.id for step in plan.steps}
    kept = host.simulated_host.world.quirks.changed_switches_keep_adapters
    assert later <= ({"host:set-dns-servers:vEthernet (E)"} if kept else set())
    assert changed.plan().is_empty
    assert adapters(host) == (["Ours"] if then in {ALONE, NOT_SHARED} else ["E", "Ours"])


def test_the_removal_comes_directly_before_the_change(host):
    """What may cut the session comes last: the rest of the plan is done by then."""
    assert failed(lab(host, with_further(SHARED)).apply()) == []
    internal = "{name: I, switch_type: Internal, ip_address: 10.77.0.1/24, nat: 10.77.0.0/24}"
    plan = lab(host, f"{with_further(OTHER)}\n  - {internal}").plan()
    actions = [str(step.action) for step in plan.steps]
    removal = actions.index("remove-management-adapter")
    assert actions[:removal] == ["create-switch", "set-address", "create-nat"]
    assert actions[removal + 1] == "set-switch"
    assert (
        "; if the host is managed through it, the run ends there: nothing adds it again by itself"
        in plan.steps[removal].why
    )


@pytest.mark.parametrize(("first", "then"), UNDONE)
def test_undo_restores_them(host, first, then):
    assert failed(lab(host, with_further(first)).apply()) == []
    before = settings(host), adapters(host)
    changed = lab(host, with_further(then))
    assert failed(changed.apply()) == []
    assert failed(changed.undo()) == []
    assert adapters(host) == before[1]
    assert settings(host) == before[0]
    assert lab(host, with_further(first)).plan().is_empty


@pytest.mark.parametrize(
    ("first", "then"), [(ALONE, OTHER), (SHARED, NOT_SHARED), (OTHER, ALONE), (NOT_SHARED, SHARED)]
)
@pytest.mark.parametrize("change", [str, with_further], ids=["alone", "further"])
def test_undo_restores_another_adapter_that_is_shared_or_not(
    host, first, then, change, keep_settings
):
    host.simulated_host.world.quirks.taken_adapters_keep_settings = keep_settings
    assert failed(lab(host, change(first)).apply()) == []
    before = settings(host), adapters(host)
    changed = lab(host, change(then))
    assert failed(changed.apply()) == []
    assert changed.plan().is_empty
    assert failed(changed.undo()) == []
    assert (settings(host), adapters(host)) == before
    assert lab(host, change(first)).plan().is_empty


def test_a_switch_is_no_longer_shared_before_it_gets_another_adapter(host):
    """The settings of the host's adapter move back to the one that the switch has by then."""
    assert failed(lab(host, SHARED).apply()) == []
    assert failed(lab(host, NOT_SHARED).apply()) == []
    if host.simulated_host.world.quirks.taken_adapters_keep_settings:
        assert any("'NIC1', None, 24, '192.0.2.60'" in each for each in settings(host))


def test_undo_restores_the_metric_of_a_route_and_forwarding(host):
    assert failed(lab(host, with_further(SHARED)).apply()) == []
    ours = {"InterfaceAlias": "vEthernet (Ours)"}
    route = {"DestinationPrefix": "10.77.0.0/16", "NextHop": "10.30.0.9", "RouteMetric": 5}
    host.run(Cmdlet("New-NetRoute", {**ours, **route}))
    host.run(Cmdlet("Set-NetIPInterface", {**ours, "Forwarding": "Enabled"}))
    changed = lab(host, with_further(OTHER))
    assert failed(changed.apply()) == []
    assert failed(changed.undo()) == []
    found = host.run(Cmdlet("Get-NetRoute", {**ours, "DestinationPrefix": "10.77.0.0/16"}))
    assert [each["RouteMetric"] for each in found] == [5]
    (interface,) = host.run(Cmdlet("Get-NetIPInterface", {**ours, "AddressFamily": "IPv4"}))
    assert str(interface["Forwarding"]) == "Enabled"


@pytest.mark.parametrize("switch", [ALONE, NOT_SHARED])
def test_further_adapters_of_a_switch_that_is_not_shared_are_set(host, switch, keep_settings):
    host.simulated_host.world.quirks.taken_adapters_keep_settings = keep_settings
    before = settings(host)
    made = lab(host, with_further(switch))
    assert failed(made.apply()) == []
    assert made.plan().is_empty
    assert failed(made.undo()) == []
    assert settings(host) == before


@pytest.mark.parametrize(("first", "then"), CHANGES)
def test_the_plan_says_that_the_adapter_may_stay(host, first, then):
    assert failed(lab(host, first).apply()) == []
    changed = lab(host, then)
    (step,) = (each for each in changed.plan().steps if each.action == "set-switch")
    assert SAYS in step.why
    assert failed(changed.apply()) == []
    assert changed.plan().is_empty
    assert failed(changed.undo()) == []


def test_a_switch_that_is_no_longer_shared_has_none_that_may_stay(host):
    assert failed(lab(host, SHARED).apply()) == []
    (step,) = (each for each in lab(host, NOT_SHARED).plan().steps if each.action == "set-switch")
    assert SAYS not in step.why


def test_others_on_a_changed_switch_may_stay(host):
    assert failed(lab(host, SHARED).apply()) == []
    theirs = {"ManagementOS": SwitchParameter.ON, "Name": "Theirs", "SwitchName": "E"}
    host.run(Cmdlet("Add-VMNetworkAdapter", theirs))
    changed = lab(host, OTHER)
    plan = changed.plan(disconnect_others=True)
    (step,) = (each for each in plan.steps if each.action == "set-switch")
    assert "; with it may go what no run of one made" in step.why
    assert failed(changed.apply(plan)) == []
