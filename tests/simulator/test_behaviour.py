"""What Hyper-V does, row by row: switches, adapters, memory, nesting, guests."""

import pytest

from nestlab.errors import GuestUnreachable, HostUnreachable, SessionBroken
from nestlab.known_errors import explain
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.simulator.host import SimulatedHost


def addresses(console):
    found = console("Get-NetIPAddress", AddressFamily="IPv4", ErrorAction="SilentlyContinue")
    return {
        record["IPAddress"]: record["InterfaceAlias"]
        for record in found
        if record["InterfaceAlias"] != "Loopback Pseudo-Interface 1"
    }


def test_vms_of_others_are_there(host):
    vms = {vm["Name"]: vm for vm in host("Get-VM")}
    assert {name: str(vm["State"]) for name, vm in vms.items()} == {
        "dc-archive": "Off",
        "build-agent": "Running",
        "sql-test": "Off",
    }
    assert vms["sql-test"]["DynamicMemoryEnabled"] is True
    assert vms["build-agent"]["MemoryAssigned"] == 4 << 30


def test_new_vm_has_one_adapter_and_the_documented_defaults(host):
    host("New-VM", Name="a")
    vm = host.one("Get-VM", Name="a")
    assert (vm["Generation"], vm["MemoryStartup"], vm["Version"], vm["CheckpointType"]) == (
        1,
        512 << 20,
        "10.0",
        "Production",
    )
    adapter = host.one("Get-VMNetworkAdapter", VMName="a")
    assert (adapter["Name"], adapter["SwitchName"], adapter["MacAddressSpoofing"]) == (
        "Network Adapter",
        None,
        "Off",
    )
    assert adapter["MacAddressSpoofing"] == "Off"
    dvd = host.one("Get-VMDvdDrive", VMName="a")
    assert (
        dvd["ControllerType"],
        dvd["ControllerNumber"],
        dvd["ControllerLocation"],
        dvd["Path"],
    ) == ("IDE", 1, 0, None)
    assert host.one("Get-VMProcessor", VMName="a")["ExposeVirtualizationExtensions"] is False
    memory = host.one("Get-VMMemory", VMName="a")
    assert (memory["Minimum"], memory["Maximum"]) == (512 << 20, 1 << 40)


def test_names_of_vms_are_not_unique(host):
    host.new_vm("twin", parent=None)
    host("New-VM", Name="twin")
    assert len(host("Get-VM", Name="twin")) == 2


def test_an_external_switch_takes_the_adapters_addresses_and_gives_them_back(host):
    before = host.world()
    host("New-VMSwitch", Name="Uplink", NetAdapterName="Ethernet")
    assert addresses(host) == {"192.0.2.10": "vEthernet (Uplink)"}
    routes = host("Get-NetRoute", DestinationPrefix="0.0.0.0/0")
    assert [(r["InterfaceAlias"], r["NextHop"]) for r in routes] == [
        ("vEthernet (Uplink)", "192.0.2.1")
    ]
    servers = {
        r["InterfaceAlias"]: r["ServerAddresses"] for r in host("Get-DnsClientServerAddress")
    }
    assert servers == {"vEthernet (Uplink)": ["192.0.2.1"]}
    host("Remove-VMSwitch", "Force", Name="Uplink")
    assert host.world() == before


def test_an_external_switch_without_management_adapter_takes_the_address_away(host):
    host("New-VMSwitch", Name="Uplink", NetAdapterName="Ethernet", AllowManagementOS=False)
    assert addresses(host) == {}
    host("Set-VMSwitch", Name="Uplink", AllowManagementOS=True)
    assert addresses(host) == {"192.0.2.10": "vEthernet (Uplink)"}


def test_an_internal_switch_makes_a_host_adapter_tied_by_its_device_id(host):
    host("New-VMSwitch", Name="Lab", SwitchType="Internal")
    own = host.one("Get-VMNetworkAdapter", "ManagementOS")
    adapter = host.one("Get-NetAdapter", Name="vEthernet (Lab)")
    assert adapter["DeviceID"] == own["DeviceId"]
    assert adapter["InterfaceDescription"] == "Hyper-V Virtual Ethernet Adapter"
    assert own["MacAddress"].startswith("00155D020A")


