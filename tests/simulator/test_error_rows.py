"""One test a row of the table of errors: text, category, id, and that a refused cmdlet changes nothing."""

import pytest

from nestlab.model import Cmdlet, Size, Switch

HV = "Microsoft.HyperV.PowerShell.Commands."
IN_USE = "being used by running virtual machines or assigned to child pools"


def test_get_vm_missing(host):
    error = host.refused("Get-VM", Name="N1")
    assert error.message == 'Hyper-V was unable to find a virtual machine with name "N1".'
    assert (error.category, error.fully_qualified_error_id, error.target) == ("InvalidArgument", f"InvalidParameter,{HV}GetVM", "N1")


def test_other_cmdlet_vm_name_missing(host):
    error = host.refused("Set-VMProcessor", VMName="N1", Count=2)
    assert error.message == 'Hyper-V was unable to find a virtual machine with name "N1".'
    assert (error.category, error.fully_qualified_error_id) == ("ObjectNotFound", f"ObjectNotFound,{HV}SetVMProcessor")


def test_get_vm_switch_name_missing(host):
    error = host.refused("Get-VMSwitch", Name="X")
    assert error.message == 'Hyper-V was unable to find a virtual switch with name "X".'
    assert (error.category, error.fully_qualified_error_id) == ("InvalidArgument", f"InvalidParameter,{HV}GetVMSwitch")


@pytest.mark.parametrize(
    ("cmdlet", "parameters", "name"),
    [
        ("New-VM", {"Name": "a", "SwitchName": "X"}, "NewVM"),
        ("Connect-VMNetworkAdapter", {"VMName": "dc-archive", "SwitchName": "X"}, "ConnectVMNetworkAdapter"),
    ],
)
def test_missing_switch(host, cmdlet, parameters, name):
    error = host.refused(cmdlet, **parameters)
    assert error.message == 'Hyper-V was unable to find a virtual switch with name "X".'
    assert (error.category, error.fully_qualified_error_id) == ("InvalidArgument", f"InvalidParameter,{HV}{name}")


def test_get_vm_switch_id_missing(host):
    error = host.refused("Get-VMSwitch", Id="c08cb7b8-9b3c-408e-8e30-5e16a3aeb444")
    assert error.message == "No Ethernet switch could be found matching the specified criteria."
    assert (error.category, error.fully_qualified_error_id) == ("ObjectNotFound", f"ObjectNotFound,{HV}GetVMSwitch")


def test_connect_vm_network_adapter_no_adapter(host):
    host("New-VMSwitch", Name="S", SwitchType="Private")
    error = host.refused("Connect-VMNetworkAdapter", VMName="dc-archive", Name="nope", SwitchName="S")
    assert error.message == "No network adapter was found with the given criteria."
    assert (error.category, error.fully_qualified_error_id) == ("ObjectNotFound", f"ObjectNotFound,{HV}ConnectVMNetworkAdapter")


def test_vmms_stopped(host):
    host("Stop-Service", Name="vmms")
    error = host.refused("Get-VM")
    assert error.message.startswith("Hyper-V encountered an error trying to access an object on computer 'HV01' because")
    assert (error.category, error.fully_qualified_error_id) == ("ObjectNotFound", f"ObjectNotFound,{HV}GetVM")
    host("Start-Service", Name="vmms")
    assert len(host("Get-VM")) == 3


@pytest.mark.parametrize(("cmdlet", "vm"), [("Start-VM", "build-agent"), ("Stop-VM", "dc-archive")])
def test_already_in_state_is_a_warning(host, cmdlet, vm):
    outcome = host.session.run(Cmdlet(cmdlet, {"Name": vm}))
    assert outcome.warnings == ("The virtual machine is already in the specified state.",)


def test_set_vm_memory_bad_state(host):
    identity = str(host.one("Get-VM", Name="build-agent")["Id"]).upper()
    error = host.refused("Set-VMMemory", VMName="build-agent", DynamicMemoryEnabled=True)
    assert f"'build-agent' failed to modify device 'Memory'. (Virtual machine ID {identity})" in error.message
    assert (error.category, error.fully_qualified_error_id) == ("InvalidOperation", f"InvalidState,{HV}SetVMMemory")


@pytest.mark.parametrize("setting", [{"ExposeVirtualizationExtensions": True}, {"Count": 8}])
def test_set_vm_processor_while_running(host, setting):
    error = host.refused("Set-VMProcessor", VMName="build-agent", **setting)
    assert error.message.startswith("Failed to modify device 'Processor'.")
    assert error.message.endswith("The operation cannot be performed while the virtual machine is in its current state.")
    assert (error.category, error.fully_qualified_error_id) == ("InvalidOperation", f"InvalidState,{HV}SetVMProcessor")


def test_remove_vm_while_running(host):
    error = host.refused("Remove-VM", "Force", Name="build-agent")
    assert "The operation cannot be performed while the virtual machine is in its current state." in error.message
    assert (error.category, error.fully_qualified_error_id) == ("InvalidOperation", f"InvalidState,{HV}RemoveVM")


