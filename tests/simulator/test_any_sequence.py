"""Any sequence of cmdlets keeps the host whole, and agrees with a naive model of VMs and switches."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.simulator.behaviour.start_conditions import available_memory
from nestlab.transport import connect

NAMES = st.sampled_from(["a", "b", "c"])
SWITCHES = st.sampled_from(["s", "t"])
SIZES = st.sampled_from(["1GB", "30GB", "61GB"])


class Host(RuleBasedStateMachine):
    """The simulated host beside a naive model: VM names with state, memory and switch; switch names with type."""

    def __init__(self):
        super().__init__()
        self.session = connect()
        for name in ("dc-archive", "build-agent", "sql-test"):
            self.run("Stop-VM", "TurnOff", Name=name)
            self.run("Remove-VM", "Force", Name=name)
        self.vms = {}
        self.switches = {}
        self.new_switch("s", "Internal")
        self.new_vm("a", "30GB", "s")
        self.new_vm("b", "61GB", None)

    def run(self, name, /, *switches, **parameters):
        parameters = {**dict.fromkeys(switches, SwitchParameter.ON), **parameters}
        before = self.world()
        try:
            return list(self.session.run(Cmdlet(name, parameters)))
        except CmdletError:
            assert self.world() == before, f"{name} was refused and changed something"
            return None

    def world(self):
        data = self.session.simulated_host.world.to_dict()
        del data["clock"]
        return data

    @rule(name=NAMES, size=SIZES, switch=st.none() | SWITCHES)
    def new_vm_by_rule(self, name, size, switch):
        self.new_vm(name, size, switch)

    def new_vm(self, name, size, switch):
        if name in self.vms:
            return
        more = {"SwitchName": switch} if switch else {}
        done = self.run(
            "New-VM", Name=name, Generation=2, MemoryStartupBytes=Size.parse(size), **more
        )
        assert (done is not None) == (switch is None or switch in self.switches)
        if done is not None:
            self.vms[name] = {"state": "Off", "memory": Size.parse(size), "switch": switch}

    @rule(name=NAMES)
    def start_vm(self, name):
        used = sum(vm["memory"] for vm in self.vms.values() if vm["state"] == "Running")
        vm = self.vms.get(name)
        fits = vm is not None and (vm["state"] == "Running" or used + vm["memory"] <= 62 << 30)
        assert (self.run("Start-VM", Name=name) is not None) == fits
        if fits:
            vm["state"] = "Running"

    @rule(name=NAMES)
    def turn_off(self, name):
        saved = name in self.vms and self.vms[name]["state"] == "Saved"
        assert (self.run("Stop-VM", "TurnOff", Name=name) is not None) == (
            name in self.vms and not saved
        )
        if name in self.vms and not saved:
            self.vms[name]["state"] = "Off"

    @rule(name=NAMES)
    def save_vm(self, name):
        possible = name in self.vms and self.vms[name]["state"] != "Off"
        assert (self.run("Save-VM", Name=name) is not None) == possible
        if possible:
            self.vms[name]["state"] = "Saved"

    @rule(name=NAMES)
    def remove_vm(self, name):
        possible = name in self.vms and self.vms[name]["state"] != "Running"
        assert (self.run("Remove-VM", "Force", Name=name) is not None) == possible
        if possible:
            del self.vms[name]

    @rule(name=SWITCHES, kind=st.sampled_from(["Internal", "Private", "External"]))
    def new_switch_by_rule(self, name, kind):
        self.new_switch(name, kind)

    def new_switch(self, name, kind):
        if name in self.switches:
            return
        how = {"NetAdapterName": "Ethernet"} if kind == "External" else {"SwitchType": kind}
        free = kind != "External" or "External" not in self.switches.values()
        assert (self.run("New-VMSwitch", Name=name, **how) is not None) == free
        if free:
            self.switches[name] = kind

    @rule(name=SWITCHES)
    def remove_switch(self, name):
        in_use = any(vm["switch"] == name and vm["state"] != "Off" for vm in self.vms.values())
        possible = name in self.switches and not in_use
        assert (self.run("Remove-VMSwitch", "Force", Name=name) is not None) == possible
        if possible:
            del self.switches[name]
            for vm in self.vms.values():
                vm["switch"] = None if vm["switch"] == name else vm["switch"]

    @rule(name=NAMES, switch=SWITCHES)
    def connect_adapter(self, name, switch):
        possible = name in self.vms and switch in self.switches
        assert (
            self.run("Connect-VMNetworkAdapter", VMName=name, SwitchName=switch) is not None
        ) == possible
        if possible:
            self.vms[name]["switch"] = switch

    @rule(name=NAMES)
    def checkpoint(self, name):
        assert (self.run("Checkpoint-VM", Name=name) is not None) == (name in self.vms)

    @rule(name=NAMES, value=st.booleans())
    def expose(self, name, value):
        possible = name in self.vms and self.vms[name]["state"] == "Off"
        assert (
            self.run("Set-VMProcessor", VMName=name, ExposeVirtualizationExtensions=value)
            is not None
        ) == possible

    @invariant()
    def agrees_with_the_model(self):
        assert {vm["Name"]: str(vm["State"]) for vm in self.run("Get-VM")} == {
            name: vm["state"] for name, vm in self.vms.items()
        }
        assert {s["Name"]: str(s["SwitchType"]) for s in self.run("Get-VMSwitch")} == self.switches
        adapters = {
            a["VMName"]: a["SwitchName"]
            for a in self.run("Get-VMNetworkAdapter", "All")
            if a.get("VMName")
        }
        assert adapters == {name: vm["switch"] for name, vm in self.vms.items()}

    @invariant()
    def is_whole(self):
        machine = self.session.simulated_host.machine
        hyper_v = machine.hyper_v
        switches = {switch.id for switch in hyper_v.switches}
        adapters = [
            *hyper_v.management_adapters,
            *(adapter for vm in hyper_v.vms for adapter in vm.settings.adapters),
        ]
        assert all(not adapter.switch_id or adapter.switch_id in switches for adapter in adapters)
        ids = [*switches, *(vm.id for vm in hyper_v.vms), *(adapter.id for adapter in adapters)]
        assert len(ids) == len(set(ids))
        assert available_memory(machine) >= 0
        addresses = [
            address.address for adapter in machine.adapters for address in adapter.ip.addresses
        ]
        assert addresses == ["192.0.2.10"]
        uplinks = [adapter.bound_switch for adapter in machine.adapters if adapter.bound_switch]
        assert uplinks == [
            switch.id for switch in hyper_v.switches if switch.switch_type == "External"
        ]


Host.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAnySequenceKeepsTheHostWhole = Host.TestCase
