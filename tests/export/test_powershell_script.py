"""The script builds the lab on a simulated host, twice, and changes nothing with -WhatIf."""

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import pytest
import tree_sitter
import tree_sitter_pwsh

import nestlab
from nestlab.export.powershell.all_steps import all_steps
from nestlab.export.powershell.source import is_read_only, takes_preferences
from nestlab.export.powershell.step_builders import BUILDERS
from nestlab.lab.simulated_run import simulated_run
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.plan import Action
from nestlab.simulator.state.machine import File

tree_sitter_powershell = pytest.importorskip(
    "tree_sitter_powershell", reason="the grammar of the engine: pip install -e .[test]"
)
from tests.export.engine import PsError, run_script  # noqa: E402  # it needs the grammar
from tests.export.engine.values import Credential  # noqa: E402

TOPOLOGIES = Path(__file__).parents[2] / "notebooks" / "topologies"
NAT_LAB = TOPOLOGIES / "nat-lab.yml"
CLUSTER = TOPOLOGIES / "two-node-cluster.yml"
EXAMPLES = [NAT_LAB, CLUSTER, TOPOLOGIES / "bridged-lab.yml", TOPOLOGIES / "eight-seats.yml"]
CASES = Path(__file__).parents[1] / "cases"
EVERY_STEP = Path(__file__).with_name("every_step.yml")
OWN_IMAGES = Path(__file__).with_name("own_images.yml")
RESTARTS = Path(__file__).with_name("restarts.yml")
"""The export of guests that restart for features alone was refused: their scripts had no such step."""
REPORTED = [
    CASES / "reported" / f"{name}.yml"
    for name in ("vlan-range", "linux-secure-boot", "management-os-vlan", "embedded-team")
]
GRAMMARS = {
    "tree-sitter-powershell": tree_sitter_powershell,
    "tree-sitter-pwsh": tree_sitter_pwsh,
}
FLAT = """
name: flat
switches:
  - {name: LabNet, switch_type: Internal, ip_address: 192.168.100.1/24, nat: 192.168.100.0/24}
vms:
  - name: web1
    memory_startup: 1GB
    disk: {size: 40GB}
    network_adapters: [{name: Ethernet, switch: LabNet}]
"""


def of(path):
    return pytest.param(path, id=path.stem)


