"""Reading topology files: every problem at once, each with its place and the way out."""

from __future__ import annotations

import subprocess
import sys
from ipaddress import IPv4Interface

import pytest

from nestlab.errors import TopologyFileError
from nestlab.model.topology import SwitchType
from nestlab.topology_file import load, loads


def problems(text):
    with pytest.raises(TopologyFileError) as caught:
        loads(text, "lab.yml")
    return [
        (
            finding.code,
            finding.location.removeprefix("lab.yml:"),
            f"{finding.subject}: {finding.message}",
        )
        for finding in caught.value.findings
    ]


def one_vm(line):
    return f"name: lab\nvms:\n  - name: HV1\n    {line}\n"


def one_adapter(line):
    return one_vm(f"network_adapters: [{{{line}}}]")


def test_every_problem_is_reported_with_its_place():
    text = "name: my lab\nvms:\n  - nane: HV1\n    generation: 3\n  - {name: a, memory_startup: much, disk: {size: 1GB, path: x}}\nswitches: [A]\n"
    assert [(code, place) for code, place, _ in problems(text)] == [
        ("bad-value", "1:7"),
        ("unknown-key", "3:5"),
        ("bad-value", "4:17"),
        ("missing-key", "3:5"),
        ("bad-value", "5:31"),
        ("bad-value", "5:43"),
        ("wrong-type", "6:12"),
    ] or sorted(place for _, place, _ in problems(text)) == sorted(
        ["1:7", "3:5", "4:17", "3:5", "5:31", "5:43", "6:12"]
    )


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("memory_statup", "memory_startup"),
        ("MemoryStartup", "memory_startup"),
        ("networkadapters", "network_adapters"),
        ("vcpus", ""),
    ],
)
def test_an_unknown_key_names_the_nearest_and_all(typed, nearest):
    with pytest.raises(TopologyFileError) as caught:
        loads(one_vm(f"{typed}: 1"))
    (finding,) = caught.value.findings
    assert finding.code == "unknown-key"
    assert finding.hint.startswith(
        f"Did you mean '{nearest}'? Keys here: name," if nearest else "Keys here: name,"
    )


def test_values_are_what_was_typed():
    text = one_vm(
        "version: 9.0\n    network_adapters: [{name: on, mac_address: 12:22:33:44:55:59}]"
    ).replace("HV1", "no")
    (vm,) = loads(text).vms
    assert (
        vm.name,
        vm.version,
        vm.network_adapters[0].name,
        vm.network_adapters[0].mac_address,
    ) == ("no", "9.0", "on", "122233445559")


@pytest.mark.parametrize(
    "mac",
    ["00-15-5D-00-00-0a", "00:15:5d:00:00:0A", "0015.5d00.000a", "'00155d00000A'", "00155d00000a"],
)
def test_a_mac_address_may_be_written_in_any_usual_way(mac):
    assert (
        loads(one_adapter(f"mac_address: {mac}")).vms[0].network_adapters[0].mac_address
        == "00155D00000A"
    )


def test_words_ignore_case_as_powershell_does():
    assert (
        loads("name: lab\nswitches: [{name: A, switch_type: internal}]").switches[0].switch_type
        is SwitchType.INTERNAL
    )


