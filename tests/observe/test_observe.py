import pytest

import nestlab
from nestlab.model import Cmdlet, EnumValue, ErrorRecord, Outcome, Record, SwitchParameter
from nestlab.model.state import Unread, VlanState
from nestlab.observe import observe, observe_all


class Counting:
    """A session that counts its runs."""

    def __init__(self, inner):
        self._inner, self.runs = inner, []

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def run(self, *statements, **options):
        self.runs.append(statements)
        return self._inner.run(*statements, **options)


class Answering:
    """A session that answers from records: by cmdlet, or with an error."""

    host, machine = "test", ()

    def __init__(self, **answers):
        self._answers = {name.replace("_", "-"): answer for name, answer in answers.items()}

    def run(self, *statements, **_options):
        given = [self._answers.get(statement.name, []) for statement in statements]
        errors = tuple(answer for answer in given if isinstance(answer, ErrorRecord))
        return Outcome(
            tuple(record for answer in given if isinstance(answer, list) for record in answer),
            errors,
        )


def record(type_name, **properties):
    return Record((f"Deserialized.Microsoft.HyperV.PowerShell.{type_name}",), properties)


HOST = [record("VMHost", VirtualHardDiskPath=r"D:\VHD", LogicalProcessorCount=8)]
FEATURE = [
    Record(
        ("Deserialized.Microsoft.Windows.ServerManager.Commands.Feature",),
        {"Name": "Hyper-V", "InstallState": EnumValue("Installed", 1)},
    )
]


def statements_for(count):
    session = Counting(nestlab.connect())
    for number in range(count):
        session._inner.run(Cmdlet("New-VM", {"Name": f"vm{number}", "NoVHD": SwitchParameter.ON}))
    assert len(observe(session, disk_paths=[r"D:\nothing.vhdx"]).hyper_v.vms) == count + 3
    return [len(run) for run in session.runs]


def test_the_number_of_calls_does_not_grow_with_the_number_of_vms():
    assert statements_for(0) == statements_for(40)
    assert len(statements_for(40)) == 4


def test_only_disks_that_exist_are_there():
    state = observe(nestlab.connect(), disk_paths=[r"D:\IMAGES\ws2022.vhdx", r"D:\nothing.vhdx"])
    assert state.hyper_v.existing_disks == {r"d:\images\ws2022.vhdx"}


def test_what_is_on_the_default_host():
    state = observe(nestlab.connect())
    assert [(vm.name, vm.state, vm.dynamic_memory_enabled) for vm in state.hyper_v.vms] == [
        ("dc-archive", "Off", False),
        ("build-agent", "Running", False),
        ("sql-test", "Off", True),
    ]
    assert (state.computer.build, state.computer.hypervisor_present, state.unread) == (
        20348,
        True,
        (),
    )
    assert str(state.ip_interfaces[0].gateway) == "192.0.2.1"


def test_devices_belong_to_their_vm_by_id_because_names_are_not_unique():
    vms = [
        record(
            "VirtualMachine",
            Id=f"0000000{n}-0000-0000-0000-000000000000",
            Name="same",
            State=EnumValue("Off", 3),
        )
        for n in (1, 2)
    ]
    memory = [
        record(
            "VMMemory",
            VMId=f"0000000{n}-0000-0000-0000-000000000000",
            VMName="same",
            Startup=n << 30,
        )
        for n in (2, 1)
    ]
    state = observe(
        Answering(Get_WindowsFeature=FEATURE, Get_VMHost=HOST, Get_VM=vms, Get_VMMemory=memory)
    )
    assert [str(vm.memory_startup) for vm in state.hyper_v.vms] == ["1GB", "2GB"]


def test_enums_are_read_by_name_whether_they_come_as_name_number_or_text():
    adapters = [
        record("VMNetworkAdapter", VMId="1", Id=f"a{n}", Name=f"a{n}", MacAddressSpoofing=value)
        for n, value in enumerate([EnumValue("On", 0), 0, "On", EnumValue("Off", 1), 1, "Off"])
    ]
    vm = [record("VirtualMachine", Id="1", Name="a", State=2)]
    state = observe(
        Answering(
            Get_WindowsFeature=FEATURE, Get_VMHost=HOST, Get_VM=vm, Get_VMNetworkAdapter=adapters
        )
    )
    assert [a.mac_address_spoofing for a in state.hyper_v.vms[0].network_adapters[:6]] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    assert state.hyper_v.vms[0].state == "Running"


def test_the_state_of_an_address_is_read_as_name_or_number():
    def of_network(kind, **properties):
        name = f"Deserialized.Microsoft.Management.Infrastructure.CimInstance#root/StandardCimv2/{kind}"
        return Record((name,), {"InterfaceAlias": "Ethernet", "InterfaceIndex": 7, **properties})

    given = [EnumValue("Duplicate", 2), 2, 1, EnumValue("Preferred", 4), 4, 3]
    own = [
        of_network(
            "MSFT_NetIPAddress", IPAddress=f"10.0.0.{n}", PrefixLength=24, AddressState=value
        )
        for n, value in enumerate(given, 1)
    ]
    answers = {"Get-NetIPInterface": [of_network("MSFT_NetIPInterface")], "Get-NetIPAddress": own}
    (found,) = observe(Answering(**answers)).ip_interfaces
    assert [str(address) for address in found.duplicates] == ["10.0.0.1/24", "10.0.0.2/24"]
    assert [(str(address.ip), state) for address, state in found.address_states[2:]] == [
        ("10.0.0.3", "Tentative"),
        ("10.0.0.6", "Deprecated"),
    ]
    assert len(found.ip_addresses) == len(given)


