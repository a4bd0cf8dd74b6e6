"""Checks of machines that the file gives no address, and that may get one all the same."""

from __future__ import annotations

import pytest

import nestlab

HEAD = r"""
name: f1
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}, ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}}
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}}}
"""
DHCP = "{name: L, switch_type: Internal, ip_address: 10.3.0.1/24, nat: 10.3.0.0/24, dhcp: {range: 10.3.0.100-10.3.0.110}}"
NO_DHCP = "{name: L, switch_type: Internal, ip_address: 10.3.0.1/24, nat: 10.3.0.0/24}"
EXTERNAL = "{name: L, switch_type: External, net_adapter: Ethernet}"
CREDENTIAL = "guest: {os: windows, credential: lab-admin}"
LINUX = "disk: {image: ubuntu}, guest: {os: linux, credential: lab-linux, cloud_init: true}"


def found(switch, guest, expect="reachable"):
    text = f"""{HEAD}
switches: [{switch}]
vms: [{{name: hand, network_adapters: [{{switch: L}}], {guest}}}]
checks: [{{from: hand, to: internet, expect: {expect}}}, {{from: host, to: hand, expect: {expect}}}]
"""
    findings = nestlab.validate(nestlab.loads(text))
    return [(each.code, each.evidence) for each in findings if each.code.startswith("check-")]


@pytest.mark.parametrize("switch", [DHCP, NO_DHCP, EXTERNAL])
@pytest.mark.parametrize(
    "guest", ["guest: {os: none}", "guest: {os: windows}", "guest: {os: linux}"]
)
@pytest.mark.parametrize("expect", ["reachable", "unreachable"])
def test_an_address_that_is_set_by_hand_is_not_known(switch, guest, expect):
    first, second = found(switch, guest, expect)
    assert first[0] == second[0] == "check-undetermined"
    assert first[1].startswith(
        "The file gives Network Adapter of hand no address, and nestlab sets none"
    )


def test_windows_with_a_credential_uses_dhcp_where_a_server_of_the_lab_answers():
    assert found(DHCP, CREDENTIAL) == []
    assert [code for code, _ in found(DHCP, CREDENTIAL, "unreachable")] == [
        "check-contradicted"
    ] * 2


def test_windows_with_a_credential_uses_dhcp_on_a_physical_network():
    assert {code for code, _ in found(EXTERNAL, CREDENTIAL)} == {"check-undetermined"}


@pytest.mark.parametrize("guest", [CREDENTIAL, LINUX])
def test_a_guest_that_nestlab_sets_has_no_address_where_none_answers(guest):
    assert {code for code, _ in found(NO_DHCP, guest)} == {"check-contradicted"}


def test_a_disconnected_adapter_has_no_address():
    text = f"""{HEAD}
switches: [{DHCP}]
vms: [{{name: hand, network_adapters: [{{switch: L, connected: false}}]}}]
checks: [{{from: hand, to: internet}}]
"""
    assert "check-contradicted" in [f.code for f in nestlab.validate(nestlab.loads(text))]


def test_the_hint_asks_for_what_the_file_lacks_and_settles_it():
    text = f"""{HEAD}
switches: [{DHCP}]
vms: [{{name: hand, network_adapters: [{{switch: L}}]}}]
checks: [{{from: hand, to: internet}}]
"""
    (finding,) = (
        f for f in nestlab.validate(nestlab.loads(text)) if f.code == "check-undetermined"
    )
    assert "give adapter hand/Network Adapter the ip_address that its guest has" in finding.hint
    for given in ("ip_address: 10.3.0.5/24, gateway: 10.3.0.1", "dhcp: true"):
        edited = text.replace("[{switch: L}]", f"[{{switch: L, {given}}}]")
        assert not [
            f for f in nestlab.validate(nestlab.loads(edited)) if f.code.startswith("check-")
        ]
