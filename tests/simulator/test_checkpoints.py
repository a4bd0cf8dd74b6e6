"""Checkpoints: disks freeze, come back, merge; the system on them with them."""

from unittest.mock import Mock

from nestlab.model import SwitchParameter
from nestlab.simulator.powershell.call import Call, Sink
from nestlab.simulator.runspace import Runspace


def files(console):
    return sorted(console.session.simulated_host.machine.files)


def address(console, ip):
    # The adapter has no switch and so no link: New-NetIPAddress does not turn its DHCP off.
    console(
        "Set-NetIPInterface",
        InterfaceAlias="Ethernet",
        Dhcp="Disabled",
        PolicyStore="PersistentStore",
    )
    console("New-NetIPAddress", InterfaceAlias="Ethernet", IPAddress=ip, PrefixLength=24)


def addresses(console):
    found = console("Get-NetIPAddress", InterfaceAlias="Ethernet")
    return [
        record["IPAddress"] for record in found if not record["IPAddress"].startswith("169.254.")
    ]


def start(host, name):
    host("Start-VM", Name=name)
    return host.guest(name)


def test_restore_brings_back_the_guest_as_it_was(host):
    host.new_vm("a", start=True)
    address(host.guest("a"), "10.0.0.1")
    host("Checkpoint-VM", Name="a", SnapshotName="one")
    address(host.guest("a"), "10.0.0.2")
    host("Restore-VMSnapshot", VMName="a", Name="one", Confirm=SwitchParameter.OFF)
    vm = host.one("Get-VM", Name="a")
    assert (vm["State"], vm["ParentSnapshotName"], vm["ParentCheckpointId"]) == (
        "Off",
        "one",
        vm["ParentSnapshotId"],
    )
    assert addresses(start(host, "a")) == ["10.0.0.1"]


def test_a_checkpoint_is_removed_once_when_two_of_one_name_stand_on_each_other(host):
    host.new_vm("a")
    for _ in range(3):
        host("Checkpoint-VM", Name="a", SnapshotName="same")
    host("Remove-VMCheckpoint", "IncludeAllChildSnapshots", VMName="a", Name="same")
    assert host("Get-VMCheckpoint", VMName="a") == []
    assert files(host) == [path for path in files(host) if not path.endswith(".avhdx")]


def test_removing_a_checkpoint_keeps_the_present_and_merges_the_disk(host):
    host.new_vm("a", start=True)
    before = files(host)
    host("Checkpoint-VM", Name="a", SnapshotName="one")
    address(host.guest("a"), "10.0.0.2")
    host("Checkpoint-VM", Name="a", SnapshotName="two")
    host("Remove-VMSnapshot", VMName="a", Name="one")
    host("Remove-VMSnapshot", VMName="a", Name="two")
    assert files(host) == before
    assert host.one("Get-VMHardDiskDrive", VMName="a")["Path"] == r"D:\lab\a.vhdx"
    assert addresses(host.guest("a")) == ["10.0.0.2"]


def test_removing_the_vm_merges_into_the_disk_that_stays(host):
    host.new_vm("a", start=True)
    before = files(host)
    host("Checkpoint-VM", Name="a")
    host("Checkpoint-VM", Name="a")
    address(host.guest("a"), "10.0.0.2")
    host("Stop-VM", "TurnOff", Name="a")
    host("Remove-VM", "Force", Name="a")
    assert files(host) == before
    host("New-VM", Name="b", Generation=2, VHDPath=r"D:\lab\a.vhdx")
    assert addresses(start(host, "b")) == []  # another adapter: Windows sees a new one
    assert host.session.simulated_host.machine.file(r"D:\lab\a.vhdx").system is not None


def test_a_branch_stays_while_another_checkpoint_stands_on_the_disk(host):
    host.new_vm("a")
    host("Checkpoint-VM", Name="a", SnapshotName="root")
    host("Checkpoint-VM", Name="a", SnapshotName="left")
    host("Restore-VMSnapshot", VMName="a", Name="root", Confirm=SwitchParameter.OFF)
    host("Checkpoint-VM", Name="a", SnapshotName="right")
    host("Remove-VMSnapshot", VMName="a", Name="root")
    host("Restore-VMSnapshot", VMName="a", Name="left", Confirm=SwitchParameter.OFF)
    host("Start-VM", Name="a")
    parents = {
        record["Name"]: record["ParentSnapshotName"]
        for record in host("Get-VMSnapshot", VMName="a")
    }
    assert parents == {"left": None, "right": None}


def test_a_missing_checkpoint_is_refused(host):
    assert (
        host.refused(
            "Restore-VMSnapshot", VMName="dc-archive", Name="nope", Confirm=SwitchParameter.OFF
        ).error_id
        == "ObjectNotFound"
    )


def test_disabled_checkpoints_are_refused(host):
    host("Set-VM", Name="dc-archive", CheckpointType="Disabled")
    assert host.refused("Checkpoint-VM", Name="dc-archive").category == "InvalidOperation"


def test_fifty_checkpoints_are_the_most(host):
    host.new_vm("a", parent=None)
    for _ in range(50):
        host("Checkpoint-VM", Name="a")
    assert "50" in host.refused("Checkpoint-VM", Name="a").message


def test_relatives_of_a_checkpoint(host):
    host.new_vm("a")
    for name in ("one", "two"):
        host("Checkpoint-VM", Name="a", SnapshotName=name)
    one, two = (host.one("Get-VMSnapshot", VMName="a", Name=name) for name in ("one", "two"))
    vm = host.one("Get-VM", Name="a")
    assert relatives(host, "ParentOf", two) == ["one"]
    assert relatives(host, "ChildOf", one) == ["two"]
    assert relatives(host, "ParentOf", vm) == ["two"]
    assert relatives(host, "ParentOf", one) == []
    assert relatives(host, "ChildOf", two) == []


def relatives(host, parameter, record):
    """The names that a script on the host would get; no message carries an object as a parameter."""
    sink = Mock(Sink)
    call = Call("Get-VMSnapshot", ((parameter, record),))
    Runspace(host.session.simulated_host).invoke([call], sink)
    return [written.args[0]["Name"] for written in sink.output.call_args_list]


def test_the_checkpoint_of_another_vm_on_the_same_disk_stays_where_a_vm_is_removed(host):
    host("New-VHD", Path=r"D:\one.vhdx", SizeBytes=1 << 30)
    for name in ("a", "b"):
        host("New-VM", Name=name, Generation=2, VHDPath=r"D:\one.vhdx")
    host("Checkpoint-VM", Name="b", SnapshotName="kept")
    before = files(host)
    host("Remove-VM", Name="a", Force=SwitchParameter.ON)
    assert files(host) == before
