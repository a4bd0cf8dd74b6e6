"""Drift: a finding for each difference between a host and a topology."""

import contextlib
from pathlib import Path

import pytest

import nestlab
from nestlab.cli import main
from nestlab.errors import GuestUnreachable
from nestlab.model import Cmdlet, SwitchParameter
from tests.lab.foreign_hosts import foreign_host

LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"


@pytest.fixture
def host(tmp_path):
    host = nestlab.connect(f"sim:ws2022-intel?state={tmp_path / 'host.json'}")
    assert all(result.ok for result in nestlab.Lab(nestlab.load(LAB), host).apply())
    return host


def codes(found):
    return [(finding.code, finding.subject) for finding in found]


def test_a_host_that_was_just_built_has_no_drift(host):
    assert codes(nestlab.drift(nestlab.load(LAB), host)) == []


def test_a_vm_that_is_off_differs_and_what_is_inside_it_is_not_known(host):
    host.run(Cmdlet("Stop-VM", {"Name": "HV1", "TurnOff": True, "Force": True}))
    host.run(Cmdlet("Set-VMProcessor", {"VMName": "HV1", "Count": 2}))
    found = nestlab.drift(nestlab.load(LAB), host)
    # The VM has to be started anyway; that is not a difference of its own beside the processors.
    assert [finding.message for finding in found if finding.code == "drift"] == [
        "Set the processor count of HV1 to 4 (it has 2)"
    ]
    assert ("drift-not-known", "HV1") in codes(found)


def test_a_difference_inside_a_nested_host_names_its_machine(host):
    guest = host.guest("HV1", "lab-admin").guest("web1", "lab-admin")
    (adapter,) = (r["Name"] for r in guest.run(Cmdlet("Get-NetAdapter")))
    servers = {"InterfaceAlias": adapter, "ServerAddresses": ["9.9.9.9"]}
    guest.run(Cmdlet("Set-DnsClientServerAddress", servers))
    (found,) = nestlab.drift(nestlab.load(LAB), host)
    assert (found.code, found.subject) == ("drift", "HV1/web1")
    assert "9.9.9.9" in found.message


def test_what_the_file_no_longer_names_is_left_over(host):
    text = LAB.read_text("utf-8")
    first, end = text.index("        - name: db1"), text.index("checks:")
    found = nestlab.drift(nestlab.loads(text[:first]), host)
    assert codes(found) == [("left-over", "HV1")]
    assert "db1" in text[first:end]
    assert "db1" in found[0].message


def test_what_blocks_a_plan_is_returned_instead(host):
    text = LAB.read_text("utf-8").replace("LabNet", "OtherNet")
    found = nestlab.drift(nestlab.loads(text), host)
    assert codes(found) == [("remainder-conflict", "switch OtherNet")] * 2


def test_what_is_not_known_is_no_difference(tmp_path, capsys):
    state = f"sim:ws2022-intel?state={tmp_path / 'linux.json'}"
    file = tmp_path / "linux.yml"
    file.write_text(
        "name: linux-lab\n"
        "switches: [{name: A, switch_type: Internal, ip_address: 10.1.0.1/24}]\n"
        "vms:\n"
        "  - name: a\n"
        "    state: 'Off'\n"  # so that its guest reports no address
        "    disk: {parent: 'D:\\images\\ubuntu2404.vhdx'}\n"
        "    guest: {os: linux}\n"
        "    network_adapters: [{switch: A, ip_address: 10.1.0.2/24}]\n",
        encoding="utf-8",
    )
    list(nestlab.Lab(nestlab.load(file), nestlab.connect(state)).apply())
    assert main(["drift", str(file), "--host", state]) == 0
    said = capsys.readouterr().out
    assert "[drift-not-known]" in said
    assert "as far as is known" in said


SILENT = r"""
name: silent
images: {image: {path: 'D:\images\ubuntu2404.vhdx', os: windows}}
switches: [{name: A, switch_type: Internal, ip_address: 10.1.0.1/24}]
vms:
  - name: w
    disk: {image: image}
    guest: {os: windows%s}
    network_adapters: [{switch: A, ip_address: 10.1.0.5/24}]
"""


