"""Any sequence of cmdlets about adapters, addresses, NATs and disks keeps the host whole; a refused one changes nothing."""

from ipaddress import IPv4Interface, IPv4Network

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.transport import connect

VMS = st.sampled_from(["dc-archive", "build-agent", "sql-test", "no-such-vm"])
ADAPTERS = st.sampled_from(["Network Adapter", "Storage"])
SWITCHES = st.sampled_from(["s", "t"])
ALIASES = st.sampled_from(["Ethernet", "vEthernet (s)", "vEthernet (t)"])
ADDRESSES = st.sampled_from(["10.1.0.1", "10.1.0.2", "10.2.0.1", "192.0.2.10"])
NATS = st.sampled_from(["n", "m"])
PREFIXES = st.sampled_from(["10.1.0.0/24", "10.1.0.0/16", "10.2.0.0/24", "192.0.2.0/24"])
PORTS = st.integers(80, 82)
DISKS = st.sampled_from([rf"D:\lab\{name}.vhdx" for name in "xyz"])


class Host(RuleBasedStateMachine):
    """The default host, with virtual machines of others on it."""

    def __init__(self):
        super().__init__()
        self.session = connect()

    @property
    def machine(self):
        return self.session.simulated_host.machine

    def world(self):
        data = self.session.simulated_host.world.to_dict()
        del data["clock"]
        return data

    def do(self, name, /, *switches, **parameters):
        """Run a cmdlet; return whether it was done. A refused one changed nothing."""
        parameters = {**dict.fromkeys(switches, SwitchParameter.ON), **parameters}
        before = self.world()
        try:
            self.session.run(Cmdlet(name, parameters))
        except CmdletError:
            assert self.world() == before, f"{name} was refused and changed something"
            return False
        return True

    @initialize()
    def begin(self):
        assert self.do("New-VMSwitch", Name="s", SwitchType="Internal")

    @rule(name=SWITCHES, kind=st.sampled_from(["Internal", "Private", "External"]))
    def new_switch(self, name, kind):
        known = {switch.name for switch in self.machine.hyper_v.switches}
        if name not in known:  # two of one name are allowed, and tested elsewhere
            self.do(
                "New-VMSwitch",
                Name=name,
                **({"NetAdapterName": "Ethernet"} if kind == "External" else {"SwitchType": kind}),
            )

    @rule(name=SWITCHES)
    def remove_switch(self, name):
        self.do("Remove-VMSwitch", "Force", Name=name)

    @rule(name=SWITCHES, value=st.booleans())
    def allow_management_os(self, name, value):
        self.do("Set-VMSwitch", Name=name, AllowManagementOS=value)

    @rule(vm=VMS, name=ADAPTERS, switch=SWITCHES)
    def add_adapter(self, vm, name, switch):
        self.do("Add-VMNetworkAdapter", VMName=vm, Name=name, SwitchName=switch)

    @rule(vm=VMS, name=ADAPTERS)
    def remove_adapter(self, vm, name):
        self.do("Remove-VMNetworkAdapter", VMName=vm, Name=name)

    @rule(vm=VMS, name=ADAPTERS, switch=SWITCHES)
    def connect_adapter(self, vm, name, switch):
        self.do("Connect-VMNetworkAdapter", VMName=vm, Name=name, SwitchName=switch)

    @rule(vm=VMS, name=ADAPTERS)
    def disconnect_adapter(self, vm, name):
        self.do("Disconnect-VMNetworkAdapter", VMName=vm, Name=name)

    @rule(vm=VMS, vlan=st.integers(0, 5000))
    def set_vlan(self, vm, vlan):
        assert self.do("Set-VMNetworkAdapterVlan", "Access", VMName=vm, VlanId=vlan) == (
            1 <= vlan <= 4094 and vm != "no-such-vm"
        )

    @rule(alias=ALIASES, address=ADDRESSES)
    def new_address(self, alias, address):
        self.do("New-NetIPAddress", InterfaceAlias=alias, IPAddress=address, PrefixLength=24)

    @rule(address=ADDRESSES)
    def remove_address(self, address):
        self.do("Remove-NetIPAddress", IPAddress=address, Confirm=SwitchParameter.OFF)

    @rule(name=NATS, prefix=PREFIXES)
    def new_nat(self, name, prefix):
        self.do("New-NetNat", Name=name, InternalIPInterfaceAddressPrefix=prefix)

    @rule(name=NATS)
    def remove_nat(self, name):
        there = any(nat.name == name for nat in self.machine.nats)
        assert self.do("Remove-NetNat", Name=name, Confirm=SwitchParameter.OFF) == there

    @rule(name=NATS, protocol=st.sampled_from(["TCP", "UDP"]), port=PORTS)
    def add_mapping(self, name, protocol, port):
        to = {"InternalIPAddress": "10.1.0.5", "InternalPort": 80}
        self.do(
            "Add-NetNatStaticMapping",
            NatName=name,
            Protocol=protocol,
            ExternalIPAddress="192.0.2.10",
            ExternalPort=port,
            **to,
        )

    @rule(path=DISKS, parent=st.none() | DISKS)
    def new_disk(self, path, parent):
        if parent:
            self.do("New-VHD", "Differencing", Path=path, ParentPath=parent)
        else:
            self.do("New-VHD", "Dynamic", Path=path, SizeBytes=Size.parse("10GB"))

    @rule(vm=VMS, path=DISKS)
    def attach_disk(self, vm, path):
        self.do("Add-VMHardDiskDrive", VMName=vm, Path=path)

    @rule(path=DISKS)
    def delete_disk(self, path):
        self.do("Remove-Item", LiteralPath=path)

    @rule(vm=VMS, verb=st.sampled_from(["Start-VM", "Save-VM", "Checkpoint-VM"]))
    def use(self, vm, verb):
        self.do(verb, Name=vm)

    @rule(vm=VMS)
    def turn_off(self, vm):
        self.do("Stop-VM", "TurnOff", Name=vm)

    @invariant()
    def every_adapter_hangs_on_a_switch_that_is_there(self):
        hyper_v = self.machine.hyper_v
        switches = {switch.id: switch.name for switch in hyper_v.switches}
        adapters = [
            *hyper_v.management_adapters,
            *(adapter for vm in hyper_v.vms for adapter in vm.settings.adapters),
        ]
        assert all(
            switches.get(adapter.switch_id, "") == adapter.switch_name for adapter in adapters
        )
        ids = [*switches, *(vm.id for vm in hyper_v.vms), *(adapter.id for adapter in adapters)]
        assert len(ids) == len(set(ids))

    @invariant()
    def windows_sees_the_adapters_on_its_switches(self):
        hyper_v = self.machine.hyper_v
        seen = {
            adapter.device_id for adapter in self.machine.adapters if adapter.kind == "management"
        }
        assert seen == {own.device_id for own in hyper_v.management_adapters}
        names = [adapter.name.lower() for adapter in self.machine.adapters]
        assert len(names) == len(set(names))
        for switch in hyper_v.switches:
            own = [
                adapter for adapter in hyper_v.management_adapters if adapter.switch_id == switch.id
            ]
            assert switch.switch_type == "External" or bool(own) == (
                switch.switch_type == "Internal"
            )

    @invariant()
    def no_address_is_there_twice(self):
        addresses = [
            address.address for adapter in self.machine.adapters for address in adapter.ip.addresses
        ]
        assert len(addresses) == len(set(addresses))

    @invariant()
    def an_adapter_that_a_switch_has_taken_answers_no_address(self):
        taken = {adapter.name for adapter in self.machine.adapters if adapter.bound_switch}
        assert not taken & {
            record["InterfaceAlias"] for record in self.session.run(Cmdlet("Get-NetIPAddress"))
        }

    @invariant()
    def nats_do_not_overlap(self):
        nats = self.machine.nats
        prefixes = [IPv4Network(nat.internal_prefix) for nat in nats]
        assert not any(
            one.overlaps(other) for i, one in enumerate(prefixes) for other in prefixes[:i]
        )
        mappings = [
            (own.protocol, own.external_address, own.external_port)
            for nat in nats
            for own in nat.mappings
        ]
        assert len(mappings) == len(set(mappings))
        assert all(
            IPv4Interface(own.internal_address) in prefix
            for nat, prefix in zip(nats, prefixes, strict=True)
            for own in nat.mappings
        )

    @invariant()
    def what_runs_has_its_disks(self):
        for vm in self.machine.hyper_v.vms:
            places = [
                (d.controller_type, d.controller_number, d.controller_location)
                for d in vm.settings.drives
            ]
            assert len(places) == len(set(places))
            if vm.is_powered_on:
                assert all(self.whole(drive.path) for drive in vm.settings.drives if drive.path)

    def whole(self, path):
        while path:
            file = self.machine.file(path)
            if file is None:
                return False
            path = file.parent
        return True

    @invariant()
    def it_survives_being_written(self):
        world = self.session.simulated_host.world
        again = type(world).from_dict(world.to_dict(), type(world.clock)())
        assert again.to_dict() == world.to_dict()


Host.TestCase.settings = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAnySequenceKeepsTheNetworkWhole = Host.TestCase


def test_a_running_vm_takes_no_disk_whose_parent_is_gone():
    host = Host()
    host.do("New-VHD", "Dynamic", Path=r"D:\lab\x.vhdx", SizeBytes=Size.parse("10GB"))
    host.do("New-VHD", "Differencing", Path=r"D:\lab\y.vhdx", ParentPath=r"D:\lab\x.vhdx")
    host.do("Remove-Item", LiteralPath=r"D:\lab\x.vhdx")
    assert not host.do("Add-VMHardDiskDrive", VMName="build-agent", Path=r"D:\lab\y.vhdx")
    assert host.do("Add-VMHardDiskDrive", VMName="dc-archive", Path=r"D:\lab\y.vhdx")
