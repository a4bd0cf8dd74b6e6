"""Router, DNS servers and reservations of a DHCP scope, from the file to the guest and back."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.lab import capture_all
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.simulator.faults import Fault
from nestlab.texts import language, set_language

OPTIONS = ", router: 10.5.0.2, dns_servers: [10.5.0.2, 1.1.1.1], reservations: [{ip_address: 10.5.0.50, mac_address: 00-15-5D-0A-00-50}]"
LAB = r"""
name: dhcp
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}}
switches:
  - {name: Lab, switch_type: Internal, ip_address: 10.5.0.1/24, dhcp: {range: 10.5.0.100-10.5.0.120OPTIONS}}
vms:
  - {name: dc, network_adapters: [{switch: Lab, ip_address: 10.5.0.2/24}]}
  - {name: own, network_adapters: [{switch: Lab, dhcp: true, mac_address: 00-15-5D-0A-00-50}]}
  - {name: any, network_adapters: [{switch: Lab, dhcp: true}]}
"""
WITH, WITHOUT = LAB.replace("OPTIONS", OPTIONS), LAB.replace("OPTIONS", "")
SCOPE = {"ScopeId": "10.5.0.0"}


@pytest.fixture
def host(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    return nestlab.connect("sim:ws2022-intel")


def applied(host, text, **options):
    lab = nestlab.Lab(nestlab.loads(text), host, **options)
    failed = [str(result) for result in lab.apply() if not result.ok]
    assert failed == []
    return lab


def settings(host, vm):
    """The address, the gateway and the DNS servers that a guest has."""
    guest = host.guest(vm, "lab-admin")
    alias = {"InterfaceAlias": "Ethernet"}
    (address,) = guest.run(Cmdlet("Get-NetIPAddress", alias)).records
    default = {"DestinationPrefix": "0.0.0.0/0", "ErrorAction": "SilentlyContinue"}
    routes = guest.run(Cmdlet("Get-NetRoute", default)).records
    (dns,) = guest.run(Cmdlet("Get-DnsClientServerAddress", alias)).records
    return (
        str(address["IPAddress"]),
        [str(route["NextHop"]) for route in routes],
        list(dns["ServerAddresses"]),
    )


def options(host):
    values = host.run(Cmdlet("Get-DhcpServerv4OptionValue", SCOPE)).records
    return {record["OptionId"]: list(record["Value"]) for record in values}


def reserved(host):
    records = host.run(Cmdlet("Get-DhcpServerv4Reservation", SCOPE)).records
    return [(str(r["IPAddress"]), r["ClientId"].upper(), r["Name"]) for r in records]


RESERVED = [("10.5.0.50", "00-15-5D-0A-00-50", "own")]
BOTH = {3: ["10.5.0.2"], 6: ["10.5.0.2", "1.1.1.1"]}


def titles(lab):
    return [step.title for step in lab.plan().steps]


def test_clients_get_what_the_file_says_and_nothing_is_left_to_plan(host):
    # 10.5.0.2 is a VM that is not built yet: without -Force, Windows refuses it as a DNS server.
    lab = applied(host, WITH)
    given = (["10.5.0.2"], ["10.5.0.2", "1.1.1.1"])
    assert settings(host, "own") == ("10.5.0.50", *given)
    assert settings(host, "any") == ("10.5.0.100", *given)
    assert (options(host), reserved(host)) == (BOTH, RESERVED)
    assert titles(lab) == []
    assert [*nestlab.drift(lab.topology, host)] == []


def test_without_the_keys_clients_get_the_address_of_the_switch_as_before(host):
    applied(host, WITHOUT)
    assert settings(host, "any")[1:] == (["10.5.0.1"], [])
    assert (options(host), reserved(host)) == ({3: ["10.5.0.1"]}, [])


def test_each_key_is_changed_and_removed_by_a_step_of_its_own_and_undone(host, tmp_path):
    applied(host, WITHOUT)
    lab = nestlab.Lab(nestlab.loads(WITH), host, journal=tmp_path / "with.jsonl")
    assert titles(lab) == [
        "Set the DHCP router option on Lab to 10.5.0.2",
        "Set the DNS servers that DHCP gives on Lab to 10.5.0.2, 1.1.1.1",
        "Reserve 10.5.0.50 on Lab for own (00-15-5D-0A-00-50)",
    ]
    assert all(result.ok for result in lab.apply())
    assert (options(host), reserved(host)) == (BOTH, RESERVED)
    assert all(result.ok for result in lab.undo())
    assert (options(host), reserved(host)) == ({3: ["10.5.0.1"]}, [])


def test_keys_that_are_gone_from_the_file_are_removed_and_come_back_with_undo(host, tmp_path):
    applied(host, WITH)
    lab = nestlab.Lab(nestlab.loads(WITHOUT), host, journal=tmp_path / "without.jsonl")
    assert titles(lab) == [
        "Set the DHCP router option on Lab to 10.5.0.1",
        "Remove the DNS servers that DHCP gives on Lab",
        "Remove the reservation of 10.5.0.50 on Lab for the MAC address 00-15-5D-0A-00-50",
    ]
    assert all(result.ok for result in lab.apply())
    assert (options(host), reserved(host)) == ({3: ["10.5.0.1"]}, [])
    assert all(result.ok for result in lab.undo())
    assert (options(host), reserved(host)) == (BOTH, RESERVED)


def test_another_range_keeps_the_settings_and_its_undo_brings_all_back(host, tmp_path):
    applied(host, WITH)
    other = WITH.replace("10.5.0.100-10.5.0.120", "10.5.0.150-10.5.0.160")
    lab = nestlab.Lab(nestlab.loads(other), host, journal=tmp_path / "other.jsonl")
    assert all(result.ok for result in lab.apply())
    assert (options(host), reserved(host)) == (BOTH, RESERVED)
    assert titles(lab) == []
    assert all(result.ok for result in lab.undo())
    (scope,) = host.run(Cmdlet("Get-DhcpServerv4Scope")).records
    assert str(scope["StartRange"]) == "10.5.0.100"
    assert (options(host), reserved(host)) == (BOTH, RESERVED)


MINE = ("10.5.0.60", "00-15-5D-0A-00-60", "mine")


def by_hand(host):
    dns = {**SCOPE, "DnsServer": ["9.9.9.9"], "Force": SwitchParameter.ON}
    host.run(Cmdlet("Set-DhcpServerv4OptionValue", dns))
    host.run(Cmdlet("Remove-DhcpServerv4Reservation", SCOPE))
    mine = {**SCOPE, "IPAddress": "10.5.0.60", "ClientId": "00-15-5D-0A-00-60", "Name": "mine"}
    host.run(Cmdlet("Add-DhcpServerv4Reservation", mine))


def test_what_is_changed_by_hand_is_drift_and_repaired_but_for_a_reservation_of_others(host):
    lab = applied(host, WITH)
    by_hand(host)
    assert len([*nestlab.drift(lab.topology, host)]) == 3
    assert all(result.ok for result in lab.apply())
    assert (options(host), sorted(reserved(host))) == (BOTH, sorted([*RESERVED, MINE]))
    assert all(result.ok for result in lab.apply(lab.plan(disconnect_others=True)))
    assert (options(host), reserved(host)) == (BOTH, RESERVED)


def test_options_that_were_set_by_hand_are_captured_and_a_reservation_is_of_others(host):
    applied(host, WITHOUT)
    by_hand(host)
    captured = capture_all(host, of_topology="dhcp", credential="lab-admin").topology
    (switch,) = captured.switches
    assert switch.dhcp.to_dict() == {
        "range": "10.5.0.100-10.5.0.120",
        "dns_servers": ["9.9.9.9"],
    }
    assert nestlab.Lab(captured, host).plan().is_empty


def test_destroy_removes_the_scope_with_all_of_it(host):
    lab = applied(host, WITH)
    assert all(result.ok for result in lab.destroy())
    assert host.run(Cmdlet("Get-DhcpServerv4Scope")).records == ()


def test_reservations_that_a_restricted_session_does_not_show_are_left_alone(host):
    lab = applied(host, WITH)
    by_hand(host)
    missing = Fault(
        "fail", "Get-DhcpServerv4Reservation", nth=0, error_id="CommandNotFoundException"
    )
    host.simulated_host.inject_faults(missing)
    assert titles(lab) == ["Set the DNS servers that DHCP gives on Lab to 10.5.0.2, 1.1.1.1"]


def test_the_steps_are_the_same_in_spanish(host):
    before = language()
    english = [step.id for step in nestlab.Lab(nestlab.loads(WITH), host).plan().steps]
    set_language("es")
    try:
        steps = nestlab.Lab(nestlab.loads(WITH), host).plan().steps
    finally:
        set_language(before)
    assert [step.id for step in steps] == english
    assert "Reservar 10.5.0.50 en Lab para own (00-15-5D-0A-00-50)" in [s.title for s in steps]