@pytest.mark.parametrize("credential", ["", ", credential: lab-admin"])
def test_a_guest_that_runs_and_has_no_heartbeat_is_not_said_to_match(credential, tmp_path, capsys):
    # Before, the command said that the host matches, with exit code 0.
    state = f"sim:ws2022-intel?state={tmp_path / 'silent.json'}"
    file = tmp_path / "silent.yml"
    file.write_text(SILENT % credential, encoding="utf-8")
    with contextlib.suppress(GuestUnreachable):
        list(nestlab.Lab(nestlab.load(file), nestlab.connect(state)).apply())
    assert main(["drift", str(file), "--host", state]) == 3
    said = capsys.readouterr().out
    assert "warning: w: " in said
    assert "no heartbeat" in said
    for reason in ("has another operating system", "other generation", "Secure Boot"):
        assert reason in said
    assert "The host matches" not in said
    assert "What could be compared matches" in said
    found = nestlab.drift(nestlab.load(file), nestlab.connect(state))
    assert (found.unanswered, found.differs) == (("w",), False)
    nestlab.connect(state).run(Cmdlet("Stop-VM", {"Name": "w", "TurnOff": True, "Force": True}))
    assert main(["drift", str(file), "--host", state]) == 1


WITHOUT_LEASE = r"""
name: lease
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
switches: [{name: A, switch_type: Internal, ip_address: 10.1.0.1/24}]
vms:
  - name: w1
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Ethernet, switch: A, dhcp: true}]
  - name: w2
    disk: {image: ws2022}
    guest: {os: windows}
    network_adapters: [{switch: A, dhcp: true}]
"""


def test_an_adapter_without_an_answer_from_dhcp_is_no_match(tmp_path, capsys):
    # Before, the plan said that its addresses are unchanged, and drift that the host matches.
    state = f"sim:ws2022-intel?state={tmp_path / 'lease.json'}"
    file = tmp_path / "lease.yml"
    file.write_text(WITHOUT_LEASE, encoding="utf-8")
    lab = nestlab.Lab(nestlab.load(file), nestlab.connect(state))
    assert all(result.ok for result in lab.apply())
    plan = lab.plan()
    (why,) = (item.why for item in plan.unchanged if item.subject == "w1: addresses of Ethernet")
    assert "169.254." in why
    assert why.endswith(", which Windows gave itself: no DHCP server gave it one")
    assert [f.subject for f in plan.warnings if f.code == "dhcp-unanswered"] == [
        "adapter w1/Ethernet",
        "adapter w2/Network Adapter",
    ]
    found = nestlab.drift(lab.topology, lab.host)
    assert [(each.kind, each.part) for each in found.differences] == [
        ("differs", "w1"),
        ("differs", "w2"),
    ]
    assert "<svg" in found.svg()
    assert main(["drift", str(file), "--host", state]) == 1
    assert "169.254." in capsys.readouterr().out


BELOW_ITS_OWN_SWITCH = """
name: below
images: {ws2022: {path: 'D:\\images\\ws2022.vhdx', os: windows}}
switches: [{name: A, switch_type: Private}]
vms:
  - name: HV1
    processor_count: 4
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Ethernet, switch: A, dhcp: true, mac_address_spoofing: true}]
    nested: {switches: [{name: Ext, switch_type: External, net_adapter: Ethernet}]}
"""


def test_unanswered_dhcp_below_an_external_switch_of_a_nested_host_is_reported():
    # Hyper-V shows no address of such an adapter: the one on the switch asked for it.
    lab = nestlab.Lab(nestlab.loads(BELOW_ITS_OWN_SWITCH), nestlab.connect())
    assert all(result.ok for result in lab.apply())
    (found,) = nestlab.drift(lab.topology, lab.host)
    assert (found.code, found.subject) == ("dhcp-unanswered", "adapter HV1/Ethernet")
    assert "on vEthernet (Ext), which its guest gave itself" in found.message


def test_what_apply_restarts_first_is_said_to_be_not_compared(host):
    """Its guest answers; only a plan has to wait for it."""
    smaller = nestlab.loads(LAB.read_text(encoding="utf-8").replace("8GB", "6GB"))
    found = {item.subject: item.message for item in nestlab.drift(smaller, host)}
    for inside in ("HV1/web1", "HV1/db1"):
        assert found[inside].startswith("Not compared: with `nestlab apply`, "), inside


