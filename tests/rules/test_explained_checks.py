"""A check that fails because of another error of the file is not a finding of its own."""

from __future__ import annotations

import pytest

from nestlab.rules import validate
from nestlab.topology_file import loads

FILE = """
name: lab
switches:
  - {name: Lab, switch_type: Internal, ip_address: 10.0.0.1/24}
  - {name: Other, switch_type: Private}
vms:
  - {name: a, network_adapters: [{switch: Lab, ip_address: 10.0.0.5/24}]}
  - {name: b, network_adapters: [{switch: Lab, ip_address: 10.0.0.6/24}]}
  - {name: c, network_adapters: [{switch: Other, ip_address: 10.0.0.7/24}]}
checks: [{from: a, to: b}]
"""


def findings(*changes):
    text = FILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return validate(loads(text))


def errors(*changes):
    return [finding.code for finding in findings(*changes).errors]


def codes(*changes):
    """The codes without the note about the addresses of these VMs, which name no guest.os."""
    return [finding.code for finding in findings(*changes) if finding.code != "set-by-hand"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (
            "switch: Lab, ip_address: 10.0.0.5/24",
            "switch: Lob, ip_address: 10.0.0.5/24",
            "unknown-switch",
        ),
        (
            "switch: Lab, ip_address: 10.0.0.6/24",
            "switch: Lob, ip_address: 10.0.0.6/24",
            "unknown-switch",
        ),
        ("10.0.0.5/24", "10.0.0.0/24", "address-not-usable"),
        (
            "ip_address: 10.0.0.6/24",
            "ip_address: 10.0.0.6/24, vlan: {access: 4095}",
            "vlan-out-of-range",
        ),
        ("from: a, to: b", "from: a, to: host", ""),
    ],
)
def test_the_cause_alone_is_reported(old, new, code):
    assert errors((old, new)) == [code] * bool(code)


def test_the_cause_of_an_undetermined_check_alone_is_reported():
    undetermined = (("ip_address: 10.0.0.6/24", "dhcp: true"),)
    assert codes(*undetermined) == ["dhcp-without-server"]
    assert codes(*undetermined, ("switch: Lab, dhcp", "switch: Lob, dhcp")) == ["unknown-switch"]


def test_without_another_cause_the_check_is_an_error():
    assert errors(("from: a, to: b", "from: a, to: c")) == ["check-contradicted"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        # An error about a machine that the packet does not come near, and one about no network.
        (
            "{name: b, network_adapters: [{switch: Lab, ",
            "{name: b, network_adapters: [{switch: Lob, ",
            "unknown-switch",
        ),
        ("{name: a, ", "{name: a, memory_startup: 3MB, ", "memory-not-possible"),
    ],
)
def test_an_error_that_has_nothing_to_do_with_it_does_not_hide_it(old, new, code):
    found = errors(("from: a, to: b", "from: a, to: c"), (old, new))
    assert sorted(found) == sorted(["check-contradicted", code])