def test_hw_thread_count_per_core_out_of_range(host):
    error = host.refused("Set-VMProcessor", VMName="dc-archive", HwThreadCountPerCore=4)
    assert "The range is 1 through 2." in error.message
    assert error.category == "InvalidArgument"


def test_start_vm_memory(host):
    host.new_vm("Big", memory="60GB", parent=None)
    error = host.refused("Start-VM", Name="Big")
    assert error.message == (
        "'Big' failed to start. Not enough memory in the system to start the virtual machine Big. "
        "Could not initialize memory: Not enough memory resources are available to complete this operation. (0x8007000E)."
    )
    assert (error.category, error.fully_qualified_error_id) == ("FromStdErr", f"OutOfMemory,{HV}StartVM")


def test_start_vm_hypervisor_off(nested, host):
    nested("New-VM", Name="web1", MemoryStartupBytes=Size.parse("1GB"))
    host("Stop-VM", "TurnOff", Name="HV1")
    host("Set-VMProcessor", VMName="HV1", ExposeVirtualizationExtensions=False)
    host("Start-VM", Name="HV1")
    nested.session.wait(90)
    error = nested.refused("Start-VM", Name="web1")
    assert "Virtual machine 'web1' could not be started because the hypervisor is not running." in error.message
    assert error.fully_qualified_error_id == f"OperationFailed,{HV}StartVM"


def test_new_vm_switch_unknown_adapter_name(host):
    error = host.refused("New-VMSwitch", Name="S", NetAdapterName="Nope")
    assert error.message == "Cannot find a physical network adapter named Nope."


def test_new_vm_switch_adapter_already_bound(host):
    host("New-VMSwitch", Name="One", NetAdapterName="Ethernet")
    error = host.refused("New-VMSwitch", Name="Two", NetAdapterName="Ethernet")
    assert (error.category, error.fully_qualified_error_id) == ("ResourceBusy", f"ObjectInUse,{HV}NewVMSwitch")


def test_new_vm_switch_switch_type_external(host):
    error = host.refused("New-VMSwitch", Name="S", SwitchType="External")
    assert "Internal,Private" in error.message.replace(", ", ",")
    assert (error.category, error.error_id) == ("InvalidData", "ParameterArgumentValidationError")


def test_remove_vm_switch_in_use(host):
    host("New-VMSwitch", Name="S", SwitchType="Private")
    host("Connect-VMNetworkAdapter", VMName="build-agent", SwitchName="S")
    error = host.refused("Remove-VMSwitch", "Force", Name="S")
    assert IN_USE in error.message
    assert (error.category, error.fully_qualified_error_id) == ("ResourceBusy", f"ObjectInUse,{HV}RemoveVMSwitch")


def test_add_vm_hard_disk_drive_twice(host):
    error = host.refused("Add-VMHardDiskDrive", VMName="dc-archive", Path=r"D:\vms\dc-archive\disk.vhdx")
    assert error.message == r"Cannot add 'D:\vms\dc-archive\disk.vhdx'. The disk is already connected to the virtual machine 'dc-archive'."
    assert (error.category, error.fully_qualified_error_id) == ("InvalidArgument", f"InvalidParameter,{HV}AddVMHardDiskDrive")


def test_new_vhd_exists(host):
    error = host.refused("New-VHD", "Dynamic", Path=r"D:\images\ws2022.vhdx", SizeBytes=Size.parse("60GB"))
    assert error.message.endswith("The file exists. (0x80070050).")
    assert (error.category, error.fully_qualified_error_id) == ("NotSpecified", "OperationFailed,Microsoft.Vhd.PowerShell.Cmdlets.NewVhd")


def test_new_vhd_parent_missing(host):
    error = host.refused("New-VHD", "Differencing", Path=r"D:\lab\a.vhdx", ParentPath=r"D:\images\nope.vhdx")
    assert "(0x80070002)" in error.message


def test_ide_disk_on_generation_2(host):
    error = host.refused("Add-VMHardDiskDrive", VMName="dc-archive", ControllerType="IDE", Path=r"D:\images\ws2022.vhdx")
    assert "Generation 2" in error.message


@pytest.mark.parametrize("prefix", ["192.0.2.0/24", "192.0.0.0/16", "192.168.100.0/25", "192.168.0.0/16", "nonsense"])
def test_new_net_nat_overlap(host, prefix):
    host("New-VMSwitch", Name="Lab", SwitchType="Internal")
    host("New-NetIPAddress", InterfaceAlias="vEthernet (Lab)", IPAddress="192.168.100.1", PrefixLength=24)
    host("New-NetNat", Name="first", InternalIPInterfaceAddressPrefix="192.168.100.0/24")
    error = host.refused("New-NetNat", Name="second", InternalIPInterfaceAddressPrefix=prefix)
    assert (error.message, error.category) == ("The parameter is incorrect.", "InvalidArgument")
    assert error.fully_qualified_error_id == "Windows System Error 87,New-NetNat"
    assert error.target == "MSFT_NetNat:root/StandardCimv2/MSFT_NetNat"


