"""The JSON Schema and the reader accept the same files, as far as a schema can say it."""

from __future__ import annotations

import re
from random import Random

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nestlab.errors import TopologyFileError
from nestlab.model.plain import Plain
from nestlab.topology_file import loads
from nestlab.topology_file.key_types import ListOf, MapOf, Scalar, Shape
from nestlab.topology_file.keys import TOPOLOGY
from nestlab.topology_file.nodes import compose
from nestlab.topology_file.reader import Reader
from nestlab.topology_file.writing import plain_or_quoted, scalar
from tests.strategies import topologies
from tests.topology_file.schema_validator import VALIDATOR

TOKENS = [
    "yes",
    "on",
    "Off",
    "off",
    "running",
    "RUNNING",
    "12",
    "'12'",
    "2",
    "1.5",
    "null",
    "~",
    "true",
    "TRUE",
    "'true'",
    "false",
    "x",
    "X1",
    "021550000001",
    "0215500000E1",
    "'021550000001'",
    "00-15-5D-00-00-01",
    "015D.0000.0001",
    "10.0.0.1",
    "10.0.0.1/24",
    "10.0.0.0/24",
    "8GB",
    "'8gb'",
    "512mb",
    "[a]",
    "{}",
    "[]",
    "1-10",
    "''",
    "0",
    "-1",
    "+3",
    "99999999",
    "'99999999'",
    "9.0",
    "'9.0'",
    "10.0.0.1:80",
    "10.0.0.1-10.0.0.9",
    "windows",
    "Windows",
    "7.",
]
BEYOND_A_SCHEMA = re.compile(
    r"has no value|must begin with its lower|must be a network address|must be an IPv4|is an IPv6"
    r"|must be a unicast|minimum must not|less than 8 EB|must be a whole number|must not be 'host'"
    r"|must be an address and a port|only valid with|must be a number from [01] to 4094|must have a prefix"
    r"|must be a configuration version|must be a size|not '([+]|[0-9]+[.]0*')"  # how a number is spelt
)


class Token(str):
    """A value as it is typed, plain or in quotes."""

    __slots__ = ()


def flow(value: Plain) -> str:
    if isinstance(value, dict):
        pairs = (
            f"{plain_or_quoted(name, flow=True)}: {flow(item)}" for name, item in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return str(value) if isinstance(value, Token) else scalar(value, flow=True)


def mutated(value: Plain, random: Random, share: float) -> Plain:
    """The same data with some values typed differently, keys removed, and keys of any name."""
    if random.random() < share and not isinstance(value, dict):
        return Token(random.choice(TOKENS))
    if isinstance(value, list):
        return [mutated(item, random, share) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {
        name: mutated(item, random, share)
        for name, item in value.items()
        if random.random() > share / 4
    }
    if random.random() < share:
        kept[random.choice(["x-own", "x-", "nmae", "x_own"])] = Token(random.choice(TOKENS))
    return kept


def json_data(node) -> Plain:
    """What a reader of YAML 1.2 makes of a node."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: json_data(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [json_data(item) for item in node.value]
    text = node.value
    if node.style:
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return text


@given(topologies, st.integers(0, 1 << 30), st.sampled_from([0.0, 0.02, 0.1]))
def test_reader_and_schema_accept_the_same_files(topology, seed, share):
    data = {"name": topology.name, **mutated(topology.to_dict(), Random(seed), share)}  # noqa: S311  # for tests
    text = flow(data)
    refused = [
        error.message
        for error in VALIDATOR.iter_errors(json_data(yaml.compose(text, yaml.CBaseLoader)))
    ]
    try:
        loads(text)
    except TopologyFileError as error:
        reasons = [finding.message for finding in error.findings]
        assert refused or all(map(BEYOND_A_SCHEMA.search, reasons)), (
            text,
            [r for r in reasons if not BEYOND_A_SCHEMA.search(r)],
        )
    else:
        assert not refused, (text, refused)


@pytest.mark.parametrize("vlan", ["{}", "{access: null}", "{x-note: a}", "{native: 1}"])
def test_reader_and_schema_refuse_a_vlan_without_a_mode(vlan):
    text = f"name: a\nswitches: [{{name: s, switch_type: Internal, vlan: {vlan}}}]\n"
    with pytest.raises(
        TopologyFileError, match=r"must have access, or trunk|only valid with trunk"
    ):
        loads(text)
    refused = list(VALIDATOR.iter_errors(yaml.safe_load(text)))
    assert bool(refused) == ("native" not in vlan)  # that native needs trunk is beyond a schema


def scalars(kind=TOPOLOGY, seen=None):
    """Every scalar of the table of keys."""
    seen = {} if seen is None else seen
    if id(kind) in seen:
        return seen
    seen[id(kind)] = kind
    if isinstance(kind, ListOf | MapOf):
        scalars(kind.item, seen)
        scalars(kind.key if isinstance(kind, MapOf) else kind.item, seen)
    elif isinstance(kind, Shape):
        for key in kind.keys:
            scalars(key.value_kind, seen)
    return seen


SCALARS = {kind.noun: kind for kind in scalars().values() if isinstance(kind, Scalar)}
PLAIN = [token for token in TOKENS if token[0] not in "[{" and token not in ("''", "null", "~")]


@pytest.mark.parametrize("kind", SCALARS.values(), ids=SCALARS)
def test_reader_and_schema_accept_the_same_values(kind):
    validator = jsonschema.Draft202012Validator(dict(kind.schema))
    for token in PLAIN:
        reader = Reader("file")
        reader.read(compose(token), kind, ())
        reasons = [finding.message for finding in reader.findings]
        valid = validator.is_valid(json_data(yaml.compose(token, yaml.CBaseLoader)))
        if not reasons:
            assert valid, token
        elif valid:
            assert all(map(BEYOND_A_SCHEMA.search, reasons)), (token, reasons)
