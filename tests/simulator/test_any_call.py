"""Whatever is typed to a simulated cmdlet ends in its outcome or in a PowerShell error, and the host still answers."""

import random
from uuid import UUID

import pytest

from nestlab.model import Secret, SwitchParameter
from nestlab.simulator.cmdlets.registry import handlers
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.binding.signatures import signature
from nestlab.simulator.powershell.call import Call, CollectingSink, PowerShellError
from nestlab.simulator.powershell.commands.object_cmdlets import OBJECT_CMDLETS
from nestlab.simulator.runspace import HostDown, Runspace

COMMANDS = [signature(name) for name in sorted({*handlers(), *OBJECT_CMDLETS, "Get-Command"})]
ODD = [
    None,
    "",
    [],
    ["", None],
    -1,
    2**40,
    1.5,
    True,
    "x",
    SwitchParameter.ON,
    SwitchParameter.OFF,
    Secret("x"),
    {"a": 1},
    [1, "x"],
    UUID(int=5),
    "*",
    "[",
    "`",
]
NAMES = [
    "build-agent",
    "dc-archive",
    "Lab",
    "Ext",
    "nat",
    "s",
    "Hyper-V",
    "DHCP",
    "*",
    "Network Adapter",
    "Ethernet",
    "vmms",
    "no-such-vm",
]
PATHS = [
    r"D:\images\ws2022.vhdx",
    r"D:\new.vhdx",
    r"D:\new.vhd",
    r"D:\vms",
    r"D:\a.iso",
    "rel.vhdx",
    "Q:\\x",
    "HKLM:\\x",
]
ADDRESSES = [
    "10.0.0.1",
    "192.0.2.10",
    "192.0.2.1",
    "fe80::1",
    "10.0.0.0/24",
    "10.0.0.7/33",
    "0.0.0.0/0",
    "255.255.255.0",
    "x",
]
NUMBERS = [0, 1, 2, 5, 24, 64, 100, 4096, 33 << 20, 4 << 30, 2**31 - 1, 2**62, "4GB"]
OF_TYPE = {
    "Boolean": [True, False],
    "Guid": [str(UUID(int=1))],
    "IPAddress": ["10.0.0.1", "10.0.0.200", "255.255.255.0", "0.0.0.255", "::1"],
    "SwitchParameter": [SwitchParameter.ON, SwitchParameter.OFF],
    "TimeSpan": ["00:01:00", "1.00:00:00"],
    "Version": ["9.0", "10.0", "99.1"],
    "ActionPreference": ["Stop", "Continue", "SilentlyContinue", "Ignore"],
    **dict.fromkeys(
        ("Byte", "Double", "Int16", "Int32", "Int64", "UInt16", "UInt32", "UInt64"), NUMBERS
    ),
}
LIVE = {
    "VirtualMachine": Call("Get-VM"),
    "VMSwitch": Call("Get-VMSwitch"),
    "HardDiskDrive": Call("Get-VMHardDiskDrive", (("VMName", "*"),)),
    "VMNetworkAdapter": Call("Get-VMNetworkAdapter", (("VMName", "*"),)),
    "VMNetworkAdapterBase": Call("Get-VMNetworkAdapter", (("All", SwitchParameter.ON),)),
    "VMProcessor": Call("Get-VMProcessor", (("VMName", "*"),)),
    "VMMemory": Call("Get-VMMemory", (("VMName", "*"),)),
    "VMFirmware": Call("Get-VMFirmware", (("VMName", "*"), ("ErrorAction", "Ignore"))),
    "VMDriveController": Call("Get-VMScsiController", (("VMName", "*"),)),
    "VMIntegrationComponent": Call("Get-VMIntegrationService", (("VMName", "*"),)),
    "VMSnapshot": Call("Get-VMSnapshot", (("VMName", "*"),)),
}
SOURCES = [
    *LIVE.values(),
    Call("Get-NetAdapter"),
    Call("Get-NetIPAddress"),
    Call("Get-Service"),
    Call("Get-NetNat"),
]
PREPARED = [
    Call("New-VMSwitch", (("Name", "Lab"), ("SwitchType", "Internal"))),
    Call("New-VMSwitch", (("Name", "Ext"), ("NetAdapterName", "Ethernet"))),
    Call("New-NetNat", (("Name", "nat"), ("InternalIPInterfaceAddressPrefix", "10.0.0.0/24"))),
    Call("Checkpoint-VM", (("Name", "dc-archive"), ("SnapshotName", "s"))),
]
# A real host takes its time for these, too: they do as often, and as long, as they are told.
ENDLESS = {"Count", "Seconds", "Milliseconds", "Timeout"}


