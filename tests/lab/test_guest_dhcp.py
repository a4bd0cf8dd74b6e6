r"""DHCP servers in guests, Windows and Linux: what they lease on the network of an adapter."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.simulator.behaviour.network.lease_assignment import assign_leases
from nestlab.texts import set_language
from tests.lab.comparer import differences

LAB = r"""
name: served
images:
  ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
switches:
  - {name: Lan, switch_type: Private}
  - {name: Other, switch_type: Private}
vms:
  - name: dc
    disk: {image: SERVER}
    guest: GUEST
    forwarding: true
    network_adapters:
      - {name: Out, switch: Other, ip_address: 10.2.0.1/24}
      - name: In
        switch: Lan
        ip_address: 10.1.0.1/24
        dhcp_server:
          range: 10.1.0.100-10.1.0.120
          dns_servers: [10.1.0.1]
          reservations: [{ip_address: 10.1.0.50, mac_address: 00-15-5D-0A-00-50}]
  - name: reserved
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Lan, dhcp: true, mac_address: 00-15-5D-0A-00-50}]
  - name: client
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Lan, dhcp: true}]
  - name: far
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Other, ip_address: 10.2.0.9/24, gateway: 10.2.0.1}]
checks:
  - {from: client, to: dc, expect: reachable}
  - {from: client, to: reserved, expect: reachable}
  - {from: client, to: far, expect: reachable}