@cache
def exported(topology):
    """The topology and the files of its script: the export of a large one takes seconds."""
    loaded = nestlab.load(topology) if isinstance(topology, Path) else nestlab.loads(topology)
    with TemporaryDirectory() as folder:
        nestlab.export_topology(loaded, Path(folder) / "lab.ps1", to="powershell")
        return loaded, {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def export(topology, folder):
    loaded, files = exported(topology)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return loaded, folder / "lab.ps1"


def state(session):
    """Everything that a capture of the host finds, without what is drawn at random."""
    session.wait(600)  # guests that have just been started report their addresses later
    found = nestlab.capture(session, credential="lab-admin")
    return nestlab.topology_file.dumps(found)


@pytest.fixture(
    params=[*map(of, EXAMPLES), of(EVERY_STEP), of(OWN_IMAGES), of(RESTARTS), *map(of, REPORTED)]
)
def example(request):
    return request.param


def syntax_errors(script, grammar):
    """Return the files of a script, with its data, that a grammar does not parse."""
    parser = tree_sitter.Parser(tree_sitter.Language(GRAMMARS[grammar].language()))
    contents = {each.name: each.read_bytes() for each in (script, script.with_suffix(".psd1"))}
    assert all(content.startswith(b"\xef\xbb\xbf") for content in contents.values())
    return [
        name for name, content in contents.items() if parser.parse(content[3:]).root_node.has_error
    ]


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_script_and_data_parse_by_two_grammars(example, tmp_path, grammar):
    _, script = export(example, tmp_path)
    assert syntax_errors(script, grammar) == []
    for file in (script, script.with_suffix(".psd1")):
        assert b"\r" not in file.read_bytes()


def test_it_reaches_the_state_that_apply_reaches_and_is_not_needed_again(example, tmp_path):
    topology, script = export(example, tmp_path)
    host, other = (nestlab.connect(prepared_for=topology) for _ in range(2))
    ran = run_script(script, host)
    not_needed = [step for step, result in ran.results.items() if result != "done"]
    # The images of the simulated host answer pings; Windows as it is installed does not.
    # What is in a nested host that was off for its checkpoint may have started with it.
    assert all("Allow pings" in step or step == "HV1: Start web1" for step in not_needed), (
        not_needed
    )
    lab = nestlab.Lab(topology, host)
    assert lab.plan().is_empty
    assert all(result.ok for result in nestlab.Lab(topology, other).apply(workers=1))
    assert state(host) == state(other)
    again = run_script(script, host)
    assert {step for step, result in again.results.items() if result != "not needed"} == set()
    assert changes(again) == []


def test_each_kind_of_step_that_a_script_has_is_in_a_lab_of_these_tests():
    found: set[Action] = set()
    for path in (NAT_LAB, CLUSTER, EVERY_STEP, OWN_IMAGES, *REPORTED):
        topology = nestlab.load(path)
        found |= {
            step.action for step in all_steps(topology, simulated_run(topology, nestlab.Lab).steps)
        }
    assert set(BUILDERS) - found == set()


def test_windows_that_drops_pings_gets_a_rule_that_allows_them(tmp_path):
    _, script = export(NAT_LAB, tmp_path)
    host = nestlab.connect()
    run_script(script, host)
    guest = host.guest("HV1", "lab-admin")
    built_in = {"Name": "FPS-ICMP4-ERQ-In"}
    guest.run(Cmdlet("Disable-NetFirewallRule", built_in))
    (result,) = {
        r for s, r in run_script(script, host).results.items() if s == "HV1: Allow pings to HV1"
    }
    assert result == "done"
    assert set(run_script(script, host).results.values()) == {"not needed"}


def changes(run):
    """The cmdlets of a run that change something."""
    return [
        (machine, cmdlet)
        for machine, cmdlet in run.host.cmdlets
        if not all(is_read_only(stage.name) for stage in cmdlet.stages)
    ]


def test_what_if_changes_nothing_asks_for_nothing_and_names_each_step(example, tmp_path):
    _, script = export(example, tmp_path)
    host = nestlab.connect()
    before = state(host)
    ran = run_script(script, host, what_if=True)
    assert changes(ran) == []
    assert ran.host.prompts == []
    assert set(ran.results.values()) == {"not done"}
    assert len(ran.host.what_if) == len(ran.rows)
    assert state(host) == before


def test_each_change_gets_the_preferences(example, tmp_path):
    topology, script = export(example, tmp_path)
    ran = run_script(script, nestlab.connect(prepared_for=topology))
    wanted = {"WhatIf": False, "Confirm": False, "ErrorAction": "Stop"}
    for _, cmdlet in changes(ran):
        for stage in cmdlet.stages:
            given = {name: stage.parameters.get(name) for name in wanted}
            if takes_preferences(stage.name):
                assert given == wanted, stage
            elif not stage.name.rpartition("\\")[2].startswith(("Where-", "Select-", "Sort-")):
                assert given["ErrorAction"] == "Stop", stage


@pytest.mark.parametrize("number", [1, 4, 9, 14, 17, 21, 30])
def test_a_run_that_was_interrupted_is_completed_by_another(tmp_path, number):
    topology, script = export(NAT_LAB, tmp_path)
    host = nestlab.connect()
    with pytest.raises(PsError, match="interrupted"):
        run_script(script, host, changes=number)
    ran = run_script(script, host)
    assert set(ran.results.values()) == {"done", "not needed"}
    assert nestlab.Lab(topology, host).plan().is_empty


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            Cmdlet("New-VM", {"Name": "web1", "NoVHD": True}),
            "a VM web1 that this script did not create",
        ),
        (
            Cmdlet("New-VMSwitch", {"Name": "LABNET", "SwitchType": "Private"}),
            "a switch LabNet that this script did not create",
        ),
        (
            Cmdlet(
                "New-VMSwitch",
                {"Name": "LabNet", "SwitchType": "Internal", "Notes": "As in nestlab:flat"},
            ),
            "a switch LabNet that this script did not create",
        ),
    ],
)
@pytest.mark.parametrize("what_if", [False, True])
def test_what_it_has_not_made_is_neither_changed_nor_used(tmp_path, found, text, what_if):
    _, script = export(FLAT, tmp_path)
    host = nestlab.connect()
    host.run(found)
    with pytest.raises(PsError, match=text):
        run_script(script, host, what_if=what_if)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            Cmdlet("New-VM", {"Name": "WEB1", "NoVHD": True}),
            "a VM web1 that this script did not create",
        ),
        (
            Cmdlet("New-VMSwitch", {"Name": "LABNET", "SwitchType": "Private"}),
            "a switch LabNet that this script did not create",
        ),
    ],
)
def test_another_object_of_the_same_name_is_not_changed(tmp_path, found, text):
    # Names of VMs and of switches are not unique in Hyper-V: the mark of one is not that of both.
    _, script = export(FLAT, tmp_path)
    host = nestlab.connect()
    with pytest.raises(PsError, match="interrupted"):
        run_script(script, host, changes=6)
    host.run(found)
    before = state(host)
    with pytest.raises(PsError, match=text):
        run_script(script, host)
    assert state(host) == before


