r"""Sessions with a role write answer files and seed disks into the disks of their lab, and nowhere else."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.export.jea.role import role_of
from nestlab.export.jea.visible_command import LabObject, Pattern, ValueSet
from nestlab.model import Cmdlet, Record, SwitchParameter
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.powershell.binding.signatures import command_names, signature
from nestlab.simulator.powershell.call import Call, CollectingSink, PowerShellError
from nestlab.simulator.powershell.roles.session_configuration import load_configuration
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession
from tests.transport.doors import CLOCK_RATE, guests_of, options

DISKS = Path(__file__).with_name("disks.yml")
RULE = "ParameterArgumentValidationError"
FOLDER = r"C:\ProgramData\nestlab\mount"
DISK, OTHERS = r"D:\Hyper-V\nestlab.disks.HV1.vhdx", r"D:\others.vhdx"
MOUNT = rf"{FOLDER}\nestlab.disks.HV1.vhdx"
ANSWERS = rf"{MOUNT}\Windows\Panther\unattend.xml"
ON = SwitchParameter.ON
ROLE = {each.name: each for each in role_of(nestlab.load(DISKS)).commands}
WITH_RULES = sorted(each.name for each in ROLE.values() if each.parameters is not None)


def configuration_of(folder):
    nestlab.export_topology(nestlab.load(DISKS), folder, to="jea")
    return load_configuration(folder)


def prepared_host():
    return nestlab.connect("sim:ws2022-intel", prepared_for=nestlab.load(DISKS)).simulated_host


def run_whole(lab):
    """Build, verify and undo; return how each step and each check ended."""
    lab.check()
    applied = [(result.step.id, result.ok, result.message) for result in lab.apply()]
    assert lab.plan().is_empty
    verified = [(str(each.check), str(each.status)) for each in lab.verify()]
    undone = [(result.step.id, result.ok, result.message) for result in lab.undo()]
    return applied, verified, undone


def files_on(host):
    return {path: file.kind for path, file in host.world.host.files.items()}


def test_the_whole_lab_in_process_as_without_restrictions(tmp_path):
    topology = nestlab.load(DISKS)
    before = files_on(prepared_host())
    session = SimulatedSession(
        Runspace(prepared_host(), configuration=configuration_of(tmp_path / "role")), "sim:"
    )
    full = SimulatedSession(Runspace(prepared_host()), "sim:")
    found = run_whole(nestlab.Lab(topology, session))
    assert {name.split(":")[1] for name, _, _ in found[0]} >= {"write-answer-file", "write-seed"}
    assert [each for ran in (found[0], found[2]) for each in ran if not each[1]] == []
    assert [status for _, status in found[1]] == ["reachable", "reachable"]
    assert found == run_whole(nestlab.Lab(topology, full))
    assert files_on(session.simulated_host) == files_on(full.simulated_host) == before
    assert not session.simulated_host.world.host.mounted
    lab = nestlab.Lab(topology, session)
    assert all(result.ok for result in lab.apply())
    assert all(result.ok for result in lab.destroy())
    assert files_on(session.simulated_host) == before


def test_the_whole_lab_over_winrm(tmp_path, monkeypatch):
    topology = nestlab.load(DISKS)
    configuration, host = configuration_of(tmp_path / "role"), prepared_host()
    before = files_on(host)
    with serve(host, tls=True, clock_rate=CLOCK_RATE, configurations=(configuration,)) as endpoint:
        guests_of(endpoint, monkeypatch)
        monkeypatch.setenv("NESTLAB_CREDENTIAL_WEB_ADMIN", "Web:Correct-Horse-7")
        given = {**options(endpoint), "configuration_name": "NestLab.disks"}
        with closing(nestlab.connect(endpoint.address, **given)) as session:
            lab = nestlab.Lab(topology, session, journal=tmp_path / "run.jsonl")
            applied, verified, undone = run_whole(lab)
    assert [each for each in (*applied, *undone) if not each[1]] == []
    assert [status for _, status in verified] == ["reachable", "reachable"]
    assert files_on(host) == before


@pytest.mark.parametrize("without", ["HV1", "O'Brien & web"])
def test_a_role_has_the_commands_for_what_its_lab_writes(without):
    topology = nestlab.load(DISKS)
    kept = tuple(vm for vm in topology.vms if vm.name != without)
    role = {
        each.name
        for each in role_of(nestlab.Topology(name="x", images=topology.images, vms=kept)).commands
    }
    formatting = {"Initialize-Disk", "New-Partition", "Format-Volume"}
    looking = {"Get-Item", "Test-Path"}
    has, lacks = (formatting, looking) if without == "HV1" else (looking, formatting)
    assert has | {"Mount-VHD", "Set-Content", "Set-Disk"} <= role
    assert not lacks & role
    nothing = {each.name for each in role_of(nestlab.Topology(name="x")).commands}
    assert not (formatting | looking | {"Mount-VHD", "Set-Content", "Set-Disk"}) & nothing


# What is refused. The lab has been built with the role; the host has a disk of others, which is mounted.


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    configuration = configuration_of(tmp_path_factory.mktemp("role") / "disks")
    host = prepared_host()
    session = SimulatedSession(Runspace(host, configuration=configuration), "sim:")
    assert all(result.ok for result in nestlab.Lab(nestlab.load(DISKS), session).apply())
    full = SimulatedSession(Runspace(host), "sim:")
    full.run(Cmdlet("New-VHD", {"Path": OTHERS, "SizeBytes": 64 << 20, "Dynamic": ON}))
    full.run(Cmdlet("Mount-VHD", {"Path": OTHERS}))
    return Runspace(host, configuration=configuration)


def errors_of(runspace, cmdlet):
    """The errors of a command as the host gives them: the client refuses wildcards before."""
    sink = CollectingSink()
    try:
        runspace.invoke([Call.from_cmdlet(cmdlet)], sink)
    except PowerShellError as error:
        return [error.record]
    return sink.errors


def refused(runspace, cmdlet, error_id):
    (record,) = errors_of(runspace, cmdlet)
    assert record.fully_qualified_error_id == error_id
    return record


QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ANYWAY = {"Clear-Host", "Exit-PSSession", "Get-Command", "Get-FormatData", "Get-Help"}
ANYWAY |= {"Measure-Object", "Out-Default", "Select-Object"}


@given(name=st.sampled_from([*command_names(), "Invoke-Expression", "notepad.exe"]))
@QUICK
def test_each_command_outside_is_refused(built, name):
    assume(name not in ROLE.keys() | ANYWAY)
    refused(built, Cmdlet(name), "CommandNotFoundException")


@pytest.mark.parametrize("name", WITH_RULES)
def test_the_command_behind_a_function_of_the_role_is_hidden(built, name):
    refused(built, Cmdlet(f"{signature(name).module}\\{name}"), "CommandNotFoundException")


@given(data=st.data())
@QUICK
def test_each_parameter_outside_is_refused(built, data):
    command = ROLE[data.draw(st.sampled_from(WITH_RULES))]
    outside = sorted(
        name
        for name in signature(command.name).own_names
        if not any(kept.lower().startswith(name.lower()) for kept in command.parameters)
    )
    assume(outside)
    name = data.draw(st.sampled_from(outside))
    refused(built, Cmdlet(command.name, {name: "x"}), f"NamedParameterNotFound,{command.name}")


def limits(command, name):
    """Whether a parameter of a command accepts some strings only."""
    accepted = ROLE[command].parameters[name]
    text = signature(command).parameters[name].element_type == "String"
    return text and isinstance(accepted, (Pattern, ValueSet, LabObject))


LIMITED = [
    (each, name) for each in WITH_RULES for name in ROLE[each].parameters if limits(each, name)
]
KNOWN = {"LabNet", "Ethernet", "Network Adapter", "vEthernet (LabNet)", "nestlab.disks.LabNet"}
NEAR = [DISK, MOUNT, ANSWERS, rf"{MOUNT}\meta-data", rf"{MOUNT}\Windows\System32"]
ODD = st.sampled_from(["\n", "x", "*", "\\..", "\\", ".", " ", ":s", "\\x", "\0"])
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from([OTHERS, r"C:\Windows\System32", FOLDER, rf"{FOLDER}\x.vhdx", "*"]),
    st.builds(str.__add__, st.sampled_from(NEAR), ODD),
    st.builds(str.__add__, ODD, st.sampled_from(NEAR)),
    st.sampled_from(NEAR).map(lambda path: path.replace("nestlab.disks", "nestlab.disk")),
    st.sampled_from(NEAR[2:]).map(lambda path: path.replace(r"\mount", r"\mount\..\mount")),
    st.sampled_from(NEAR).map(lambda path: path.replace("\\", "/")),
)


@given(data=st.data(), value=TEXTS)
@QUICK
def test_each_name_and_path_outside_is_refused(built, data, value):
    command, name = data.draw(st.sampled_from(LIMITED))
    accepted = ROLE[command].parameters[name]
    assume(value not in KNOWN and not (isinstance(accepted, ValueSet) and value in accepted.values))
    assume(value not in (*NEAR, "HV1", "O'Brien & web"))
    refused(built, Cmdlet(command, {name: value}), f"{RULE},{command}")


CHANGES = [
    Cmdlet("Set-Disk", {"IsOffline": True}),
    Cmdlet("Initialize-Disk", {"PartitionStyle": "MBR"}),
    Cmdlet("New-Partition", {"UseMaximumSize": ON}),
]
PARTITION_CHANGES = [
    Cmdlet("Add-PartitionAccessPath", {"AccessPath": MOUNT}),
    Cmdlet("Remove-PartitionAccessPath", {"AccessPath": MOUNT}),
    Cmdlet("Format-Volume", {"FileSystem": "FAT"}),
]


@pytest.mark.parametrize("number", [0, 1], ids=["system", "others"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.name)
def test_a_disk_of_the_host_is_refused(built, change, number):
    refused(built, Cmdlet("Get-Disk", {"Number": number}, change), f"{RULE},{change.name}")


@pytest.mark.parametrize("change", PARTITION_CHANGES, ids=lambda each: each.name)
def test_a_partition_of_the_host_is_refused(built, change):
    system = Cmdlet("Get-Disk", {"Number": 0}, Cmdlet("Get-Partition", {}, change))
    errors = errors_of(built, system)
    assert {each.fully_qualified_error_id for each in errors} == {f"{RULE},{change.name}"}


@pytest.mark.parametrize("change", [*CHANGES, *PARTITION_CHANGES], ids=lambda each: each.name)
def test_an_object_that_the_client_makes_up_is_the_disk_with_its_number(built, change):
    """What it says of itself does not count: not where the disk is, nor a second number."""
    name = "Partition" if change.name == "Format-Volume" else "InputObject"
    kind = "MSFT_Disk" if change in CHANGES else "MSFT_Partition"
    for numbers in ({"Number": 0}, {"DiskNumber": 1, "PartitionNumber": 1}, {"Number": "0"}, {}):
        properties = {**numbers, "Location": DISK, "Path": DISK, "ObjectId": "x"}
        made_up = Record(
            (
                f"Microsoft.Management.Infrastructure.CimInstance#ROOT/Microsoft/Windows/Storage/{kind}",
            ),
            properties,
        )
        (record,) = errors_of(built, Cmdlet(change.name, {**change.parameters, name: made_up}))
        assert record.fully_qualified_error_id.endswith(f",{change.name}")
        assert (
            "Validation" in record.fully_qualified_error_id
            or "Transformation" in record.fully_qualified_error_id
        )


@pytest.mark.parametrize(
    "change",
    [
        Cmdlet("Mount-VHD", {"Path": OTHERS}),
        Cmdlet("Dismount-VHD", {"Path": OTHERS}),
        Cmdlet("Remove-Item", {"LiteralPath": OTHERS}),
    ],
    ids=lambda each: each.name,
)
def test_the_file_of_a_disk_of_others_is_refused(built, change):
    refused(built, change, f"{RULE},{change.name}")


def test_a_disk_of_others_is_not_dismounted_from_the_pipeline(built):
    others = Cmdlet("Get-VHD", {"Path": OTHERS}, Cmdlet("Dismount-VHD"))
    refused(built, others, f"{RULE},Dismount-VHD")


WRITES = [
    Cmdlet("Set-Content", {"LiteralPath": ANSWERS, "Value": ["x"], "Encoding": "UTF8"}),
    Cmdlet("Set-Content", {"LiteralPath": rf"{MOUNT}\user-data", "Value": ["x"]}),
    Cmdlet("New-Item", {"Path": rf"{MOUNT}\Windows\Panther", "ItemType": "Directory"}),
]


@pytest.mark.parametrize("write", WRITES, ids=lambda each: each.name)
def test_nothing_is_written_where_no_disk_is_mounted(built, write):
    refused(built, write, f"{RULE},{write.name}")


@pytest.mark.parametrize("write", WRITES, ids=lambda each: each.name)
def test_nothing_is_written_where_a_disk_of_others_is_mounted(built, write):
    full = SimulatedSession(Runspace(built.host), "sim:")
    full.run(Cmdlet("New-Item", {"Path": MOUNT, "ItemType": "Directory", "Force": ON}))
    machine = built.host.world.host
    if not machine.file(OTHERS).partitions:
        new = Cmdlet("New-Partition", {"UseMaximumSize": ON})
        full.run(on_others(Cmdlet("Initialize-Disk", {"PassThru": ON}, new)))
    first = {"Property": "PartitionNumber", "EQ": ON, "Value": 1}

    def on_partition(act):
        partition = Cmdlet("Where-Object", first, Cmdlet(act, {"AccessPath": MOUNT}))
        full.run(on_others(Cmdlet("Get-Partition", {}, partition)))

    on_partition("Add-PartitionAccessPath")
    assert machine.disk_mounted_into(MOUNT) == OTHERS
    try:
        refused(built, write, f"{RULE},{write.name}")
    finally:
        on_partition("Remove-PartitionAccessPath")


def on_others(act):
    return Cmdlet("Get-VHD", {"Path": OTHERS}, Cmdlet("Get-Disk", {}, act))


WITHOUT_A_NAME = [
    Cmdlet("Set-Disk", {"IsOffline": True}),
    Cmdlet("Add-PartitionAccessPath", {"AccessPath": MOUNT}),
    Cmdlet("Format-Volume", {"FileSystem": "FAT"}),
    Cmdlet("New-Item", {"ItemType": "Directory"}),
    Cmdlet("New-Item", {"Path": MOUNT}),
    Cmdlet("Set-Content", {"Value": ["x"]}),
]


@pytest.mark.parametrize("command", WITHOUT_A_NAME, ids=str)
def test_a_command_needs_the_object_that_it_acts_on(built, command):
    refused(built, command, f"MissingMandatoryParameter,{command.name}")
