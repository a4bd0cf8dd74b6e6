"""The files of a role parse, are read back as written, and have every name unharmed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_pwsh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.cli import main
from nestlab.constants.commands import COMMANDS, GUEST_FUNCTION
from nestlab.export.jea import patterns, role_files
from nestlab.export.jea.data_files import GROUP_PLACEHOLDER
from nestlab.export.jea.role import role_of, visible_functions
from nestlab.export.powershell.source import data_text
from nestlab.model.located import DataSyntaxError
from nestlab.model.powershell_data import read_data
from nestlab.model.topology import VM, NetworkAdapter, Switch, SwitchType, Topology
from nestlab.simulator.powershell.binding.signatures import signature
from nestlab.simulator.powershell.roles.role_functions import role_functions
from nestlab.simulator.powershell.roles.session_configuration import load_configuration
from nestlab.simulator.powershell.values.regular_expressions import is_match
from nestlab.transport.scripts import guest_script
from tests.export.documents import texts
from tests.strategies import topologies

tree_sitter_powershell = pytest.importorskip(
    "tree_sitter_powershell", reason="the grammar of the engine: pip install -e .[test]"
)
from tests.export.engine import syntax  # noqa: E402  # it needs the grammar
from tests.export.engine.interpreter import Interpreter  # noqa: E402
from tests.export.engine.values import Table  # noqa: E402

EVERY_STEP = Path(__file__).with_name("every_step.yml")
DISKS = Path(__file__).with_name("disks.yml")
NAT_LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"
GRAMMARS = {
    "tree-sitter-powershell": tree_sitter_powershell,
    "tree-sitter-pwsh": tree_sitter_pwsh,
}
DATA = {".psd1", ".psrc", ".pssc"}
SPECIAL = "ab'\u2018\u2019\u201a\u201b\"$(){}[]`#<>@;,|&%.^*+?\\/ \t-\u2013é"
# tree-sitter ends a text at its first NUL; PowerShell does not.
names = st.one_of(texts, st.text(st.sampled_from(SPECIAL), max_size=20)).filter(
    lambda text: text and "\0" not in text
)


def lab_of(vm, switch, adapter):
    """A lab with these names at every place where a name is."""
    inner = VM(name=f"{vm}-inner")
    return Topology(
        name="lab",
        switches=(Switch(name=switch, switch_type=SwitchType.INTERNAL),),
        vms=(
            VM(name=vm, network_adapters=(NetworkAdapter(name=adapter, switch=switch),)),
            inner,
        ),
    )


@pytest.mark.parametrize("grammar", GRAMMARS)
@pytest.mark.parametrize("file", [NAT_LAB, EVERY_STEP, DISKS], ids=lambda path: path.stem)
def test_every_file_parses_by_two_grammars(file, grammar, tmp_path):
    parser = tree_sitter.Parser(tree_sitter.Language(GRAMMARS[grammar].language()))
    nestlab.export_topology(nestlab.load(file), tmp_path / "role", to="jea")
    files = [path for path in (tmp_path / "role").rglob("*") if path.is_file()]
    assert len(files) == 6
    for path in files:
        content = path.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in content
        assert not parser.parse(content[3:]).root_node.has_error, path.name


def data_of(text):
    (data,) = Interpreter(None).statements(syntax.parsed(text))
    return plain(data)


def plain(value):
    """A value as plain data, as the reader of the simulated host returns it."""
    if isinstance(value, Table):
        return {key: plain(item) for key, item in value.values()}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


@given(vm=names, switch=names, adapter=names)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_names_go_into_the_files_unharmed(vm, switch, adapter):
    files = role_files(lab_of(vm, switch, adapter))
    for path, text in files.items():
        if path.suffix in DATA:
            data = read_data(text)
            assert data_of(text) == plain(data)
            if path.suffix == ".psd1":
                lab = data["PrivateData"]["NestLab"]
                assert {vm, f"{vm}-inner"} <= set(lab["Guests"])
                assert switch in lab["Switches"]
        else:
            syntax.parsed(text)


@given(name=names, other=names)
def test_a_pattern_accepts_its_name_and_no_other(name, other):
    pattern = f"^({patterns.exactly([name])})$"
    assert is_match(pattern, name, case_sensitive=False)
    for text in (other, f"{name}\n", f"\n{name}", f"{name}{other}", f"{other}{name}"):
        same = text.lower() == name.lower() or text.upper() == name.upper()
        assert same or not is_match(pattern, text, case_sensitive=False)


@given(name=names, other=names)
def test_the_pattern_of_an_object_accepts_that_of_its_vm_only(name, other):
    guid = "51536ebe-d9b0-5d57-9c49-29b339388602"
    of_vm = f"^({patterns.virtual_machine([name])})$"
    of_part = f"^({patterns.part_of_vm([name])})$"
    for vm in (name, other):
        same = vm.lower() == name.lower() or vm.upper() == name.upper()
        found = is_match(
            of_vm, f"VirtualMachine (Name = '{vm}') [Id = '{guid}']", case_sensitive=False
        )
        assert found or not same
        assert same or not found
        if "\n" not in vm:
            text = f"VMNetworkAdapter (Name = 'a', VMName = '{vm}') [VMId = '{guid}']"
            assert is_match(of_part, text, case_sensitive=False) or not same


@given(topology=topologies)
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_each_command_and_parameter_of_a_role_exists(topology):
    role = role_of(topology)
    for command in role.commands:
        known = signature(command.name)
        assert known is not None, command.name
        assert set(command.parameters or ()) <= set(known.own_names), command.name
        assert {name for group in command.required for name in group} <= set(
            command.parameters or ()
        )
    for command in role.cmdlets:
        assert not signature(command.name).is_function
    for command in role.functions:
        assert signature(command.name).is_function
    assert role_files(topology) == role_files(topology)


def test_the_functions_of_the_module_are_those_that_the_role_shows():
    role = role_of(nestlab.load(EVERY_STEP))
    files = {path.suffix: text for path, text in role_files(nestlab.load(EVERY_STEP)).items()}
    stand_ins = {each.name for each in role_functions(files[".psm1"], {})}
    assert stand_ins == {each.name for each in role.proxied}
    assert {*stand_ins, GUEST_FUNCTION} == set(visible_functions(role))
    shown = read_data(files[".psrc"])["VisibleFunctions"]
    assert [each for each in shown if isinstance(each, str)] == [
        f"NestLab.all\\{name}" for name in visible_functions(role)
    ]
    assert read_data(files[".psd1"])["FunctionsToExport"] == list(visible_functions(role))


def test_the_function_for_guests_has_the_script_and_names_select_object_with_its_module():
    """In a restricted session the bare name is a function without -Skip, for functions too."""
    module = next(
        text for path, text in role_files(nestlab.load(NAT_LAB)).items() if path.suffix == ".psm1"
    )
    flat = re.sub(r"(?m)^ +", "", module)
    assert re.sub(r"(?m)^ +", "", guest_script()) in flat
    code = re.sub(r"(?m)^ *#.*$", "", module)
    bare = re.findall(r"(?<![\\\w-])(?:Select|Where|Sort|ForEach|Measure)-Object", code)
    assert bare == []


def test_guests_run_the_commands_that_nestlab_sends_and_no_others():
    topology = nestlab.load(NAT_LAB)
    manifest = next(text for path, text in role_files(topology).items() if path.suffix == ".psd1")
    lab = read_data(manifest)["PrivateData"]["NestLab"]
    assert set(lab["GuestCommands"]) == COMMANDS
    assert lab["Guests"] == {"HV1": ["web1", "db1"]}


def test_a_host_without_vms_of_the_lab_has_no_function_for_guests(tmp_path):
    topology = Topology(name="empty")
    assert GUEST_FUNCTION not in visible_functions(role_of(topology))
    nestlab.export_topology(topology, tmp_path / "role", to="jea")
    assert not load_configuration(tmp_path / "role").guest_function


def test_the_registration_replaces_the_group():
    files = role_files(nestlab.load(NAT_LAB))
    configuration = next(text for path, text in files.items() if path.suffix == ".pssc")
    register = files[next(path for path in files if path.name.startswith("Register"))]
    assert configuration.count(f"'{GROUP_PLACEHOLDER}'") == 1
    assert f"\"'{GROUP_PLACEHOLDER}'\", $quoted" in register
    assert "Test-PSSessionConfigurationFile" in register
    assert "Register-PSSessionConfiguration" in register


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Get-Process", "line 1, column 1: a constant"),
        ("@{ A = 1\nA = 2 }", "line 2, column 1: the key 'A' occurs twice"),
        ("@{ A = 'x }", "the string is not closed"),
        ('@{ A = "$x" }', "the variable $x"),
        ("@{ A }", "= is missing"),
        ("@( 'a' )", "a data file is one table"),
        ("@{ A = 1 } 2", "a data file is one table"),
        ("@{ = 1 }", "a key is expected"),
        ("@{", "a key is expected"),
    ],
)
def test_what_is_no_data_file_is_refused_with_the_line(text, why):
    with pytest.raises(DataSyntaxError, match=re.escape(why)):
        read_data(text)


KEYS = st.sampled_from(["Name", "Words", "a b", "it's", "9", "é"])
VALUES = st.recursive(
    st.one_of(st.text().filter(lambda text: "\0" not in text), st.booleans(), st.integers(0, 9999)),
    lambda inner: st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@given(table=st.dictionaries(KEYS, VALUES, max_size=4))
def test_a_data_file_is_read_as_it_was_written(table):
    assert read_data(data_text(table) if table else "@{}") == table


def test_comments_lists_and_here_strings_are_read():
    text = "<# a #> @{ # b\n A = 'x',\n 'y'; B = @('p'\n 'q', 'r'); C = @'\nit's\n'@; D = @() }"
    assert read_data(text) == {"A": ["x", "y"], "B": ["p", "q", "r"], "C": "it's", "D": []}


def test_the_command_line_writes_the_folder_and_says_what_to_do(tmp_path, capsys):
    command = ["export", str(NAT_LAB), "--to", "jea", "-o", str(tmp_path / "a" / "role")]
    assert main(command) == 0
    assert "Register-NestLabRole.ps1 -Group" in capsys.readouterr().out
    assert (tmp_path / "a" / "role" / "NestLab.nat-lab.pssc").is_file()
    assert main(command) == 2
    assert "already exists" in capsys.readouterr().err
    assert main([*command, "--force"]) == 0
    assert main([*command, "--force", "--host", "sim:"]) == 2
    assert "no host is contacted" in capsys.readouterr().err


STARTED = {
    "Register-NestLabRole.ps1": {
        *("Copy-Item", "Get-Module", "Get-PSSessionConfiguration", "Join-Path", "New-Object"),
        *("Register-PSSessionConfiguration", "Remove-Item", "Set-StrictMode", "Test-Path"),
        *("Test-PSSessionConfigurationFile", "Unregister-PSSessionConfiguration", "Write-Warning"),
    },
    "Unregister-NestLabRole.ps1": {
        *("Get-PSSessionConfiguration", "Join-Path", "Remove-Item", "Set-StrictMode", "Test-Path"),
        "Unregister-PSSessionConfiguration",
    },
    "NestLab.all.psm1": {
        *("Export-ModuleMember", "Get-Module", "Get-NestLabRefusal", "Import-Module"),
        *("Invoke-Command", "Invoke-NestLabGuestScript", "New-Object", "Test-NestLabAdapter"),
        *("Test-NestLabMapping", "Write-Error", r"Microsoft.PowerShell.Utility\Select-Object"),
    },
    "NestLab.disks.psm1": {
        *("Export-ModuleMember", "Get-Module", "Get-NestLabRefusal", "Import-Module"),
        *("Invoke-Command", "Invoke-NestLabGuestScript", "New-Object", "Test-NestLabAdapter"),
        *("Test-NestLabDisk", "Test-NestLabFile", "Test-NestLabMapping", "Write-Error"),
        *(r"Storage\Get-Disk", r"Storage\Get-Partition", r"Hyper-V\Get-VHD"),
        *(
            r"Microsoft.PowerShell.Management\Get-Item",
            r"Microsoft.PowerShell.Utility\Select-Object",
        ),
    },
}


def commands_in(node):
    if node.type == "command_name":
        yield syntax.text_of(node)
    for each in node.children:
        yield from commands_in(each)


@pytest.mark.parametrize("name", STARTED)
def test_a_script_starts_these_commands_and_no_others(name):
    topology = nestlab.load(DISKS if name == "NestLab.disks.psm1" else EVERY_STEP)
    (text,) = (text for path, text in role_files(topology).items() if path.name == name)
    started = {each for each in commands_in(syntax.parsed(text)) if not each.startswith("$")}
    proxied = {f"{signature(each.name).module}\\{each.name}" for each in role_of(topology).proxied}
    assert started - proxied == STARTED[name]
