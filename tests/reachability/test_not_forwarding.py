"""A machine that does not pass a packet on: the cause that is named, and the fix."""

from __future__ import annotations

import pytest

import nestlab

FILE = """
name: x
switches:
  - {name: N1, switch_type: Internal, ip_address: 10.1.0.1/24, nat: 10.1.0.0/24}
  - {name: N2, switch_type: Internal, ip_address: 10.2.0.1/24}
vms:
  - {name: a, network_adapters: [{switch: N1, ip_address: 10.1.0.5/24, gateway: 10.1.0.1}]}
  - {name: b, network_adapters: [{switch: N2, ip_address: 10.2.0.5/24, gateway: 10.2.0.1}]}
  - {name: c, network_adapters: [{switch: N2, ip_address: 10.2.0.130/24, gateway: 10.2.0.1}]}
  - {name: short, network_adapters: [{switch: N2, ip_address: 10.2.0.6/25, gateway: 10.2.0.1}]}
  - {name: inside, network_adapters: [{switch: N1, ip_address: 10.1.0.6/25, gateway: 10.1.0.1}]}
  - {name: d, network_adapters: [{switch: N1, ip_address: 10.1.0.130/24, gateway: 10.1.0.1}]}
"""


def trace(source, target, text=FILE):
    return nestlab.trace(nestlab.loads(text), source, target)


@pytest.mark.parametrize(
    ("source", "target", "edit", "old", "new"),
    [
        (
            "b",
            "internet",
            "nat: 10.0.0.0/14 on switch N1",
            "nat: 10.1.0.0/24",
            "nat: 10.0.0.0/14",
        ),
        ("b", "a", "forwarding: true on host", "name: x", "name: x\nforwarding: true"),
    ],
)
def test_a_network_without_nat_is_named_with_what_helps(source, target, edit, old, new):
    found = trace(source, target)
    assert found.drop.reason == "NOT_FORWARDING"
    assert "no NAT covers 10.2.0.0/24, and forwarding is off" in found.drop.explanation
    (fix,) = found.fixes
    assert (fix.in_file, fix.verified) == ((edit,), True)
    assert trace(source, target, FILE.replace(old, new, 1))


def test_without_any_nat_the_fix_is_one_for_its_network():
    found = trace("b", "internet", FILE.replace(", nat: 10.1.0.0/24", ""))
    (fix,) = found.fixes
    assert fix.in_file == ("nat: 10.2.0.0/24 on switch N2",)


@pytest.mark.parametrize(
    ("source", "target", "address", "to", "network"),
    [
        ("short", "c", "10.2.0.6", "10.2.0.130", "10.2.0.0/24"),
        ("inside", "d", "10.1.0.6", "10.1.0.130", "10.1.0.0/24"),
    ],
)
def test_a_prefix_that_is_too_long_is_named_as_the_cause(source, target, address, to, network):
    found = trace(source, target)
    assert (
        f"{to} is in {network} as well, and {address} would reach it without a gateway, with the prefix length /24"
        in found.drop.explanation
    )
    assert found.fixes == ()
    assert trace(source, target, FILE.replace(f"{address}/25", f"{address}/24"))


def test_a_nat_does_not_let_in_what_comes_from_outside_of_it():
    text = """
name: x
switches: [{name: Out, switch_type: Internal, ip_address: 10.4.0.1/24}]
routes: [{to: 10.5.0.0/24, via: 10.4.0.11}]
vms:
  - name: HV1
    network_adapters: [{switch: Out, ip_address: 10.4.0.11/24, gateway: 10.4.0.1}]
    nested:
      switches: [{name: In, switch_type: Internal, ip_address: 10.5.0.1/24, nat: 10.5.0.0/24}]
      vms: [{name: a, network_adapters: [{switch: In, ip_address: 10.5.0.11/24, gateway: 10.5.0.1}]}]
"""
    found = trace("host", "a", text)
    assert "its NAT admits only replies to requests from inside" in found.drop.explanation