def test_an_internal_switch_without_host_adapter_is_private(host):
    host("New-VMSwitch", Name="Lab", SwitchType="Internal")
    host("Set-VMSwitch", Name="Lab", AllowManagementOS=False)
    assert host.one("Get-VMSwitch", Name="Lab")["SwitchType"] == "Private"
    assert host("Get-VMNetworkAdapter", "ManagementOS") == []


def test_allow_management_os_does_not_go_with_internal(host):
    error = host.refused("New-VMSwitch", Name="Lab", SwitchType="Internal", AllowManagementOS=True)
    assert error.message.startswith(
        "Parameter set cannot be resolved using the specified named parameters."
    )


def test_removing_a_switch_disconnects_vms_that_are_off(host):
    host("New-VMSwitch", Name="S", SwitchType="Private")
    host("Connect-VMNetworkAdapter", VMName="dc-archive", SwitchName="S")
    host("Remove-VMSwitch", "Force", Name="S")
    adapter = host.one("Get-VMNetworkAdapter", VMName="dc-archive")
    assert (adapter["SwitchName"], adapter["SwitchId"], adapter["Connected"]) == (None, None, False)


def test_dynamic_mac_addresses_come_at_the_first_start_and_stay(host):
    host.new_vm("a", parent=None)
    assert host.one("Get-VMNetworkAdapter", VMName="a")["MacAddress"] == "000000000000"
    host("Start-VM", Name="a")
    mac = host.one("Get-VMNetworkAdapter", VMName="a")["MacAddress"]
    assert mac.startswith("00155D020A")
    host("Stop-VM", "TurnOff", Name="a")
    host("Start-VM", Name="a")
    assert host.one("Get-VMNetworkAdapter", VMName="a")["MacAddress"] == mac


def test_memory_is_accounted(host):
    host.new_vm("a", memory="32GB", parent=None, start=True)
    host.new_vm("b", memory="32GB", parent=None)
    assert host.refused("Start-VM", Name="b").error_id == "OutOfMemory"
    host("Stop-VM", "TurnOff", Name="a")
    host("Start-VM", Name="b")


def test_memory_inside_a_nested_host_is_its_own(nested):
    nested("New-VM", Name="big", MemoryStartupBytes=Size.parse("7GB"))
    assert nested.refused("Start-VM", Name="big").error_id == "OutOfMemory"


@pytest.mark.parametrize(
    ("platform", "version", "starts"),
    [
        (("GenuineIntel", 9, 14393), "8.0", True),
        (("AuthenticAMD", 9, 17763), "9.0", False),
        (("AuthenticAMD", 9, 20348), "10.0", True),
        (("AuthenticAMD", 9, 20348), "9.2", False),
        (("Qualcomm", 12, 22621), "11.0", False),
    ],
)
def test_exposing_is_accepted_and_the_platform_decides_at_the_start(
    host, platform, version, starts
):
    manufacturer, architecture, build = platform
    machine = host.session.simulated_host.machine
    machine.operating_system.build = build
    machine.hardware.processors.manufacturer = manufacturer
    machine.hardware.processors.architecture = architecture
    host("New-VM", Name="a", Version=version)
    host("Set-VMProcessor", VMName="a", ExposeVirtualizationExtensions=True)
    if starts:
        host("Start-VM", Name="a")
    else:
        error = host.refused("Start-VM", Name="a")
        assert error.message.endswith(
            "because this platform does not support nested virtualization."
        )


def test_mac_spoofing_may_change_while_the_vm_runs(host):
    host("Set-VMNetworkAdapter", VMName="build-agent", MacAddressSpoofing="On")
    assert host.one("Get-VMNetworkAdapter", VMName="build-agent")["MacAddressSpoofing"] == "On"


def test_the_guest_sees_its_adapters_in_order_by_mac_address(host):
    host("New-VMSwitch", Name="Lab", SwitchType="Internal")
    host.new_vm("a", switch="Lab")
    host("Add-VMNetworkAdapter", VMName="a", Name="Storage", SwitchName="Lab")
    host("Start-VM", Name="a")
    macs = [adapter["MacAddress"] for adapter in host("Get-VMNetworkAdapter", VMName="a")]
    seen = host.guest("a")("Get-NetAdapter")
    assert [adapter["Name"] for adapter in seen] == ["Ethernet", "Ethernet 2"]
    assert [
        "".join(c for c in (adapter["PermanentAddress"]) if c.isalnum()) for adapter in seen
    ] == macs


