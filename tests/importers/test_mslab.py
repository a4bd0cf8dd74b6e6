"""MSLab's exported $LabConfig as topology files."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.importers import EXPORT_SCRIPT, import_lab

LABS = sorted((Path(__file__).parent / "mslab").glob("*.json"))


def lab_of(tmp_path, text, name="lab.json"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return import_lab(file, "mslab")


def vms(tmp_path, *entries, **settings_of_lab):
    """Import VMs with these values; returns the VMs by name, DC among them."""
    data = {**settings_of_lab, "VMs": [{"VMName": f"V{i}", **e} for i, e in enumerate(entries)]}
    return {vm.name: vm for vm in lab_of(tmp_path, json.dumps(data)).topology.vms}


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_a_lab_becomes_the_file_that_a_person_would_write(path, update_cases):
    imported = import_lab(path, "mslab")
    expected = path.with_suffix(".yml")
    if update_cases:
        expected.write_text(imported.text, encoding="utf-8", newline="\n")
    assert imported.text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_it_is_valid_and_is_saved_as_it_was(path, tmp_path):
    topology = nestlab.import_definition(path, "mslab")
    assert nestlab.validate(topology).errors == ()
    saved = tmp_path / "lab.yml"
    nestlab.save(topology, saved)
    loaded = nestlab.load(saved)
    assert loaded == topology
    text = saved.read_bytes()
    nestlab.save(loaded, saved)
    assert saved.read_bytes() == text


def test_the_script_has_five_lines_and_exports_no_password():
    assert len(EXPORT_SCRIPT.splitlines()) == 5
    assert "Remove('AdminPassword')" in EXPORT_SCRIPT
    assert "ConvertTo-Json" in EXPORT_SCRIPT


def test_a_password_that_was_exported_is_not_copied(tmp_path):
    text = '{"AdminPassword": "LS1secret!", "VMs": [{"VMName": "A"}]}'
    assert "LS1secret" not in lab_of(tmp_path, text).text


def test_files_of_windows_powershell_are_read(tmp_path):
    text = '{"VMs": [{"VMName": "A"}]}'
    for encoding in ("utf-8-sig", "utf-16"):
        file = tmp_path / f"{encoding}.json"
        file.write_bytes(text.encode(encoding))
        assert [vm.name for vm in nestlab.import_definition(file, "mslab").vms] == ["DC", "A"]


def test_defaults_are_those_of_the_scripts(tmp_path):
    vm = vms(tmp_path, {"ParentVHD": "Win2025Core_G2.vhdx"})["V0"]
    assert (vm.generation, vm.processor_count, str(vm.memory_startup)) == (2, 2, "1GB")
    assert (str(vm.dynamic_memory.minimum), str(vm.dynamic_memory.maximum)) == ("512MB", "1TB")
    assert [adapter.name for adapter in vm.network_adapters] == ["Management1", "Management2"]
    for adapter in vm.network_adapters:
        assert (adapter.dhcp, adapter.mac_address_spoofing, adapter.allow_teaming) == (True,) * 3
        assert (adapter.vlan.trunk, adapter.vlan.native) == ((range(1, 11),), 0)


@pytest.mark.parametrize(
    ("values", "dynamic", "exposes"),
    [
        ({}, True, False),
        ({"StaticMemory": True}, False, False),
        ({"NestedVirt": True, "MemoryMinimumBytes": 1 << 30}, False, True),
        ({"Configuration": "Linux"}, False, False),
        ({"Configuration": "Linux", "StaticMemory": False}, True, False),
    ],
)
def test_memory_is_static_where_mslab_makes_it_so(tmp_path, values, dynamic, exposes):
    vm = vms(tmp_path, {"ParentVHD": "x.vhdx", **values})["V0"]
    assert (vm.dynamic_memory is not None, vm.exposes_extensions) == (dynamic, exposes)


@pytest.mark.parametrize(
    ("values", "lab", "expected"),
    [
        ({}, {}, None),
        ({"SecureBoot": "Disabled"}, {}, "false"),
        ({"SecureBoot": "Linux"}, {}, "MicrosoftUEFICertificateAuthority"),
        ({}, {"Secureboot": False}, "false"),
        ({"Configuration": "Linux"}, {}, "false"),
        ({"Generation": 1, "SecureBoot": "Disabled"}, {}, None),
    ],
)
def test_secure_boot_is_that_of_the_lab_or_the_vm(tmp_path, values, lab, expected):
    vm = vms(tmp_path, {"ParentVHD": "x.vhdx", **values}, **lab)["V0"]
    assert (None if vm.secure_boot is None else str(vm.secure_boot)) == expected


def test_additional_networks_number_the_vms_that_have_them(tmp_path):
    network = {"NetName": "S", "NetAddress": "172.16.9.", "NetVLAN": 5, "Subnet": "255.255.255.0"}
    with_networks = {"ParentVHD": "x.vhdx", "AdditionalNetworks": True, "MGMTNICs": 1}
    found = vms(
        tmp_path,
        with_networks,
        {"ParentVHD": "x.vhdx"},
        with_networks,
        AdditionalNetworksConfig=[network],
        AdditionalNetworksInDC=True,
    )
    addresses = {
        name: [str(a.ip_address) for a in vm.network_adapters if a.name == "S"]
        for name, vm in found.items()
    }
    assert addresses == {
        "DC": ["172.16.9.1/24"],
        "V0": ["172.16.9.2/24"],
        "V1": [],
        "V2": ["172.16.9.3/24"],
    }


def test_the_domain_controller_has_what_the_scripts_give_it(tmp_path):
    entry = {"ParentVHD": "Win2019Core_G2.vhdx"}
    controller = vms(tmp_path, entry, Prefix="L-", DHCPscope="10.7.0.0", Internet=True)["L-DC"]
    first, internet = controller.network_adapters
    assert (str(first.ip_address), [str(server) for server in first.dns_servers]) == (
        "10.7.0.1/24",
        ["10.7.0.1"],
    )
    scope = first.dhcp_server
    assert (str(scope.first), str(scope.last)) == ("10.7.0.10", "10.7.0.254")
    assert (str(scope.router), [str(server) for server in scope.dns_servers]) == (
        "10.7.0.1",
        ["10.7.0.1"],
    )
    assert (internet.switch, internet.dhcp) == ("Default Switch", True)
    assert (controller.disk.image, controller.guest.computer_name) == ("Win2019_G2", "DC")
    core = vms(tmp_path, entry, DCEdition="3")["DC"]
    assert core.disk.image == "Win2019Core_G2"


def test_disks_are_those_of_configuration_s2d(tmp_path):
    disks = {"SSDNumber": 1, "SSDSize": 1 << 30, "HDDNumber": 2, "HDDSize": "4TB"}
    found = vms(tmp_path, {"Configuration": "S2D", **disks}, {"Configuration": "Simple", **disks})
    assert [str(disk.size) for disk in found["V0"].disks] == ["1GB", "4TB", "4TB"]
    assert found["V1"].disks == ()


@pytest.mark.parametrize(
    ("text", "place", "words", "what_to_do"),
    [
        ("", ":1:1: ", "a JSON value is expected", "Export the definition again"),
        ("[]", ":1: ", "there are no VMs", "nestlab import mslab --script"),
        ('{"Prefix": "x"}', ":1: ", "there are no VMs", "nestlab import mslab --script"),
        ('{"VMs": [\n {"VMName": "A",}]}', ":2:17: ", "a key in double quotes", "Export"),
        ('{"VMs": [], "vms": []}', ":1:13: ", "occurs twice", "Export"),
        ('{"VMs": ["A"]}', ":1: ", "a list of tables", "Correct"),
        ('{"VMs": [\n {"X": 1}]}', ":2: ", "a VM has no VMName", "Give the VM"),
        ('{"VMs": [{"VMName": "A",\n "MemoryStartupBytes": "big"}]}', ":2: ", "a number of bytes", "Correct"),
        ('{"VMs": [{"VMName": "A",\n "VMProcessorCount": -1}]}', ":2: ", "a number from 1", "Correct"),
        ('{"VMs": [{"VMName": "A", "HDDNumber": 4}]}', ":1: ", "HDDSize must be a number of bytes", "Correct"),
        ('{"VMs": [{"VMName": "A",\n "HDDNumber": 400, "HDDSize": 1}]}', ":2: ", "from 0 to 256", "Correct"),
        ('{"AllowedVLANs": "1-5000", "VMs": []}', ":1: ", "VLANs such as 1-10", "Correct"),
        ('{"DHCPscope": "ten", "VMs": []}', ":1: ", "a network address that ends with .0", "Correct"),
        ('{"AdditionalNetworksConfig": [{"NetAddress": "x"}], "VMs": []}', ":1: ", "the beginning of an address", "Correct"),
        ('{"VMs": [{"VMName": "A", "AdditionalNetworkAdapters": [{"Mac": "x"}]}]}', ":1: ", "the name of a switch", "Correct"),
        ('{"VMs": [{"VMName": "A", "VMVersion": "new"}]}', ":1: ", "a configuration version", "Correct"),
        ("[" * 200, ":1:102: ", "100 levels", "Export"),
        ('{"VMs": [{"VMName": "a\nb"}]}', ":1:", "the string cannot be read", "Export"),
    ],
)  # fmt: skip
def test_bad_input_is_one_error_with_its_place_and_what_to_do(
    tmp_path, text, place, words, what_to_do
):
    with pytest.raises(nestlab.DefinitionFileError) as caught:
        lab_of(tmp_path, text)
    message = str(caught.value)
    assert f"lab.json{place}" in message
    assert words in message
    assert what_to_do in message


def test_the_script_of_a_lab_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(nestlab.DefinitionFileError, match="is a script, and is not run") as caught:
        lab_of(tmp_path, "$LabConfig = @{}", "LabConfig.ps1")
    assert "nestlab import mslab --script" in str(caught.value)


NAMES = st.text(min_size=1).filter(str.strip)
VMS = st.fixed_dictionaries(
    {"VMName": NAMES},
    optional={
        "ParentVHD": NAMES,
        "VMSet": NAMES,
        "Configuration": st.sampled_from(["S2D", "Shared", "Linux", "Simple"]) | NAMES,
        "MGMTNICs": st.integers(0, 9),
        "AdditionalNetworks": st.booleans(),
        "AdditionalNetworkAdapters": st.lists(
            st.fixed_dictionaries({"VirtualSwitchName": NAMES}), max_size=2
        ),
        "Own": NAMES,
    },
)


@given(
    entries=st.lists(VMS, max_size=4),
    lab=st.fixed_dictionaries(
        {},
        optional={
            "Prefix": NAMES,
            "SwitchName": NAMES,
            "LabFolder": NAMES,
            "DomainName": NAMES,
            "SwitchNICs": st.lists(NAMES, max_size=2),
            "AdditionalNetworksConfig": st.lists(
                st.fixed_dictionaries({"NetName": NAMES, "NetAddress": st.just("172.16.1.")}),
                max_size=2,
            ),
        },
    ),
)
@settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_no_name_breaks_the_file(tmp_path, entries, lab):
    topology = lab_of(tmp_path, json.dumps({**lab, "VMs": entries})).topology
    assert len(topology.vms) == len(entries) + 1
    assert nestlab.loads(topology.origin.text) == topology
