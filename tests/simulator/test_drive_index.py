"""The index of a host's drives by path answers, after any history of cmdlets, as a look at every drive does."""

import contextlib

from hypothesis import example, given, settings
from hypothesis import strategies as st

from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.transport import connect

ON, OFF = SwitchParameter.ON, SwitchParameter.OFF
IMAGE = r"D:\images\ws2022.vhdx"
NAMES = st.sampled_from(["a", "B", "c"])
DISKS = st.sampled_from([r"D:\one.vhdx", r"d:\TWO.vhdx", r"D:\three.vhdx"])
PLACES = st.sampled_from([0, 1, 2])
HISTORY = st.lists(
    st.one_of(
        st.tuples(st.just("new"), NAMES, DISKS, st.sampled_from([1, 2])),
        st.tuples(st.just("add"), NAMES, DISKS),
        st.tuples(st.just("remove drive"), NAMES, PLACES),
        st.tuples(st.just("set"), NAMES, PLACES, DISKS),
        st.tuples(st.just("dvd"), NAMES),
        st.tuples(st.just("insert"), NAMES, DISKS),
        st.tuples(
            st.sampled_from(
                ["checkpoint", "restore", "merge", "start", "stop", "rename", "remove"]
            ),
            NAMES,
        ),
    ),
    min_size=4,
    max_size=25,
)
NO_PROMPT = {"Confirm": OFF}


def cmdlet(kind, name, *rest):
    of_vm = {"VMName": name}
    match kind, *rest:
        case "new", disk, generation:
            given = {"Name": name, "VHDPath": disk, "Generation": generation}
            return Cmdlet("New-VM", {**given, "MemoryStartupBytes": Size.parse("512MB")})
        case "add", disk:
            return Cmdlet("Add-VMHardDiskDrive", {**of_vm, "Path": disk})
        case "remove drive", place:
            return Cmdlet("Remove-VMHardDiskDrive", {**of_vm, **at("ControllerLocation", place)})
        case "set", place, disk:
            where = at("ControllerLocation", place)
            return Cmdlet("Set-VMHardDiskDrive", {**of_vm, **where, "Path": disk})
        case ["dvd"]:
            return Cmdlet("Add-VMDvdDrive", of_vm)
        case "insert", disk:
            return Cmdlet("Set-VMDvdDrive", {**of_vm, "Path": disk})
    return {
        "checkpoint": Cmdlet("Checkpoint-VM", {"Name": name, "SnapshotName": "one"}),
        "restore": Cmdlet("Restore-VMSnapshot", {**of_vm, "Name": "one", **NO_PROMPT}),
        "merge": Cmdlet("Remove-VMSnapshot", {**of_vm, "Name": "one"}),
        "start": Cmdlet("Start-VM", {"Name": name}),
        "stop": Cmdlet("Stop-VM", {"Name": name, "TurnOff": ON}),
        "rename": Cmdlet("Rename-VM", {"Name": name, "NewName": "c"}),
        "remove": Cmdlet("Remove-VM", {"Name": name, "Force": ON}),
    }[kind]


def at(parameter, place):
    return {"ControllerType": "SCSI", "ControllerNumber": 0, parameter: place}


def seen(hyper_v):
    """Every drive by its path, as a look at all VMs finds them."""
    found = {}
    for vm in hyper_v.vms:
        for drive in vm.settings.drives:
            found.setdefault(drive.path.lower(), []).append((vm.id, drive))
    return found


def prepared():
    host = connect()
    for disk in (r"D:\one.vhdx", r"D:\two.vhdx", r"D:\three.vhdx"):
        host.run(Cmdlet("New-VHD", {"Path": disk, "ParentPath": IMAGE, "Differencing": ON}))
    for name, disk in (("a", r"D:\one.vhdx"), ("B", r"D:\two.vhdx")):
        host.run(cmdlet("new", name, disk, 2))
    return host


@settings(max_examples=60)
@given(HISTORY)
@example([("remove", "a"), ("new", "c", r"D:\one.vhdx", 1), ("remove", "c")])
@example(
    [
        *(("remove drive", "a", 0), ("checkpoint", "a"), ("dvd", "a")),
        *(("insert", "a", r"D:\two.vhdx"), ("restore", "a")),
    ]
)
def test_the_index_of_drives_is_what_a_look_at_every_vm_finds(history):
    host = prepared()
    hyper_v = host.simulated_host.world.host.hyper_v
    before = {}
    for deed in history:
        with contextlib.suppress(CmdletError):
            host.run(cmdlet(*deed))
        expected = seen(hyper_v)
        for key in {*before, *expected}:
            indexed = [(vm.id, drive) for vm, drive in hyper_v.drives_at(key)]
            assert [(one, id(drive)) for one, drive in indexed] == [
                (one, id(drive)) for one, drive in expected.get(key, [])
            ], (deed, key)
        before = expected


def test_a_history_with_every_deed_changes_the_drives():
    host = prepared()
    deeds = [
        ("add", "a", r"D:\three.vhdx"),
        ("checkpoint", "a"),
        ("restore", "a"),
        ("merge", "a"),
        ("dvd", "a"),
        ("insert", "a", r"D:\two.vhdx"),
        ("set", "B", 0, r"D:\three.vhdx"),
        ("remove drive", "B", 0),
        ("remove", "a"),
    ]
    hyper_v = host.simulated_host.world.host.hyper_v
    for deed in deeds:
        before = {key: len(pairs) for key, pairs in seen(hyper_v).items()}
        host.run(cmdlet(*deed))
        if deed[0] != "merge":
            assert {key: len(pairs) for key, pairs in seen(hyper_v).items()} != before, deed
