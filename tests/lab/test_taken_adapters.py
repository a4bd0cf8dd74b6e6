"""Adapters that a switch takes from Windows: a plan says what they have, and undo restores it."""

from pathlib import Path

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet, SwitchParameter

HOST = f"sim:{Path(__file__).parents[1] / 'cases' / 'reported' / 'two-adapters.json'}"
SHARED = "{name: E, switch_type: External, net_adapter: NIC1}"
OTHER = "{name: E, switch_type: External, net_adapter: NIC2}"
ADDRESS = "{name: E, switch_type: External, net_adapter: NIC1, ip_address: 192.0.2.77/24}"
NOT_SHARED = "{name: E, switch_type: External, net_adapter: NIC2, allow_management_os: false}"
TEAM = "{name: E, switch_type: External, net_adapter: [NIC1, NIC2]}"
INTERNAL = "{name: E, switch_type: Internal, ip_address: 172.16.0.1/24}"
PRIVATE = "{name: E, switch_type: Private}"
OF_NIC2 = (
    "198.51.100.61/24, 203.0.113.61/24, the route to 10.51.0.0/16 via 203.0.113.1 and DNS 9.9.9.9"
)
UNUSED = f"NIC2 has {OF_NIC2}, which Windows does not use while the switch has NIC2"
READ = (
    ("Get-NetIPAddress", "IPAddress"),
    ("Get-NetRoute", "NextHop"),
    ("Get-DnsClientServerAddress", "ServerAddresses"),
    ("Get-NetIPInterface", "Dhcp"),
)


def settings(host):
    """Return the IPv4 settings of the adapters of a host."""
    found = []
    for name, value in READ:
        for each in host.run(Cmdlet(name, {"AddressFamily": "IPv4"})):
            where = each["InterfaceAlias"], each.get("DestinationPrefix"), each.get("PrefixLength")
            found.append(str((*where, each[value])))
    return sorted(found)


def own(host, adapter, *addresses, to, via):
    """Give an adapter addresses, a route and a DNS server that no run made."""
    here = {"InterfaceAlias": adapter}
    for address in addresses:
        new = {**here, "IPAddress": address, "PrefixLength": 24}
        host.run(Cmdlet("New-NetIPAddress", new))
    host.run(Cmdlet("New-NetRoute", {**here, "DestinationPrefix": to, "NextHop": via}))
    host.run(Cmdlet("Set-DnsClientServerAddress", {**here, "ServerAddresses": ["9.9.9.9"]}))


@pytest.fixture(params=[True, False], ids=["kept", "lost"])
def host(request, monkeypatch, tmp_path):
    """Return a host whose adapters keep their settings while a switch has them, or lose them."""
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    host = nestlab.connect(HOST)
    host.simulated_host.world.quirks.taken_adapters_keep_settings = request.param
    own(host, "NIC1", "192.0.2.60", to="10.50.0.0/16", via="192.0.2.9")
    own(host, "NIC2", "198.51.100.61", "203.0.113.61", to="10.51.0.0/16", via="203.0.113.1")
    return host


def lab(host, switch):
    return nestlab.Lab(nestlab.loads(f"name: one\nswitches:\n  - {switch}\n"), host)


def applied(host, switch):
    found = lab(host, switch)
    assert [str(result) for result in found.apply() if not result.ok] == []
    assert found.plan().steps == ()
    return found


def reason(plan):
    """Return why the step on the switch is needed."""
    (step,) = (s for s in plan.steps if s.action in ("create-switch", "set-switch"))
    return step.why


def test_a_shared_switch_moves_what_its_adapter_has(host):
    assert reason(lab(host, SHARED).plan()) == (
        "host has no switch E; NIC1 has 192.0.2.10/24, 192.0.2.60/24, gateway 192.0.2.1, "
        "the route to 10.50.0.0/16 via 192.0.2.9 and DNS 9.9.9.9, which move to vEthernet (E)"
    )


def test_a_switch_that_is_not_shared_takes_it(host):
    assert reason(lab(host, NOT_SHARED).plan()) == f"host has no switch E; {UNUSED}"


def test_a_team_takes_what_its_further_members_have(host):
    why = reason(lab(host, TEAM).plan())
    assert "; NIC1 has 192.0.2.10/24, " in why
    assert why.endswith(f"which move to vEthernet (E); {UNUSED}")


def test_the_address_of_the_file_says_what_it_replaces(host):
    (step,) = (s for s in lab(host, ADDRESS).plan().steps if s.action == "set-address")
    assert step.why.endswith(
        "; with it goes what no run of one made, as the journals here show: "
        "address 192.0.2.10/24 of vEthernet (E), address 192.0.2.60/24 of vEthernet (E)"
    )