def test_a_huge_value_is_quoted_in_part():
    with pytest.raises(TopologyFileError) as refused:
        loads(f"name: lab\nvms: {'x' * 100_000}\n")
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        pytest.param(
            one_vm("generation: 3"),
            "bad-value",
            "must be a whole number from 1 to 2, not 3",
            id="range",
        ),
        pytest.param(
            one_vm("generation: two"),
            "wrong-type",
            "must be a whole number from 1 to 2, not 'two'",
            id="number",
        ),
        pytest.param(
            one_vm("forwarding: maybe"),
            "wrong-type",
            "must be true or false, not 'maybe'",
            id="truth",
        ),
        pytest.param(
            one_vm("memory_startup: 8 lots"), "bad-value", "must be a size, not '8 lots'", id="size"
        ),
        pytest.param(
            one_vm("memory_startup: 0"),
            "bad-value",
            "must be more than 0 and less than 8 EB, not '0'",
            id="zero",
        ),
        pytest.param(
            one_vm("version: 9"),
            "bad-value",
            "must be a configuration version like 9.0 or 10.0, not '9'",
            id="version",
        ),
        pytest.param(
            one_vm("state: false"),
            "bad-value",
            "must be Running or Off, not 'false'",
            id="state that a tool wrote",
        ),
        pytest.param(
            one_vm("state: Paused"), "bad-value", "must be Running or Off, not 'Paused'", id="state"
        ),
        pytest.param(
            "name: lab\nvms: [{name: a`b, memory_startup: 1GB}]",
            "bad-value",
            "must not contain `: 'a`b'",
            id="pattern",
        ),
        pytest.param(
            one_vm("disk: {}"),
            "bad-value",
            "must have image, image with size, parent, parent with size, size or path",
            id="disk",
        ),
        pytest.param(
            one_vm("disk: {size: 1GB, path: x}"),
            "bad-value",
            "must have image, image with size, parent, parent with size, size or path",
            id="two-disks",
        ),
        pytest.param(
            "name: lab\nimages: {a b: {path: x}}",
            "bad-value",
            "must be 1 to 60 letters, digits, '.', '_' or '-', begin with a letter or digit and not end with '.', not 'a b'",
            id="name-of-an-image",
        ),
        pytest.param(
            "name: lab\nimages: [{name: a, path: x}]",
            "wrong-type",
            "must be a mapping from the name of an image to an image",
            id="list-of-images",
        ),
        pytest.param(
            "name: lab\nimages: {a: {os: linux}}",
            "missing-key",
            "an image needs 'path'",
            id="image-without-a-path",
        ),
        pytest.param(
            "name: lab\nimages: {a: {path: x}, a: {path: y}}",
            "duplicate-key",
            "is already defined on line 2",
            id="image-twice",
        ),
        pytest.param(
            "name: lab\nimages: {a: {path: x, pfad: x}}",
            "unknown-key",
            "an image has no key 'pfad'",
            id="key-of-an-image",
        ),
        pytest.param(
            one_vm("dynamic_memory: {minimum: 4GB, maximum: 2GB}"),
            "bad-value",
            "minimum must not be more than maximum",
            id="memory",
        ),
        pytest.param(
            one_vm("memory_startup:"),
            "wrong-type",
            "has no value; it must be a size like 8GB",
            id="no-value",
        ),
        pytest.param(
            one_vm("nested:"),
            "wrong-type",
            "must be a nested host's content with keys, not empty",
            id="no-mapping",
        ),
        pytest.param(
            one_vm("network_adapters: {name: a}"),
            "wrong-type",
            "must be a list, not a mapping",
            id="list",
        ),
        pytest.param(
            one_adapter("ip_address: [10.0.0.1/24]"),
            "wrong-type",
            "must be an IPv4 address with its prefix length like 10.0.0.11/24, or auto, not a list",
            id="text",
        ),
        pytest.param(
            one_adapter("ip_address: 10.0.0.1"),
            "bad-value",
            "must have a prefix length: '10.0.0.1'",
            id="prefix",
        ),
        pytest.param(
            one_adapter("gateway: 10.0.0.256"),
            "bad-value",
            "must be an IPv4 address like 10.0.0.1, not '10.0.0.256'",
            id="address",
        ),
        pytest.param(
            one_adapter("gateway: 'fe80::1'"),
            "bad-value",
            "is an IPv6 address: 'fe80::1'; nestlab supports IPv4 only",
            id="ipv6",
        ),
        pytest.param(
            one_adapter("ip_address: 'fd00::5/64'"),
            "bad-value",
            "is an IPv6 address: 'fd00::5/64'; nestlab supports IPv4 only",
            id="ipv6-prefix",
        ),
        pytest.param(
            one_adapter("mac_address: 00-15-5D"),
            "bad-value",
            "must be a MAC address like 00-15-5D-00-00-01, not '00-15-5D'",
            id="mac",
        ),
        pytest.param(
            one_adapter("mac_address: 01-00-5E-00-00-01"),
            "bad-value",
            "must be a unicast MAC address; '01-00-5E-00-00-01' is multicast or zero",
            id="multicast",
        ),
        pytest.param(
            one_adapter("vlan: {}"), "bad-value", "must have access, or trunk and native", id="vlan"
        ),
        pytest.param(
            one_adapter("vlan: {native: 1}"),
            "bad-value",
            "native is only valid with trunk",
            id="native",
        ),
        pytest.param(
            "name: lab\nroutes: [{to: 10.0.0.1/24, via: 10.0.0.1}]",
            "bad-value",
            "must be a network address; '10.0.0.1/24' is a host address",
            id="network",
        ),
        pytest.param(
            "name: lab\nroutes: [{to: 10.0.0.0/24}]",
            "missing-key",
            "a route needs 'via'",
            id="missing",
        ),
        pytest.param(
            "name: lab\nname: lab2", "duplicate-key", "is already defined on line 1", id="duplicate"
        ),
        pytest.param("vms: []", "missing-key", "a topology needs 'name'", id="no-name"),
        pytest.param("", "wrong-type", "must be a topology with keys, not empty", id="empty"),
        pytest.param("null", "wrong-type", "the document is empty", id="null"),
        pytest.param(
            "- a", "wrong-type", "must be a topology with keys, not a list", id="list-at-top"
        ),
        pytest.param(
            "just words",
            "wrong-type",
            "must be a topology with keys, not 'just words'",
            id="words-at-top",
        ),
        pytest.param("name: lab\n[a]: b", "wrong-type", "a key must be text", id="key"),
    ],
)
def test_a_bad_value_is_one_clear_error(text, code, says):
    ((found, _, message),) = problems(text)
    assert (found, message.split(": ", 1)[1]) == (code, says)


