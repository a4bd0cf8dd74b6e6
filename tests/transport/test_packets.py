"""Lines of a server are taken apart in the same way however they are cut into reads."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from nestlab.simulator.endpoint.stdio.client_packets import ClientPacket, data_line
from nestlab.transport.process.packets import PacketReader, read_data_line

TARGETS = st.sampled_from([UUID(int=0), UUID(int=1), UUID(int=2)])
DATA = st.tuples(TARGETS, st.binary(max_size=40))
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
