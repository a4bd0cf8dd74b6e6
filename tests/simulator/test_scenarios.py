"""Every scenario: what it is there to show."""

import json
from pathlib import Path

import jsonschema
import pytest

from nestlab.errors import CmdletError, ScenarioFileError, SessionBroken, UnknownHost, UsageError
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.simulator.faults import KINDS
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.scenarios import (
    BUILT_PATH,
    DEFAULT,
    FOLDER,
    SCHEMA_PATH,
    built_text,
    load_scenario,
    scenario_descriptions,
    scenario_names,
    schema,
    schema_text,
)
from nestlab.simulator.scenarios.quirk_keys import QUIRKS
from nestlab.simulator.state.quirks import Quirks
from nestlab.transport import connect

NESTS = {
    "ws2022-spanish": True,
    "ws2022-generalized": True,
    "ws2022-intel": True,
    "ws2025-amd": True,
    "ws2016-intel": True,
    "win11-ryzen": True,
    "win10-intel": True,
    "ws2019-amd": False,
    "azure-vm": True,
    "kvm-guest": True,
    "arm64": False,
    "old-vms": True,
    "busy-host": True,
    "hyperv-admin-only": True,
}
NO_HYPER_V = {"win11-home", "no-role", "firmware-off", "azure-trusted-launch"}


def run(session, name, /, *switches, **parameters):
    return list(
        session.run(Cmdlet(name, {**dict.fromkeys(switches, SwitchParameter.ON), **parameters}))
    )


def refused(session, name, /, *switches, **parameters):
    with pytest.raises(CmdletError) as caught:
        run(session, name, *switches, **parameters)
    return caught.value.record


def test_all_are_described_in_one_line():
    assert set(scenario_names()) == NESTS.keys() | NO_HYPER_V
    assert scenario_names()[0] == "ws2022-intel"
    assert all(
        line and "\n" not in line and len(line) < 140 for line in scenario_descriptions().values()
    )


@pytest.mark.parametrize("name", sorted(NESTS))
def test_a_vm_with_exposed_extensions_starts_only_where_the_platform_nests(name):
    session = connect(f"sim:{name}")
    run(session, "New-VM", Name="probe", MemoryStartupBytes=Size.parse("1GB"))
    run(session, "Set-VMProcessor", VMName="probe", ExposeVirtualizationExtensions=True)
    if NESTS[name]:
        run(session, "Start-VM", Name="probe")
    else:
        assert (
            "does not support nested virtualization"
            in refused(session, "Start-VM", Name="probe").message
        )


@pytest.mark.parametrize("name", sorted(NO_HYPER_V))
def test_hyper_v_is_no_command_where_it_is_not_installed(name):
    assert refused(connect(f"sim:{name}"), "Get-VM").error_id == "CommandNotFoundException"


def test_the_role_installs_on_no_role():
    session = connect("sim:no-role")
    run(session, "Install-WindowsFeature", "IncludeManagementTools", Name="Hyper-V")
    run(session, "Restart-Computer", "Force")
    session.wait(600)
    assert run(session, "Get-VM") == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("firmware-off", "required virtualization capabilities"),
        ("azure-trusted-launch", "A hypervisor is already running"),
    ],
)
def test_the_role_does_not_install_without_the_processors_help(name, reason):
    assert (
        reason in refused(connect(f"sim:{name}"), "Install-WindowsFeature", Name="Hyper-V").message
    )


def test_home_does_not_know_the_feature():
    error = refused(
        connect("sim:win11-home"),
        "Enable-WindowsOptionalFeature",
        "Online",
        FeatureName="Microsoft-Hyper-V",
        All=SwitchParameter.ON,
    )
    assert error.message == "Feature name Microsoft-Hyper-V is unknown."


@pytest.mark.parametrize("name", ["win11-ryzen", "win10-intel", "arm64"])
def test_clients_have_the_default_switch_and_cannot_remove_it(name):
    session = connect(f"sim:{name}")
    (switch,) = run(session, "Get-VMSwitch", Id="c08cb7b8-9b3c-408e-8e30-5e16a3aeb444")
    assert (switch["Name"], switch["SwitchType"]) == ("Default Switch", "Internal")
    error = refused(session, "Remove-VMSwitch", "Force", Name="Default Switch")
    assert error.message.endswith(
        "The automatic Internet Connection Sharing switch cannot be modified."
    )
    assert (error.category, error.error_id) == ("InvalidArgument", "InvalidParameter")


