"""Through a restricted endpoint nestlab sees all that it sees through a full one."""

import pytest

import nestlab
from nestlab.constants.commands import COMMANDS
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.observe import observe
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from tests.transport.doors import options

TAGGED = Cmdlet(
    "Set-VMNetworkAdapterVlan", {"VMName": "build-agent", "Access": SwitchParameter.ON, "VlanId": 7}
)


@pytest.fixture
def endpoint():
    with serve(SimulatedHost.from_scenario("ws2022-intel"), tls=True, clock_rate=1.0) as running:
        yield running


def connected(endpoint, **given):
    return nestlab.connect(endpoint.address, **options(endpoint), **given)


def test_the_same_state_is_observed(endpoint):
    full, restricted = connected(endpoint), connected(endpoint, configuration_name="NestLab")
    full.run(TAGGED)
    seen = observe(restricted).hyper_v
    assert seen == observe(full).hyper_v
    (vm,) = (vm for vm in seen.vms if vm.name == "build-agent")
    assert vm.network_adapters[0].vlan.access_vlan_id == 7
    full.close()
    restricted.close()


def test_every_command_of_the_role_is_there_by_its_own_name_and_kind(endpoint):
    session = connected(endpoint, configuration_name="NestLab")
    listed = {record["Name"]: record for record in session.run(Cmdlet("Get-Command")).records}
    known = {record["Name"] for record in connected(endpoint).run(Cmdlet("Get-Command")).records}
    assert {name for name in COMMANDS if name in known} <= set(listed)
    kinds = {
        name: listed[name]["CommandType"]
        for name in ("Get-VM", "New-NetNat", "Select-Object", "Where-Object")
    }
    assert kinds == {
        "Get-VM": "Cmdlet",
        "New-NetNat": "Function",
        "Select-Object": "Function",
        "Where-Object": "Cmdlet",
    }
