"""Hints of findings about guests and gateways, followed to the letter, lead to a lab that applies.

Before, an empty disk without `credential` was waited for five minutes, and the gateway that was to be
added to a VM was its second one.
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.rules import validate

NETWORKS = """
  - {name: Served, switch_type: Internal, ip_address: 10.0.0.1/24, dhcp: {range: 10.0.0.100-10.0.0.200}}
  - {name: Nat, switch_type: Internal, ip_address: 10.0.1.1/24, nat: 10.0.1.0/24}
  - {name: Nat2, switch_type: Internal, ip_address: 10.0.2.1/24, nat: 10.0.2.0/24}
  - {name: Outside, switch_type: External, net_adapter: Ethernet}"""


def with_adapters(*adapters):
    listed = "\n".join(f"      - {{name: n{n}, {text}}}" for n, text in enumerate(adapters))
    vm = f"  - name: a\n    network_adapters:\n{listed}"
    return nestlab.loads(f"name: lab\nswitches:{NETWORKS}\nvms:\n{vm}\n")


STATIC, STATIC2 = "switch: Nat, ip_address: 10.0.1.5/24", "switch: Nat2, ip_address: 10.0.2.5/24"
SERVED, OUTSIDE = "switch: Served, dhcp: true", "switch: Outside, dhcp: true"
GATEWAY = ", gateway: 10.0.1.1"


@pytest.mark.parametrize(
    ("adapters", "missing", "several"),
    [
        ((STATIC,), 1, 0),
        ((STATIC + GATEWAY,), 0, 0),
        ((STATIC, STATIC2), 1, 0),
        ((SERVED, STATIC), 0, 0),
        ((STATIC, SERVED), 0, 0),
        ((OUTSIDE, STATIC), 0, 0),
        ((SERVED, STATIC + GATEWAY), 0, 1),
        ((STATIC + GATEWAY, SERVED), 0, 1),
        ((SERVED + ", interface_metric: 10", STATIC + GATEWAY + ", interface_metric: 20"), 0, 0),
        ((SERVED + ", interface_metric: 10", STATIC + GATEWAY + ", interface_metric: 10"), 0, 1),
        ((STATIC + GATEWAY, STATIC2 + ", gateway: 10.0.2.1"), 0, 1),
        (
            (
                STATIC + GATEWAY + ", interface_metric: 5",
                STATIC2 + ", gateway: 10.0.2.1, interface_metric: 9",
            ),
            0,
            0,
        ),
        (("switch: Nat2, dhcp: true", STATIC), 1, 0),
    ],
)
def test_a_machine_has_one_gateway_also_where_dhcp_gives_it(adapters, missing, several):
    codes = validate(with_adapters(*adapters)).codes
    assert (codes.count("gateway-missing"), codes.count("several-gateways")) == (missing, several)


def test_the_hint_about_a_missing_gateway_leads_to_one_gateway():
    found = [f for f in validate(with_adapters(STATIC, STATIC2)) if f.code == "gateway-missing"]
    assert found[0].hint == "Add gateway: 10.0.1.1."
    codes = validate(with_adapters(STATIC + GATEWAY, STATIC2)).codes
    assert {"gateway-missing", "several-gateways"}.isdisjoint(codes)


def test_a_gateway_of_dhcp_and_one_of_the_file_are_named():
    (found,) = [
        f for f in validate(with_adapters(STATIC + GATEWAY, SERVED)) if f.code == "several-gateways"
    ]
    assert found.subject == "adapter a/n1"
    assert (
        "gets the gateway 10.0.0.1 from DHCP, and adapter a/n0 of the same machine has 10.0.1.1"
        in found.message
    )
    assert "remove gateway where the other comes from DHCP" in found.hint


EMPTY = [
    "guest: {os: windows, credential: lab}",
    "guest: {os: windows}",
    "guest: {os: linux}",
    "guest: {os: windows, credential: lab}, network_adapters: [{ip_address: 10.0.0.5/24}]",
]


@pytest.mark.parametrize("guest", EMPTY)
@pytest.mark.parametrize("disk", ["disk: {size: 40GB}, ", ""])
def test_a_guest_on_an_empty_disk_is_left_out_until_it_is_installed(guest, disk, tmp_path):
    text = "name: lab\nvms: [{{name: a, {disk}{guest}}}]\n"
    (found,) = [
        f
        for f in validate(nestlab.loads(text.format(disk=disk, guest=guest)))
        if f.code == "nothing-to-boot"
    ]
    assert "leave out guest until then" in found.hint
    followed = "state: Running" + "".join(guest.partition(", network_adapters")[1:])
    topology = nestlab.loads(text.format(disk=disk, guest=followed))
    assert "nothing-to-boot" not in validate(topology).codes
    host, events = nestlab.connect(), []
    results = [*nestlab.Lab(topology, host, tmp_path / "j.jsonl").apply(on_event=events.append)]
    assert all(result.ok for result in results)
    assert not [event for event in events if "Waiting" in type(event).__name__]
