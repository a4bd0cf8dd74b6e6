"""DNS servers that are set by hand on an adapter with DHCP are captured; those of DHCP are not."""

import pytest

import nestlab
from nestlab.lab import capture_all
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.simulator.faults import Fault

DHCP = r"""
name: dns
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
switches:
  - {name: Lab, switch_type: Internal, ip_address: 10.5.0.1/24, dhcp: {range: 10.5.0.100-10.5.0.120}}
vms:
  - name: web1
    memory_startup: 2GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Lab, dhcp: true, dns_servers: [1.1.1.1, 9.9.9.9]}]
  - name: web2
    memory_startup: 2GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Lab, dhcp: true}]
"""
GIVEN = DHCP.replace("10.5.0.120}", "10.5.0.120, dns_servers: [10.5.0.53]}")
SCOPE = {"ScopeId": "10.5.0.0"}
FORCE = {"Force": SwitchParameter.ON}


@pytest.fixture
def host():
    return nestlab.connect("sim:ws2022-intel?language=en")


def applied(host, text):
    """Apply a lab; return its capture."""
    for result in nestlab.Lab(nestlab.loads(text), host).apply():
        assert result.ok, str(result)
    return capture_all(host, of_topology="dns", credential="lab-admin")


def servers(topology):
    return {
        vm.name: [*map(str, adapter.dns_servers)]
        for vm in topology.vms
        for adapter in vm.network_adapters
    }


def plans_nothing(topology, host):
    plan = nestlab.Lab(topology, host).plan()
    return plan.is_empty and not plan.remainder


def test_dns_servers_set_by_hand_are_captured_with_dhcp(host):
    found = applied(host, DHCP)
    assert [vm.network_adapters[0].dhcp for vm in found.topology.vms] == [True, True]
    assert servers(found.topology) == {"web1": ["1.1.1.1", "9.9.9.9"], "web2": []}
    assert (found.losses, found.unread) == ((), ())
    assert plans_nothing(found.topology, host)


def test_dns_servers_of_the_dhcp_server_are_not_settings_of_the_adapter(host):
    found = applied(host, GIVEN)
    read = host.guest("web2", "lab-admin").run(
        Cmdlet("Get-DnsClientServerAddress", {"AddressFamily": "IPv4"})
    )
    assert ["10.5.0.53"] in [list(record["ServerAddresses"]) for record in read]
    assert servers(found.topology) == {"web1": ["1.1.1.1", "9.9.9.9"], "web2": []}
    assert found.losses == ()
    assert plans_nothing(found.topology, host)


def test_where_the_registry_cannot_be_read_the_origin_is_not_known(host):
    applied(host, DHCP)
    host.simulated_host.inject_faults(Fault("deny", "Get-ItemProperty", nth=0))
    found = capture_all(host, of_topology="dns", credential="lab-admin")
    assert servers(found.topology) == {"web1": [], "web2": []}
    (loss,) = found.losses
    assert loss.startswith("web1: ")
    assert "1.1.1.1, 9.9.9.9" in loss
    assert "not known whether" in loss
    assert f"- {loss}" in found.comments


def test_dns_servers_set_by_hand_on_the_host_and_in_a_nested_host_are_captured(host):
    found = applied(
        host,
        r"""
name: dns
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
switches:
  - {name: Lab, switch_type: Internal, ip_address: 10.5.0.1/24, dhcp: {range: 10.5.0.100-10.5.0.120}}
  - name: Plain
    switch_type: Internal
    dns_servers: [1.0.0.1]
    management_adapters: [{name: More, dns_servers: [1.0.0.2]}]
vms:
  - name: HV1
    processor_count: 4
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Mgmt, switch: Lab, dhcp: true, dns_servers: [1.1.1.1], mac_address_spoofing: true}]
    nested:
      switches: [{name: Bridge, switch_type: External, net_adapter: Mgmt}]
""",
    )
    plain = next(switch for switch in found.topology.switches if switch.name == "Plain")
    assert [*map(str, plain.dns_servers)] == ["1.0.0.1"]
    assert [*map(str, plain.management_adapters[0].dns_servers)] == ["1.0.0.2"]
    (bridge,) = found.topology.vms[0].nested.switches
    assert [*map(str, bridge.dns_servers)] == ["1.1.1.1"]
    assert found.losses == ()
    assert plans_nothing(found.topology, host)


def test_a_lease_brings_the_dns_servers_that_the_scope_has_now(host):
    """Before, a client kept those of its first lease, also when it left the network."""
    applied(host, GIVEN)
    guest = host.guest("web2", "lab-admin")
    read = Cmdlet("Get-DnsClientServerAddress", {"AddressFamily": "IPv4"})
    (record,) = guest.run(read)
    found = [list(record["ServerAddresses"])]
    host.run(Cmdlet("Set-DhcpServerv4OptionValue", {**SCOPE, **FORCE, "DnsServer": ["10.5.0.54"]}))
    for setting in ("Disabled", "Enabled"):
        change = {"InterfaceAlias": record["InterfaceAlias"], "Dhcp": setting}
        guest.run(Cmdlet("Set-NetIPInterface", change))
        found += [list(record["ServerAddresses"]) for record in guest.run(read)]
    assert found == [["10.5.0.53"], [], ["10.5.0.54"]]
