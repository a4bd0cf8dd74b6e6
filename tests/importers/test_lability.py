"""Lability configuration data as topology files."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.export.powershell.source import data_text
from nestlab.importers import import_lab

HERE = Path(__file__).parent / "lability"
LABS = sorted(HERE.glob("*.psd1"))


def lab_of(tmp_path, text, name="lab.psd1"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return import_lab(file, "lability")


def node(tmp_path, values, *, lab=""):
    """Import one node with these values; returns its VM and what is left out."""
    text = f"@{{ AllNodes = @( @{{ NodeName = 'A1'; {values} }} ); NonNodeData = @{{ Lability = @{{ {lab} }} }} }}"
    imported = lab_of(tmp_path, text)
    return imported.topology.vms[0], [str(entry) for entry in imported.left_out]


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_a_lab_becomes_the_file_that_a_person_would_write(path, update_cases):
    imported = import_lab(path, "lability")
    expected = path.with_suffix(".yml")
    if update_cases:
        expected.write_text(imported.text, encoding="utf-8", newline="\n")
    assert imported.text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_it_is_valid_and_is_saved_as_it_was(path, tmp_path):
    topology = nestlab.import_definition(path, "lability")
    assert nestlab.validate(topology).errors == ()
    saved = tmp_path / "lab.yml"
    nestlab.save(topology, saved)
    loaded = nestlab.load(saved)
    assert loaded == topology
    text = saved.read_bytes()
    nestlab.save(loaded, saved)
    assert saved.read_bytes() == text


def test_a_file_has_fewer_lines_than_the_definition():
    path = HERE / "training-room.psd1"
    topology = nestlab.import_definition(path, "lability")
    assert len(topology.vms) == 7
    lines = [line for line in topology.origin.text.splitlines() if not line.startswith("#")]
    assert len(lines) < len(path.read_text(encoding="utf-8").splitlines())


def test_a_password_of_a_definition_is_named_and_not_copied():
    text = import_lab(HERE / "training-room.psd1", "lability").text
    assert "LabPassword" in text
    assert "never-to-be-imported" not in text


def test_settings_with_the_prefix_override_those_without(tmp_path):
    vm, _ = node(
        tmp_path, "ProcessorCount = 2; Lability_ProcessorCount = 8; lability_startupmemory = 3GB"
    )
    assert (vm.processor_count, str(vm.memory_startup)) == (8, "3GB")


def test_the_defaults_are_those_of_lability(tmp_path):
    vm, left_out = node(tmp_path, "")
    assert (vm.processor_count, str(vm.memory_startup), vm.dynamic_memory) == (1, "2GB", None)
    assert vm.disk.image == "2022_x64_Datacenter_EN_Eval"
    assert (vm.network_adapters[0].switch, vm.network_adapters[0].dhcp) == ("Default Switch", True)
    assert any("dynamic memory from 512MB to 1TB" in line for line in left_out)


@pytest.mark.parametrize(
    ("values", "startup", "limits"),
    [
        ("MinimumMemory = 1GB", "2GB", ("1GB", "1TB")),
        ("MinimumMemory = 1GB; MaximumMemory = 4GB; StartupMemory = 1GB", "1GB", ("1GB", "4GB")),
        ("MinimumMemory = 2GB; MaximumMemory = 2GB; StartupMemory = 2GB", "2GB", None),
        ("MinimumMemory = 4GB", "4GB", ("4GB", "1TB")),
        ("MaximumMemory = 1GB", "1GB", ("512MB", "1GB")),
    ],
)
def test_dynamic_memory_is_that_of_the_definition(tmp_path, values, startup, limits):
    vm, _ = node(tmp_path, values)
    found = vm.dynamic_memory and (str(vm.dynamic_memory.minimum), str(vm.dynamic_memory.maximum))
    assert (str(vm.memory_startup), found) == (startup, limits)


@pytest.mark.parametrize(
    ("lab", "switch_type", "existing", "name"),
    [
        (
            "Network = @( @{ Name = 'Net'; Type = 'private' } ); EnvironmentPrefix = 'P-'",
            "Private",
            False,
            "Net",
        ),
        ("EnvironmentPrefix = 'P-'; EnvironmentSuffix = '-S'", "Internal", False, "P-Net-S"),
        ("", "Internal", False, "Net"),
    ],
)
def test_switches_are_those_that_lability_finds(tmp_path, lab, switch_type, existing, name):
    text = f"@{{ AllNodes = @( @{{ NodeName = 'A'; SwitchName = 'Net' }} ); NonNodeData = @{{ Lability = @{{ {lab} }} }} }}"
    (switch,) = lab_of(tmp_path, text).topology.switches
    assert (switch.switch_type, switch.existing, switch.name) == (switch_type, existing, name)


@pytest.mark.parametrize(
    ("values", "address", "gateway"),
    [
        ("IPAddress = '10.0.0.5/16'; SubnetMask = 24", "10.0.0.5/16", None),
        ("IPAddress = '10.0.0.5'; SubnetMask = '255.255.0.0'", "10.0.0.5/16", None),
        ("IPAddress = '10.0.0.5'; DefaultGateway = '10.0.0.1'", "10.0.0.5/24", "10.0.0.1"),
        ("IPAddress = '10.0.0.5'; DefaultGateway = '10.9.0.1'", "10.0.0.5/24", None),
        ("IPAddress = '10.0.0.5'; DefaultGateway = '10.0.0.5'", "10.0.0.5/24", None),
        ("IPAddress = 'fd00::5'", None, None),
    ],
)
def test_addresses_are_read_by_the_keys_of_the_field(tmp_path, values, address, gateway):
    (adapter,) = node(tmp_path, values)[0].network_adapters
    found = adapter.ip_address and str(adapter.ip_address), adapter.gateway and str(adapter.gateway)
    assert found == (address, gateway)
    assert adapter.dhcp == (address is None)


@pytest.mark.parametrize(("values", "expected"), [("$true", True), ("$false", False)])
def test_automatic_checkpoints_are_on_where_the_definition_has_them(tmp_path, values, expected):
    vm, left_out = node(tmp_path, f"Lability_AutomaticCheckpoints = {values}")
    assert vm.automatic_checkpoints_enabled is expected
    assert "AutomaticCheckpoints" not in "\n".join(left_out)


def test_what_it_cannot_have_is_listed_by_object(tmp_path):
    _, left_out = node(
        tmp_path,
        "Lability_DvdDrive = @{ Path = 'D:\\a.iso'; Mode = 'x' }; Lability_CustomBootStrap = 'Get-Date'; UILanguage = 'klingon'; Own = 3",
        lab="DSCResource = @( @{ Name = 'x' } )",
    )
    said = "\n".join(left_out)
    for words in (
        "A1: DvdDrive.Mode",
        "A1: CustomBootStrap: nestlab runs no scripts in guests",
        "A1: UILanguage 'klingon': it must be a language",
        "A1: Own: for the DSC configuration",
        "the lab: DSCResource: nestlab copies no modules",
    ):
        assert words in said


@pytest.mark.parametrize(
    ("text", "place", "words", "way_out"),
    [
        ("", ":1:1: ", "a constant, a list", "write the value itself"),
        ("@{\n  AllNodes = Get-Nodes\n}", ":2:14: ", "a constant, a list", "in place of a command"),
        ('@{\n AllNodes = @(\n @{ NodeName = "$(hostname)" } ) }', ":3:16: ", "a command", "write the value"),
        ('@{ AllNodes = @( @{ NodeName = "$env:X" } ) }', ":1: ", "a text without variables", "write the value"),
        ("@{ A = { Get-Date }; AllNodes = @() }", ":1:8: ", "a constant", "A script block"),
        ("@{ Nodes = @() }", ":1: ", "there is no AllNodes", "configuration data of a lab"),
        ("@{ AllNodes = @( @{ NodeName = '*' } ) }", ":1: ", "no nodes but '*'", "Give the .psd1"),
        ("@{ AllNodes = @(\n @{ X = 1 } ) }", ":2: ", "has no NodeName", "Give the node"),
        ("@{ AllNodes = 'A' }", ":1: ", "a list of tables", "Correct the value"),
        ("@{ AllNodes = @( @{ NodeName = 'A'\n ProcessorCount = 'two' } ) }", ":2: ", "must be a whole number, not 'two'", "Correct"),
        ("@{ AllNodes = @( @{ NodeName = 'A'\n ProcessorCount = 0 } ) }", ":2: ", "a number from 1 to", "Correct"),
        ("@{ AllNodes = @( @{ NodeName = 'A'\n StartupMemory = 'much' } ) }", ":2: ", "a number of bytes", "Correct"),
        ("@{ AllNodes = @( @{ NodeName = 'A'\n\n IPAddress = '10.0.0.300' } ) }", ":3: ", "an IPv4 address", "Correct"),
        ("@{ AllNodes = @( @{ NodeName = 'A'; IPAddress = '10.0.0.3'\n SubnetMask = 'wide' } ) }", ":2: ", "a prefix length or a mask", "Correct"),
        ("@{ AllNodes = @( @{ NodeName = 'A'\n MACAddress = 'x' } ) }", ":2: ", "MAC addresses", "Correct"),
        ("@{ AllNodes = @( @{ NodeName = 'A'; HardDiskDrive = @(\n @{ Generation = 'VHDX' } ) } ) }", ":2: ", "neither VhdPath nor MaximumSizeBytes", "Give the disk"),
        ("@{ AllNodes = @( @{ NodeName = 'A'; SwitchName = 'N' } )\n NonNodeData = @{ Lability = @{ Network = @(\n @{ Name = 'N'; Type = 'Bridged' } ) } } }", ":3: ", "Internal, External or Private", "Correct"),
        ("@{ AllNodes = @( @{ NodeName = 'A'; SwitchName = 'N' } )\n NonNodeData = @{ Lability = @{ Network = @(\n @{ Name = 'N'; Type = 'External' } ) } } }", ":3: ", "the name of a network adapter", "Correct"),
    ],
)  # fmt: skip
def test_bad_input_is_one_error_with_its_place_and_what_to_do(
    tmp_path, text, place, words, way_out
):
    with pytest.raises(nestlab.DefinitionFileError) as caught:
        lab_of(tmp_path, text)
    message = str(caught.value)
    assert f"lab.psd1{place}" in message
    assert words in message
    assert way_out in message
    assert "\n" not in caught.value.message


NAMES = st.text(min_size=1).filter(lambda text: text.strip() and "\0" not in text)
NODES = st.fixed_dictionaries(
    {"NodeName": NAMES.filter(lambda text: text != "*")},
    optional={
        "Lability_SwitchName": st.lists(NAMES, min_size=1, max_size=3),
        "Lability_NICName": st.lists(NAMES, min_size=1, max_size=3),
        "Lability_Media": NAMES,
        "Lability_WarningMessage": NAMES,
        "Role": NAMES,
        "TimeZone": NAMES,
        "IPAddress": st.sampled_from(["10.0.0.1", "10.0.0.2/16"]),
    },
)


@given(
    nodes=st.lists(NODES, min_size=1, max_size=4),
    prefix=st.text().filter(lambda text: "\0" not in text),
)
@settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_no_name_breaks_the_file(tmp_path, nodes, prefix):
    data = {
        "AllNodes": nodes,
        "NonNodeData": {"Lability": {"EnvironmentPrefix": prefix}},
    }
    topology = lab_of(tmp_path, data_text(data)).topology
    assert len(topology.vms) == len(nodes)
    assert nestlab.loads(topology.origin.text) == topology


def test_the_export_of_a_topology_name_is_always_valid(tmp_path):
    text = "@{ AllNodes = @( @{ NodeName = 'A' } ) }"
    assert lab_of(tmp_path, text, "Mein Labor (2).psd1").topology.name == "Mein-Labor-2"
    assert lab_of(tmp_path, text, "§.psd1").topology.name == "lability-lab"
    (tmp_path / "Room 5").mkdir()
    assert lab_of(tmp_path / "Room 5", text, "VMConfigurationData.psd1").topology.name == "Room-5"


def test_names_that_a_file_cannot_have_are_listed(tmp_path):
    text = "@{ AllNodes = @( @{ NodeName = 'a/b'; SwitchName = 'x*' }, @{ NodeName = 'A-B'; SwitchName = 'x*' } ) }"
    imported = lab_of(tmp_path, text)
    assert [vm.name for vm in imported.topology.vms] == ["a-b", "A-B 2"]
    assert [switch.name for switch in imported.topology.switches] == ["x-"]
    said = imported.left_out_lines
    assert any(line.startswith("a-b: its name 'a/b'") for line in said)
    assert any(line.startswith("A-B 2: its name 'A-B'") for line in said)
    assert any(line.startswith("switch x-: its name 'x*'") for line in said)


def test_many_keys_of_an_object_are_counted(tmp_path):
    _, left_out = node(tmp_path, "; ".join(f"Key{i} = {i}" for i in range(20)))
    assert any("Key8, Key9 and 10 more: for the DSC" in line for line in left_out)
