"""What is written on one side is read on the other, whatever it is."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psrpcore.types import deserialize
from pypsrp.serializer import Serializer

from nestlab.model import EnumValue, Record
from nestlab.simulator.endpoint.messages.object_xml import duration, record_xml, value_xml
from nestlab.simulator.powershell.objects import scalar_record
from nestlab.simulator.powershell.values.object_types import DotNetEnum
from nestlab.transport.psrp.clixml import read_object
from nestlab.transport.psrp.clixml_flat import RecordReader
from nestlab.transport.psrp.clixml_values import replace_forbidden

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.uuids(),
    st.timedeltas(timedelta(days=-9999), timedelta(days=9999)),
    st.datetimes(timezones=st.just(UTC)),
    st.builds(
        EnumValue, st.text(string.ascii_letters, min_size=1), st.integers(-(1 << 31), (1 << 31) - 1)
    ),
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=4),
    st.dictionaries(st.text(min_size=1), SCALARS, max_size=4),
)
READER = RecordReader()
CET = timezone(timedelta(hours=1))
NAMES = st.text(string.ascii_letters + "_ .x0", min_size=1, max_size=12)


@given(
    st.lists(NAMES, min_size=1, max_size=3), st.dictionaries(NAMES, VALUES, max_size=6), st.text()
)
def test_a_record_comes_back_as_it_was(types, properties, text):
    record = Record(("A." + types[0], *types), properties, text)
    assert read_object(record_xml(record)) == record
    assert READER.read(record_xml(record)) == record


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([0.0, -0.0, 0.0], ["<Db>0</Db>", "<Db>-0</Db>", "<Db>0</Db>"], id="zeros"),
        pytest.param(
            [datetime(2026, 1, 1, 12, tzinfo=UTC).astimezone(zone) for zone in (UTC, CET)],
            ["<DT>2026-01-01T12:00:00+00:00</DT>", "<DT>2026-01-01T13:00:00+01:00</DT>"],
            id="time zones",
        ),
    ],
)
def test_equal_values_are_written_each_in_its_own_form(values, expected):
    assert [value_xml(value) for value in values] == expected


@given(st.sampled_from(["enum", "table", "array"]), st.dictionaries(NAMES, SCALARS, max_size=2))
def test_a_plain_value_that_is_an_object_is_one_with_all_its_types(kind, notes):
    value = {"enum": DotNetEnum("Off", 3, "VMState"), "table": {"a": 1}, "array": [1, "b"]}[kind]
    plain = scalar_record(value)
    record = Record(plain.type_names, {**notes, **plain.properties}, plain.text)
    root = ET.fromstring(record_xml(record))  # noqa: S314  # written above
    written = {names.get("RefId") for names in root.iter("TN")}
    assert {reference.get("RefId") for reference in root.iter("TNRef")} <= written
    assert root.find("TN/T").text == plain.type_names[0]
    identities = [element.get("RefId") for element in root.iter("Obj")]
    assert len(identities) == len(set(identities))
    found = read_object(record_xml(record))
    assert found["Value"] == value
    assert {name: found[name] for name in notes if name != "Value"} == {
        name: value for name, value in notes.items() if name != "Value"
    }


@given(st.text())
def test_text_is_what_the_two_libraries_read_too(text):
    element = ET.fromstring(value_xml(text))  # noqa: S314  # written above
    assert str(deserialize(element, None)) == text
    assert Serializer().deserialize(element) == text


@pytest.mark.parametrize("seconds", [0, 10, 30, 60, 70, 3_600, 86_400, 90_061, -5])
def test_round_time_spans_keep_their_zeros(seconds):
    assert read_object(f"<TS>{duration(timedelta(seconds=seconds))}</TS>")["Value"] == timedelta(
        seconds=seconds
    )


def test_what_is_nested_arrives_as_its_text():
    inner = Record(("Inner",), {"Deep": 1}, "the inner one")
    found = read_object(record_xml(Record(("Outer",), {"One": inner, "Many": [inner, inner]}, "")))
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
    record = read_object(xml)
    assert record.type_name == "X"
    assert record["When"] == datetime.fromisoformat("2026-01-05T09:00:00.123456+01:00")
    assert record["Up"] == timedelta(days=1, hours=2, minutes=3, seconds=4.5)
    assert (record["V"], record["Money"], record["List"], record["Again"]) == (
        "10.0",
        Decimal("1.50"),
        ["a", 2],
        ["a", 2],
    )
    assert (record["State"], record["Same"]) == (EnumValue("On", 0), EnumValue("Off", 1))
    assert (record["Id"], record["Note"]) == (UUID("11111111-2222-3333-4444-555555555555"), "\n")
    assert "AAAA" not in repr(record["Pw"])


@pytest.mark.parametrize("read", [read_object, READER.read], ids=["document", "flat"])
@pytest.mark.parametrize(
    ("xml", "kind", "text", "properties"),
    [
        (
            '<Obj RefId="0"><S>web1</S><MS><S N="PSPath">C:\\x</S></MS></Obj>',
            "System.String",
            "web1",
            {"Value": "web1", "PSPath": "C:\\x"},
        ),
        (
            '<Obj RefId="0"><B>true</B><MS><S N="PSComputerName">g</S></MS></Obj>',
            "System.Boolean",
            "True",
            {"Value": True, "PSComputerName": "g"},
        ),
        (
            '<Obj RefId="0"><TN RefId="0"><T>A.Set</T></TN><IE><S>a</S><S>b</S></IE><Props><I32 N="Count">2</I32></Props></Obj>',
            "A.Set",
            "",
            {"Value": ["a", "b"], "Count": 2},
        ),
        (
            '<Obj RefId="0"><TN RefId="0"><T>A.Day</T><T>System.Enum</T></TN><ToString>Monday</ToString><I32>1</I32></Obj>',
            "A.Day",
            "Monday",
            {"Value": EnumValue("Monday", 1)},
        ),
        (
            "<U64>18446744073709551615</U64>",
            "System.UInt64",
            "18446744073709551615",
            {"Value": (1 << 64) - 1},
        ),
        ("<C>97</C>", "System.Char", "a", {"Value": "a"}),
        ("<D>1.10</D>", "System.Decimal", "1.10", {"Value": Decimal("1.10")}),
        ("<Version>10.0.1</Version>", "System.Version", "10.0.1", {"Value": "10.0.1"}),
        ("<I32>many</I32>", "System.Int32", "many", {"Value": "many"}),
        ("<Nil />", "", "", {"Value": None}),
        (
            '<Obj RefId="0"><MS><Obj N="D" RefId="3"><TN RefId="0"><T>PSCustomObject</T></TN><MS><I32 N="F">1</I32></MS></Obj></MS></Obj>',
            "",
            "",
            {"D": {"F": 1}},
        ),
        (
            '<Obj RefId="0"><ToString /><Props><S N="Notes"></S><S N="a &gt; b">&lt;&#65;&gt;</S></Props></Obj>',
            "",
            "",
            {"Notes": "", "a > b": "<A>"},
        ),
    ],
)
def test_a_value_keeps_what_it_is_and_what_it_carries(read, xml, kind, text, properties):
    record = read(xml)
    assert (record.type_name, record.text, dict(record.properties)) == (kind, text, properties)


@pytest.mark.parametrize("read", [read_object, READER.read], ids=["document", "flat"])
def test_xml_that_is_written_in_another_way_is_read_too(read):
    xml = "<?xml version='1.0'?>\n<Obj RefId='0' xmlns='http://schemas.microsoft.com/powershell/2004/04'>\n <Props><!-- so --><S N='a'><![CDATA[<b>]]></S>\n</Props></Obj>"
    assert dict(read(xml).properties) == {"a": "<b>"}
    with pytest.raises(ET.ParseError):
        read('<Obj RefId="0"><Props><S N="a">b</I32></Props></Obj>')


def test_characters_that_no_parser_takes_are_replaced_and_counted():
    xml, count = replace_forbidden(
        '<Obj RefId="0"><Props><S N="Notes">a&#xFFFE;b\uffff&#1;&#65;</S></Props></Obj>'
    )
    assert count == 3
    assert READER.read(xml)["Notes"] == "a\ufffdb\ufffd\ufffdA"


def test_a_type_that_is_written_once_is_known_of_all_that_refer_to_it():
    values = {name: EnumValue(name, number) for number, name in enumerate(("On", "Off", "Auto"))}
    names = ("Selected.A", "System.Management.Automation.PSCustomObject", "System.Object")
    record = Record(names, {**values, "List": [], "Other": []})
    xml = record_xml(record)
    assert xml.count("<TNRef ") == 3
    assert RecordReader()._flat(xml) == record == read_object(xml)
    unknown = xml.replace('<TNRef RefId="1" />', '<TNRef RefId="9" />', 1)
    assert RecordReader().read(unknown) == read_object(unknown)
    assert RecordReader().read(unknown)["Off"] == 1  # without its type it is a number
