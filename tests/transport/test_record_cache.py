"""A message that arrives again gives the same record again, whatever was done with the first."""

import string
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from nestlab.model import EnumValue, Record
from nestlab.simulator.endpoint.messages.object_xml import record_xml
from nestlab.transport.psrp import record_cache
from nestlab.transport.psrp.fragments import Fragmenter
from nestlab.transport.psrp.message_types import MessageType
from nestlab.transport.psrp.messages import MessageReader

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 9),
    st.text(max_size=9),
    st.builds(EnumValue, st.sampled_from(["On", "Off"]), st.integers(0, 3)),
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.dictionaries(st.text(min_size=1, max_size=4), SCALARS, max_size=3),
    st.lists(st.lists(SCALARS, max_size=2), max_size=2),
)
PROPERTIES = st.dictionaries(st.text(string.ascii_letters, min_size=1), VALUES, max_size=5)
TYPES = st.sampled_from([("A.B", "System.Object"), ("Selected.A", "A.PSCustomObject")])
RECORDS = st.builds(Record, TYPES, PROPERTIES, st.text(max_size=5))
POOL, PIPELINE = UUID(int=1), UUID(int=2)


def sent(fragmenter, record, size=32_768):
    kind = MessageType.PIPELINE_OUTPUT
    xml = record if isinstance(record, str) else record_xml(record)
    return b"", b"".join(fragmenter.fragment(kind, xml, POOL, size, PIPELINE))


@given(st.lists(RECORDS, min_size=1, max_size=4), st.integers(1, 900), st.integers(60, 200))
def test_what_arrives_again_is_read_as_before(records, size, limit):
    fragmenter, reader = Fragmenter(), MessageReader()
    rounds_sent = [
        [piece for record in records for piece in sent(fragmenter, record, size)] for _ in range(3)
    ]
    kept, record_cache._LIMIT = record_cache._LIMIT, limit
    try:
        rounds = [list(reader.read(data)) for data in rounds_sent]
    finally:
        record_cache._LIMIT = kept
    fresh = list(MessageReader().read(rounds_sent[0]))
    assert [kind for kind, _ in fresh] == [MessageType.PIPELINE_OUTPUT] * len(records)
    assert all(found == fresh for found in rounds)


@given(RECORDS)
def test_what_is_done_to_a_list_stays_with_its_record(record):
    fragmenter, reader = Fragmenter(), MessageReader()
    for _ in range(3):
        ((_, found),) = reader.read(sent(fragmenter, record))
        ((_, fresh),) = MessageReader().read(sent(fragmenter, record))
        assert found == fresh
        for value in found.properties.values():
            if isinstance(value, list | dict):
                value.clear()


def test_characters_that_are_replaced_are_counted_each_time():
    fragmenter, reader = Fragmenter(), MessageReader()
    for count in (1, 2, 3):
        ((_, record),) = reader.read(sent(fragmenter, "<S>a&#xFFFE;</S>"))
        assert (record["Value"], reader.replaced) == ("a\ufffd", count)
