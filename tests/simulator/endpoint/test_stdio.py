"""The simulated host on standard input and output, for a client that knows nothing of nestlab."""

import os
import signal
import subprocess
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestlab.simulator.endpoint.psrp.defragmenter import (
    HEADER,
    MAX_FRAGMENT,
    BadFragment,
    ServerDefragmenter,
)
from nestlab.simulator.endpoint.stdio.client_packets import (
    MAX_LINE,
    BadPacket,
    ClientPacket,
    data_line,
    packet_of,
)
from nestlab.simulator.host import SimulatedHost
from tests.simulator.endpoint.stdio_client import POOL, SIMULATE, ServerThread, StdioClient

PIPELINE = uuid.UUID(int=7)


@pytest.fixture(scope="module")
def client():
    with StdioClient() as opened:
        yield opened.open()


def test_a_session_opens_answers_and_closes_as_a_real_one():
    with StdioClient() as client:
        client.open()
        state, outputs = client.run("Get-VMHost")
        assert (state.name, len(outputs)) == ("Completed", 1)
        client.close()
        assert [tag for tag, target in client.lines if target == POOL][-3:] == [
            "Data",  # the pool closes,
            "Data",  # and is closed
            "CloseAck",
        ]
        assert client.finish() == (0, "")


def test_another_session_may_begin_on_the_same_streams():
    with StdioClient() as client:
        client.open().close()
        client.pool = type(client.pool)()
        assert client.open().run("Get-VMHost")[0].name == "Completed"
        assert client.finish() == (0, "")


def test_each_line_is_acknowledged_with_its_own_id(client):
    before = len(client.lines)
    shell = client.begin("Get-VMHost")
    client.end(shell)
    mine = [tag for tag, target in client.lines[before:] if target == shell.pipeline_id]
    assert (mine[0], mine[-1]) == ("CommandAck", "CloseAck")
    assert mine.count("DataAck") == 1


def test_an_error_ends_the_pipeline_and_not_the_session(client):
    assert client.run("Get-Nonsense")[0].name == "Failed"
    assert client.run("Get-VMHost")[0].name == "Completed"


@pytest.fixture
def endless():
    """Return a client of a host on which no time passes: what waits there waits until it is stopped."""
    host = SimulatedHost.from_scenario("ws2022-intel")
    host.clock.hold(grace=3600.0)
    with StdioClient(process=ServerThread(host)) as opened:
        yield opened.open()


def test_a_signal_stops_a_pipeline_which_says_so(endless):
    shell = endless.begin("Start-Sleep", Seconds=60)
    endless.send(f"<Signal PSGuid='{shell.pipeline_id}' />")
    assert endless.end(shell).name == "Stopped"
    assert ("SignalAck", shell.pipeline_id) in endless.lines


def test_a_pipeline_that_is_closed_is_stopped(endless):
    shell = endless.begin("Start-Sleep", Seconds=60)
    endless.send(f"<Close PSGuid='{shell.pipeline_id}' />")
    endless.expect("CloseAck", shell.pipeline_id)
    assert endless.run("Get-VMHost")[0].name == "Completed"


def test_two_pipelines_run_side_by_side(endless):
    waiting = endless.begin("Start-Sleep", Seconds=60)
    assert endless.run("Get-VMHost")[0].name == "Completed"
    assert waiting.state.name == "Running"


def test_at_the_end_of_the_input_what_runs_is_stopped(endless):
    endless.begin("Start-Sleep", Seconds=60)
    assert endless.process.wait() == 0


def test_the_session_closes_when_its_last_pipeline_is_closed():
    with StdioClient() as client:
        client.open()
        shell = client.begin("Get-VMHost")
        client.send(f"<Close PSGuid='{POOL}' />")
        client.end(shell)
        client.expect("CloseAck", POOL)
        tags = [line for line in client.lines if line[0] == "CloseAck"]
        assert tags == [("CloseAck", shell.pipeline_id), ("CloseAck", POOL)]


def test_messages_of_any_size_come_and_go(client):
    text = "ä" * 200_000
    client.run("New-VM", Name="Big", MemoryStartupBytes=1 << 30, NoVHD=True)
    client.run("Set-VM", Name="Big", Notes=text)
    (vm,) = client.run("Get-VM", Name="Big")[1]
    assert vm.Notes == text


def test_data_for_a_pipeline_that_is_gone_is_acknowledged(client):
    shell = client.begin("Get-VMHost")
    client.end(shell)
    fragment = HEADER.pack(1 << 40, 0, 1, 4) + b"more"
    client.send(data_line(shell.pipeline_id, fragment).decode().rstrip())
    client.expect("DataAck", shell.pipeline_id)
    assert client.run("Get-VMHost")[0].name == "Completed"


def test_several_clients_share_a_state_file(tmp_path):
    state = ("--state", str(tmp_path / "state.json"))
    with StdioClient(*state) as first, StdioClient(*state) as second:
        first.open()
        second.open()
        first.run("New-VMSwitch", Name="Shared", SwitchType="Private")
        assert [item.Name for item in second.run("Get-VMSwitch", Name="Shared")[1]] == ["Shared"]
        assert (first.finish(), second.finish()) == ((0, ""), (0, ""))


def test_the_scenario_is_chosen():
    with StdioClient("--scenario", "win11-home") as client:
        assert client.open().run("Get-VMHost")[0].name == "Failed"


def test_a_client_that_reads_no_more_does_not_keep_the_process(tmp_path):
    with StdioClient() as client:
        client.open()
        client.run("New-VM", Name="Big", MemoryStartupBytes=1 << 30, NoVHD=True)
        client.run("Set-VM", Name="Big", Notes="x" * 1_000_000)
        client.begin("Get-VM")  # more than a pipe holds, and nobody reads it
        client.process.stdin.close()
        assert client.process.wait(timeout=60) == 0