def test_an_adapter_of_the_host_on_another_switch_is_not_changed(tmp_path):
    _, script = export(
        FLAT.replace(
            "nat: 192.168.100.0/24}", "management_adapters: [{name: Storage, vlan: {access: 20}}]}"
        ),
        tmp_path,
    )
    host = nestlab.connect()
    host.run(Cmdlet("New-VMSwitch", {"Name": "Theirs", "SwitchType": "Internal"}))
    host.run(
        Cmdlet(
            "Add-VMNetworkAdapter",
            {"ManagementOS": SwitchParameter.ON, "Name": "Storage", "SwitchName": "Theirs"},
        )
    )
    with pytest.raises(PsError, match="an adapter Storage on another switch"):
        run_script(script, host)
    (vlan,) = host.run(
        Cmdlet(
            "Get-VMNetworkAdapterVlan",
            {"ManagementOS": SwitchParameter.ON, "VMNetworkAdapterName": "Storage"},
        )
    )
    assert vlan["OperationMode"] == "Untagged"


def vhd(host, path, **settings):
    host.run(Cmdlet("New-VHD", {"Path": path, **settings}))


def text_file(host, path):
    host.simulated_host.world.host.files[path.lower()] = File(path, length=5)


def attached_elsewhere(host):
    vhd(host, DISK, SizeBytes=40 << 30)
    host.run(Cmdlet("New-VM", {"Name": "theirs", "VHDPath": DISK}))


DISK = r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks\nestlab.flat.web1.vhdx"
CONFLICTS = {
    "a smaller disk": (lambda host: vhd(host, DISK, SizeBytes=1 << 30), "a file that is not that"),
    "a disk with a parent": (
        lambda host: vhd(host, DISK, ParentPath=r"D:\images\ws2022.vhdx", SizeBytes=200 << 30),
        "a file that is not that disk",
    ),
    "another file": (
        lambda host: text_file(host, DISK),
        "a file that is not that disk",
    ),
    "a disk of another VM": (attached_elsewhere, "is attached to another VM"),
}


@pytest.mark.parametrize("what", CONFLICTS)
def test_what_others_have_in_the_place_of_something_of_the_lab_is_neither_changed_nor_used(
    tmp_path, what
):
    _, script = export(FLAT, tmp_path)
    host = nestlab.connect()
    make, text = CONFLICTS[what]
    make(host)
    before = host.simulated_host.world.to_dict()["host"]
    with pytest.raises(PsError, match=text):
        run_script(script, host)
    assert host.simulated_host.world.to_dict()["host"] == before


def test_all_conflicts_are_listed_before_the_first_change(tmp_path):
    _, script = export(FLAT, tmp_path)
    host = nestlab.connect()
    vhd(host, DISK, SizeBytes=1 << 30)
    host.run(Cmdlet("New-VM", {"Name": "web1", "NoVHD": True}))
    before = host.simulated_host.world.to_dict()["host"]
    with pytest.raises(PsError, match="Nothing was changed") as error:
        run_script(script, host)
    for text in ("a VM web1", "a file that is not that disk"):
        assert text in str(error.value)
    assert host.simulated_host.world.to_dict()["host"] == before