@pytest.mark.parametrize("switch", [SHARED, ADDRESS, NOT_SHARED, TEAM])
def test_undo_restores_what_the_adapters_had(host, switch):
    before = settings(host)
    found = applied(host, switch)
    assert settings(host) != before
    assert [str(result) for result in found.undo() if not result.ok] == []
    assert settings(host) == before


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        (SHARED, OTHER, [f"NIC2 has {OF_NIC2}, which move to vEthernet (E)", "which move to NIC1"]),
        (
            INTERNAL,
            SHARED,
            ["vEthernet (E) has 172.16.0.1/24 and 172.16.9.1/24, which are lost", "; NIC1 has "],
        ),
        (SHARED, INTERNAL, ["vEthernet (E) has 192.0.2.10/24, ", "which move to NIC1"]),
        (INTERNAL, PRIVATE, ["vEthernet (E) has 172.16.0.1/24 and 172.16.9.1/24, which are lost"]),
        (PRIVATE, SHARED, ["; NIC1 has 192.0.2.10/24, "]),
        (
            OTHER,
            NOT_SHARED,
            [f"vEthernet (E) has {OF_NIC2}, which Windows does not use while the switch has NIC2"],
        ),
        (OTHER, PRIVATE, [f"vEthernet (E) has {OF_NIC2}, which move to NIC2"]),
        (TEAM, TEAM.replace("NIC1, NIC2", "NIC2, NIC1"), []),
    ],
)
def test_a_changed_switch_says_it_and_undo_restores_it(host, first, then, said):
    applied(host, first)
    if first == INTERNAL:
        further = {"InterfaceAlias": "vEthernet (E)", "IPAddress": "172.16.9.1"}
        host.run(Cmdlet("New-NetIPAddress", {**further, "PrefixLength": 24}))
    before = settings(host)
    plan = lab(host, then).plan()
    why = reason(plan) if said else ""
    assert [each for each in said if each not in why] == [], why
    changed = applied(host, then)
    if said:
        assert settings(host) != before
        assert [str(result) for result in changed.undo() if not result.ok] == []
    assert settings(host) == before


def test_an_adapter_of_others_on_the_switch_needs_consent(host):
    applied(host, SHARED)
    theirs = {"Name": "Theirs", "SwitchName": "E"}
    host.run(Cmdlet("Add-VMNetworkAdapter", {"ManagementOS": SwitchParameter.ON, **theirs}))
    for switch in (OTHER, INTERNAL, SHARED.replace("}", ", allow_management_os: false}")):
        with pytest.raises(PlanRefused) as error:
            lab(host, switch).plan()
        (finding,) = error.value.findings.errors
        assert finding.code == "switch-in-use"
        assert finding.message.startswith("management adapter Theirs may use it")
        why = reason(lab(host, switch).plan(disconnect_others=True))
        assert "what no run of one made" in why
        assert why.endswith(": management adapter Theirs")


ADD = {"ManagementOS": SwitchParameter.ON, "Name": "Theirs", "SwitchName": "E"}


def theirs(host):
    own = host.run(Cmdlet("Get-VMNetworkAdapter", {"ManagementOS": SwitchParameter.ON}))
    return [str(each["Name"]) for each in own if each["Name"] == "Theirs"]


CHANGED = [OTHER, INTERNAL, SHARED.replace("}", ", allow_management_os: false}")]


@pytest.mark.parametrize("switch", CHANGED)
def test_one_that_comes_during_a_run_keeps_the_switch_as_it_is(host, switch):
    applied(host, SHARED)

    def confirm(step):
        if step.action == "set-switch":
            host.run(Cmdlet("Add-VMNetworkAdapter", ADD))
        return True

    results = list(lab(host, switch).apply(confirm=confirm))
    (kept,) = [str(each.message) for each in results if each.status == "skipped"]
    assert "management adapter Theirs on switch E may use it" in kept
    assert "`--disconnect-others`" in kept
    assert theirs(host)


@pytest.mark.parametrize("switch", CHANGED)
def test_one_that_came_after_a_run_keeps_the_switch_in_undo(host, switch):
    applied(host, SHARED)
    changed = applied(host, switch)
    host.run(Cmdlet("Add-VMNetworkAdapter", ADD))
    kept = [str(each.message) for each in changed.undo() if each.status == "skipped"]
    assert any("management adapter Theirs on switch E may use it" in each for each in kept)
    assert theirs(host)
    assert all(each.ok for each in changed.undo(disconnect_others=True))
    assert not theirs(host)


def test_a_saved_plan_with_consent_names_the_adapters_that_it_may_remove(host):
    applied(host, SHARED)
    host.run(Cmdlet("Add-VMNetworkAdapter", ADD))
    plan = lab(host, OTHER).plan(disconnect_others=True)
    assert all(each.ok for each in lab(host, OTHER).apply(plan))
    assert not theirs(host)


def test_destroy_says_that_settings_come_back(host):
    found = applied(host, NOT_SHARED)
    assert any("IP settings of NIC2" in str(each) for each in found.plan_destroy().unchanged)
