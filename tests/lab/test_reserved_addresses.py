"""A DHCP reservation of an address that another machine has: said before, and by who has it after."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet, Size, SwitchParameter

IMAGE = r"D:\images\ws2022.vhdx"
LAB = r"""
name: lab
images: {ws: {path: 'D:\images\ws2022.vhdx', os: windows, prepared: true}}
switches:
  - name: S
    switch_type: Internal
    ip_address: 10.9.0.1/24
    dhcp: {range: 10.9.0.100-10.9.0.120%s}
vms:
  - name: c1
    disk: {image: ws}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: S, dhcp: true, mac_address: 00-15-5D-00-00-77}]
"""
RESERVED = ", reservations: [{ip_address: %s, mac_address: 00-15-5D-00-00-77}]"


def with_bob(lab, address=None):
    """Create a VM of another user on the lab's switch, with a lease or an address set by hand."""
    host = lab.host
    host.run(
        Cmdlet(
            "New-VHD",
            {"Path": r"D:\bob.vhdx", "ParentPath": IMAGE, "Differencing": SwitchParameter.ON},
        ),
        Cmdlet(
            "New-VM",
            {
                "Name": "bob",
                "Generation": 2,
                "MemoryStartupBytes": Size.parse("2GB"),
                "VHDPath": r"D:\bob.vhdx",
                "SwitchName": "S",
            },
        ),
        Cmdlet("Start-VM", {"Name": "bob"}),
        Cmdlet("Wait-VM", {"Name": "bob", "For": "Heartbeat"}),
        Cmdlet("Start-Sleep", {"Seconds": 60}),
    )
    guest = host.guest("bob", "lab-admin")
    if address:
        guest.run(
            Cmdlet(
                "New-NetIPAddress",
                {"InterfaceAlias": "Ethernet", "IPAddress": address, "PrefixLength": 24},
            )
        )
        host.wait(60)
    return next(
        str(record["IPAddress"])
        for record in guest.run(Cmdlet("Get-NetIPAddress", {"AddressFamily": "IPv4"})).records
        if str(record["IPAddress"]).startswith("10.9.0.")
    )


@pytest.mark.parametrize("by_hand", [None, "10.9.0.115"], ids=["leased", "set by hand"])
def test_it_is_said_before_and_after(tmp_path, by_hand):
    host = nestlab.connect("sim:ws2022-intel")
    text = LAB.replace("c1", "c0").replace("00-77", "00-76") % ""
    first = nestlab.Lab(nestlab.loads(text), host, journal=tmp_path / "1.jsonl")
    assert all(result.ok for result in first.apply())
    taken = with_bob(first, by_hand)
    lab = nestlab.Lab(nestlab.loads(LAB % (RESERVED % taken)), host, journal=tmp_path / "2.jsonl")
    for findings in (lab.plan().warnings, lab.check()):
        (found,) = [each for each in findings if each.code == "dhcp-reservation-in-use"]
        assert found.severity == "warning"
        assert taken in found.message
        assert "the VM bob" in found.message
        assert "bob" in found.evidence
        assert "ipconfig /release" in found.hint
    list(lab.apply())
    (after,) = [each for each in lab.check() if each.code == "dhcp-unanswered"]
    assert f"{taken}, which is reserved for it, is an address of the VM bob" in after.message
    assert "outside the range" not in after.hint
    assert "reserve another address" in after.hint
    lab = nestlab.Lab(
        nestlab.loads(LAB % (RESERVED % "10.9.0.118")), host, journal=tmp_path / "3.jsonl"
    )
    assert "dhcp-reservation-in-use" not in lab.check().codes  # as the hints say


def test_the_adapter_that_it_is_reserved_for_may_have_it(tmp_path):
    host = nestlab.connect("sim:ws2022-intel")
    reserving = nestlab.loads(LAB % (RESERVED % "10.9.0.115"))
    lab = nestlab.Lab(reserving, host, journal=tmp_path / "1.jsonl")
    assert all(result.ok for result in lab.apply())
    host.wait(120)
    assert not {"dhcp-reservation-in-use", "dhcp-unanswered"} & set(lab.check().codes)