def test_new_net_nat_second_below_build_20348(host):
    host("New-NetNat", Name="a", InternalIPInterfaceAddressPrefix="10.1.0.0/24")
    host.session.simulated_host.machine.operating_system.build = 17763
    error = host.refused("New-NetNat", Name="b", InternalIPInterfaceAddressPrefix="10.2.0.0/24")
    assert error.fully_qualified_error_id == "Windows System Error 87,New-NetNat"


def test_new_net_nat_second_from_build_20348(host):
    host("New-NetNat", Name="a", InternalIPInterfaceAddressPrefix="10.1.0.0/24")
    host("New-NetNat", Name="b", InternalIPInterfaceAddressPrefix="10.2.0.0/24")
    assert [nat["Name"] for nat in host("Get-NetNat")] == ["a", "b"]


def test_new_net_nat_same_name(host):
    host("New-NetNat", Name="a", InternalIPInterfaceAddressPrefix="10.1.0.0/24")
    error = host.refused("New-NetNat", Name="A", InternalIPInterfaceAddressPrefix="10.2.0.0/24")
    assert error.message.startswith("You were not connected because a duplicate name exists on the network.")
    assert (error.category, error.fully_qualified_error_id) == ("NotSpecified", "Windows System Error 52,New-NetNat")


def test_win_nat_absent(host):
    host.new_vm("plain", start=True)
    error = host.guest("plain").refused("Get-NetNat")
    assert (error.message, error.category) == ("Invalid class", "MetadataError")
    assert error.fully_qualified_error_id == "HRESULT 0x80041010,Get-NetNat"


def test_add_net_nat_static_mapping_port_taken(host):
    host("New-NetNat", Name="a", InternalIPInterfaceAddressPrefix="10.1.0.0/24")
    mapping = {"NatName": "a", "ExternalIPAddress": "192.0.2.10", "ExternalPort": 80, "InternalIPAddress": "10.1.0.5", "InternalPort": 80}
    host("Add-NetNatStaticMapping", Protocol="TCP", **mapping)
    host("Add-NetNatStaticMapping", Protocol="UDP", **mapping)
    error = host.refused("Add-NetNatStaticMapping", Protocol="TCP", **mapping)
    assert error.message == "The process cannot access the file because it is being used by another process."
    assert error.fully_qualified_error_id == "Windows System Error 32,Add-NetNatStaticMapping"


def test_new_net_ip_address_duplicate(host):
    error = host.refused("New-NetIPAddress", InterfaceAlias="Ethernet", IPAddress="192.0.2.10", PrefixLength=24)
    assert error.message == "The object already exists."
    assert error.fully_qualified_error_id == "Windows System Error 5010,New-NetIPAddress"


def test_second_default_gateway(host):
    address = {"InterfaceAlias": "Ethernet", "IPAddress": "192.0.2.12", "PrefixLength": 24}
    assert host.refused("New-NetIPAddress", DefaultGateway="192.0.2.1", **address).message == "Instance DefaultGateway already exists"


def test_get_net_adapter_missing(host):
    error = host.refused("Get-NetAdapter", Name="X")
    assert error.message == (
        "No MSFT_NetAdapter objects found with property 'Name' equal to 'X'.  Verify the value of the property and retry."
    )
    assert (error.category, error.target) == ("ObjectNotFound", "X")
    assert error.fully_qualified_error_id == "CmdletizationQuery_NotFound_Name,Get-NetAdapter"


def test_remove_net_ip_address_no_match(host):
    error = host.refused("Remove-NetIPAddress", IPAddress="10.9.9.9", Confirm=Switch.OFF)
    assert error.message.startswith("No matching MSFT_NetIPAddress objects found by CIM query")
    assert (error.category, error.fully_qualified_error_id) == ("ObjectNotFound", "CmdletizationQuery_NotFound,Remove-NetIPAddress")


def test_install_windows_feature_hyper_v_without_extensions(host):
    host.new_vm("plain", memory="4GB", start=True)
    error = host.guest("plain").refused("Install-WindowsFeature", "IncludeManagementTools", Name="Hyper-V")
    assert error.message.startswith("A prerequisite check for the Hyper-V feature failed.")
    assert error.category == "InvalidOperation"
    assert error.fully_qualified_error_id == (
        "Alteration_PrerequisiteCheck_Failed,Microsoft.Windows.ServerManager.Commands.AddWindowsFeatureCommand"
    )


def test_dism_unknown_feature(host):
    error = host.refused("Get-WindowsOptionalFeature", "Online", FeatureName="Microsoft-Hyper-V-All")
    assert error.message == "Feature name Microsoft-Hyper-V-All is unknown."
    assert (error.category, error.fully_qualified_error_id) == ("NotSpecified", "Microsoft.Dism.Commands.GetWindowsOptionalFeatureCommand")