@pytest.mark.parametrize(
    "name",
    ["a*", "a?", "[a]", "a/b", "''", "' a'", '"a\\tb"', '"a\\0"', "Host", "internet", "x" * 101],
)
def test_names_that_powershell_or_a_machine_path_would_misread_are_refused(name):
    assert [
        code
        for code, _, _ in problems(
            f"name: lab\nvms: [{{name: '{name}'}}]"
            if name[0] not in "'\""
            else f"name: lab\nvms: [{{name: {name}}}]"
        )
    ] == ["bad-value"]


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        pytest.param(
            "name: x\nvms: [{name: HV1}\n", "3:1", "did not find expected ',' or ']'", id="bracket"
        ),
        pytest.param("name: x\n\tdescription: y\n", "2:1", "a tab indents this line", id="tab"),
        pytest.param("name: a: b\n", "1:8", "mapping values are not allowed", id="colon"),
        pytest.param("name: !!python/object:os.system x\n", "1:7", "the tag", id="tag"),
        pytest.param(
            "name: x\n---\nname: y\n", "2:1", "a second document begins here", id="documents"
        ),
        pytest.param(
            "name: *gone\n",
            "1:7",
            "the alias *gone refers to an anchor that is not defined",
            id="alias",
        ),
        pytest.param(
            "vms: &v [{name: a, nested: {vms: *v}}]\n",
            "1:34",
            "the alias *v refers to an anchor that is not defined",
            id="recursive",
        ),
        pytest.param("name: x\n<<: [1]\n", "2:1", "'<<' merges a mapping", id="merge"),
        pytest.param(
            "name: x\ndescription: a\x01b\n",
            "2:15",
            "the character U+0001 is not allowed",
            id="character",
        ),
        pytest.param(
            "name: " + "[" * 100_000, "1:106", "nested more than 100 deep", id="deep-flow"
        ),
        pytest.param(
            "".join(" " * n + "a:\n" for n in range(3000)),
            "101:101",
            "nested more than 100 deep",
            id="deep-block",
        ),
    ],
)
def test_what_is_no_yaml_is_one_clear_error(text, place, says):
    ((code, found, message),) = problems(text)
    assert (code, found) == ("not-yaml", place)
    assert says in message


