"""The work of `validate` grows with a topology, not with its square: calls are counted, not time."""

import sys

import pytest

import nestlab
from nestlab.rules import validate

EACH_WITH_DHCP = r"""
name: x
images: {{ws: {{path: 'D:\ws.vhdx', prepared: false}}, other: {{path: 'D:\other.vhdx'}}}}
switches:
  - {{name: Lab, switch_type: Internal, ip_address: 10.250.0.1/16, nat: 10.250.0.0/16}}
vms:
  - name: HV{{n}}
    count: {number}
    memory_startup: 64GB
    disk: {{image: ws}}
    guest: {{os: windows, credential: lab}}
    network_adapters: [{{switch: Lab, ip_address: '10.250.1.{{n}}/16', gateway: 10.250.0.1}}]
    nested:
      switches: [{{name: In, switch_type: Internal, ip_address: '10.{{n}}.0.1/24', dhcp: {{range: '10.{{n}}.0.100-10.{{n}}.0.120'}}}}]
      vms:
        - name: 'w{{n}}-{{m}}'
          count: {{m: 8}}
          disk: {{path: 'D:\ws.vhdx'}}
          guest: {{os: windows, credential: lab}}
          network_adapters: [{{switch: In, dhcp: true}}]
"""
ONE_ADDRESS = """
name: x
switches: [{{name: A, switch_type: Private}}]
vms: {vms}
checks: [{{from: a1, to: a2}}]
"""
IMAGE_AS_DISKS = r"""
name: x
images: {{ws: {{path: 'D:\ws.vhdx'}}}}
vms:
  - {{name: 'a{{n}}', count: {number}, disk: {{path: 'D:\ws.vhdx'}}}}
  - {{name: 'b{{n}}', count: {number}, disk: {{image: ws}}}}
"""
EACH_WITH_NAME_SERVER = r"""
name: x
switches: [{{name: Lab, switch_type: Internal, ip_address: 10.250.0.1/16, nat: 10.250.0.0/16}}]
vms:
  - name: HV{{n}}
    count: {number}
    memory_startup: 64GB
    disk: {{size: 60GB}}
    guest: {{os: windows, credential: lab}}
    network_adapters: [{{switch: Lab, ip_address: '10.250.1.{{n}}/16', gateway: 10.250.0.1, dns_servers: ['10.{{n}}.0.5', 10.250.0.5]}}]
    nested:
      switches: [{{name: In, switch_type: Internal, ip_address: '10.{{n}}.0.1/24'}}]
"""


def calls(text, number):
    """How many functions are called to validate a topology, without what is loaded once."""
    address = "10.0.0.9/24"
    vms = [
        {"name": f"a{n}", "network_adapters": [{"switch": "A", "ip_address": address}]}
        for n in range(number)
    ]
    topology = nestlab.loads(text.format(number=number, vms=vms))
    validate(topology)
    count = 0

    def counted(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        validate(topology)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param(EACH_WITH_DHCP, 20, id="each-nested-host-with-dhcp"),
        pytest.param(EACH_WITH_NAME_SERVER, 40, id="each-nested-host-with-a-name-server"),
        pytest.param(ONE_ADDRESS, 100, id="all-vms-with-one-address"),
        pytest.param(IMAGE_AS_DISKS, 20, id="all-vms-on-one-image"),
    ],
)
def test_twice_the_topology_takes_twice_the_calls(text, number):
    few, many = calls(text, number), calls(text, 2 * number)
    assert many < 2.2 * few
