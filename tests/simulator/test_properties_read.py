"""Law: what a command leaves out because the next one does not read it is not missed.

With a Sort-Object between them, which reads everything, the answer of a pipeline is the same.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.simulator.powershell.values.object_types import object_type

ALL = {"VMName": "*"}
TYPES = {
    "Get-VM": "VirtualMachine",
    "Get-VMNetworkAdapter": "VMNetworkAdapter",
    "Get-VMHardDiskDrive": "HardDiskDrive",
    "Get-VHD": "VirtualHardDisk",
    "Get-VMProcessor": "VMProcessor",
    "Get-VMMemory": "VMMemory",
    "Get-VMFirmware": "VMFirmware",
    "Get-VMSecurity": "VMSecurity",
}


@pytest.fixture(scope="module")
def host():
    return nestlab.connect("sim:ws2022-intel")


def sources(host):
    paths = [record["Path"] for record in host.run(Cmdlet("Get-VMHardDiskDrive", ALL))]
    given = {"Get-VHD": {"Path": paths}, "Get-VM": {}}
    return {name: given.get(name, ALL) for name in TYPES}


def answer(host, *commands):
    following = None
    for name, parameters in reversed(commands):
        following = Cmdlet(name, parameters, following)
    outcome = host.run(following)
    assert outcome.errors == ()
    return outcome.records


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_what_is_not_read_is_not_missed(host, data):
    name = data.draw(st.sampled_from(sorted(TYPES)))
    known = object_type(TYPES[name])
    spelled = [*known.properties, *known.aliases, "Nothing"]
    changed = st.sampled_from([str, str.upper, str.lower])
    asked = data.draw(st.lists(st.sampled_from(spelled), min_size=1, unique=True))
    select = ("Select-Object", {"Property": [data.draw(changed)(name) for name in asked]})
    source = (name, sources(host)[name])
    where = ("Where-Object", {"Property": data.draw(st.sampled_from(spelled))})
    between = data.draw(st.sampled_from([(), (where,)]))
    everything = ("Sort-Object", {"Property": ["Id", "VMId", "Path"]})
    lean = answer(host, source, everything, *between, select)
    ordered = sorted(answer(host, source, *between, select), key=str)
    assert ordered == sorted(lean, key=str)


def test_a_filter_by_a_property_that_is_not_selected(host):
    named = {"Property": "Name", "EQ": SwitchParameter.ON, "Value": "sql-test"}
    source = ("Get-VM", {})
    ids = answer(host, source, ("Where-Object", named), ("Select-Object", {"Property": ["Id"]}))
    whole = [vm["Id"] for vm in answer(host, source) if vm["Name"] == "sql-test"]
    assert [record["Id"] for record in ids] == whole


EXPANDED = ("VlanSetting", "vlansetting", "Status", "Name", "Nothing", "IPAddresses")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_neither_is_it_where_a_property_is_expanded(host, data):
    names = ["Id", "VMName", "Name", "MacAddress", "Nothing", "OperationMode"]
    asked = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    given = {"Property": asked, "ExpandProperty": data.draw(st.sampled_from(EXPANDED))}
    given["ErrorAction"] = "Continue"
    lean, full = (
        host.run(Cmdlet("Get-VMNetworkAdapter", ALL, following))
        for following in (
            Cmdlet("Select-Object", given),
            Cmdlet("Sort-Object", {"Property": ["Nothing"]}, Cmdlet("Select-Object", given)),
        )
    )
    assert lean.records == full.records
    assert lean.errors == full.errors


def test_what_is_listed_again_shows_what_was_changed_meanwhile():
    host = nestlab.connect("sim:ws2022-intel")
    memory = {"MemoryStartupBytes": 1 << 30, "Generation": 2, "NoVHD": SwitchParameter.ON}
    host.run(Cmdlet("New-VM", {"Name": "seen", **memory}))
    changes = (
        ("Set-VMProcessor", {"Count": 3}, "Get-VMProcessor", "Count", 3),
        ("Set-VMMemory", {"StartupBytes": 2 << 30}, "Get-VMMemory", "Startup", 2 << 30),
        ("Set-VMFirmware", {"EnableSecureBoot": "Off"}, "Get-VMFirmware", "SecureBoot", "Off"),
        ("Enable-VMTPM", {}, "Get-VMSecurity", "TpmEnabled", True),
        (
            "Set-VMNetworkAdapterVlan",
            {"Access": SwitchParameter.ON, "VlanId": 7},
            "Get-VMNetworkAdapterVlan",
            "AccessVlanId",
            7,
        ),
    )
    for change, parameters, listing, name, value in changes:
        select = Cmdlet("Select-Object", {"Property": [name]})
        of_vm = {"VMName": "seen"}
        statements = (Cmdlet(listing, of_vm), Cmdlet(listing, of_vm, select))
        before = [record[name] for record in host.run(*statements).records]
        assert value not in before
        if change == "Enable-VMTPM":
            key = {"NewLocalKeyProtector": SwitchParameter.ON}
            host.run(Cmdlet("Set-VMKeyProtector", {**of_vm, **key}))
        host.run(Cmdlet(change, {**of_vm, **parameters}))
        assert [record[name] for record in host.run(*statements).records] == [value, value]
