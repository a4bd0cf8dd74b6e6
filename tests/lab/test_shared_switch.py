"""Two labs on one existing switch: an address that a VM of the other has is said before anything is built."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.cli import main
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet

LAB = r"""
name: {name}
images: {{ws2022: {{path: 'D:\images\ws2022.vhdx', os: windows, prepared: true}}}}
switches: [{{name: Corp, existing: true, ip_address: 10.9.0.1/24}}]
vms:
  - name: {name}-vm
    memory_startup: 2GB
    disk: {{image: ws2022}}
    guest: {{os: windows, credential: lab-admin}}
    network_adapters: [{{switch: Corp, ip_address: {address}{more}}}]
"""


def text(name, address="10.9.0.11/24", more=""):
    return LAB.format(name=name, address=address, more=more)


def lab(host, *args, **more):
    return nestlab.Lab(nestlab.loads(text(*args, **more)), host)


def corp(host):
    """Create the switch that both labs use."""
    host.run(
        Cmdlet("New-VMSwitch", {"Name": "Corp", "SwitchType": "Internal"}),
        Cmdlet(
            "New-NetIPAddress",
            {"InterfaceAlias": "vEthernet (Corp)", "IPAddress": "10.9.0.1", "PrefixLength": 24},
        ),
    )


@pytest.fixture
def host(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    host = nestlab.connect()
    corp(host)
    assert [str(result) for result in lab(host, "one").apply() if not result.ok] == []
    return host


def in_use(findings):
    return [str(finding) for finding in findings if finding.code == "address-in-use"]


def test_the_second_lab_is_told_who_has_its_address(host):
    two = lab(host, "two")
    (said,) = in_use(two.check())
    assert "the VM one-vm of the topology one already has that address" in said
    with pytest.raises(PlanRefused) as refused:
        two.plan()
    assert in_use(refused.value.findings) == [said]
    with pytest.raises(PlanRefused):
        list(two.apply())
    assert all(result.ok for result in lab(host, "two", "10.9.0.12/24").apply())


def test_an_automatic_address_is_told_as_well(host):
    one = lab(host, "three", "auto")
    assert all(result.ok for result in one.apply())
    (said,) = in_use(lab(host, "four", "auto").check())
    assert "`auto` gives addresses by the file alone" in said
    with pytest.raises(PlanRefused):
        lab(host, "four", "auto").plan()


def test_the_own_vm_and_another_vlan_are_no_conflict(host):
    assert lab(host, "one").plan().is_empty
    assert in_use(lab(host, "one").check()) == []
    lab(host, "two", more=", vlan: {access: 7}").plan()


def test_the_command_line_says_it_in_check_and_plan(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    address = f"sim:ws2022-intel?state={tmp_path / 'host.json'}"
    there = nestlab.connect(address)
    corp(there)
    there.close()
    files = [tmp_path / f"{name}.yml" for name in ("one", "two")]
    for file in files:
        file.write_text(text(file.stem), "utf-8")
    assert main(["apply", str(files[0]), "--host", address, "--yes"]) == 0
    capsys.readouterr()
    for command in (["check"], ["plan"], ["apply", "--yes"]):
        assert main([*command, str(files[1]), "--host", address]) == 1
        captured = capsys.readouterr()
        assert "10.9.0.11" in captured.out + captured.err
        assert "the VM one-vm of the topology one" in captured.out + captured.err


THEIRS = "00155D0299A1"
WITH_MAC = ", mac_address: 00-15-5D-02-99-A1"


def mac_in_use(findings):
    return [str(finding) for finding in findings if finding.code == "mac-address-in-use"]


@pytest.fixture
def beside_web_prod(host):
    """On the switch, someone's VM with a static MAC address."""
    host.run(
        Cmdlet("New-VM", {"Name": "web-prod", "SwitchName": "Corp", "Generation": 2}),
        Cmdlet("Set-VMNetworkAdapter", {"VMName": "web-prod", "StaticMacAddress": THEIRS}),
    )
    return host


def test_a_mac_address_that_another_vm_has_is_told_before_anything_is_built(beside_web_prod):
    two = lab(beside_web_prod, "two", "10.9.0.12/24", WITH_MAC)
    (said,) = mac_in_use(two.check())
    assert "the VM web-prod already has that MAC address" in said
    with pytest.raises(PlanRefused) as refused:
        two.plan()
    assert mac_in_use(refused.value.findings) == [said]
    other = lab(beside_web_prod, "two", "10.9.0.12/24", ", mac_address: 00-15-5D-02-99-A2")
    assert all(result.ok for result in other.apply())
    assert mac_in_use(other.check()) == []


def test_a_mac_address_of_another_lab_is_told_with_its_name(host):
    assert all(r.ok for r in lab(host, "three", "10.9.0.13/24", WITH_MAC).apply())
    (said,) = mac_in_use(lab(host, "four", "10.9.0.14/24", WITH_MAC).check())
    assert "the VM three-vm of the topology three already has that MAC address" in said


def test_a_mac_address_in_another_vlan_or_on_another_switch_is_no_conflict(beside_web_prod):
    run = beside_web_prod.run
    tagged = lab(beside_web_prod, "two", "10.9.0.12/24", WITH_MAC + ", vlan: {access: 7}")
    assert mac_in_use(tagged.check()) == []
    run(
        Cmdlet("New-VMSwitch", {"Name": "Apart", "SwitchType": "Private"}),
        Cmdlet("Connect-VMNetworkAdapter", {"VMName": "web-prod", "SwitchName": "Apart"}),
    )
    assert mac_in_use(lab(beside_web_prod, "two", "10.9.0.12/24", WITH_MAC).check()) == []


def test_a_renamed_vm_of_the_lab_that_keeps_its_mac_address_is_a_warning(host):
    own = lab(host, "three", "10.9.0.13/24", WITH_MAC)
    assert all(result.ok for result in own.apply())
    host.run(Cmdlet("Rename-VM", {"Name": "three-vm", "NewName": "old"}))
    (said,) = mac_in_use(own.check())
    assert " warning: " in said
    assert "the VM old of the topology three already has that MAC address" in said


def test_the_adapter_of_a_nested_host_below_its_external_switch_is_no_conflict():
    text = r"""
name: bridged
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows, prepared: true}}
switches: [{name: Lab, switch_type: Internal, ip_address: 10.9.0.1/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: LAN, switch: Lab, ip_address: 10.9.0.11/24, mac_address: 00-15-5D-02-99-A1, mac_address_spoofing: true}]
    nested: {switches: [{name: Out, switch_type: External, net_adapter: LAN}]}
"""
    own = nestlab.Lab(nestlab.loads(text), nestlab.connect())
    assert all(result.ok for result in own.apply())
    assert mac_in_use(own.check()) == []
    assert own.plan().is_empty