@pytest.mark.parametrize(
    ("name", "default", "lowest"),
    [
        ("ws2016-intel", "8.0", "5.0"),
        ("ws2025-amd", "12.0", "8.0"),
        ("win10-intel", "9.2", "8.0"),
        ("ws2022-intel", "10.0", "8.0"),
    ],
)
def test_configuration_versions_follow_the_build(name, default, lowest):
    records = run(connect(f"sim:{name}"), "Get-VMHostSupportedVersion")
    assert [str(record["Version"]) for record in records if record["IsDefault"]] == [default]
    assert str(records[0]["Version"]) == lowest


def test_old_vms_has_what_it_says():
    session = connect("sim:old-vms")
    vms = {vm["Name"]: vm for vm in run(session, "Get-VM")}
    assert vms["legacy-2012"]["Version"] == "5.0"
    assert vms["saved-8"]["State"] == "Saved"
    assert vms["checkpointed"]["ParentCheckpointId"] is not None
    assert vms["floating"]["DynamicMemoryEnabled"] is True
    run(session, "Update-VMVersion", "Force", Name="app-2016")
    assert run(session, "Get-VM", Name="app-2016")[0]["Version"] == "9.0"


def test_busy_host_has_its_nat_taken_and_two_vms_of_one_name():
    session = connect("sim:busy-host")
    assert run(session, "Get-NetNat") == []
    error = refused(
        session, "New-NetNat", Name="lab", InternalIPInterfaceAddressPrefix="192.168.50.0/24"
    )
    assert error.fully_qualified_error_id == "Windows System Error 87,New-NetNat"
    assert len(run(session, "Get-VM", Name="web")) == 2


def test_what_a_host_changes_of_its_quirks_is_its_own():
    connect("sim:busy-host").simulated_host.world.quirks.hidden_nats.clear()
    assert connect("sim:busy-host").simulated_host.world.quirks.hidden_nats


def test_hyper_v_administrators_may_make_vms_but_no_nat():
    session = connect("sim:hyperv-admin-only")
    run(session, "New-VM", Name="a")
    run(session, "New-VMSwitch", Name="Lab", SwitchType="Internal")
    error = refused(
        session, "New-NetNat", Name="lab", InternalIPInterfaceAddressPrefix="192.168.50.0/24"
    )
    assert (error.category, error.fully_qualified_error_id) == (
        "PermissionDenied",
        "Windows System Error 5,New-NetNat",
    )
    assert (
        refused(session, "New-VMSwitch", Name="Up", NetAdapterName="Ethernet").error_id
        == "AccessDenied"
    )
    assert run(session, "Get-VMSwitch", Name="Up", ErrorAction="SilentlyContinue") == []


def test_bridging_out_of_an_azure_vm_does_not_work_and_nat_does():
    session = connect("sim:azure-vm")
    run(session, "New-VMSwitch", Name="Bridge", NetAdapterName="Ethernet")
    run(session, "New-VHD", "Differencing", Path=r"D:\a.vhdx", ParentPath=r"D:\images\ws2022.vhdx")
    run(session, "New-VM", Name="a", Generation=2, VHDPath=r"D:\a.vhdx", SwitchName="Bridge")
    run(session, "Start-VM", Name="a")
    session.wait(90)
    guest = session.guest("a", "x")
    run(
        guest,
        "New-NetIPAddress",
        InterfaceAlias="Ethernet",
        IPAddress="10.20.0.50",
        PrefixLength=24,
        DefaultGateway="10.20.0.1",
    )
    assert run(guest, "Test-Connection", "Quiet", ComputerName="1.1.1.1")[0]["Value"] is False
    assert run(session, "Test-Connection", "Quiet", ComputerName="1.1.1.1")[0]["Value"] is True


def test_a_trainers_own_scenario_is_a_file(tmp_path):
    path = tmp_path / "mine.json"
    data = {
        "name": "mine",
        "description": "Small",
        "based_on": "ws2022-intel",
        "computer": {"memory": "16GB"},
        "vms": [],
    }
    path.write_text(json.dumps(data), encoding="utf-8")
    session = connect(f"sim:{path}")
    assert run(session, "Get-VM") == []
    assert run(session, "Get-VMHost")[0]["MemoryCapacity"] == 16 << 30


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"colour": "red"}, "colour"),
        ({"computer": {"memory": "much"}}, "must be a size"),
        ({"computer": {"operating_system": "ws3000"}}, "ws3000"),
        ({"vms": [{"name": "a", "cpu": 4}]}, "cpu"),
        ({"vms": [{"name": "a", "network_adapters": [{"switch": "nope"}]}]}, "nope"),
        ({"based_on": "nope"}, "nope"),
    ],
)
def test_a_scenario_that_does_not_fit_says_where(tmp_path, change, says):
    path = tmp_path / "mine.json"
    path.write_text(
        json.dumps({"name": "mine", "description": "x", "based_on": "ws2022-intel", **change}),
        encoding="utf-8",
    )
    with pytest.raises(UsageError, match=says):
        load_scenario(str(path))


