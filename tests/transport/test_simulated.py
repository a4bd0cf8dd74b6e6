"""Sessions to simulated hosts, and the file that keeps their state."""

import json
import subprocess
import sys
import threading
import time

import pytest

from nestlab.errors import Cancelled, CmdletError, StateFileError, UnknownHost, UsageError
from nestlab.model import Cmdlet
from nestlab.transport import connect

PRIVATE = {"SwitchType": "Private"}


def test_the_default_is_the_simulated_host():
    session = connect()
    assert (session.host, session.machine) == ("sim:ws2022-intel", ())


@pytest.mark.parametrize("address", ["telnet://hv01", "hv01", "sim:nope", "sim:../x", ""])
def test_unknown_hosts_name_the_known_ones(address):
    with pytest.raises(UnknownHost) as caught:
        connect(address)
    assert "ws2022-intel" in caught.value.hint


def test_an_option_that_does_not_exist_is_not_an_unknown_host():
    with pytest.raises(UsageError, match="no option 'speed'") as caught:
        connect("sim:ws2022-intel?speed=2")
    assert not isinstance(caught.value, UnknownHost)
    assert "time_scale" in caught.value.hint


def test_a_time_scale_must_be_a_number():
    with pytest.raises(UsageError):
        connect("sim:ws2022-intel?time_scale=fast")


def test_state_lives_in_a_file(tmp_path):
    address = f"sim:ws2022-intel?state={tmp_path / 'x.json'}"
    connect(address).run(Cmdlet("New-VMSwitch", {"Name": "Lab", **PRIVATE}))
    (switch,) = connect(address).run(Cmdlet("Get-VMSwitch"))
    assert switch["Name"] == "Lab"
    assert (tmp_path / "x.json").is_file()


def test_a_relative_state_path_is_taken_from_the_current_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    connect("sim:ws2022-intel?state=x.json")
    assert (tmp_path / "x.json").is_file()


def test_two_sessions_see_each_others_changes(tmp_path):
    address = f"sim:ws2022-intel?state={tmp_path / 'x.json'}"
    one, two = connect(address), connect(address)
    one.run(Cmdlet("New-VMSwitch", {"Name": "One", **PRIVATE}))
    two.run(Cmdlet("New-VMSwitch", {"Name": "Two", **PRIVATE}))
    assert [switch["Name"] for switch in one.run(Cmdlet("Get-VMSwitch"))] == ["One", "Two"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": "other"}', '{"format": "nestlab-simulated-host", "version": 99}'],
)
def test_a_file_that_is_no_state_is_refused_and_kept(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StateFileError):
        connect(f"sim:ws2022-intel?state={path}")
    assert path.read_text(encoding="utf-8") == text


def test_damaged_state_is_one_error(tmp_path):
    path = tmp_path / "x.json"
    connect(f"sim:ws2022-intel?state={path}")
    data = json.loads(path.read_text(encoding="utf-8"))
    data["host"]["adapters"] = [{"name": 5}]
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(StateFileError, match="damaged"):
        connect(f"sim:ws2022-intel?state={path}")


def test_a_missing_folder_is_one_error(tmp_path):
    with pytest.raises(StateFileError):
        connect(f"sim:ws2022-intel?state={tmp_path / 'nope' / 'x.json'}")


def test_processes_at_one_state_file_lose_nothing(tmp_path):
    address = f"sim:ws2022-intel?state={tmp_path / 'x.json'}"
    connect(address)
    program = (
        "import sys\nfrom nestlab.model import Cmdlet\nfrom nestlab.transport import connect\n"
        "session = connect(sys.argv[1])\n"
        "for n in range(5):\n"
        "    session.run(Cmdlet('New-VMSwitch', {'Name': f'{sys.argv[2]}{n}', 'SwitchType': 'Private'}))\n"
    )
    workers = [subprocess.Popen([sys.executable, "-c", program, address, name]) for name in "abc"]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    names = {switch["Name"] for switch in connect(address).run(Cmdlet("Get-VMSwitch"))}
    assert names == {f"{worker}{n}" for worker in "abc" for n in range(5)}


def test_waiting_takes_virtual_time_only(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda _seconds: pytest.fail("it waits in real time"))
    session = connect()
    before = session.simulated_host.clock.now
    session.wait(3600)
    assert session.simulated_host.clock.now == before + 3600


def test_time_scale_makes_waiting_real_and_cancel_ends_it():
    session = connect("sim:ws2022-intel?time_scale=1")
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    with pytest.raises(Cancelled):
        session.wait(100_000, cancel)


def test_cancel_stops_before_the_next_statement():
    session = connect()
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        session.run(Cmdlet("New-VMSwitch", {"Name": "Lab", **PRIVATE}), cancel=cancel)
    assert session.run(Cmdlet("Get-VMSwitch")).records == ()


def test_progress_comes_on_the_way():
    seen = []
    connect().run(Cmdlet("Start-VM", {"Name": "dc-archive"}), on_progress=seen.append)
    assert [progress.percent_complete for progress in seen] == [0, 25, 50, 75, 100]


def test_errors_that_continue_are_in_the_outcome():
    outcome = connect().run(
        Cmdlet("Get-VM", {"Name": ["nope", "dc-archive"], "ErrorAction": "Continue"}),
        Cmdlet("Get-VM", {"Name": "nope", "ErrorAction": "SilentlyContinue"}),
    )
    assert [record["Name"] for record in outcome] == ["dc-archive"]
    assert [error.error_id for error in outcome.errors] == ["InvalidParameter"]


def test_the_same_actions_give_the_same_ids():
    ids = [connect().run(Cmdlet("New-VM", {"Name": "a"})).records[0]["Id"] for _ in range(2)]
    assert ids[0] == ids[1]


def test_an_error_behind_a_pipe_ends_the_statement_too():
    session = connect()
    session.run(Cmdlet("New-VM", {"Name": "a"}))
    with pytest.raises(CmdletError):
        session.run(Cmdlet("Get-VM", {"Name": "a"}, Cmdlet("Set-VM", {"ProcessorCount": 100_000})))
