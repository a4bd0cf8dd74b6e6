"""What is written on one side is read on the other, whatever it is."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psrpcore.types import deserialize
from pypsrp.serializer import Serializer

from nestlab.model import EnumValue, Record
from nestlab.simulator.endpoint.clixml import duration, record_xml, value_xml
from nestlab.transport.wire import _time_span, read_output

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.uuids(),
    st.timedeltas(timedelta(days=-9999), timedelta(days=9999)),
    st.datetimes(timezones=st.just(UTC)),
    st.builds(EnumValue, st.text(string.ascii_letters, min_size=1), st.integers(-(1 << 31), (1 << 31) - 1)),
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=4), st.dictionaries(st.text(min_size=1), SCALARS, max_size=4))
NAMES = st.text(string.ascii_letters + "_ .x0", min_size=1, max_size=12)


@given(st.lists(NAMES, min_size=1, max_size=3), st.dictionaries(NAMES, VALUES, max_size=6), st.text())
def test_a_record_comes_back_as_it_was(types, properties, text):
    record = Record(("A." + types[0], *types), properties, text)
    assert read_output(record_xml(record)) == record


@given(st.text())
def test_text_is_what_the_two_libraries_read_too(text):
    element = ET.fromstring(value_xml(text))  # noqa: S314  # written above
    assert str(deserialize(element, None)) == text
    assert Serializer().deserialize(element) == text


@pytest.mark.parametrize("seconds", [0, 10, 30, 60, 70, 3_600, 86_400, 90_061, -5])
def test_round_time_spans_keep_their_zeros(seconds):
    assert _time_span(duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def test_what_is_nested_arrives_as_its_text():
    inner = Record(("Inner",), {"Deep": 1}, "the inner one")
    found = read_output(record_xml(Record(("Outer",), {"One": inner, "Many": [inner, inner]}, "")))
    assert dict(found.properties) == {"One": "the inner one", "Many": ["the inner one"] * 2}


def test_what_windows_writes_is_read():
    xml = (
        '<Obj RefId="0"><TN RefId="0"><T>Deserialized.X</T><T>System.Object</T></TN><ToString>x</ToString><Props>'
        '<DT N="When">2026-01-05T09:00:00.1234567+01:00</DT><TS N="Up">P1DT2H3M4.5S</TS><Version N="V">10.0</Version><D N="Money">1.50</D>'
        '<Obj N="List" RefId="1"><TN RefId="1"><T>System.Collections.Generic.List`1[[Unknown.Type]]</T></TN><LST><S>a</S><I32>2</I32></LST></Obj>'
        '<Obj N="State" RefId="2"><TN RefId="2"><T>Deserialized.Some.State</T><T>Deserialized.System.Enum</T></TN><ToString>On</ToString><I32>0</I32></Obj>'
        '<Ref N="Again" RefId="1" /><Obj N="Same" RefId="3"><TNRef RefId="2" /><ToString>Off</ToString><I32>1</I32></Obj>'
        '<G N="Id">11111111-2222-3333-4444-555555555555</G><SS N="Pw">AAAA</SS></Props><MS><S N="Note">_x000A_</S></MS></Obj>'
    )
    record = read_output(xml)
    assert record.type_name == "X"
    assert record["When"] == datetime.fromisoformat("2026-01-05T09:00:00.123456+01:00")
    assert record["Up"] == timedelta(days=1, hours=2, minutes=3, seconds=4.5)
    assert (record["V"], record["Money"], record["List"], record["Again"]) == ("10.0", "1.50", ["a", 2], ["a", 2])
    assert (record["State"], record["Same"]) == (EnumValue("On", 0), EnumValue("Off", 1))
    assert (record["Id"], record["Note"]) == (UUID("11111111-2222-3333-4444-555555555555"), "\n")
    assert "AAAA" not in repr(record["Pw"])
