"""Lines of a server are taken apart in the same way however they are cut into reads."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from nestlab.simulator.endpoint.stdio.client_packets import ClientPacket, data_line
from nestlab.transport.process.packets import (
    DamagedLine,
    PacketReader,
    ServerPacket,
    read_data_line,
)

TARGETS = st.sampled_from([UUID(int=0), UUID(int=1), UUID(int=2)])
OBJECTS = st.sampled_from([b"", b"<", b"<S>a</S>", b"<Obj />" * 20])
MESSAGES = st.builds(
    lambda headers, found: headers + found, st.binary(min_size=61, max_size=62), OBJECTS
)
DATA = st.tuples(TARGETS, st.one_of(st.binary(max_size=40), MESSAGES))
ACKNOWLEDGED = st.tuples(TARGETS, st.just(None))
ENDS = st.sampled_from([b"\n", b"\r\n"])


def line_of(item, end):
    target, data = item
    line = data_line(target, data) if data is not None else acknowledgement(target)
    return line.rstrip(b"\n") + end


def acknowledgement(target):
    return ClientPacket("Data", target).acknowledgement()


def merged(items):
    """Return neighbouring data for one target as one item."""
    for (target, is_data), group in groupby(items, lambda item: (item[0], item[1] is not None)):
        found = list(group)
        if is_data:
            yield target, b"".join(data for _, data in found)
        else:
            yield from found


@given(st.lists(st.one_of(DATA, ACKNOWLEDGED), max_size=12), ENDS, st.data())
def test_packets_come_out_in_order_and_whole(items, end, data):
    stream = b"".join(line_of(item, end) for item in items)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    reader, found = PacketReader(), []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += [
            (packet.target, packet.data if packet.kind == "Data" else None)
            for packet in reader.feed(stream[start:stop])
        ]
    assert list(merged(found)) == list(merged(items))
    assert reader.incomplete_line() == b""


def test_what_is_written_otherwise_is_left_to_the_other_reader():
    line = data_line(UUID(int=1), b"abc").rstrip()
    assert read_data_line(line) == (UUID(int=1), b"abc")
    for other in (line[1:], line[:-1], line.replace(b"YWJj", b"YW j"), line.replace(b"'", b'"')):
        assert read_data_line(other) is None
    spaced = line.replace(b"' PSGuid", b"'  PSGuid") + b"\n"
    (packet,) = PacketReader().feed(spaced)
    assert (packet.target, packet.data) == (UUID(int=1), b"abc")


def test_an_object_that_arrived_before_is_the_same_one_behind_other_headers():
    reader, found = PacketReader(), b"<S>a</S>"
    first, second = (
        next(reader.feed(data_line(UUID(int=1), headers + found)))
        for headers in (b"a" * 61, b"b" * 61)
    )
    assert [*first.pieces, *second.pieces] == [b"a" * 61, found, b"b" * 61, found]
    assert second.pieces[1] is first.pieces[1]


def test_a_changed_line_before_an_object_that_is_known_is_read_as_by_a_new_reader():
    reader, line = PacketReader(), data_line(UUID(int=1), b"a" * 61 + b"<S>a</S>")
    assert len(list(reader.feed(line))) == 1
    for old, new in (
        (b"YWFh", b"YW=="),
        (b"YWFh", b"YW\xff "),
        (b"YTxT", b"YT=="),
        (b"YTxT", b"YT1T"),
    ):
        changed = line.replace(old, new, 1)
        assert changed != line
        assert list(reader.feed(changed)) == list(PacketReader().feed(changed))


@given(st.data())
def test_a_line_of_a_packet_that_is_cut_is_damaged_wherever_it_is_cut(data):
    line = data_line(UUID(int=1), b"a" * 61 + b"<S>a</S>").rstrip(b"\n")
    cut = data.draw(st.integers(1, len(line) - 1))
    found = list(PacketReader().feed(line[:cut] + b"\nVERBOSE: a\n" + line[cut:] + b"\n"))
    assert any(isinstance(item, DamagedLine) for item in found)
    assert not any(isinstance(item, ServerPacket) for item in found)


def test_padding_within_the_data_is_damage_and_not_its_end():
    line = data_line(UUID(int=1), b"a" * 61 + b"<S>a</S>")
    for at in range(line.index(b">") + 1, line.index(b"</") - 4):
        (found,) = PacketReader().feed(line[:at] + b"=" + line[at + 1 :])
        assert isinstance(found, DamagedLine)


def test_packets_that_share_a_line_are_not_taken_for_text():
    lines = acknowledgement(UUID(int=1)).rstrip(b"\n") + data_line(UUID(int=1), b"abc")
    assert [type(found) for found in PacketReader().feed(lines)] == [DamagedLine]


def test_text_without_a_part_of_a_packet_is_text():
    for text in (b"Welcome", b"<Database>", b"</Datasheet> <Objs>", b"AAAA====", b"\0\0"):
        assert list(PacketReader().feed(text + b"\n")) == [text.decode()]