def test_aliases_are_allowed_and_bounded():
    assert (
        loads("name: lab\nvms: [{name: a, notes: &n hello}, {name: b, notes: *n}]").vms[1].notes
        == "hello"
    )
    bomb = "name: lab\na: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(8)
    )
    ((code, _, message),) = problems(bomb)
    assert code == "not-yaml"
    assert "more than 500,000 values" in message


def test_merge_keys_fill_in_what_is_missing():
    text = "name: lab\nvms:\n  - &base {name: a, memory_startup: 2GB, processor_count: 4}\n  - {<<: *base, name: b, processor_count: 8}\n"
    first, second = loads(text).vms
    assert (second.name, second.memory_startup, second.processor_count) == (
        "b",
        first.memory_startup,
        8,
    )


def test_thousands_of_problems_end_in_a_line_that_says_so():
    found = problems("name: lab\nvms:\n" + "  - {nonsense: 1}\n" * 2000)
    assert len(found) == 501
    assert found[-1][2] == "topology: more than 500 problems; the rest are not shown"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks_and_line_endings_of_windows_are_fine(tmp_path, encoding):
    path = tmp_path / "lab.yml"
    path.write_bytes("name: lab\r\ndescription: Prüfstand\r\n".encode(encoding))
    assert load(path).description == "Prüfstand"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "there is no such file"),  # noqa: ARG005
        (lambda path: path.mkdir(), "this is a directory"),
        (
            lambda path: path.write_bytes(b"name: lab\ndescription: \xff\xfe"),
            "is not utf-8 text: byte 24, on line 2",
        ),
    ],
    ids=["missing", "directory", "bytes"],
)
def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path, make, says):
    make(tmp_path / "lab.yml")
    with pytest.raises(TopologyFileError) as caught:
        load(tmp_path / "lab.yml")
    assert [(finding.code, finding.message) for finding in caught.value.findings] == [
        ("unreadable-file", says)
    ]
    assert caught.value.exit_code == 2


def test_the_python_parser_reads_the_same_when_libyaml_is_missing(monkeypatch):
    import yaml  # only this test looks at it

    from nestlab.topology_file import nodes

    text = one_adapter("ip_address: 10.0.0.1/24, name: 'a ''b'''")
    expected = loads(text)
    monkeypatch.setattr(nodes, "yaml_loader", lambda _: yaml.BaseLoader)
    assert loads(text) == expected
    assert loads(text).vms[0].network_adapters[0].ip_address == IPv4Interface("10.0.0.1/24")
    assert problems("name: x\n\tdescription: y\n")[0][:2] == ("not-yaml", "2:1")
    assert problems("name: x\ndescription: a\x01b\n")[0][:2] == ("not-yaml", "2:15")
    assert problems("name: " + "[" * 100_000)[0][:2] == ("not-yaml", "1:106")


def test_reading_the_model_loads_no_yaml():
    script = "import sys, nestlab.topology_file, nestlab.rules; print(sorted({'yaml', 'networkx', 'numpy'} & set(sys.modules)))"
    assert (
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )


def test_off_that_a_yaml_tool_wrote_as_false_has_its_way_out():
    with pytest.raises(TopologyFileError) as refused:
        loads(one_vm("state: false"))
    assert [finding.hint for finding in refused.value.findings] == [
        "YAML tools read Off as false: write 'Off' in quotes."
    ]


@pytest.mark.parametrize("typed", ["021550000001", "021550000E10"])
def test_a_mac_address_that_yaml_tools_read_as_a_number_wants_quotes(typed):
    with pytest.raises(TopologyFileError, match="in quotes; YAML tools read"):
        loads(one_adapter(f"mac_address: {typed}"))
    adapter = loads(one_adapter(f"mac_address: '{typed}'")).vms[0].network_adapters[0]
    assert adapter.mac_address == typed