def test_a_file_that_is_no_disk_stays_in_the_place_of_one(tmp_path):
    _, script = export(CLUSTER, tmp_path)
    path = DISK.replace("nestlab.flat.web1", "nestlab.two-node-cluster.NODE1")
    host = nestlab.connect()
    text_file(host, path)
    with pytest.raises(PsError, match="a file that is not that disk"):
        run_script(script, host)
    assert host.simulated_host.world.host.files[path.lower()].length == 5


def test_a_disk_that_has_grown_since_is_that_of_the_lab(tmp_path):
    _, script = export(FLAT, tmp_path)
    host = nestlab.connect()
    run_script(script, host)
    host.run(Cmdlet("Resize-VHD", {"Path": DISK, "SizeBytes": 50 << 30}))
    assert set(run_script(script, host).results.values()) == {"not needed"}


TWO_ADAPTERS = FLAT.replace(
    "nat: 192.168.100.0/24}",
    "nat: 192.168.100.0/24, management_adapters: [{name: Storage, ip_address: 10.5.0.1/24}]}",
)


def names_of_addresses(host):
    """The address of each adapter of the host, by its name in Windows."""
    records = host.run(Cmdlet("Get-NetIPAddress", {"AddressFamily": "IPv4"}))
    return {str(record["IPAddress"]): record["InterfaceAlias"] for record in records}


def test_an_adapter_on_a_switch_is_found_where_its_name_in_windows_was_changed(tmp_path):
    topology, script = export(TWO_ADAPTERS, tmp_path)
    host = nestlab.connect()
    with pytest.raises(PsError, match="interrupted"):
        run_script(script, host, changes=2)  # the switch and its mark
    rename(host, "vEthernet (LabNet)", "Lab")
    run_script(script, host)
    rename(host, "vEthernet (Storage)", "SAN")
    assert set(run_script(script, host).results.values()) == {"not needed"}
    names = names_of_addresses(host)
    assert (names["192.168.100.1"], names["10.5.0.1"]) == ("Lab", "SAN")
    assert nestlab.Lab(topology, host).plan().is_empty


def test_another_adapter_with_the_name_that_one_on_a_switch_would_get_is_left_alone(tmp_path):
    topology, script = export(TWO_ADAPTERS, tmp_path)
    host = nestlab.connect()
    host.run(Cmdlet("New-VMSwitch", {"Name": "Theirs", "SwitchType": "Internal"}))
    theirs = {"InterfaceAlias": "vEthernet (Theirs)", "PrefixLength": 24}
    host.run(Cmdlet("New-NetIPAddress", {**theirs, "IPAddress": "10.44.0.1"}))
    rename(host, "vEthernet (Theirs)", "vEthernet (LabNet)")
    run_script(script, host)
    assert set(run_script(script, host).results.values()) == {"not needed"}
    names = names_of_addresses(host)
    assert names["10.44.0.1"] == "vEthernet (LabNet)"
    assert names["192.168.100.1"] not in ("vEthernet (LabNet)", names["10.5.0.1"])
    assert nestlab.Lab(topology, host).plan().is_empty


def test_an_adapter_on_a_switch_that_is_missing_ends_the_script_with_its_name(tmp_path):
    _, script = export(TWO_ADAPTERS, tmp_path)
    data = script.with_suffix(".psd1")
    text = data.read_text(encoding="utf-8")
    changed, count = re.subn(r"Adapter = 'Storage'(\s+IsMain)", r"Adapter = 'San'\1", text)
    assert count == 1
    data.write_text(changed, encoding="utf-8")
    with pytest.raises(
        PsError, match="this computer does not have its adapter San on the switch LabNet"
    ):
        run_script(script, nestlab.connect())


def rename(host, name, new):
    host.run(Cmdlet("Rename-NetAdapter", {"Name": name, "NewName": new}))


