"""Every kind of wrong value under every key: one finding, with its place and what to write."""

from __future__ import annotations

import json

import pytest

from nestlab.constants import is_time_zone
from nestlab.constants.iana_time_zones import WINDOWS_ZONES_BY_IANA_NAME
from nestlab.errors import TopologyFileError
from nestlab.rules import validate
from nestlab.topology_file import loads
from nestlab.topology_file.key_types import ListOf, MapOf, Scalar, Shape
from nestlab.topology_file.keys import TOPOLOGY
from nestlab.topology_file.scalars import NON_EMPTY_TEXT, TEXT

WRONG = ("~word~", "", [], {"a": 1, "b": 2}, "-1", "999999999999", True, "x" * 300)


def findings(text):
    try:
        return list(validate(loads(text, "lab.yml")))
    except TopologyFileError as error:
        return list(error.findings)


def places(shape=TOPOLOGY, path=(), seen=()):
    """Yield the path of each key, with its kind; 0 is the first item of a list."""
    for key in shape.keys:
        kind, here = key.value_kind, (*path, key.name)
        yield here, kind
        inner = kind
        if isinstance(kind, ListOf):
            inner, here = kind.item, (*here, 0)
        elif isinstance(kind, MapOf):
            inner, here = kind.item, (*here, "ws")
        if isinstance(inner, Shape) and inner not in seen:
            yield from places(inner, here, (*seen, inner))


def document(path, value):
    for key in reversed(path):
        value = [value] if key == 0 else {key: value}
    return json.dumps({"name": "lab", **value})


PLACES = dict(places())


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_a_wrong_value_is_one_finding_that_says_what_to_write(path):
    kind = PLACES[path]
    for value in WRONG:
        if kind in (TEXT, NON_EMPTY_TEXT) and isinstance(value, str | bool):
            continue
        text = document(path, value)
        found = [f for f in findings(text) if f.severity == "error" and f.code != "missing-key"]
        refused = [f for f in found if f.code in ("bad-value", "wrong-type")]
        if isinstance(kind, Scalar) and isinstance(value, list | dict):
            assert refused, (path, value)
        for finding in refused:
            assert finding.location.startswith("lab.yml:1:"), finding
            assert finding.hint, f"{text[:200]}: {finding}"
        assert len({f.location for f in refused}) == len(refused), refused


@pytest.mark.parametrize(
    ("line", "says", "fix"),
    [
        (
            "network_adapters: [{vlan: {access: -1}}]",
            "must be a number from 1 to 4094",
            "such as 20",
        ),
        ("network_adapters: [{vlan: {trunk: [x]}}]", "number from 1 to 4094", "[1-10, 30]"),
        ("network_adapters: [{vlan: 20}]", "not '20'", "Write vlan: {access: 20}."),
        ("guest: {os: windws}", "not 'windws'", "Did you mean 'windows'?"),
        ("guest: {os: ubuntu}", "not 'ubuntu'", "Write windows, linux or none."),
        ("guest: {computer_name: web_server}", "1 to 15", "such as DC01"),
        ("guest: {credential: {user: a, password: b}}", "not a mapping", "{credential: NAME}"),
        ("guest: {password: Geheim}", "no key 'password'", "NESTLAB_CREDENTIAL_<NAME>"),
        ("password: Geheim", "no key 'password'", "NESTLAB_CREDENTIAL_<NAME>"),
        ("disk: 60GB", "not '60GB'", "Write disk: {size: 60GB}."),
        ("network_adapters: [{ip_address: dhcp}]", "not 'dhcp'", "Write dhcp: true"),
        ("network_adapters: [{gateway: auto}]", "not 'auto'", "network adapters of VMs"),
        ("network_adapters: [{gateway: 10.0.0.1/24}]", "not '10.0.0.1/24'", "Write 10.0.0.1,"),
    ],
)
def test_an_error_says_what_to_write_instead(line, says, fix):
    (finding,) = findings(f"name: lab\nvms:\n  - name: a\n    {line}\n")
    assert says in finding.message
    assert fix in finding.hint
    assert "Geheim" not in str(finding)


@pytest.mark.parametrize("item", ["- name: {n}-web\n    count: 2", "- {name: {n}-web, count: 2}"])
def test_a_text_that_begins_with_a_placeholder_needs_quotes(item):
    (finding,) = findings(f"name: lab\nvms:\n  {item}\n")
    assert (finding.code, finding.hint[-24:]) == ("not-yaml", "quotes: name: '{n}-web'.")


@pytest.mark.parametrize(
    ("item", "hint"),
    [
        ("- {name: web{n}, count: 3}", "Quote the name: 'web{n}'."),
        ("- {count: 3, name: web{n:02}-a}", "Quote the name: 'web{n:02}-a'."),
        (
            r"- {name: a, count: 2, notes: seat-{n}-of-{n+1}}",
            "Quote the notes: 'seat-{n}-of-{n+1}'.",
        ),
        (
            "- {name: a, network_adapters: [{dns_servers: [10.0.0.{n}]}]}",
            "Quote the text: '10.0.0.{n}'.",
        ),
    ],
)
def test_a_placeholder_within_a_text_in_braces_needs_quotes(item, hint):
    # Before, the hint was that a comma is missing.
    (finding,) = findings(f"name: lab\nvms:\n  {item}\n")
    assert finding.code == "not-yaml"
    assert finding.hint.startswith(hint)


def test_a_missing_comma_is_still_said_where_a_placeholder_is_elsewhere():
    (finding,) = findings("name: lab\nvms:\n  - {name: 'web{n}' count: 3}\n")
    assert "a comma is missing" in finding.hint


def test_auto_is_not_the_address_of_a_switch():
    text = "name: lab\nswitches: [{name: A, switch_type: Internal, ip_address: auto}]"
    (finding,) = findings(text)
    assert finding.hint == "auto is for network adapters of VMs; write the address here."


@pytest.mark.parametrize("key", ["time_zone: Romance Standard Time", "language: es-ES"])
def test_a_setting_of_windows_on_a_linux_guest_says_so(key):
    (finding,) = findings(f"name: lab\nvms: [{{name: a, state: Off, guest: {{os: linux, {key}}}}}]")
    assert "a Linux guest" in finding.message
    assert "in Linux" in finding.hint


@pytest.mark.parametrize(
    ("keys", "hint"),
    [
        ("secure_boot: MicrosoftLinux", "is 'MicrosoftUEFICertificateAuthority'."),
        ("secure_boot: ubuntu", "is 'MicrosoftUEFICertificateAuthority'."),
        ("secure_boot: MicrosoftWindow", "Did you mean 'MicrosoftWindows'?"),
        ("guest: {time_zone: Europe/Madrid}", "write 'Romance Standard Time'."),
        ("guest: {time_zone: america/new_york}", "write 'Eastern Standard Time'."),
        ("guest: {time_zone: Antarctica/Vostok}", "'Romance Standard Time' for Europe/Madrid"),
        ("guest: {time_zone: Romanse Standard Time}", "Did you mean 'Romance Standard Time'?"),
    ],
)
def test_a_name_of_another_system_gets_that_of_windows(keys, hint):
    (finding,) = findings(f"name: lab\nvms: [{{name: a, {keys}}}]")
    assert hint in finding.hint


def test_every_time_zone_of_the_table_is_one_of_windows():
    assert [zone for zone in WINDOWS_ZONES_BY_IANA_NAME.values() if not is_time_zone(zone)] == []