def test_a_client_that_is_killed_takes_the_process_along():
    with StdioClient() as client:
        client.open()
        client.process.stdin.close()
        client.process.stdout.close()
        assert client.process.wait(timeout=60) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that a process can take")
def test_it_ends_when_it_is_asked_to():
    with StdioClient() as client:
        client.open()
        client.process.send_signal(signal.SIGTERM)
        code, err = client.finish()
        assert (code, "interrupted" in err) == (130, True)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"Welcome to this computer\n", "not an XML element"),
        (b"<Data PSGuid='x'>\n", "not an XML element"),
        (b"<Hello PSGuid='%s' />\n" % str(POOL).encode(), "'Hello'"),
        (b"<Data Stream='Default' PSGuid='1'>AAAA</Data>\n", "cannot be read"),
        (b"<Data Stream='Default' PSGuid='%s'>?</Data>\n" % str(POOL).encode(), "cannot be read"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>\n", "not an XML element"),
        (b"\n", "not an XML element"),
        (b"<Close PSGuid='%s'" % str(POOL).encode(), "incomplete"),
        (b"x" * (MAX_LINE + 10), "more than"),
        (data_line(POOL, HEADER.pack(1, 5, 3, 1) + b"x"), "Fragment 5"),
        (data_line(POOL, HEADER.pack(1, 0, 3, MAX_FRAGMENT + 1) + b"x"), "more than"),
        (data_line(POOL, HEADER.pack(1, 0, 3, 60) + b"x" * 60), "message"),
    ],
)
def test_what_is_no_remoting_ends_it_with_a_sentence_and_nothing_on_standard_output(line, what):
    done = subprocess.run(SIMULATE, input=line, capture_output=True, timeout=60, check=False)
    err = done.stderr.decode()
    assert (done.returncode, "Traceback" in err) == (2, False)
    assert "Standard input is not PowerShell remoting" in err
    assert what in err
    assert b"Ack" not in done.stdout.replace(b"DataAck", b"")


def test_a_dropped_session_ends_the_process_and_says_so():
    with StdioClient("--fault", "drop:Get-VMHost:1") as client:
        client.open().begin("Get-VMHost")
        with pytest.raises(EOFError, match="went down"):
            client.until(lambda: False)
        assert client.finish()[0] == 3


def test_a_host_that_restarts_ends_its_sessions_and_lets_new_ones_in_when_it_is_up(tmp_path):
    state = ("--state", str(tmp_path / "state.json"))
    with StdioClient(*state) as client:
        client.open()
        client.run("Restart-Computer", Force=True)
        with pytest.raises((EOFError, BrokenPipeError)):
            client.run("Get-VMHost")
        assert client.finish()[0] == 3
    with StdioClient(*state) as client:
        assert client.open().run("Get-VMHost")[0].name == "Completed"


def test_a_port_makes_no_sense_there():
    program = [*SIMULATE, "--port", "1"]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, "cannot be combined with --port" in done.stderr) == (2, True)


@pytest.mark.parametrize("lines", range(0, 16, 3))
def test_a_process_that_is_killed_leaves_the_state_file_whole(tmp_path, lines):
    state = tmp_path / "state.json"
    names = [f"VM{number}" for number in range(4)]
    finished = []
    with StdioClient("--state", str(state)) as client:
        client.open()
        read, most = len(client.lines), len(client.lines) + lines
        for name in names:
            shell = client.begin("New-VM", Name=name, MemoryStartupBytes=1 << 30, NoVHD=True)
            if len(client.lines) >= most:
                break  # killed in the middle of this one
            assert client.end(shell).name == "Completed"
            finished.append(name)
        assert len(client.lines) > read
    there = {vm.name for vm in SimulatedHost.load(state).machine.hyper_v.vms}
    assert set(finished) <= there
    with StdioClient("--state", str(state)) as client:
        assert client.open().run("New-VM", Name="After", MemoryStartupBytes=1 << 30, NoVHD=True)[1]


packets = st.builds(ClientPacket, st.just("Data"), st.uuids(), st.binary(max_size=300))


@given(packets)
def test_what_is_written_is_read_back(packet):
    assert packet_of(data_line(packet.target, packet.data)) == packet


@given(st.binary(max_size=200))
def test_any_line_is_a_packet_or_refused(line):
    try:
        packet_of(line)
    except BadPacket:
        return
    assert line.strip().startswith(b"<")


@given(st.lists(st.binary(min_size=1, max_size=90), min_size=1, max_size=5), st.data())
def test_messages_come_out_of_fragments_however_they_are_cut(messages, data):
    stream = b""
    for number, message in enumerate(messages):
        size = data.draw(st.integers(1, 40))
        parts = [message[at : at + size] for at in range(0, len(message), size)]
        for index, part in enumerate(parts):
            flags = (index == 0) | ((index == len(parts) - 1) << 1)
            stream += HEADER.pack(number, index, flags, len(part)) + part
    reader, came = ServerDefragmenter(), []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        came += reader.feed(stream[:cut])
        stream = stream[cut:]
    assert came == list(enumerate(messages))


def test_a_message_without_an_end_is_refused():
    reader = ServerDefragmenter(maximum=1000)
    endless = b"".join(HEADER.pack(1, n, n == 0, 100) + bytes(100) for n in range(20))
    with pytest.raises(BadFragment):
        list(reader.feed(endless))


def test_unfinished_messages_count_together():
    reader = ServerDefragmenter(maximum=1000)
    many = b"".join(HEADER.pack(n, 0, 1, 100) + bytes(100) for n in range(20))
    with pytest.raises(BadFragment):
        list(reader.feed(many))