def test_a_guest_without_dhcp_gives_itself_an_automatic_address(host):
    host("New-VMSwitch", Name="Lab", SwitchType="Internal")
    host.new_vm("a", switch="Lab", start=True)
    (address,) = addresses(host.guest("a"))
    assert address.startswith("169.254.")


def test_the_role_needs_a_restart_before_hyper_v_answers(host):
    host.new_vm("HV1", memory="8GB", start=True, expose=True)
    inside = host.guest("HV1")
    result = inside.one("Install-WindowsFeature", "IncludeManagementTools", Name="Hyper-V")
    assert (result["Success"], result["RestartNeeded"]) == (True, "Yes")
    assert inside.one("Get-WindowsFeature", Name="Hyper-V")["InstallState"] == "InstallPending"
    assert inside.refused("Get-VM").error_id == "ObjectNotFound"
    inside("Restart-Computer", "Force")
    with pytest.raises(GuestUnreachable):
        inside("Get-VM")
    inside.session.wait(300)
    assert inside("Get-VM") == []


def test_powershell_direct_answers_once_the_guest_has_started(host):
    host.new_vm("a", start=True)
    inside = host.guest("a", seconds=0)
    with pytest.raises(GuestUnreachable):
        inside("Get-NetAdapter")
    host.session.wait(60)
    assert len(inside("Get-NetAdapter")) == 1


@pytest.mark.parametrize(
    ("parent", "name"), [(r"D:\images\ubuntu2404.vhdx", "linux"), (None, "empty")]
)
def test_no_powershell_direct_into_linux_or_an_empty_disk(host, parent, name):
    host.new_vm(name, parent=parent)
    host("Set-VMFirmware", VMName=name, SecureBootTemplate="MicrosoftUEFICertificateAuthority")
    host("Start-VM", Name=name)
    host.session.wait(300)
    with pytest.raises(GuestUnreachable):
        host.guest(name)("Get-NetAdapter")
    beats = {"linux": "OkApplicationsUnknown", "empty": "NoContact"}[name]
    assert host.one("Get-VM", Name=name)["Heartbeat"] == beats


def test_powershell_direct_says_which_vm_is_not_there_or_not_running(host):
    with pytest.raises(
        GuestUnreachable, match="The input VMName nope does not resolve to a single virtual machine"
    ):
        host.guest("nope")("Get-VM")
    with pytest.raises(
        GuestUnreachable, match="The virtual machine dc-archive is not in running state"
    ):
        host.guest("dc-archive")("Get-VM")


def test_a_nested_host_carries_a_nested_host(nested, host):
    path = r"C:\lab\HV2.vhdx"
    nested("New-VHD", "Differencing", Path=path, ParentPath=r"C:\images\ws2022.vhdx")
    nested("New-VM", Name="HV2", Generation=2, MemoryStartupBytes=Size.parse("4GB"), VHDPath=path)
    nested("Set-VMProcessor", VMName="HV2", ExposeVirtualizationExtensions=True)
    nested("Start-VM", Name="HV2")
    inner = nested.guest("HV2")
    inner("Install-WindowsFeature", "IncludeManagementTools", "Restart", Name="Hyper-V")
    inner.session.wait(300)
    inner("New-VM", Name="deep")
    inner("Start-VM", Name="deep")
    assert [str(vm["State"]) for vm in inner("Get-VM")] == ["Running"]
    assert inner.session.machine == ("HV1", "HV2")


def test_turning_a_nested_host_off_turns_off_what_is_inside(nested, host):
    nested("New-VM", Name="web1")
    nested("Start-VM", Name="web1")
    host("Stop-VM", "TurnOff", Name="HV1")
    host("Start-VM", Name="HV1")
    nested.session.wait(90)
    assert nested.one("Get-VM", Name="web1")["State"] == "Off"