def test_the_command_says_whether_a_host_is_as_the_file_says(host, tmp_path, capsys):
    state = f"sim:ws2022-intel?state={tmp_path / 'host.json'}"
    assert main(["drift", str(LAB), "--host", state]) == 0
    assert "The host matches" in capsys.readouterr().out
    host.run(Cmdlet("Set-VM", {"Name": "HV1", "Notes": "nestlab:nat-lab\nand more"}))
    host.run(Cmdlet("Rename-VM", {"Name": "HV1", "NewName": "HV9"}))
    assert main(["drift", str(LAB), "--host", state]) == 1
    said = capsys.readouterr().out
    assert "[disk-in-use]" in said
    assert "is a disk of VM HV9" in said


def test_what_does_not_exist_is_one_difference_with_all_that_belongs_to_it():
    found = nestlab.drift(nestlab.load(LAB), nestlab.connect())
    assert [(item.subject, item.message) for item in found] == [
        ("switch LabNet", "The switch does not exist"),
        ("HV1", "The VM does not exist"),
    ]


def test_differences_of_what_nestlab_did_not_create_are_told_one_by_one():
    topology = nestlab.load(LAB)
    host = foreign_host(topology)
    captured = nestlab.capture(host, credential="lab-admin")
    assert codes(nestlab.drift(captured, host)) == []
    host.run(Cmdlet("Set-VMNetworkAdapter", {"VMName": "HV1", "MacAddressSpoofing": "On"}))
    inside = host.guest("HV1", "lab-admin")
    inside.run(Cmdlet("Set-VMSwitch", {"Name": "NestedNat", "SwitchType": "Private"}))
    found = nestlab.drift(captured, host)
    assert len(found) == len(found.differences) > 1
    own = [finding for finding in found if finding.code == "drift"]
    said = [finding.message for finding in own]
    assert any("Disable MAC address spoofing on HV1" in text for text in said)
    assert any("Change the switch NestedNat (NestedNat is Private" in text for text in said)
    assert all("nestlab did not create it" in finding.hint for finding in own)


def broken(host):
    host.run(Cmdlet("Set-VMNetworkAdapter", {"VMName": "HV1", "MacAddressSpoofing": "On"}))
    inside = host.guest("HV1", "lab-admin")
    inside.run(Cmdlet("Rename-VM", {"Name": "db1", "NewName": "db9"}))
    drives = Cmdlet("Get-VMHardDiskDrive", {"VMName": "db9"}, Cmdlet("Remove-VMHardDiskDrive"))
    inside.run(Cmdlet("Stop-VM", {"Name": "db9", "TurnOff": SwitchParameter.ON}))
    inside.run(drives)  # else the new db1 would have them


def test_the_picture_marks_each_difference_where_it_is(host, tmp_path):
    broken(host)
    found = nestlab.drift(nestlab.load(LAB), host)
    assert [(each.kind, each.part) for each in found.differences] == [
        ("differs", "HV1"),
        ("missing", "HV1/db1"),
        ("left-over", "HV1"),
    ]
    assert "1 missing, 1 different, 1 left over" in found.summary
    text = found.save(tmp_path / "drift.svg").read_text("utf-8")
    for part in ("o-missing", "o-differs", "≠ 1", "+ 2", "− 3", "<desc>", "The VM does not exist"):
        assert part in text
    html = found._repr_html_()
    assert "<svg" in html
    assert "VM db9 belongs to nat-lab" in html
    with pytest.raises(nestlab.UsageError, match="svg, png, pdf"):
        found.save(tmp_path / "drift.mmd")


@pytest.mark.parametrize("extension", ["svg", "png", "pdf"])
def test_the_command_draws_the_picture(host, tmp_path, capsys, extension):
    broken(host)
    state, file = f"sim:ws2022-intel?state={tmp_path / 'host.json'}", tmp_path / f"d.{extension}"
    assert main(["drift", str(LAB), "--host", state, "-o", str(file)]) == 1
    assert f"Wrote {file}" in capsys.readouterr().out
    assert file.stat().st_size > 1000


def test_another_extension_is_refused_before_the_host_is_asked(tmp_path, capsys):
    file = tmp_path / "drift.drawio"
    assert main(["drift", str(LAB), "--host", "winrms://nowhere.invalid", "-o", str(file)]) == 2
    assert "svg, png, pdf" in capsys.readouterr().err
    assert not file.exists()


def test_a_picture_that_cannot_be_written_is_one_error(host, tmp_path, capsys):
    state = f"sim:ws2022-intel?state={tmp_path / 'host.json'}"
    file = tmp_path / "no such folder" / "drift.svg"
    assert main(["drift", str(LAB), "--host", state, "-o", str(file)]) == 2
    assert "no such folder" in capsys.readouterr().err
