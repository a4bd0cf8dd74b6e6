"""Sessions with an exported role build, verify and undo the whole lab, and refuse everything else."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.errors import UsageError
from nestlab.export.jea.role import role_of
from nestlab.export.jea.visible_command import Pattern, ValueSet
from nestlab.lab import capture_all
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.binding.signatures import command_names, signature
from nestlab.simulator.powershell.call import Call, CollectingSink, PowerShellError
from nestlab.simulator.powershell.roles.session_configuration import load_configuration
from nestlab.simulator.runspace import Runspace
from nestlab.simulator.state.machine import File
from nestlab.transport.simulated import SimulatedSession
from tests.transport.doors import CLOCK_RATE, guests_of, options

TOPOLOGIES = Path(__file__).parents[2] / "notebooks" / "topologies"
NAT_LAB = TOPOLOGIES / "nat-lab.yml"
EVERY_STEP = Path(__file__).with_name("every_step.yml")
REPORTED = [
    Path(__file__).parents[1] / "cases" / "reported" / f"{name}.yml"
    for name in ("vlan-range", "linux-secure-boot", "management-os-vlan", "embedded-team")
]
LABS = [
    *(TOPOLOGIES / f"{name}.yml" for name in ("nat-lab", "bridged-lab", "two-node-cluster")),
    EVERY_STEP,
    *REPORTED,
]
ISO = r"D:\iso\setup.iso"
NOT_FOUND = "CommandNotFoundException"
RULE = "ParameterArgumentValidationError"


def exported(topology, folder):
    nestlab.export_topology(topology, folder, to="jea")
    return load_configuration(folder)


def ready_host():
    """Return a host with the ISO file of these labs."""
    host = SimulatedHost.from_scenario("ws2022-intel")
    host.world.host.files[ISO.lower()] = File(ISO)
    return host


def session_with(configuration, host=None):
    host = host or ready_host()
    return SimulatedSession(Runspace(host, configuration=configuration), "sim:")


def names_on(host):
    """What the host has, by name, as a session without restrictions sees it."""
    session = SimulatedSession(Runspace(host), "sim:")
    commands = ("Get-VM", "Get-VMSwitch", "Get-NetNat", "Get-NetAdapter", "Get-NetFirewallRule")
    return [
        sorted(record["Name"] for record in session.run(Cmdlet(name)).records) for name in commands
    ]


def run_whole(lab):
    """Build, verify and undo; return how each step and each check ended."""
    lab.check()
    applied = [(result.step.id, result.ok, result.message) for result in lab.apply()]
    assert lab.plan().is_empty
    verified = [(str(each.check), str(each.status)) for each in lab.verify()]
    undone = [(result.step.id, result.ok, result.message) for result in lab.undo()]
    return applied, verified, undone


@pytest.mark.parametrize("file", [pytest.param(each, id=each.stem) for each in LABS])
def test_a_whole_lab_in_process_as_without_restrictions(file, tmp_path):
    topology = nestlab.load(file)
    session = session_with(exported(topology, tmp_path / "role"))
    full = SimulatedSession(Runspace(ready_host()), "sim:")
    found = run_whole(nestlab.Lab(topology, session))
    assert all(ok for ran in (found[0], found[2]) for _, ok, _ in ran)
    assert found == run_whole(nestlab.Lab(topology, full))
    assert names_on(session.simulated_host) == names_on(full.simulated_host)
    lab = nestlab.Lab(topology, session)
    assert all(result.ok for result in lab.apply())
    assert all(result.ok for result in lab.destroy())


@pytest.mark.parametrize("name", ["nat-lab", "bridged-lab"])
def test_a_whole_lab_over_winrm(name, tmp_path, monkeypatch):
    topology = nestlab.load(TOPOLOGIES / f"{name}.yml")
    configuration = exported(topology, tmp_path / "role")
    host = SimulatedHost.from_scenario("ws2022-intel")
    before = names_on(host)
    with serve(host, tls=True, clock_rate=CLOCK_RATE, configurations=(configuration,)) as endpoint:
        guests_of(endpoint, monkeypatch)
        given = {**options(endpoint), "configuration_name": f"NestLab.{name}"}
        with closing(nestlab.connect(endpoint.address, **given)) as session:
            lab = nestlab.Lab(topology, session, journal=tmp_path / "run.jsonl")
            applied, verified, undone = run_whole(lab)
    assert all(ok for _, ok, _ in (*applied, *undone))
    assert len(verified) == len(topology.checks)
    assert names_on(host) == before


# What is refused. The lab has been built with the role, beside the VMs of the host itself.


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    topology = nestlab.load(NAT_LAB)
    configuration = exported(topology, tmp_path_factory.mktemp("role") / "nat-lab")
    session = session_with(configuration)
    assert all(result.ok for result in nestlab.Lab(topology, session).apply())
    return Runspace(session.simulated_host, configuration=configuration)


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


SHOWN_ANYWAY = {
    "Clear-Host",
    "Exit-PSSession",
    "Get-Command",
    "Get-FormatData",
    "Get-Help",
    "Measure-Object",
    "Out-Default",
    "Select-Object",
}
"""The commands of every session of this type."""


SHOWN = {each.name: each for each in role_of(nestlab.load(NAT_LAB)).commands}
WITH_RULES = [each for each in SHOWN.values() if each.parameters is not None]
QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(name=st.sampled_from([*command_names(), "Start-Process", "notepad.exe", "nothing"]))
@QUICK
def test_each_command_outside_is_refused(built, name):
    assume(name not in SHOWN.keys() | SHOWN_ANYWAY)
    refused(built, Cmdlet(name), NOT_FOUND)


@pytest.mark.parametrize("name", [each.name for each in WITH_RULES])
def test_the_command_behind_a_function_of_the_role_is_hidden(built, name):
    refused(built, Cmdlet(f"{signature(name).module}\\{name}"), NOT_FOUND)


@given(data=st.data())
@QUICK
def test_each_parameter_outside_is_refused(built, data):
    command = SHOWN[data.draw(st.sampled_from([each.name for each in WITH_RULES]))]
    own = signature(command.name).own_names
    outside = sorted(
        name
        for name in own
        if not any(kept.lower().startswith(name.lower()) for kept in command.parameters)
    )
    assume(outside)
    name = data.draw(st.sampled_from(outside))
    refused(built, Cmdlet(command.name, {name: "x"}), f"NamedParameterNotFound,{command.name}")


TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["*", "HV1*", "HV1\n", "HV", "HV11", "xHV1", "HV1 ", "LabNet2", "build-agent", "H?1", ".*"]
    ),
)


@given(data=st.data(), value=TEXTS)
@QUICK
def test_each_name_outside_is_refused(built, data, value):
    command_name, name = data.draw(st.sampled_from(LIMITED))
    command, accepted = SHOWN[command_name], SHOWN[command_name].parameters[name]
    assume(value not in KNOWN and not (isinstance(accepted, ValueSet) and value in accepted.values))
    refused(built, Cmdlet(command.name, {name: value}), f"{RULE},{command.name}")


LIMITED = [
    (command.name, name)
    for command in WITH_RULES
    for name, accepted in command.parameters.items()
    if isinstance(accepted, (Pattern, ValueSet))
    and signature(command.name).parameters[name].element_type == "String"
]
KNOWN = {"HV1", "hv1", "LabNet", "Ethernet", "vEthernet (LabNet)", "nestlab.nat-lab.LabNet"}


CHANGES = [
    Cmdlet("Stop-VM", {"TurnOff": SwitchParameter.ON, "Force": SwitchParameter.ON}),
    Cmdlet("Remove-VM", {"Force": SwitchParameter.ON}),
    Cmdlet("Start-VM"),
    Cmdlet("Set-VM", {"Notes": ""}),
    Cmdlet("Set-VMProcessor", {"Count": 1}),
    Cmdlet(
        "Copy-VMFile",
        {
            "SourcePath": "D:\\images\\ws2022.vhdx",
            "DestinationPath": "C:\\x.vhdx",
            "FileSource": "Host",
        },
    ),
    Cmdlet("Add-VMHardDiskDrive", {"ControllerType": "SCSI"}),
]
ADAPTER_CHANGES = [
    Cmdlet("Remove-VMNetworkAdapter"),
    Cmdlet("Disconnect-VMNetworkAdapter"),
    Cmdlet("Connect-VMNetworkAdapter", {"SwitchName": "LabNet"}),
    Cmdlet("Set-VMNetworkAdapter", {"MacAddressSpoofing": "On"}),
    Cmdlet("Set-VMNetworkAdapterVlan", {"Untagged": SwitchParameter.ON}),
    Cmdlet("Rename-VMNetworkAdapter", {"NewName": "Ethernet"}),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.name)
def test_a_vm_of_others_is_refused_from_the_pipeline_too(built, change):
    others = Cmdlet("Get-VM", {"Name": "build-agent"}, change)
    refused(built, others, f"{RULE},{change.name}")


@pytest.mark.parametrize("change", ADAPTER_CHANGES, ids=lambda each: each.name)
def test_an_adapter_of_others_is_refused_from_the_pipeline_too(built, change):
    others = Cmdlet("Get-VMNetworkAdapter", {"VMName": "build-agent"}, change)
    refused(built, others, f"{RULE},{change.name}")


def test_the_next_object_goes_on(built):
    """Of all VMs, those of others give a record each, and the own one is acted on."""
    everywhere = {"ErrorAction": "Continue"}
    change = Cmdlet("Set-VM", {**everywhere, "Notes": "mine\nnestlab:nat-lab"})
    found = errors_of(built, Cmdlet("Get-VM", everywhere, change))
    assert {record.fully_qualified_error_id for record in found} == {f"{RULE},Set-VM"}
    session = SimulatedSession(built, "sim:")
    notes = {vm["Name"]: vm["Notes"] for vm in session.run(Cmdlet("Get-VM")).records}
    assert [name for name, text in notes.items() if "mine" in text] == ["HV1"]


WITHOUT_A_NAME = [
    Cmdlet("Remove-NetNat", {"Confirm": SwitchParameter.OFF}),
    Cmdlet("Remove-NetIPAddress", {"Confirm": SwitchParameter.OFF}),
    Cmdlet("Remove-NetRoute", {"Confirm": SwitchParameter.OFF}),
    Cmdlet("Set-NetIPInterface", {"Dhcp": "Enabled"}),
    Cmdlet(
        "Set-VMNetworkAdapterVlan",
        {"ManagementOS": SwitchParameter.ON, "Untagged": SwitchParameter.ON},
    ),
    Cmdlet("New-VM"),
]


@pytest.mark.parametrize("command", WITHOUT_A_NAME, ids=lambda each: each.name)
def test_a_command_that_would_act_on_everything_needs_a_name(built, command):
    (record,) = errors_of(built, command)
    assert record.fully_qualified_error_id in {
        f"MissingMandatoryParameter,{command.name}",
        f"AmbiguousParameterSet,{command.name}",
    }


def test_guests_of_others_and_other_commands_in_guests_are_refused(built):
    guest = built.guest("HV1", "Administrator", None)
    assert errors_of(guest, Cmdlet("Get-VMHost")) == []
    assert errors_of(guest.guest("web1", "Administrator", None), Cmdlet("Get-NetAdapter")) == []
    id_ = "NotInThisLab,Invoke-NestLabGuest"
    other = built.guest("build-agent", "Administrator", None)
    assert "build-agent" in refused(other, Cmdlet("Get-VMHost"), id_).message
    inside = guest.guest("HV9", "Administrator", None)
    assert "HV9" in refused(inside, Cmdlet("Get-VMHost"), id_).message
    assert "Stop-Process" in refused(guest, Cmdlet("Stop-Process", {"Name": "x"}), id_).message


# The folder that is loaded.


def test_a_folder_without_a_role_is_bad_usage(tmp_path):
    with pytest.raises(UsageError, match=r"no session configuration \(\*\.pssc\)"):
        nestlab.connect(f"sim:?configuration={tmp_path}")
    with pytest.raises(UsageError, match="configuration= is empty"):
        nestlab.connect("sim:?configuration=")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("RestrictedRemoteServer", "Default"), "SessionType is not RestrictedRemoteServer"),
        (("RoleDefinitions", "RoleDefinition"), "no RoleDefinitions"),
        (("@{", "Get-Process @{"), "line 1, column 1: a constant"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(change, why, tmp_path):
    folder = tmp_path / "role"
    exported(nestlab.load(NAT_LAB), folder)
    file = folder / "NestLab.nat-lab.pssc"
    file.write_text(file.read_text(encoding="utf-8-sig").replace(*change), encoding="utf-8")
    with pytest.raises(UsageError, match=why) as caught:
        load_configuration(folder)
    assert "NestLab.nat-lab.pssc" in str(caught.value)


HAND_SET = r"""
name: hand-set
switches:
  - {name: Lab, switch_type: Internal, dns_servers: [1.0.0.1]}
vms:
  - name: web1
    memory_startup: 2GB
    disk: {parent: 'D:\images\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Lab, ip_address: 10.6.1.2/22, gateway: 10.6.1.1, dns_servers: [9.9.9.9]}]
"""


def test_a_capture_with_the_role_is_that_without_restrictions(tmp_path):
    """Before, what guests report to Hyper-V was refused, and so is where DNS servers are from."""
    topology = nestlab.loads(HAND_SET)
    session = session_with(exported(topology, tmp_path / "role"))
    assert all(result.ok for result in nestlab.Lab(topology, session).apply())
    full = SimulatedSession(Runspace(session.simulated_host), "sim:")
    for credential in (None, "lab-admin"):
        found = capture_all(session, of_topology="hand-set", credential=credential)
        assert found == capture_all(full, of_topology="hand-set", credential=credential)
        assert found.losses == ()
        assert [str(each) for each in found.topology.switches[0].dns_servers] == ["1.0.0.1"]
        (adapter,) = found.topology.vms[0].network_adapters
        assert (str(adapter.gateway), str(adapter.dns_servers[0])) == ("10.6.1.1", "9.9.9.9")