def test_shutting_a_nested_host_down_saves_what_is_inside_and_starts_it_again(nested, host):
    nested("New-VM", Name="web1")
    nested("Start-VM", Name="web1")
    host("Stop-VM", Name="HV1")
    host("Start-VM", Name="HV1")
    nested.session.wait(90)
    assert nested.one("Get-VM", Name="web1")["State"] == "Running"


def test_packets_obey_mac_spoofing(nested, host):
    host("New-VMSwitch", Name="Uplink", NetAdapterName="Ethernet")
    host("Connect-VMNetworkAdapter", VMName="HV1", SwitchName="Uplink")
    nested("New-VMSwitch", Name="Bridge", NetAdapterName="Ethernet")
    nested("New-VHD", "Differencing", Path=r"C:\web1.vhdx", ParentPath=r"C:\images\ws2022.vhdx")
    memory = Size.parse("1GB")
    nested(
        "New-VM",
        Name="web1",
        Generation=2,
        MemoryStartupBytes=memory,
        VHDPath=r"C:\web1.vhdx",
        SwitchName="Bridge",
    )
    nested("Start-VM", Name="web1")
    web = nested.guest("web1")
    web(
        "New-NetIPAddress",
        InterfaceAlias="Ethernet",
        IPAddress="192.0.2.21",
        PrefixLength=24,
        DefaultGateway="192.0.2.1",
    )
    assert web.one("Test-Connection", "Quiet", ComputerName="1.1.1.1")["Value"] is False
    host("Set-VMNetworkAdapter", VMName="HV1", MacAddressSpoofing="On")
    assert web.one("Test-NetConnection", ComputerName="1.1.1.1")["PingSucceeded"] is True


def test_restarting_the_host_ends_the_session_for_a_while(host):
    host("Restart-Computer", "Force")
    with pytest.raises(HostUnreachable):
        host("Get-VM")
    host.session.wait(300)
    assert host.one("Get-VM", Name="build-agent")["State"] == "Running"


def test_a_session_is_lost_when_its_guest_restarts_under_it(host):
    host.new_vm("a", start=True)
    inside = host.guest("a")
    with pytest.raises((SessionBroken, GuestUnreachable)):
        inside.session.run(
            Cmdlet("Restart-Computer", {"Force": SwitchParameter.ON}), Cmdlet("Get-NetAdapter")
        )


def test_the_world_is_the_same_after_everything_was_removed(nested, host):
    before = SimulatedHost.from_scenario("ws2022-intel").world.to_dict()
    host("Stop-VM", "TurnOff", Name="HV1")
    host("Remove-VM", "Force", Name="HV1")
    host("Remove-Item", Path=r"D:\lab\HV1.vhdx")
    host("Remove-VMSwitch", "Force", Name="Lab")
    before.pop("clock")
    assert host.world() == before


def test_flags_that_need_the_vm_off_are_refused_while_it_is_saved(host):
    host("Save-VM", Name="build-agent")
    assert (
        host.refused(
            "Set-VMProcessor", VMName="build-agent", ExposeVirtualizationExtensions=True
        ).error_id
        == "InvalidState"
    )
    host("Remove-VMSavedState", VMName="build-agent")
    host("Set-VMProcessor", VMName="build-agent", ExposeVirtualizationExtensions=True)


def test_a_running_disk_cannot_be_deleted(host):
    error = host.refused("Remove-Item", Path=r"D:\vms\build-agent\disk.vhdx")
    assert "it is being used by another process" in error.message


def test_a_path_that_is_not_there_keeps_no_other_of_the_list(host):
    for name in ("one", "two"):
        host("New-VHD", Path=rf"D:\{name}.vhdx", SizeBytes=Size.parse("1GB"))
    paths = [r"D:\one.vhdx", r"D:\gone.vhdx", r"D:\two.vhdx"]
    (error,) = host.session.run(
        Cmdlet("Remove-Item", {"LiteralPath": paths, "ErrorAction": "Continue"})
    ).errors
    assert error.error_id == "PathNotFound"
    assert [host.refused("Get-VHD", Path=path).category for path in paths] == ["ObjectNotFound"] * 3


def test_script_blocks_as_text_are_refused(host):
    error = host.refused("Invoke-Command", VMName="dc-archive", ScriptBlock="Get-VM")
    assert "ScriptBlock" in error.message


