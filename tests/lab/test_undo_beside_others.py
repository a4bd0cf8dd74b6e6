"""What others made in a DHCP scope or a NAT of a lab after a run: the undo of the run keeps it, and says so."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.lab.journal_folder import journals_of
from nestlab.model import SwitchParameter
from tests.lab.beside_others import (
    FORWARD,
    KEPT_WITH,
    MAC,
    add_guest,
    applied,
    coming,
    forward,
    host_of,
    reserve,
    run,
)

LAB = """
name: one
switches:
  - name: L1
    switch_type: Internal
    ip_address: 10.9.0.1/24
    nat: 10.9.0.0/24
    port_forwards: [{protocol: tcp, external_port: 8080, to: '10.9.0.7:80'}]
    dhcp: {range: 10.9.0.100-10.9.0.120, dns_servers: [10.9.0.5], reservations: [{ip_address: 10.9.0.101, mac_address: 00-15-5D-00-00-77}]}
vms:
  - {name: a, state: Off, memory_startup: 1GB, disk: {size: 10GB}, network_adapters: [{switch: L1, mac_address: 00-15-5D-00-00-77}]}
"""
OPTIONS = ", dns_servers: [10.9.0.5], reservations: [{ip_address: 10.9.0.101, mac_address: 00-15-5D-00-00-77}]"
FORWARDS = "    port_forwards: [{protocol: tcp, external_port: 8080, to: '10.9.0.7:80'}]\n"
WITHOUT = LAB.replace(OPTIONS, "").replace(FORWARDS, "")
SCOPE = {"ScopeId": "10.9.0.0"}


@pytest.fixture
def host(monkeypatch, tmp_path):
    return host_of(monkeypatch, tmp_path)


def set_dns(host, *servers):
    forced = {"DnsServer": list(servers), "Force": SwitchParameter.ON}
    run(host, "Set-DhcpServerv4OptionValue", **SCOPE, **forced)


def forwards(host):
    return sorted(
        (r["ExternalPort"], str(r["InternalIPAddress"]))
        for r in run(host, "Get-NetNatStaticMapping")
    )


def reserved(host):
    records = run(host, "Get-DhcpServerv4Reservation", **SCOPE)
    return {str(each["IPAddress"]): each["ClientId"].upper() for each in records}


def options(host):
    values = run(host, "Get-DhcpServerv4OptionValue", **SCOPE)
    return {record["OptionId"]: list(record["Value"]) for record in values}


def undone(host, **consent):
    journal = journals_of(host)[0].path
    return {result.step.action: result for result in nestlab.undo(host, journal, **consent)}


KEPT_SCOPE = KEPT_WITH.format(f"reservation of 10.9.0.104 for bob ({MAC})")
RANGE = LAB.replace("10.9.0.120", "10.9.0.105")
WIDER = LAB.replace("nat: 10.9.0.0/24", "nat: 10.9.0.0/16")
OWN = {"10.9.0.101": "00-15-5D-00-00-77"}
THEIRS = {"10.9.0.104": MAC}


def scope_range(host):
    (scope,) = run(host, "Get-DhcpServerv4Scope")
    return str(scope["EndRange"])


def test_a_range_that_a_run_changed_stays_with_reservations_of_others_made_since(host):
    applied(host, LAB)
    applied(host, RANGE)
    add_guest(host)
    reserve(host, "10.9.0.104")
    before = (reserved(host), options(host), scope_range(host))
    results = undone(host)
    assert {result.status for result in results.values()} == {"skipped"}
    why = KEPT_SCOPE
    for action in ("reserve-address", "set-dhcp-dns"):
        stays = "kept: the DHCP scope nestlab.one.L1 stays as it is: "
        assert results[action].message == stays + why.removeprefix("kept: ")
    assert (reserved(host), options(host), scope_range(host)) == before
    assert results["serve-addresses"].message == why
    results = undone(host, disconnect_others=True)
    assert {result.status for result in results.values()} == {"done"}
    assert (reserved(host), scope_range(host)) == (OWN, "10.9.0.120")


def test_a_prefix_that_a_run_changed_stays_with_forwards_of_others_made_since(host):
    applied(host, LAB)
    applied(host, WIDER)
    add_guest(host)
    forward(host)
    before = forwards(host)
    results = undone(host)
    assert results["replace-nat"].message == KEPT_WITH.format(FORWARD)
    assert results["forward-port"].status == "skipped"
    assert forwards(host) == before
    results = undone(host, disconnect_others=True)
    assert {result.status for result in results.values()} == {"done"}
    (warning,) = results["replace-nat"].warnings
    assert warning == f"With it went what no run of one made, as the journals here show: {FORWARD}."
    assert forwards(host) == [(8080, "10.9.0.7")]


def test_without_vms_of_others_they_go_and_are_named(host):
    applied(host, LAB)
    applied(host, WIDER)
    forward(host)
    results = undone(host)
    assert results["replace-nat"].status == "done"
    assert FORWARD in results["replace-nat"].warnings[0]
    assert forwards(host) == [(8080, "10.9.0.7")]


def test_a_nat_that_a_run_added_stays_where_others_use_it(host):
    bare = LAB.split("    nat:", maxsplit=1)[0] + LAB[LAB.index("vms:") :]
    applied(host, bare)
    applied(host, LAB)
    add_guest(host)
    forward(host)
    results = undone(host)
    assert results["create-nat"].status == "skipped"
    assert results["create-nat"].message == (
        "kept: it serves the switch L1, which others are connected to"
    )
    assert (8443, "10.9.0.50") in forwards(host)
    undone(host, disconnect_others=True)
    assert forwards(host) == []


def test_the_labs_own_entries_of_later_runs_do_not_keep_a_nat(host):
    applied(host, LAB)
    applied(host, WIDER)
    add_guest(host)
    two = "8080, to: '10.9.0.7:80'}, {protocol: tcp, external_port: 9090, to: '10.9.0.7:90'}"
    applied(host, WIDER.replace("8080, to: '10.9.0.7:80'}", two))
    earlier = journals_of(host)[1].path
    results = {r.step.action: r for r in nestlab.undo(host, earlier)}
    assert {result.status for result in results.values()} == {"done"}


def test_a_reservation_that_others_took_is_not_restored_and_that_is_said_at_once(host):
    applied(host, LAB)
    applied(host, WITHOUT)
    add_guest(host)
    reserve(host, "10.9.0.101")
    result = undone(host)["remove-reservation"]
    assert result.status == "skipped"
    assert result.message == (
        f"kept: there is another entry by now: reservation of 10.9.0.101 for bob ({MAC})"
    )
    assert reserved(host) == {"10.9.0.101": MAC}
    run(host, "Remove-DhcpServerv4Reservation", **SCOPE)
    assert undone(host)["remove-reservation"].status == "done"
    assert reserved(host) == OWN


def test_a_port_that_others_took_is_not_restored_and_that_is_said_at_once(host):
    applied(host, LAB)
    applied(host, WITHOUT)
    add_guest(host)
    forward(host, 8080)
    result = undone(host)["remove-port-forward"]
    assert result.status == "skipped"
    assert result.message == (
        "kept: there is another entry by now: forward of tcp port 8080 to 10.9.0.50:443"
    )
    assert forwards(host) == [(8080, "10.9.0.50")]


@pytest.mark.parametrize("consent", [{}, {"disconnect_others": True}], ids=["without", "with"])
def test_a_port_that_others_forward_to_their_own_address_by_now_stays_theirs(host, consent):
    applied(host, WITHOUT)
    applied(host, LAB)
    add_guest(host)
    run(host, "Remove-NetNatStaticMapping", NatName="nestlab.one.L1", Confirm=False)
    forward(host, 8080)
    result = undone(host, **consent)["forward-port"]
    assert (result.status, result.message) == (
        "skipped",
        "kept: there is another entry by now: forward of tcp port 8080 to 10.9.0.50:443",
    )
    assert forwards(host) == [(8080, "10.9.0.50")]


def test_the_undo_of_an_earlier_run_removes_a_port_that_the_lab_forwards_elsewhere_by_now(host):
    applied(host, WITHOUT)
    applied(host, LAB)
    applied(host, LAB.replace("10.9.0.7:80", "10.9.0.8:80"))
    earlier = journals_of(host)[1].path
    results = {r.step.action: r for r in nestlab.undo(host, earlier)}
    assert results["forward-port"].status == "done"
    assert forwards(host) == []


def test_dns_servers_that_others_set_since_the_run_stay(host):
    applied(host, LAB)
    applied(host, WITHOUT)
    set_dns(host, "10.9.0.88")
    result = undone(host)["set-dhcp-dns"]
    assert (result.status, result.message) == (
        "skipped",
        "kept: the DNS servers that DHCP gives on L1 were changed since the run: 10.9.0.88",
    )
    assert options(host)[6] == ["10.9.0.88"]


def test_a_router_that_others_set_since_the_run_stays(host):
    applied(host, LAB)
    applied(host, LAB.replace("dns_servers", "router: 10.9.0.2, dns_servers"))
    run(host, "Set-DhcpServerv4OptionValue", **SCOPE, Router="10.9.0.66")
    result = undone(host)["serve-addresses"]
    assert (result.status, result.message) == (
        "skipped",
        "kept: the router that DHCP gives on L1 was changed since the run: 10.9.0.66",
    )
    assert options(host)[3] == ["10.9.0.66"]


def test_options_that_nobody_changed_are_restored(host):
    applied(host, LAB)
    applied(host, WITHOUT)
    assert {result.status for result in undone(host).values()} == {"done"}
    assert (reserved(host), options(host)[6]) == (OWN, ["10.9.0.5"])
    assert forwards(host) == [(8080, "10.9.0.7")]


@pytest.mark.parametrize("consent", [{}, {"disconnect_others": True}], ids=["without", "with"])
def test_a_reservation_that_others_replaced_since_the_run_stays_theirs(host, consent):
    applied(host, WITHOUT)
    applied(host, LAB)
    replace_reservation(host)
    result = undone(host, **consent)["reserve-address"]
    assert (result.status, result.message) == ("skipped", REPLACED)
    assert reserved(host) == {"10.9.0.110": "00-15-5D-00-00-77"}


def test_a_reservation_that_others_replaced_since_the_plan_stays_theirs(host):
    text = LAB.replace("[{switch: L1, mac_address: 00-15-5D-00-00-77}]", "[{switch: L1}]")
    applied(host, text)
    add_guest(host)
    lab = nestlab.Lab(nestlab.loads(text.replace(OPTIONS, "")), host)
    act = coming(host, replace_reservation)
    results = {each.step.action: each for each in lab.apply(lab.plan(), confirm=act)}
    result = results["remove-reservation"]
    assert (result.status, result.message) == ("skipped", f"Not done: {REPLACED}")
    assert reserved(host) == {"10.9.0.110": "00-15-5D-00-00-77"}


def test_the_undo_of_an_earlier_run_removes_a_reservation_that_the_lab_moved_since(host):
    applied(host, WITHOUT)
    applied(host, LAB)
    applied(host, LAB.replace("10.9.0.101", "10.9.0.102"))
    earlier = journals_of(host)[1].path
    results = {each.step.action: each for each in nestlab.undo(host, earlier)}
    assert results["reserve-address"].status == "done"
    assert reserved(host) == {}


REPLACED = (
    "kept: there is another entry by now: reservation of 10.9.0.110 for bob (00-15-5D-00-00-77)"
)


def replace_reservation(host):
    """Replace the lab's reservation by one of another address for the same client."""
    run(host, "Remove-DhcpServerv4Reservation", **SCOPE)
    reserve(host, "10.9.0.110", "00-15-5D-00-00-77")


