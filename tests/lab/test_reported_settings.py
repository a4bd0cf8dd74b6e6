"""Guests that are not read: Hyper-V has their addresses, gateways and DNS servers while they are on.

Before, a capture without a credential had the addresses only, with the prefix of the host's network.
"""

import pytest

import nestlab
from nestlab.lab import capture_all
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.simulator.faults import Fault

LAB = r"""
name: told
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
switches:
  - {name: Lab, switch_type: Internal, ip_address: 10.6.0.1/16, nat: 10.6.0.0/16, dhcp: {range: 10.6.0.100-10.6.0.120}}
  - {name: Back, switch_type: Private}
vms:
  - name: static
    memory_startup: 2GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters:
      - {name: Front, switch: Lab, ip_address: 10.6.0.110/24, gateway: 10.6.0.1, dns_servers: [1.1.1.1, 9.9.9.9]}
      - {name: Rear, switch: Back, ip_address: 10.7.1.2/22}
  - name: leased
    memory_startup: 2GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Lab, dhcp: true}]
  - name: mixed
    memory_startup: 2GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Lab, dhcp: true, dns_servers: [9.9.9.9]}]
"""


@pytest.fixture
def host():
    session = nestlab.connect("sim:ws2022-intel?language=en")
    results = nestlab.Lab(nestlab.loads(LAB), session).apply()
    assert [str(result) for result in results if not result.ok] == []
    return session


def adapters(topology):
    return {
        vm.name: [
            (
                str(each.ip_address or ""),
                str(each.gateway or ""),
                [*map(str, each.dns_servers)],
                each.dhcp,
            )
            for each in vm.network_adapters
        ]
        for vm in topology.vms
    }


LEASED = [("", "", [], True)]
TOLD = {
    "static": [
        ("10.6.0.110/24", "10.6.0.1", ["1.1.1.1", "9.9.9.9"], False),
        ("10.7.1.2/22", "", [], False),
    ],
    "leased": LEASED,
    "mixed": LEASED,
}


def test_what_windows_guests_report_is_captured_without_a_credential(host):
    found = capture_all(host, of_topology="told")
    assert adapters(found.topology) == TOLD
    (loss,) = found.losses
    assert loss.startswith("mixed: Network Adapter uses DHCP, and it is not known whether")
    assert loss.endswith(": 9.9.9.9")
    (line,) = found.unread
    assert "static, leased, mixed (no credential was given)" in line
    assert line.endswith("; their routes, other settings and nested VMs are not known")
    assert nestlab.validate(found.topology).errors == ()
    plan = nestlab.Lab(found.topology, host).plan()
    assert plan.is_empty
    assert not plan.remainder


def test_what_a_guest_does_not_report_is_said_to_be_not_known(host):
    host.run(Cmdlet("Stop-VM", {"Name": "static", "Force": SwitchParameter.ON}))
    service = {"VMName": "leased", "Name": "Key-Value Pair Exchange"}
    host.run(Cmdlet("Disable-VMIntegrationService", service))
    found = capture_all(host, of_topology="told")
    assert adapters(found.topology)["static"] == [("", "", [], False)] * 2
    assert [line.partition("; ")[::2] for line in found.unread] == [
        (
            "Guests not read: static (it is Off)",
            "their gateways, DNS servers, routes and nested VMs are not known",
        ),
        (
            "Guests not read: leased (no credential was given)",
            "their gateways, DNS servers, routes and nested VMs are not known",
        ),
        (
            "Guests not read: mixed (no credential was given)",
            "their routes, other settings and nested VMs are not known",
        ),
    ]


def test_an_account_that_may_not_read_the_classes_gets_the_addresses_only(host):
    host.simulated_host.inject_faults(Fault("deny", "Get-CimInstance", nth=0))
    found = capture_all(host, of_topology="told")
    assert adapters(found.topology)["mixed"] == LEASED
    assert adapters(found.topology)["static"][1] == ("", "", [], False)
    assert "their gateways, DNS servers" in found.unread[0]


def test_the_second_address_of_an_adapter_is_said(host):
    guest = host.guest("static", "lab-admin")
    record = guest.run(Cmdlet("Get-NetIPAddress", {"IPAddress": "10.7.1.2"})).records[0]
    more = {"IPAddress": "10.7.1.3", "PrefixLength": 22}
    guest.run(Cmdlet("New-NetIPAddress", {"InterfaceAlias": record["InterfaceAlias"], **more}))
    found = capture_all(host, of_topology="told")
    assert adapters(found.topology) == TOLD
    assert "static: only the first address of Rear is in the file; it also has 10.7.1.3/22" in (
        found.losses
    )


LINUX = r"""
name: told
images: {ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}}
switches:
  - {name: Lab, switch_type: Internal, ip_address: 10.6.0.1/24, dhcp: {range: 10.6.0.100-10.6.0.120}}
vms:
  - {name: app, memory_startup: 2GB, disk: {image: ubuntu}, guest: {os: linux}, network_adapters: [{switch: Lab}]}
"""


def test_a_linux_guest_that_denies_dhcp_may_lack_the_script_that_knows():
    host = nestlab.connect("sim:ws2022-intel?language=en")
    assert all(result.ok for result in nestlab.Lab(nestlab.loads(LINUX), host).apply())
    host.simulated_host.world.clock.advance(600)
    machine = host.simulated_host.world.host
    (adapter,) = machine.guest(machine.hyper_v.vms_named("app")[0]).adapters
    assert [each.origin for each in adapter.ip.addresses] == ["Dhcp"]
    adapter.ip.dhcp = False  # as its daemon then reports; the address stays
    found = capture_all(host, of_topology="told")
    assert adapters(found.topology) == {"app": LEASED}