class Typist:
    """Types any call, the same ones for the same seed, at a host that is a new one now and then."""

    def __init__(self, seed):
        self.random = random.Random(seed)  # noqa: S311  # no secret: a test that types the same again
        self.begin()

    def begin(self):
        host = SimulatedHost.from_scenario(
            self.random.choice(
                ["ws2022-intel", "win11-ryzen", "ws2016-intel", "old-vms", "busy-host"]
            )
        )
        host.machine.features |= {"DHCP": "Installed", "RSAT-DHCP": "Installed"}
        self.runspace = Runspace(host)
        for call in PREPARED:
            self.run(call)

    def run(self, call):
        """Return the objects that a call gives; a host that restarts is left for another one."""
        streams = CollectingSink()
        try:
            self.runspace.invoke([call], streams)
        except HostDown:
            self.begin()
        except PowerShellError as error:
            streams.errors.append(error.record)
        assert all(
            error.message and error.category and error.fully_qualified_error_id
            for error in streams.errors
        )
        return streams.records

    def call(self):
        command = self.random.choice(COMMANDS)
        chosen = self.random.choice(command.sets)
        arguments = []
        for parameter in command.parameters.values():
            role = parameter.roles.get(chosen)
            if role is None or (parameter.name == "CimSession" and not role.mandatory):
                continue
            if role.mandatory or self.random.random() < 0.25:
                name = (
                    parameter.name[: self.random.randint(1, 12)]
                    if self.random.random() < 0.05
                    else parameter.name
                )
                arguments += [(name, self.value(parameter))] * (
                    2 if self.random.random() < 0.01 else 1
                )
        given = {name for name, _ in arguments}
        if "Confirm" in command.parameters and "Confirm" not in given:
            arguments.append(("Confirm", SwitchParameter.OFF))
        if "Force" in command.parameters and "Force" not in given and self.random.random() < 0.5:
            arguments.append(("Force", SwitchParameter.ON))
        return Call(command.name, tuple(arguments))

    def value(self, parameter):
        if parameter.name in ENDLESS:
            return self.random.choice([0, 1, 2])
        if self.random.random() < 0.1:
            return self.random.choice(ODD)
        if parameter.values:
            return self.random.choice(parameter.values)
        if parameter.element_type in OF_TYPE:
            return self.random.choice(OF_TYPE[parameter.element_type])
        if parameter.element_type in LIVE:
            return self.random.choice(self.run(LIVE[parameter.element_type]) or ["x"])
        subject = parameter.name.lower()
        words = (
            PATHS
            if "path" in subject
            else ADDRESSES
            if any(part in subject for part in ("address", "prefix", "hop", "router"))
            else NAMES
        )
        word = self.random.choice(words)
        return (
            [word, self.random.choice(words)]
            if parameter.is_array and self.random.random() < 0.3
            else word
        )


@pytest.mark.parametrize("seed", range(6))
def test_any_call_ends_in_its_outcome_or_in_a_powershell_error(seed):
    typist = Typist(seed)
    for number in range(2000):
        if number % 50 == 0:
            typist.begin()
        call = typist.call()
        if typist.random.random() < 0.15:
            source = typist.random.choice(SOURCES)
            call = Call(source.name, source.arguments, call)
        typist.run(call)
        typist.run(Call("Get-VM"))


def test_every_simulated_cmdlet_is_typed():
    typed = {
        name
        for seed in range(4)
        for typist in [Typist(seed)]
        for name in (typist.call().name for _ in range(600))
    }
    assert len(typed) > 0.95 * len(COMMANDS)