def test_an_unknown_scenario_names_the_known_ones():
    with pytest.raises(UnknownHost) as caught:
        load_scenario("nope")
    assert "azure-vm" in caught.value.hint


def test_the_default_switch_gives_addresses_and_a_way_out_and_another_range_after_a_restart():
    session = connect("sim:win11-ryzen")
    run(session, "New-VHD", "Differencing", Path=r"D:\a.vhdx", ParentPath=r"D:\images\ws2022.vhdx")
    run(
        session, "New-VM", Name="a", Generation=2, VHDPath=r"D:\a.vhdx", SwitchName="Default Switch"
    )
    run(session, "Start-VM", Name="a")
    session.wait(90)
    guest = session.guest("a", "x")

    def address(of, alias):
        return next(
            r["IPAddress"]
            for r in run(of, "Get-NetIPAddress", InterfaceAlias=alias, AddressFamily="IPv4")
        )

    first = address(guest, "Ethernet")
    assert first.startswith("172.")
    assert run(guest, "Test-Connection", "Quiet", ComputerName="1.1.1.1")[0]["Value"] is True
    assert run(session, "Get-NetNat") == []
    before = address(session, "vEthernet (Default Switch)")
    run(session, "Restart-Computer", "Force")
    session.wait(300)
    assert address(session, "vEthernet (Default Switch)") != before
    assert address(guest, "Ethernet") != first


def test_a_client_gets_its_default_switch_with_hyper_v(tmp_path):
    path = tmp_path / "new.yml"
    path.write_text(
        "description: new\nbased_on: win10-intel\ncomputer: {features: []}\nvms: []\n",
        encoding="utf-8",
    )
    session = connect(f"sim:{path}")
    run(session, "Enable-WindowsOptionalFeature", "Online", "All", FeatureName="Microsoft-Hyper-V")
    run(session, "Restart-Computer", "Force")
    session.wait(600)
    assert [switch["Name"] for switch in run(session, "Get-VMSwitch")] == ["Default Switch"]


def test_every_quirk_is_a_key_of_the_file_or_follows_from_the_rights():
    assert {key.name for key in QUIRKS.keys} == set(Quirks.__dataclass_fields__) - {
        "administrator",
        "hyper_v_rights",
    }


def test_the_shipped_schema_is_that_of_the_table_and_all_scenarios_fit_it(update_cases):
    if update_cases:
        SCHEMA_PATH.write_text(schema_text(), encoding="utf-8", newline="\n")
    assert SCHEMA_PATH.read_text(encoding="utf-8") == schema_text()
    for name in scenario_names():
        jsonschema.validate(
            json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")), schema()
        )


def test_the_shipped_state_of_the_default_scenario_is_what_is_built_from_it(update_cases):
    if update_cases:
        BUILT_PATH.write_text(built_text(), encoding="utf-8", newline="\n")
    assert BUILT_PATH.read_text(encoding="utf-8") == built_text()
    world = load_scenario(DEFAULT)
    assert world.to_dict() == json.loads(built_text())
    assert load_scenario(DEFAULT).host is not world.host
    # A scenario that only names it is built from its file.
    assert load_scenario(str(FOLDER / f"{DEFAULT}.json")).host == world.host


def scenario(tmp_path, text, name="mine.json"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioFileError) as caught:
        load_scenario(str(path))
    return [
        (finding.code, finding.location.rpartition(f"{name}:")[2], finding.message, finding.hint)
        for finding in caught.value.findings
    ]


def test_all_problems_come_at_once_with_their_places_and_the_nearest_key(tmp_path):
    text = """{
  "description": "x", "based_on": "ws2022-intel",
  "computer": {"memory": "much", "modell": "R640"},
  "vms": [{"name": "a", "cpu": 4}, {"nam": "b"}],
  "quirks": {"several_nats": true}
}"""
    found = scenario(tmp_path, text)
    assert [(code, place) for code, place, _, _ in found] == [
        ("unknown-key", "3:34"),
        ("bad-value", "3:26"),
        ("unknown-key", "4:25"),
        ("unknown-key", "4:37"),
        ("missing-key", "4:36"),
        ("unknown-key", "5:14"),
    ]
    assert found[0][3].startswith("Did you mean 'model'?")
    assert found[5][3].startswith("Did you mean 'several_nats_from_build'?")


