"""A fix inside a guest sets what the file has; where the file lacks it, the hint says so."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet, SwitchParameter
from tests.rules.troubles import Scene, applied, by_its_cmdlets, on

LAB = """
name: guests
switches: [{name: LabNet, switch_type: Internal, ip_address: 10.3.0.1/24, nat: 10.3.0.0/24}]
vms:
  - name: web1
    memory_startup: 2GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Ethernet, switch: LabNet, ip_address: 10.3.0.77/24, gateway: 10.3.0.1, dns_servers: [10.3.0.1, 9.9.9.9]}]
"""
ON_ETHERNET = {"InterfaceAlias": "Ethernet"}
QUIET = {"Confirm": SwitchParameter.OFF}
DEFAULT = {"DestinationPrefix": "0.0.0.0/0"}
NO_ROUTE = Cmdlet("Remove-NetRoute", {**ON_ETHERNET, **DEFAULT, **QUIET})
OTHER_ROUTE = Cmdlet("New-NetRoute", {**ON_ETHERNET, **DEFAULT, "NextHop": "10.3.0.254"})
NO_NAMES = Cmdlet(
    "Set-DnsClientServerAddress", {**ON_ETHERNET, "ResetServerAddresses": SwitchParameter.ON}
)
ASK_DHCP = Cmdlet("Set-NetIPInterface", {**ON_ETHERNET, "AddressFamily": "IPv4", "Dhcp": "Enabled"})
CHANGED = {
    "no DNS server": ("guest-without-name-server", "dns_servers: [10.3.0.1, 9.9.9.9]", [NO_NAMES]),
    "no gateway": ("guest-without-gateway", "gateway: 10.3.0.1", [NO_ROUTE]),
    "a wrong gateway": ("guest-gateway-wrong", "gateway: 10.3.0.1", [NO_ROUTE, OTHER_ROUTE]),
    "no lease": ("guest-without-lease", "ip_address: 10.3.0.77/24", [NO_ROUTE, ASK_DHCP, NO_NAMES]),
}


def lab_with(*changes: tuple[str, str]) -> Scene:
    """The lab of a file after some changes, applied."""
    text = LAB
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    scene = on("sim:ws2022-intel", topology=text)
    applied(scene)
    scene.host.wait(900)
    return scene


@pytest.mark.parametrize("name", CHANGED)
def test_the_fix_in_a_guest_sets_what_the_file_has(name):
    """It set a value that was read from the host, and the next apply reverted it."""
    code, key, cmdlets = CHANGED[name]
    scene = lab_with()
    scene.inside("web1").run(*cmdlets)
    scene.host.wait(60)
    (finding,) = scene.found(code)
    assert f"The file has {key}, so `nestlab apply` sets it." in finding.hint
    by_its_cmdlets(scene, finding)
    assert not scene.found(code)
    assert nestlab.Lab(scene.topology, scene.host).plan().steps == ()


def test_a_setting_that_the_file_lacks_is_to_be_written_there():
    scene = lab_with((", dns_servers: [10.3.0.1, 9.9.9.9]", ""))
    (finding,) = scene.found("guest-without-name-server")
    assert finding.severity == "warning"
    (servers,) = [cmdlet.parameters["ServerAddresses"] for cmdlet in finding.fix]
    key = f"dns_servers: [{', '.join(servers)}]"
    assert f"Write {key} in the file as well: the file has no dns_servers" in finding.hint
    by_its_cmdlets(scene, finding)
    assert nestlab.Lab(scene.topology, scene.host).plan().steps != ()
    scene.topology = nestlab.loads(LAB.replace("dns_servers: [10.3.0.1, 9.9.9.9]", key))
    assert not scene.found("guest-without-name-server")
    assert nestlab.Lab(scene.topology, scene.host).plan().steps == ()