HALF, WHOLE = (LAB.replace("nat: 10.9.0.0/24", f"nat: 10.0.0.0/{each}") for each in (9, 8))
TO_THEIRS = "forward of tcp port 8443 to 10.20.0.50:443"


def forward_to_others(host):
    """A forward into the network of a switch of others, which both prefixes have."""
    forward(host, address="10.20.0.50")


@pytest.mark.parametrize(
    ("vms", "users"),
    [(["guest"], "VM guest"), ([], "the network 10.20.0.0/24")],
    ids=["vm", "none"],
)
def test_a_nat_created_again_keeps_forwards_to_networks_of_others_made_since(host, vms, users):
    add_switch_of_others(host, *vms)
    applied(host, HALF)
    applied(host, WHOLE)
    forward_to_others(host)
    before = forwards(host)
    why = KEPT_WITH.format(TO_THEIRS).replace("VM guest on switch L1", f"{users} on switch Bsw")
    results = undone(host)
    assert (results["replace-nat"].status, results["replace-nat"].message) == ("skipped", why)
    assert forwards(host) == before
    results = undone(host, disconnect_others=True)
    assert results["replace-nat"].status == "done"
    assert forwards(host) == [(8080, "10.9.0.7")]


def test_a_nat_keeps_forwards_to_networks_of_others_made_since_the_plan(host):
    add_switch_of_others(host)
    applied(host, HALF)
    lab = nestlab.Lab(nestlab.loads(WHOLE), host)
    act = coming(host, forward_to_others)
    results = {each.step.action: each for each in lab.apply(lab.plan(), confirm=act)}
    assert results["replace-nat"].status == "skipped"
    assert TO_THEIRS in results["replace-nat"].message
    assert forwards(host) == [(8080, "10.9.0.7"), (8443, "10.20.0.50")]


def test_a_forward_that_leads_to_a_network_of_others_since_the_plan_is_kept(host):
    applied(host, WHOLE)
    forward_to_others(host)
    lab = nestlab.Lab(nestlab.loads(WHOLE), host)
    assert lab.plan().is_empty
    plan = lab.plan(disconnect_others=True)
    (step,) = plan
    assert (step.action, step.hazard) == ("remove-port-forward", "none")
    (result,) = lab.apply(plan, confirm=coming(host, add_switch_of_others))
    assert result.status == "skipped"
    assert "the network 10.20.0.0/24 on switch Bsw may use it" in result.message
    assert (8443, "10.20.0.50") in forwards(host)


def add_switch_of_others(host, *vms):
    run(host, "New-VMSwitch", Name="Bsw", SwitchType="Internal")
    alias = {"InterfaceAlias": "vEthernet (Bsw)"}
    run(host, "New-NetIPAddress", **alias, IPAddress="10.20.0.1", PrefixLength=24)
    for vm in vms:
        run(host, "New-VM", Name=vm, NoVHD=True, SwitchName="Bsw")
