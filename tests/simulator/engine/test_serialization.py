"""What a real PowerShell serialized is read as it reads it itself, and what it refuses is refused."""

from __future__ import annotations

import pytest

from nestlab.model import EnumValue
from nestlab.simulator.endpoint.messages.client_values import (
    UnreadableValue,
    plain,
    read_message,
)
from nestlab.transport.psrp.clixml import read_nested
from tests.simulator.engine.notation import questions
from tests.simulator.engine.serialized import same
from tests.simulator.engine.test_judge import EXCEPTIONS

SERIALIZED = [row for row in questions("serialize") if row["xml"] is not None]
REFUSED = [
    row
    for row in questions("deserialize")
    if isinstance(row["gives"], dict) and "error" in row["gives"]
]
READ = [row for row in questions("deserialize") if row not in REFUSED]


def is_read(row):
    try:
        return same(row["gives"], read_nested(row["xml"]))
    except Exception:  # noqa: BLE001  # whatever it is, it is not what the engine does
        return False


@pytest.mark.parametrize("row", SERIALIZED, ids=lambda row: row["id"])
def test_the_client_reads_what_the_engine_serialized(row):
    if row["id"] in EXCEPTIONS:
        assert not is_read(row), f"{row['id']} agrees now: take its row out of exceptions.yml"
    else:
        assert same(row["gives"], read_nested(row["xml"])), row["expression"]


@pytest.mark.parametrize("row", READ, ids=lambda row: row["id"])
def test_the_client_reads_what_the_engine_reads(row):
    assert same(row["gives"], read_nested(row["xml"]))


@pytest.mark.parametrize("row", READ, ids=lambda row: row["id"])
def test_the_simulated_host_reads_what_the_engine_reads(row):
    found = plain(read_message(row["xml"].encode(), str))
    wanted = row["gives"]
    if isinstance(wanted, dict) and "object" in wanted:
        assert found == wanted["object"]
    elif isinstance(wanted, dict) and "enum" in wanted:
        assert same(wanted, EnumValue(wanted["enum"][0], found))
    else:
        assert same(wanted, found)


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row["id"])
def test_the_simulated_host_refuses_what_the_engine_refuses(row):
    with pytest.raises(UnreadableValue):
        read_message(row["xml"].encode("utf-8", "surrogatepass"), str)


NEVER = [row for row in questions("serialize") if row["xml"] is None]


@pytest.mark.parametrize("row", NEVER, ids=lambda row: row["id"])
def test_what_the_engine_cannot_serialize_has_a_reason(row):
    assert row["gives"] == {"error": "ArgumentException"}
    assert row["id"] in EXCEPTIONS