def test_a_gateway_that_is_missing_is_added_where_the_address_is_there(tmp_path):
    topology, script = export(NAT_LAB, tmp_path)
    host = nestlab.connect()
    run_script(script, host)
    guest = host.guest("HV1", "lab-admin")
    default = {"DestinationPrefix": "0.0.0.0/0", "Confirm": SwitchParameter.OFF}
    guest.run(Cmdlet("Remove-NetRoute", default))
    done = [step for step, result in run_script(script, host).results.items() if result == "done"]
    assert len(done) == 1
    assert nestlab.Lab(topology, host).plan().is_empty


def test_the_time_limit_is_that_of_the_clock(tmp_path):
    """Asking a guest takes time as well: with a limit of 30 minutes nobody waits for hours."""
    _, script = export(NAT_LAB, tmp_path)
    text = script.read_text(encoding="utf-8-sig")
    assert "Get-Date" in text
    assert "$waited +=" not in text


def test_credentials_are_asked_for_once_or_given_and_never_written(tmp_path):
    _, script = export(NAT_LAB, tmp_path)
    asked = run_script(script, nestlab.connect())
    assert asked.host.prompts == ["Account of the guests: lab-admin"]
    given = run_script(script, nestlab.connect(), accounts=["lab-admin"])
    assert given.host.prompts == []
    for file in (script, script.with_suffix(".psd1")):
        text = file.read_text(encoding="utf-8-sig")
        assert not re.search(r"ConvertTo-SecureString|-AsPlainText|-Password", text)


@pytest.mark.parametrize(
    ("mac_address", "is_said"), [("", True), ("mac_address: 02-00-00-00-00-01, ", False)]
)
def test_the_help_says_that_another_computer_on_the_network_needs_its_own_script(
    tmp_path, mac_address, is_said
):
    guest = "guest: {os: linux, cloud_init: true}\n    network_adapters: [{" + mac_address
    path = tmp_path / "lab.yml"
    path.write_text(FLAT.replace("network_adapters: [{", guest), encoding="utf-8")
    _, script = export(path, tmp_path)
    said = " ".join(script.read_text("utf-8-sig").partition("#>")[0].split())
    assert ("Where the labs of two computers share a network" in said) is is_said


def test_a_credential_that_is_not_given_ends_the_script_before_any_change(tmp_path):
    _, script = export(NAT_LAB, tmp_path)
    host = nestlab.connect()
    before = state(host)
    for given, text in [
        ({"lab-admin": "Passw0rd"}, "no credential for the account lab-admin"),
        ({"lab-admim": Credential("lab-admim")}, "no account lab-admim. Its accounts: lab-admin"),
    ]:
        with pytest.raises(PsError, match=text):
            run_script(script, host, accounts=given)
    with pytest.raises(PsError, match="no credential for the account lab-admin"):
        run_script(script, host, cancels=True)
    assert state(host) == before


def test_a_guest_without_the_adapter_is_not_changed(tmp_path):
    _, script = export(NAT_LAB, tmp_path)
    data = script.with_suffix(".psd1")
    text = data.read_text(encoding="utf-8")
    changed = text.replace("GuestAdapters = @('Ethernet')", "GuestAdapters = @('other')")
    data.write_text(changed, encoding="utf-8")
    with pytest.raises(PsError, match="HV1 does not have the adapters other yet"):
        run_script(script, nestlab.connect())


def test_what_a_refused_step_would_have_started_is_not_waited_for(tmp_path):
    _, script = export(NAT_LAB, tmp_path)
    host = nestlab.connect()
    ran = run_script(script, host, refused="Start HV1")
    inside = {result for step, result in ran.results.items() if step.startswith("HV1")}
    assert inside == {"not done"}
    assert ran.host.waited == 0


def test_a_text_that_is_no_hash_is_not_written(tmp_path):
    _, script = export(CLUSTER, tmp_path)
    with pytest.raises(PsError, match="not a bcrypt hash"):
        run_script(script, nestlab.connect(), read="Passw0rd")


