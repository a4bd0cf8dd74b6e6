"""`ip_address: auto`: the next free address of the network, the same at every load."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestlab.errors import TopologyFileError
from nestlab.model.topology import VM
from nestlab.notebook.designer.fields import set_field
from nestlab.notebook.designer.parts import EditRefused, Part
from nestlab.topology_file import dumps, loads
from nestlab.topology_file.writing import render

SWITCHES = """\
name: lab
switches:
  - name: Lab
    switch_type: Internal
    ip_address: 10.0.0.1/24
    gateway: 10.0.0.254
    dns_servers: [10.0.0.2]
    dhcp: {range: 10.0.0.3-10.0.0.9}
"""
ROOM = (
    SWITCHES
    + """\
vms:
  - {name: a, network_adapters: [{switch: Lab, ip_address: auto, gateway: 10.0.0.10}]}
  - {name: 'b{n}', count: 2, network_adapters: [{switch: Lab, ip_address: AUTO}]}
  - {name: c, network_adapters: [{switch: lab, ip_address: 10.0.0.12/24}]}  # stated
"""
)


def addresses(topology):
    return {
        vm.name: [str(adapter.ip_address) for adapter in vm.network_adapters]
        for _, vm in topology.machines()
        if isinstance(vm, VM)
    }


def test_what_the_file_states_is_skipped():
    assert addresses(loads(ROOM)) == {
        "a": ["10.0.0.11/24"],
        "b1": ["10.0.0.13/24"],
        "b2": ["10.0.0.14/24"],
        "c": ["10.0.0.12/24"],
    }


def test_an_unchanged_file_keeps_the_word():
    assert dumps(loads(ROOM)) == ROOM
    topology = loads(ROOM)
    changed = replace(
        topology, vms=(replace(topology.vms[0], processor_count=4), *topology.vms[1:])
    )
    assert dumps(changed).count("auto") == 1


def test_an_address_that_another_vm_would_get_is_written_out():
    topology = loads(ROOM)
    fewer = replace(topology, vms=topology.vms[1:])
    text = dumps(fewer)
    assert loads(text) == fewer
    assert "10.0.0.13/24" in text


NESTED = """\
name: lab
switches:
  - {name: Lab, switch_type: Internal, ip_address: 10.0.0.1/24}
  - {name: Wire, switch_type: External, net_adapter: Ethernet}
uplinks: [{net_adapter: Ethernet, network: 192.0.2.0/24, gateway: 192.0.2.1}]
vms:
  - name: HV{n}
    count: 2
    network_adapters:
      - {name: Nic, switch: Lab, ip_address: auto}
      - {name: Up, switch: Wire, ip_address: auto}
    nested:
      switches:
        - {name: Bridge, switch_type: External, net_adapter: Nic}
        - {name: Inside, switch_type: Internal, ip_address: 10.9.0.1/24}
      vms:
        - {name: 'x{n}', network_adapters: [{switch: Bridge, ip_address: auto}, {name: B, switch: Inside, ip_address: auto}]}
"""


def test_a_bridged_switch_is_on_the_outer_network_and_each_inner_network_its_own():
    assert addresses(loads(NESTED)) == {
        "HV1": ["10.0.0.2/24", "192.0.2.2/24"],
        "x1": ["10.0.0.3/24", "10.9.0.2/24"],
        "HV2": ["10.0.0.4/24", "192.0.2.3/24"],
        "x2": ["10.0.0.5/24", "10.9.0.2/24"],
    }


REFUSED = {
    "no network": ("switches: [{name: P, switch_type: Private}]", "P", "switch 'P' is not known"),
    "no switch": ("switches: []", "null", "an adapter without a switch is not known"),
    "another VLAN": (
        "switches: [{name: P, switch_type: Internal, ip_address: 10.0.0.1/24}]",
        "P, vlan: {access: 7}",
        "switch 'P' in VLAN 7 is not known",
    ),
    "nothing free": (
        "switches: [{name: P, switch_type: Internal, ip_address: 10.0.0.1/31, gateway: 10.0.0.0}]",
        "P",
        "no address of 10.0.0.0/31 is free",
    ),
}


@pytest.mark.parametrize(("switches", "switch", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_have_an_address_is_one_finding(switches, switch, message):
    adapter = f"{{switch: {switch}, ip_address: auto}}"
    text = (
        f"name: lab\n{switches}\nvms: [{{name: 'a{{n}}', count: 2, network_adapters: [{adapter}]}}]"
    )
    with pytest.raises(TopologyFileError) as caught:
        loads(text, "lab.yml")
    (finding,) = caught.value.findings
    assert finding.location.startswith("lab.yml:3:")
    assert message in finding.message
    assert "(copy 1 of 2)" in finding.subject


@given(st.integers(0, 1 << 30))
def test_no_address_is_given_twice(seed):
    random = Random(seed)  # noqa: S311  # for tests

    def adapter():
        stated = f"10.0.0.{random.randint(1, 30)}/24"
        return {"switch": "Lab", "ip_address": random.choice(["auto", "auto", stated])}

    vms = [
        {"name": f"v{number}", "network_adapters": [adapter()]}
        for number in range(random.randint(1, 12))
    ]
    text = SWITCHES + render({"vms": vms})
    found = [vm.network_adapters[0].ip_address for vm in loads(text).vms]
    stated = [vm["network_adapters"][0]["ip_address"] for vm in vms]
    given = [str(got) for got, said in zip(found, stated, strict=True) if said == "auto"]
    assert len(set(given)) == len(given)
    assert not set(given) & set(stated)
    taken = {f"10.0.0.{number}/24" for number in [*range(1, 10), 254]}
    assert not set(given) & taken
    assert given == sorted(given, key=lambda text: int(text.split(".")[3].split("/")[0]))


def test_the_designer_takes_the_word_and_shows_the_address():
    topology = loads(SWITCHES + "vms: [{name: a, network_adapters: [{name: N, switch: Lab}]}]")
    changed = set_field(topology, Part("adapter", ("a",), "N"), "ip_address", "auto")
    assert addresses(changed) == {"a": ["10.0.0.10/24"]}


def test_the_designer_says_why_it_gives_no_address():
    topology = loads("name: lab\nvms: [{name: a, network_adapters: [{name: N}]}]")
    with pytest.raises(EditRefused, match="is not known"):
        set_field(topology, Part("adapter", ("a",), "N"), "ip_address", "auto")


def test_a_switch_is_no_physical_network_whatever_its_name():
    text = """\
name: lab
uplinks: [{net_adapter: Ethernet, network: 192.0.2.0/24}]
switches: [{name: wire Ethernet, switch_type: Private}]
vms: [{name: a, network_adapters: [{switch: wire Ethernet, ip_address: auto}]}]
"""
    with pytest.raises(
        TopologyFileError, match="the network of switch 'wire Ethernet' is not known"
    ):
        loads(text)