def test_vlan_settings_find_their_adapter_by_the_properties_that_travel_with_them():
    host = nestlab.connect()
    host.run(
        Cmdlet(
            "Set-VMNetworkAdapterVlan",
            {
                "VMName": "dc-archive",
                "Trunk": SwitchParameter.ON,
                "AllowedVlanIdList": "10-12,20",
                "NativeVlanId": 1,
            },
        )
    )
    (adapter,) = observe(host).hyper_v.vms[0].network_adapters
    assert adapter.vlan == VlanState(
        operation_mode="Trunk", native_vlan_id=1, allowed_vlan_ids=(range(10, 13), 20)
    )


@pytest.mark.parametrize(
    ("parameters", "secondary"),
    [
        ({"Isolated": SwitchParameter.ON, "SecondaryVlanId": 200}, (200,)),
        ({"Promiscuous": SwitchParameter.ON, "SecondaryVlanIdList": "200-203"}, (range(200, 204),)),
    ],
)
def test_private_vlans_are_read_whole(parameters, secondary):
    host = nestlab.connect()
    by = {"VMName": "dc-archive", "PrimaryVlanId": 10}
    host.run(Cmdlet("Set-VMNetworkAdapterVlan", by | parameters))
    (adapter,) = observe(host).hyper_v.vms[0].network_adapters
    assert adapter.vlan == VlanState(
        operation_mode="Private",
        private_vlan_mode=next(iter(parameters)),
        primary_vlan_id=10,
        secondary_vlan_ids=secondary,
    )


def test_what_cannot_be_read_is_said_in_the_hosts_own_words():
    invalid = ErrorRecord("Invalid class", "MetadataError", "HRESULT 0x80041010,Get-NetNat")
    state = observe(Answering(Get_WindowsFeature=FEATURE, Get_VMHost=HOST, Get_NetNat=invalid))
    assert state.unread == (Unread(what="Get-NetNat", error="Invalid class"),)


@pytest.mark.parametrize(
    ("error_id", "what"),
    [
        ("ObjectNotFound,Microsoft.HyperV.PowerShell.Commands.GetVMSwitch", "Get-VMSwitch"),
        (
            "HRESULT 0x80041003,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand",
            "Get-CimInstance",
        ),
        ("Windows System Error 5,Get-NetNat", "Get-NetNat"),
    ],
)
def test_the_cmdlet_is_named_as_people_know_it(error_id, what):
    state = observe(Answering(Get_CimInstance=ErrorRecord("no", "PermissionDenied", error_id)))
    assert state.unread[0].what == what


def test_a_missing_module_is_said_once():
    missing = ErrorRecord(
        "The term is not recognized", "ObjectNotFound", "CommandNotFoundException", "Get-VMHost"
    )
    state = observe(Answering(Get_VMHost=missing, Get_VM=missing, Get_VMSwitch=missing))
    assert [item.what for item in state.unread] == ["Get-VMHost"]


def test_without_the_role_there_is_no_hyper_v():
    nothing = [
        Record(
            ("Microsoft.Windows.ServerManager.Commands.Feature",),
            {"Name": "Hyper-V", "InstallState": EnumValue("Available", 0)},
        )
    ]
    state = observe(Answering(Get_WindowsFeature=nothing))
    assert state.hyper_v is None
    assert state.features == frozenset()


def test_guests_that_do_not_answer_are_missing():
    topology = nestlab.loads(
        "name: x\nvms: [{name: build-agent, guest: {os: windows, credential: c}}, {name: gone, guest: {os: windows, credential: c}}]"
    )
    assert ("gone",) not in observe_all(nestlab.connect(), topology)


class Unselected(Counting):
    """A session that gets the whole objects, whatever is selected of them."""

    def run(self, *statements, **options):
        whole = [
            Cmdlet(statement.name, statement.parameters)
            if statement.pipe_to is not None
            and "ExpandProperty" not in statement.pipe_to.parameters
            else statement
            for statement in statements
        ]
        return super().run(*whole, **options)


@pytest.mark.parametrize("scenario", ["busy-host", "old-vms", "ws2022-intel"])
def test_what_is_asked_of_an_object_is_all_that_is_read_of_it(scenario):
    session = nestlab.connect(f"sim:{scenario}")
    session.run(
        Cmdlet(
            "New-VM",
            {
                "Name": "with-a-disk",
                "NewVHDPath": r"D:\with.vhdx",
                "NewVHDSizeBytes": 1 << 30,
                "Generation": 2,
            },
        )
    )
    session.run(
        Cmdlet(
            "Set-VMNetworkAdapterVlan",
            {"VMName": "with-a-disk", "Access": SwitchParameter.ON, "VlanId": 7},
        )
    )
    assert observe(session).hyper_v == observe(Unselected(session)).hyper_v