"""
WINDOWS = LAB.replace("SERVER", "ws2022").replace("GUEST", "{os: windows, credential: lab-admin}")
LINUX = LAB.replace("SERVER", "ubuntu").replace("GUEST", "{os: linux, cloud_init: true}")
BOTH = pytest.mark.parametrize("text", [WINDOWS, LINUX], ids=["windows", "linux"])
SERVED = WINDOWS[WINDOWS.index("        dhcp_server:") : WINDOWS.index("  - name: reserved")]


@pytest.fixture
def host():
    return nestlab.connect()


def lab_of(text, host, journal=None):
    return nestlab.Lab(nestlab.loads(text), host, journal)


def applied(lab):
    """Apply a lab to the end, and return the actions of its DHCP server."""
    results = list(lab.apply())
    assert [str(result) for result in results if not result.ok] == []
    assert lab.plan().is_empty
    return [str(each.step.action) for each in results if each.step.machine == ("dc",)]


def guest_of(host, name):
    machine = host.simulated_host.world.host
    return machine.guest(machine.hyper_v.vms_named(name)[0])


def leased_to(host, name):
    """Return the address, the gateways and the DNS servers that a guest got."""
    ip = guest_of(host, name).adapters[0].ip
    gateways = [route.next_hop for route in ip.routes if route.dhcp]
    return [entry.address for entry in ip.addresses], gateways, ip.leased_dns_servers


@BOTH
def test_clients_get_addresses_options_and_reservations(text, host):
    lab = lab_of(text, host)
    assert [
        nestlab.trace(lab.topology, c.source, c.target).status for c in lab.topology.checks
    ] == ["reachable"] * 3
    applied(lab)
    assert leased_to(host, "reserved") == (["10.1.0.50"], ["10.1.0.1"], ["10.1.0.1"])
    assert leased_to(host, "client") == (["10.1.0.100"], ["10.1.0.1"], ["10.1.0.1"])
    assert [(check.passed, check.method) for check in lab.verify()] == [(True, "ping")] * 3
    if text is WINDOWS:  # nothing but its seed disk can be compared with Linux
        assert differences(lab.topology, host.simulated_host.world.host) == []


@BOTH
def test_a_reservation_is_for_a_linux_client_as_well(text, host):
    client = "    disk: {image: ws2022}\n    guest: {os: windows, credential: lab-admin}\n"
    linux = "    disk: {image: ubuntu}\n    guest: {os: linux, cloud_init: true}\n"
    before, name, after = text.partition("  - name: reserved\n")
    lab = lab_of(before + name + after.replace(client, linux, 1), host)
    applied(lab)
    assert leased_to(host, "reserved")[0] == ["10.1.0.50"]


@BOTH
def test_a_reservation_for_a_mac_address_is_for_no_client_that_sends_a_duid(text, host):
    """systemd-networkd 252 gave one of its own clients 10.7.0.115 instead of the reserved .50."""
    applied(lab_of(text, host))
    reserved = guest_of(host, "reserved").adapters[0]
    reserved.ip.release()
    reserved.ip.sends_duid = True
    assign_leases(host.simulated_host.world)
    assert leased_to(host, "reserved")[0] == ["10.1.0.101"]


def test_windows_gets_the_role_and_the_scope_is_active_only_with_its_options(host):
    done = applied(lab_of(WINDOWS, host))
    assert done[done.index("serve-addresses") :] == [
        "serve-addresses", "set-dhcp-dns", "reserve-address", "activate-scope"
    ]  # fmt: skip
    assert done.count("install-feature") == 1
    server = guest_of(host, "dc")
    assert [(scope.name, scope.state) for scope in server.dhcp_scopes] == [
        ("nestlab.served.dc/In", "Active")
    ]
    assert server.features["RSAT-DHCP"] == "Installed"


def test_without_forwarding_clients_get_no_router_unless_the_file_names_one(host):
    plain = WINDOWS.replace("    forwarding: true\n", "").partition("checks:")[0]
    lab = lab_of(plain, host)
    assert nestlab.trace(lab.topology, "client", "far").status == "unreachable"
    applied(lab)
    assert leased_to(host, "client") == (["10.1.0.100"], [], ["10.1.0.1"])
    named = plain.replace(
        "dns_servers: [10.1.0.1]", "dns_servers: [10.1.0.1]\n          router: 10.1.0.1"
    )
    assert applied(lab_of(named, host)) == ["serve-addresses"]
    assert applied(lab_of(plain, host)) == ["serve-addresses"]
    assert guest_of(host, "dc").dhcp_scopes[0].router == []


def test_another_range_replaces_the_scope_and_undo_restores_it(host, tmp_path):
    applied(lab_of(WINDOWS, host))
    before = guest_of(host, "dc").dhcp_scopes[0]
    lab = lab_of(
        WINDOWS.replace("100-10.1.0.120", "100-10.1.0.110"), host, tmp_path / "range.jsonl"
    )
    assert applied(lab) == ["serve-addresses", "set-dhcp-dns", "reserve-address", "activate-scope"]
    assert guest_of(host, "dc").dhcp_scopes[0].end == "10.1.0.110"
    assert [str(result) for result in lab.undo() if not result.ok] == []
    after = guest_of(host, "dc").dhcp_scopes[0]
    assert (after.end, after.state, after.router, after.dns_servers, after.reservations) == (
        before.end,
        "Active",
        before.router,
        before.dns_servers,
        before.reservations,
    )


def test_a_scope_that_the_file_no_longer_has_is_removed_and_undo_restores_it(host, tmp_path):
    applied(lab_of(WINDOWS, host))
    without = WINDOWS.replace(SERVED, "").partition("checks:")[0]
    lab = lab_of(without, host, tmp_path / "without.jsonl")
    assert applied(lab) == ["remove-scope"]
    assert guest_of(host, "dc").dhcp_scopes == []
    assert [str(result) for result in lab.undo() if not result.ok] == []
    assert guest_of(host, "dc").dhcp_scopes[0].state == "Active"
    assert lab_of(WINDOWS, host).plan().is_empty


def test_a_linux_guest_serves_nothing_once_the_file_has_no_scope(host):
    applied(lab_of(LINUX, host))
    assert len(guest_of(host, "dc").dhcp_scopes) == 1
    lab = lab_of(LINUX.replace(SERVED, "").partition("checks:")[0], host)
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert guest_of(host, "dc").dhcp_scopes == []


def test_an_apply_that_stops_before_the_scope_is_active_is_completed(host, tmp_path):
    lab = lab_of(WINDOWS, host, tmp_path / "stopped.jsonl")
    for result in lab.apply():
        if result.step.action == "serve-addresses":
            break
    scope = guest_of(host, "dc").dhcp_scopes[0]
    assert scope.state == "InActive"
    assert leased_to(host, "client")[0] == []
    assert applied(lab_of(WINDOWS, host)) == ["set-dhcp-dns", "reserve-address", "activate-scope"]


def test_a_capture_says_the_same_and_drift_names_what_someone_changed(host):
    lab = lab_of(WINDOWS, host)
    applied(lab)
    found = nestlab.capture(host, of_topology="served", credential="lab-admin")
    assert nestlab.Lab(found, host).plan().is_empty
    dc = next(vm for vm in found.vms if vm.name == "dc")
    wanted = lab.topology.vms[0].network_adapters[1].dhcp_server
    assert [adapter.dhcp_server for adapter in dc.network_adapters] == [None, wanted]
    assert dc.guest.features == ()
    guest_of(host, "dc").dhcp_scopes[0].dns_servers = ["9.9.9.9"]
    assert [str(step.action) for step in lab.plan().steps] == ["set-dhcp-dns"]
    guest_of(host, "dc").dhcp_scopes.clear()
    found = [str(step.action) for step in lab.plan().steps]
    assert found == ["serve-addresses", "set-dhcp-dns", "reserve-address", "activate-scope"]


def test_a_windows_client_as_dhcp_server_is_a_finding_with_its_line():
    host = nestlab.connect("sim:win11-ryzen")
    text = WINDOWS.replace("ws2022.vhdx", "win11.vhdx")
    lab = lab_of(text.partition("  - name: reserved")[0], host)
    results = list(lab.apply())
    assert not {"install-feature", "serve-addresses"} & {str(r.step.action) for r in results}
    (found,) = (each for each in lab.check() if each.code == "guest-needs-server")
    assert ":20:11" in found.location
    assert "Windows 11" in found.message
    with pytest.raises(PlanRefused):
        lab.plan()


@pytest.mark.parametrize(
    ("guest", "code"),
    [
        ("{os: windows}", "credential-missing"),
        ("{os: linux}", "set-by-hand"),
        ("{os: none}", "set-by-hand"),
    ],
)
def test_what_nestlab_does_not_set_is_a_line_of_its_own(guest, code, host):
    image = "ubuntu" if "linux" in guest else "ws2022"
    text = LAB.replace("SERVER", image).replace("GUEST", guest).partition("  - name: reserved")[0]
    topology = nestlab.loads(text)
    said = [finding for finding in nestlab.validate(topology) if finding.code == code]
    assert len(said) == 1
    (listed,) = nestlab.Lab(topology, host).plan().out_of_reach
    assert "DHCP server for 10.1.0.100 to 10.1.0.120" in str(listed)


def test_the_plan_and_its_steps_are_the_same_in_spanish(host):
    applied(lab_of(WINDOWS, host))
    changed = lab_of(WINDOWS.replace("100-10.1.0.120", "100-10.1.0.110"), host)
    english = changed.plan()
    set_language("es")
    try:
        spanish = changed.plan()
    finally:
        set_language("en")
    assert [step.id for step in spanish.steps] == [step.id for step in english.steps]
    assert spanish.steps[-1].title == "Activar el ámbito DHCP en In"