@pytest.mark.parametrize("amount", ["16MB", "1025KB", "2TB"])
def test_a_vm_is_not_made_with_an_amount_of_memory_it_could_not_be_given_later(host, amount):
    record = host.refused("New-VM", Name="a", MemoryStartupBytes=Size.parse(amount))
    assert (
        record.fully_qualified_error_id
        == "InvalidParameter,Microsoft.HyperV.PowerShell.Commands.NewVM"
    )
    assert "Invalid startup memory amount assigned" in record.message
    assert "(Virtual machine ID " in record.message


@pytest.mark.parametrize(
    ("cmdlet", "given", "name"),
    [
        ("New-VM", {"Name": "hv01", "MemoryStartupBytes": "9001MB"}, "hv01"),
        ("Set-VMMemory", {"VMName": "dc-archive", "StartupBytes": "9001MB"}, "dc-archive"),
        ("Set-VM", {"Name": "dc-archive", "MemoryStartupBytes": "9001MB"}, "dc-archive"),
        ("Set-VMMemory", {"VMName": "sql-test", "MinimumBytes": "9001MB"}, "sql-test"),
    ],
)
def test_memory_that_is_not_aligned_is_refused_in_the_words_of_windows(host, cmdlet, given, name):
    # The text of New-VM in minikube issues 6964, 6973 and 16592, with the Id of the VM.
    if name == "sql-test":
        host("Stop-VM", Name=name, TurnOff=True)
    sizes = {key: Size.parse(text) for key, text in given.items() if key.endswith("Bytes")}
    record = host.refused(cmdlet, **{**given, **sizes})
    error_id = f"InvalidParameter,Microsoft.HyperV.PowerShell.Commands.{cmdlet.replace('-', '')}"
    assert (record.category, record.fully_qualified_error_id) == ("InvalidArgument", error_id)
    first, short, failed, long = record.message.split("\n")
    assert first == "Failed to modify device 'Memory'."
    assert short == (
        f"Invalid memory value assigned for '{name}'. Memory values must be properly aligned."
    )
    start, _, identity = failed.partition(" (Virtual machine ID ")
    assert start == f"'{name}' failed to modify device 'Memory'."
    assert long == (
        f"Invalid memory value assigned for '{name}'. The memory value assigned ('9001' MB) is not "
        f"properly aligned. Try again with a memory value that is properly aligned. (Virtual machine ID {identity}"
    )
    assert explain(record).code == "memory-alignment"


def test_a_new_disk_needs_a_drive_that_is_there(host):
    record = host.refused(
        "New-VM", Name="a", NewVHDPath=r"X:\a.vhdx", NewVHDSizeBytes=Size.parse("1GB")
    )
    assert (
        record.fully_qualified_error_id
        == "ObjectNotFound,Microsoft.HyperV.PowerShell.Commands.NewVM"
    )
    assert "0x80070003" in record.message


def test_a_class_that_is_not_simulated_says_so_and_a_nonsense_class_is_none(host):
    assert (
        host.refused("Get-CimInstance", ClassName="Win32_BIOS").fully_qualified_error_id
        == "NotSimulated,Get-CimInstance"
    )
    assert host.refused("Get-CimInstance", ClassName="Nonsense").message == "Invalid class "
    assert (
        host.refused("Get-CimInstance", ClassName="Win32_DeviceGuard").message == "Invalid class "
    )  # it lives in another namespace


def test_computer_info_takes_wildcards(host):
    assert "HyperVisorPresent" in host.one("Get-ComputerInfo", Property="Hyper*").properties
    assert "CsName" not in host.one("Get-ComputerInfo", Property="Hyper*").properties


def test_an_unknown_name_and_an_address_that_does_not_answer_fail_differently(host):
    messages = [
        host.refused("Test-Connection", ComputerName=name, Count=1).message
        for name in ("nosuch", "203.0.113.9")
    ]
    assert [message.rpartition(": ")[2] for message in messages] == [
        "No such host is known",
        "Error due to lack of resources",
    ]


def test_a_wrong_prefix_length_is_named(host):
    record = host.refused(
        "New-NetIPAddress", InterfaceAlias="Ethernet", IPAddress="192.168.50.2", PrefixLength=44
    )
    assert record.message == "Invalid parameter PrefixLength 44"