@pytest.mark.parametrize(
    ("part", "code", "says"),
    [
        ('"vms": [{"name": "a", "network_adapters": [{"switch": "Lob"}]}], "switches": [{"name": "Lab", "switch_type": "Private"}]',
         "unknown-switch", "Did you mean 'Lab'?"),
        ('"vms": [{"name": "a", "disk": {"path": "D:\\\\a.vhdx", "parent": "D:\\\\images\\\\ws2023.vhdx"}}]', "unknown-disk-image", "ws2022"),
        ('"vms": [{"name": "a", "disk": {"path": "D:\\\\images\\\\ws2022.vhdx"}}]', "bad-value", "own path"),
        ('"vms": [{"name": "a", "state": "Running", "memory_startup": "100GB"}]', "bad-value", "Use the state Off"),
        ('"vms": [{"name": "a", "state": "Running", "version": "5.0"}]', "bad-value", "Use the state Off"),
        ('"vms": [{"name": "a", "memory_startup": "1GB", "dynamic_memory": {"minimum": "2GB", "maximum": "4GB"}}]', "bad-value", ""),
        ('"switches": [{"name": "Up", "switch_type": "External"}]', "bad-value", "Ethernet"),
        ('"switches": [{"name": "Up", "switch_type": "External", "net_adapter": "Ethernot"}]', "unknown-net-adapter", "Did you mean 'Ethernet'?"),
        ('"switches": [{"name": "In", "switch_type": "Internal", "net_adapter": "Ethernet"}]', "bad-value", "Remove"),
        ('"switches": [{"name": "In", "switch_type": "Internal", "ip_address": "10.0.0.1/24", "gateway": "10.0.1.1"}]', "bad-value", "gateway"),
        ('"computer": {"features": []}', "no-hyper-v", "computer.features"),
        ('"computer": {"features": ["Hyper-W"]}, "vms": []', "unknown-feature", "Did you mean 'Hyper-V'?"),
        ('"faults": [{"cmdlet": "New-VN"}]', "unknown-simulated-cmdlet", "Did you mean 'New-VM'?"),
        ('"faults": [{"kind": "explode"}]', "bad-value", ""),
        ('"rights": "root"', "bad-value", ""),
        ('"net_adapters": [{"name": "A", "interface_description": "x", "mac_address": "B49691A00C01", "wire": "lan2"}]', "unknown-wire", "lan"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_named_with_the_way_out(tmp_path, part, code, says):
    found = scenario(tmp_path, f'{{"description": "x", "based_on": "ws2022-intel",\n{part}}}')
    assert code in [entry[0] for entry in found]
    assert says in next(entry for entry in found if entry[0] == code)[3]
    assert all(place.startswith("2:") for _, place, _, _ in found)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "not-json", "1:1"),
        ('{"description": "x" "y"}', "not-json", "1:21"),
        ("[1]", "wrong-type", "1:1"),
        ("null", "wrong-type", "1:1"),
        ("[" * 200_000, "not-json", "1:1"),
        ('{"description": "x", "description": "y"}', "duplicate-key", "1:22"),
        ('{"description": "x"}', "missing-key", "1:1"),
        ('{"description": "x", "based_on": "mine.json"}', "unknown-base", "1:34"),
        ('{"description": "x", "based_on": "ws2023"}', "unknown-base", "1:34"),
    ],
)
def test_a_file_that_is_no_scenario_is_one_clear_error(tmp_path, text, code, place):
    found = scenario(tmp_path, text)
    assert (code, place) in [entry[:2] for entry in found]


