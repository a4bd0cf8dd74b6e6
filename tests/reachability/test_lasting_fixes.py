"""What a fix says of the file: with that edit the packet arrives, and no drift is left."""

from __future__ import annotations

import pytest

import nestlab

HEAD = r"""
name: lab
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
defaults: {vm: {disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}, memory_startup: 1GB}}
"""
NAT = "{name: Lab, switch_type: Internal, ip_address: 10.5.0.1/24, nat: 10.5.0.0/24%s}"
ADAPTER = "{name: Ethernet, switch: Lab, ip_address: 10.5.0.5/24, gateway: 10.5.0.1%s}"
FURTHER = ", management_adapters: [{name: Old, ip_address: 10.6.0.1/24, vlan: {access: 9}}]"


def lab(switch, adapter, vm=""):
    return f"{HEAD}switches: [{switch}]\nvms: [{{name: w, network_adapters: [{adapter}]{vm}}}]\n"


NESTED = (
    HEAD
    + """
switches: [{name: Lab, switch_type: Internal, ip_address: 10.5.0.1/24, nat: 10.5.0.0/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    processor_count: 4
    network_adapters: [{name: Ethernet, switch: Lab, ip_address: 10.5.0.2/24, gateway: 10.5.0.1}]
    nested:
      switches: [{name: Ext, switch_type: External, net_adapter: Ethernet}]
      vms: [{name: w, network_adapters: [{switch: Ext, ip_address: 10.5.0.5/24, gateway: 10.5.0.1}]}]
"""
)

SITUATIONS = {
    "a VLAN of the machine": (
        lab(NAT % ", vlan: {access: 20}", ADAPTER % ""),
        ("w", "internet"),
        "no vlan on switch Lab",
        (", vlan: {access: 20}", ""),
    ),
    "a VLAN of a VM": (
        lab(NAT % "", ADAPTER % ", vlan: {access: 7}"),
        ("host", "w"),
        "no vlan on adapter w/Ethernet",
        (", vlan: {access: 7}", ""),
    ),
    "a VLAN of a further adapter of the machine": (
        lab(NAT % FURTHER, "{switch: Lab, ip_address: 10.6.0.5/24}"),
        ("w", "10.6.0.1"),
        "no vlan on Old in management_adapters of switch Lab",
        (", vlan: {access: 9}", ""),
    ),
    "an adapter that is not connected": (
        lab(NAT % "", ADAPTER % ", connected: false"),
        ("w", "internet"),
        "no connected: false on adapter w/Ethernet",
        (", connected: false", ""),
    ),
    "no gateway": (
        lab(NAT % "", ADAPTER % "").replace(", gateway: 10.5.0.1", ""),
        ("w", "internet"),
        "gateway: 10.5.0.1 on adapter w/Ethernet",
        ("10.5.0.5/24", "10.5.0.5/24, gateway: 10.5.0.1"),
    ),
    "no NAT": (
        lab(NAT % "", ADAPTER % "").replace(", nat: 10.5.0.0/24", ""),
        ("w", "internet"),
        "nat: 10.5.0.0/24 on switch Lab",
        ("10.5.0.1/24}", "10.5.0.1/24, nat: 10.5.0.0/24}"),
    ),
    "a firewall": (
        lab(NAT % "", ADAPTER % "", ", answers_ping: false"),
        ("host", "w"),
        "no answers_ping: false on w",
        (", answers_ping: false", ""),
    ),
    "no spoofing below a nested host": (
        NESTED,
        ("w", "internet"),
        "mac_address_spoofing: true on adapter HV1/Ethernet",
        ("{name: Ethernet,", "{name: Ethernet, mac_address_spoofing: true,"),
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_fix_names_the_edit_of_the_file_that_means_the_same(situation):
    file, ends, edit, (old, new) = SITUATIONS[situation]
    answer = nestlab.trace(nestlab.loads(file), *ends)
    assert [each for fix in answer.fixes for each in fix.in_file] == [edit]
    assert f"In the file: {edit}" in str(answer)
    assert answer._repr_html_().count("drift reports the change") == 1
    assert [fix["in_file"] for fix in answer.to_dict()["fixes"]] == [[edit]]
    assert old in file
    assert nestlab.trace(nestlab.loads(file.replace(old, new)), *ends).reachable


@pytest.mark.parametrize("situation", ["a VLAN of the machine", "no NAT", "no gateway"])
def test_a_fix_leaves_drift_until_the_file_is_edited(situation):
    file, ends, _, (old, new) = SITUATIONS[situation]
    host = nestlab.connect()
    built = nestlab.Lab(nestlab.loads(file), host)
    assert all(result.ok for result in built.apply())
    for fix in nestlab.trace(built.topology, *ends).fixes:
        session = host if not fix.machine else host.guest(*fix.machine, credential="lab-admin")
        for cmdlet in fix.cmdlets:
            session.run(cmdlet)
    assert [each.code for each in nestlab.drift(built.topology, host)] == ["drift"]
    assert not list(nestlab.drift(nestlab.loads(file.replace(old, new)), host))


TWO_ADAPTERS = """switches:
  - {name: Lab, switch_type: Internal, ip_address: 10.5.0.1/24, nat: 10.5.0.0/24}
  - {name: Other, switch_type: Private}
vms:
  - name: w
    network_adapters:
      - {name: Back, switch: Other, ip_address: 10.6.0.5/24}
      - {name: Front, switch: Lab, ip_address: 10.5.0.5/24%s}
"""


@pytest.mark.parametrize("scenario", ["sim:ws2022-intel", "sim:ws2022-spanish"])
@pytest.mark.parametrize("gateway", ["", ", gateway: 10.5.0.9"])
def test_the_fix_of_a_gateway_finds_the_adapter_in_a_guest_that_has_another_name_there(
    scenario, gateway
):
    """Windows calls it Ethernet 2, or does so in its language, and not Front."""
    host = nestlab.connect(scenario)
    built = nestlab.Lab(nestlab.loads(HEAD + TWO_ADAPTERS % gateway), host)
    assert all(result.ok for result in built.apply())
    traced = nestlab.trace(built.topology, "w", "internet")
    (fix,) = traced.fixes
    assert fix.machine == ("w",)
    assert fix.in_file == ("gateway: 10.5.0.1 on adapter w/Front",)
    for cmdlet in fix.cmdlets:
        host.guest("w", credential="lab-admin").run(cmdlet)
    as_edited = nestlab.loads(HEAD + TWO_ADAPTERS % ", gateway: 10.5.0.1")
    assert not list(nestlab.drift(as_edited, host))
