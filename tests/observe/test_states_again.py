"""States of records that a session returned before are those of new records with the same values."""

from functools import cache
from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.model import Cmdlet, Outcome, Record, Size, SwitchParameter
from nestlab.observe.hyper_v import hyper_v_state
from nestlab.observe.hyper_v_statements import statements

NAMES = ["a", "b", "c"]
CHOICES = st.lists(st.tuples(st.integers(0, 1), st.booleans()), min_size=3, max_size=3)


@cache
def looks():
    """Two looks at a host, between which every VM has changed."""
    host = nestlab.connect()
    for name in NAMES:
        given_to_new = {"Name": name, "MemoryStartupBytes": Size(1 << 29), "Generation": 2}
        host.run(Cmdlet("New-VM", {**given_to_new, "NoVHD": SwitchParameter.ON}))
    first = host.run(*statements(NAMES))
    for name in NAMES:
        host.run(Cmdlet("Set-VM", {"Name": name, "ProcessorCount": 2, "Notes": f"of {name}"}))
        host.run(
            Cmdlet("Set-VMSecurity", {"VMName": name, "EncryptStateAndVmMigrationTraffic": True})
        )
        vlan = {"VMName": name, "Access": SwitchParameter.ON, "VlanId": 7}
        host.run(Cmdlet("Set-VMNetworkAdapterVlan", vlan))
    return first.records, host.run(*statements(NAMES)).records


def again(record, *, as_copy):
    """What a session returns for a record that it returned before."""
    values = {k: list(v) if isinstance(v, list) else v for k, v in record.properties.items()}
    return record.copied(MappingProxyType(values)) if as_copy else record


def mixed(choices):
    """An outcome with the records of each VM from one of the looks."""
    owners = {str(record["Id"]): record["Name"] for record in looks()[0] if "Generation" in record}
    found, securities = [], 0
    for pair in zip(*looks(), strict=True):
        name = owners.get(str(pair[0].get("VMId") or pair[0].get("Id")))
        if pair[0].type_names[0].endswith("VMSecurity"):
            name, securities = NAMES[securities], securities + 1
        which, as_copy = choices[NAMES.index(name)] if name else (0, False)
        found.append(again(pair[which], as_copy=as_copy))
    return Outcome(tuple(found))


def new(outcome):
    return Outcome(tuple(Record(r.type_names, dict(r.properties), r.text) for r in outcome))


@settings(max_examples=60, deadline=None)
@given(st.lists(CHOICES, min_size=2, max_size=6))
def test_a_state_is_that_of_the_records_whichever_were_read_before(rounds):
    for choices in rounds:
        outcome = mixed(choices)
        assert hyper_v_state(outcome) == hyper_v_state(new(outcome))


def test_unchanged_records_give_the_same_states():
    choices = [(1, True), (0, False), (1, False)]
    first, second = (hyper_v_state(mixed(choices)) for _ in range(2))
    assert first.vms is second.vms
    assert [vm.processor_count for vm in first.vms] == [2, 1, 2]