def test_a_scenario_may_be_yaml_and_based_on_a_file_beside_it(tmp_path):
    (tmp_path / "base.json").write_text(
        '{"description": "b", "based_on": "ws2025-amd", "computer": {"memory": "1TB"}}',
        encoding="utf-8",
    )
    path = tmp_path / "seats.yml"
    path.write_text(
        "description: thirty seats  # one each\nbased_on: base.json\n"
        "switches:\n  - {name: Up, switch_type: External, net_adapter: Ethernet}\n"
        "  - {name: Lab, switch_type: Internal, ip_address: 10.9.0.1/24}\n"
        "nats:\n  - {name: lab, internal_prefix: 10.9.0.0/24, port_forwards: [{protocol: tcp, external_port: 8080, to: '10.9.0.5:80'}]}\n"
        "vms:\n  - name: seat\n    copies: 30\n    state: Running\n    version: 9.0\n    memory_startup: 8GB\n"
        "    disk: {path: 'D:\\seats\\seat.vhdx', parent: 'D:\\images\\ws2022.vhdx'}\n"
        "    network_adapters: [{switch: Lab, mac_address: 00-15-5D-00-00-01, vlan: {access: 7}}]\n",
        encoding="utf-8",
    )
    session = connect(f"sim:{path}?state={tmp_path / 'state.json'}")
    assert [vm["Name"] for vm in run(session, "Get-VM")][::29] == ["seat-1", "seat-30"]
    assert {vm["Version"] for vm in run(session, "Get-VM")} == {"9.0"}
    assert [nat["Name"] for nat in run(session, "Get-NetNat")] == ["lab"]
    assert len(run(session, "Get-NetNatStaticMapping")) == 1
    assert (
        run(session, "Get-VMHardDiskDrive", VMName="seat-7")[0]["Path"] == r"D:\seats\seat-7.vhdx"
    )
    address = run(
        session, "Get-NetIPAddress", InterfaceAlias="vEthernet (Up)", AddressFamily="IPv4"
    )[0]
    assert address["IPAddress"] == "192.0.2.10"
    assert run(session, "Get-VMNetworkAdapter", VMName="seat-3")[0]["MacAddress"] == "00155D000001"
    assert (
        run(
            connect(f"sim:{path}?state={tmp_path / 'state.json'}"),
            "Test-Connection",
            "Quiet",
            ComputerName="1.1.1.1",
        )[0]["Value"]
        is True
    )


def test_the_page_about_scenarios_knows_all_faults_and_its_example_loads(tmp_path):
    text = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    for name, line in KINDS.items():
        assert f"| `{name}` | {line} |" in text
    path = tmp_path / "classroom.yml"
    path.write_text(text.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    session = connect(f"sim:{path}")
    assert len(run(session, "Get-VM")) == 30
    with pytest.raises(SessionBroken):
        run(session, "New-VMSwitch", Name="More", SwitchType="Private")
    assert (
        refused(
            session, "New-NetNat", Name="two", InternalIPInterfaceAddressPrefix="10.8.0.0/24"
        ).error_id
        == "Windows System Error 87"
    )


@pytest.mark.parametrize(
    "part",
    [
        '"processors": {"logical_processors": 4097}',
        '"processors": {"logical_processors": 4096, "cores": 4096, "sockets": 64}',
        '"switches": [{"name": "Lab", "switch_type": "Private", "id": "lab"}]',
        '"switches": [{"name": "Lab", "switch_type": "Private", "notes": "a\\u0000b"}]',
        '"vms": [{"name": "a", "notes": "\\ud800"}]',
        '"seed": "\\u0000"',
        '"faults": [{"message": "a\\u0000b"}]',
        '"quirks": {"hidden_nat_names": ["a\\u0000b"]}',
        '"faults": [{"kind": "slow", "seconds": 999999999, "nth": 1000000}]',
    ],
)
def test_a_scenario_that_is_accepted_can_be_read_again_from_its_state_file(tmp_path, part):
    path = tmp_path / "mine.json"
    path.write_text(f'{{"description": "x", "based_on": "ws2022-intel", {part}}}', encoding="utf-8")
    try:
        SimulatedHost.load(tmp_path / "state.json", scenario=str(path))
    except ScenarioFileError:
        return
    SimulatedHost.load(tmp_path / "state.json")


def test_a_long_chain_of_scenarios_is_refused_for_its_length(tmp_path):
    for number in range(12):
        base = f"s{number + 1}.json" if number < 11 else "ws2022-intel"
        (tmp_path / f"s{number}.json").write_text(
            json.dumps({"description": "x", "based_on": base}), encoding="utf-8"
        )
    with pytest.raises(ScenarioFileError) as caught:
        load_scenario(str(tmp_path / "s0.json"))
    (finding,) = caught.value.findings
    assert finding.code == "unknown-base"
    assert "more than 10" in finding.message


def test_the_kind_of_a_switch_has_its_article(tmp_path):
    part = '"switches": [{"name": "In", "switch_type": "Private", "net_adapter": "Ethernet"}]'
    found = scenario(tmp_path, f'{{"description": "x", "based_on": "ws2022-intel", {part}}}')
    assert [message for _, _, message, _ in found] == ["a Private switch has no physical adapter"]


def test_a_number_beyond_the_limit_is_told_the_limit(tmp_path):
    part = '"quirks": {"address_move_seconds": 1e10}'
    found = scenario(tmp_path, f'{{"description": "x", "based_on": "ws2022-intel", {part}}}')
    assert "less than 1,000,000,000" in found[0][2]
