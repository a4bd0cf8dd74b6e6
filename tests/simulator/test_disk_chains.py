"""The disks on top of a disk, found by their parents, are those that a look at every chain finds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nestlab.simulator.cmdlets.windows.cim_instance import logical_disk
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.virtual_machine import VirtualMachine, VMDrive
from nestlab.transport import connect

PATHS = [rf"{drive}:\{name}.vhdx" for drive in "DE" for name in ("a", "B", "c", "dd")]
PLACES = st.integers(0, len(PATHS) - 1)
PARENTS = st.lists(st.tuples(PLACES, PLACES, st.booleans()), max_size=12)


def machine_with(parents):
    """A host without files, on which disks have been created on top of others."""
    machine = connect().simulated_host.world.host
    machine.files.clear()
    for child, parent, lower in parents:
        if PATHS[child].lower() not in machine.files:
            path = PATHS[parent].lower() if lower else PATHS[parent]
            disk_files.create(machine, PATHS[child], size=1 << 30, parent=path)
    return machine


@settings(max_examples=80, deadline=None)
@given(PARENTS, PLACES, PLACES)
def test_a_disk_is_blocked_by_each_user_of_a_disk_on_top_of_it(parents, used, asked):
    machine = machine_with(parents)
    drive = VMDrive(kind="disk", path=PATHS[used])
    vm = VirtualMachine(id="1", name="user", state="Running")
    vm.settings.drives.append(drive)
    machine.hyper_v.add(vm)
    below_the_user = disk_files.chain(machine, PATHS[used])
    below_the_asked = disk_files.chain(machine, PATHS[asked])
    # A running VM writes to its disk and reads the parents; a path alone is no disk in a chain.
    is_blocked = PATHS[used].lower() in below_the_asked or (
        PATHS[asked].lower() in below_the_user[1:] and PATHS[used].lower() in machine.files
    )
    assert bool(disk_files.blocking_file(machine, PATHS[asked])) is is_blocked


@settings(max_examples=40, deadline=None)
@given(PARENTS)
def test_the_free_space_of_a_drive_lacks_the_files_on_it(parents):
    machine = machine_with(parents)
    for disk in logical_disk(machine):
        drive = disk["DeviceID"].lower()
        used = sum(f.length for key, f in machine.files.items() if key.startswith(drive))
        used += 20 << 30 if drive == "c:" else 0
        assert disk["Size"] - disk["FreeSpace"] == used