@pytest.mark.parametrize("number", [2, 6, 9, 13])
def test_a_seed_disk_that_is_not_whole_is_written_again(tmp_path, number):
    topology, script = export(CLUSTER, tmp_path)
    host = nestlab.connect()
    steps = simulated_run(topology, nestlab.Lab).steps
    before = next(place for place, step in enumerate(steps) if step.action is Action.WRITE_SEED)
    changes_before = sum(len(step.cmdlets) for step in steps[:before])
    with pytest.raises(PsError, match="interrupted"):
        run_script(script, host, changes=changes_before + number)
    ran = run_script(script, host)
    (asked,) = [text for text in ran.host.prompts if "hash" in text]
    assert asked == "bcrypt hash of the password of Learner, for Linux guests"
    assert nestlab.Lab(topology, host).plan().is_empty


@pytest.mark.parametrize("number", [1, 2, 3, 5, 7])
def test_an_answer_file_that_was_not_written_is_written_by_the_next_run(tmp_path, number):
    topology, script = export(OWN_IMAGES, tmp_path)
    host = nestlab.connect(prepared_for=topology)
    steps = simulated_run(topology, nestlab.Lab).steps
    is_answer_file = [step.action is Action.WRITE_ANSWER_FILE for step in steps]
    before = sum(len(step.cmdlets) for step in steps[: is_answer_file.index(True)])
    with pytest.raises(PsError, match="interrupted"):
        run_script(script, host, changes=before + number)
    run_script(script, host)
    computer = Cmdlet("Get-CimInstance", {"ClassName": "Win32_ComputerSystem"})
    (found,) = host.guest("fresh", "fresh-admin").run(computer)
    assert found["Name"] == "FRESH"
    assert nestlab.Lab(topology, host).plan().is_empty


@pytest.mark.parametrize(
    ("user", "accounts"), [("Administrator", False), ("Olga O'B & C", True), ("Learner", True)]
)
def test_the_answer_file_has_the_account_of_the_credential(tmp_path, user, accounts):
    topology, script = export(OWN_IMAGES, tmp_path)
    host = nestlab.connect(prepared_for=topology)
    names = ["fresh-admin", "lab-admin", "inner-admin", "lin-admin"]
    ran = run_script(script, host, accounts={name: Credential(name, user) for name in names})
    written = [
        "\n".join(cmdlet.parameters["Value"])
        for _, cmdlet in ran.host.cmdlets
        if cmdlet.name == "Set-Content" and "unattend" in "".join(cmdlet.parameters["Value"])
    ]
    assert len(written) == 2
    for text in written:
        account = ET.fromstring(text).find(".//{*}LocalAccount/{*}Name")  # noqa: S314  # our own
        assert (account is not None) == accounts
        assert account is None or account.text == user
    on_disk = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert "Geheim" not in on_disk


def test_a_guest_that_does_not_answer_ends_the_script_with_the_reason(tmp_path):
    _, script = export(NAT_LAB, tmp_path)
    host = nestlab.connect()
    with pytest.raises(PsError, match="HV1 did not answer over PowerShell Direct within 0 minutes"):
        run_script(script, host, timeout=0)


def test_a_lab_that_cannot_be_planned_is_refused_and_no_file_is_written(tmp_path):
    with pytest.raises(nestlab.UsageError, match="cannot be planned") as refused:
        export(
            FLAT.replace("memory_startup: 1GB", "memory_startup: 1GB\n    version: '99.0'"),
            tmp_path,
        )
    assert "planned on a simulated host" in refused.value.hint
    assert not list(tmp_path.iterdir())


def test_the_folder_for_disks_is_that_of_the_host(tmp_path):
    topology, script = export(FLAT, tmp_path)
    host = nestlab.connect()
    host.run(Cmdlet("New-Item", {"Path": "D:\\disks", "ItemType": "Directory"}))
    host.run(Cmdlet("Set-VMHost", {"VirtualHardDiskPath": "D:\\disks\\"}))
    run_script(script, host)
    (disk,) = host.run(Cmdlet("Get-VMHardDiskDrive", {"VMName": "web1"}))
    assert disk["Path"] == "D:\\disks\\nestlab.flat.web1.vhdx"
    assert nestlab.Lab(topology, host).plan().is_empty
