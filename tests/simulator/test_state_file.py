"""The state file: versioned, whole after a kill at any moment, shared by processes."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import nestlab
from nestlab.errors import StateFileError
from nestlab.model import Cmdlet
from nestlab.simulator.faults import Fault
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.state import state_file
from nestlab.transport import connect

WORKER = """
import sys
from nestlab.model import Cmdlet
from nestlab.transport import connect
session = connect(sys.argv[1])
for number in range(int(sys.argv[3])):
    session.run(Cmdlet("New-VMSwitch", {"Name": f"{sys.argv[2]}{number}", "SwitchType": "Private"}))
    print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "host.json"


@pytest.fixture
def address(path):
    address = f"sim:ws2022-intel?state={path}"
    connect(address)
    return address


def switches(address):
    return {record["Name"] for record in connect(address).run(Cmdlet("Get-VMSwitch"))}


def worker(address, name, count):
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, address, name, str(count)], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(
    ("version", "says"),
    [
        (2, "newer nestlab"),
        (99, "newer nestlab"),
        (0, "does not exist"),
        ("1", "does not exist"),
        (None, "does not exist"),
        (True, "does not exist"),
    ],
)
def test_another_version_is_refused_and_the_file_kept(path, address, version, says):
    text = json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"version": version})
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StateFileError, match=says) as caught:
        connect(address)
    assert str(path) in caught.value.message
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda _: "{", ":1:2: not a state file of a simulated host: "),
        (lambda _: "[]", ": not a state file of a simulated host"),
        (
            lambda data: json.dumps(data | {"format": "something"}),
            ": not a state file of a simulated host",
        ),
        (lambda data: json.dumps(data | {"clock": {}}), ": damaged state file: 'now' is missing"),
        (
            lambda data: json.dumps(data | {"clock": 5}),
            ": damaged state file: expected an object at 'clock', found 5",
        ),
        (
            lambda data: json.dumps({key: value for key, value in data.items() if key != "host"}),
            ": damaged state file: 'host' is missing",
        ),
        (
            lambda data: json.dumps(data | {"wires": "x"}),
            ": damaged state file: expected an object for PhysicalNetwork, found 'x'",
        ),
        (
            lambda data: json.dumps(
                data | {"host": data["host"] | {"features": {"Hyper-V": "Removed"}}}
            ),
            ": damaged state file: expected one of Installed, InstallPending, UninstallPending at host.features['Hyper-V'], found 'Removed'",
        ),
        (
            lambda data: json.dumps(data, indent=0)[:-1],
            "not a state file of a simulated host: Expecting ',' delimiter",
        ),
    ],
    ids=[
        "no-json",
        "a-list",
        "another-format",
        "no-moment",
        "no-clock",
        "no-host",
        "another-type",
        "another-state-of-a-feature",
        "cut-off",
    ],
)
def test_a_damaged_file_is_one_clear_error_and_kept(path, address, damage, says):
    text = damage(json.loads(path.read_text(encoding="utf-8")))
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StateFileError) as caught:
        connect(address)
    assert caught.value.message.startswith(f"{path}:")
    assert says in caught.value.message
    assert "new" in caught.value.hint or "missing" in caught.value.hint
    assert path.read_text(encoding="utf-8") == text


def test_what_is_no_file_or_lies_nowhere_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_bytes(b"\xff\xfe")
    for where, says in (
        (tmp_path, "cannot be read"),
        (tmp_path / "no" / "host.json", "cannot be locked"),
        (tmp_path / "file", "it is not text"),
    ):
        with pytest.raises(StateFileError, match=says) as caught:
            connect(f"sim:ws2022-intel?state={where}")
        assert str(where) in caught.value.message
        assert caught.value.hint


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root and Windows write into any folder"
)
def test_a_folder_that_is_not_writable_is_one_clear_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StateFileError, match="cannot be locked"):
        connect(f"sim:ws2022-intel?state={tmp_path / 'host.json'}")
    tmp_path.chmod(0o700)


def test_killed_at_any_moment_it_is_whole_and_keeps_what_was_answered(path, address):
    generator = random.Random(7)  # noqa: S311  # when to kill need not be secret
    answered = set()
    for name in "abcdef":
        process = worker(address, name, 1000)
        lines = [process.stdout.readline().strip() for _ in range(generator.randint(1, 5))]
        time.sleep(generator.uniform(0, 0.05))  # at any moment of the next call
        process.kill()
        answered |= {f"{name}{number}" for number in (*lines, *process.communicate()[0].split())}
        assert answered <= switches(address)
    assert len(answered) >= len("abcdef")
    assert {entry.name for entry in path.parent.iterdir()} <= {
        path.name,
        f"{path.name}.lock",
        f".{path.name}.new",
    }


def test_processes_at_one_file_lose_nothing_of_each_other(address):
    workers = [worker(address, name, 20) for name in "xy"]
    for process in workers:
        process.communicate()
    assert [process.returncode for process in workers] == [0, 0]
    assert switches(address) == {f"{name}{number}" for name in "xy" for number in range(20)}


def test_reading_writes_nothing(path, address):
    before = path.read_bytes()
    assert switches(address) == set()
    assert path.read_bytes() == before


def test_what_another_process_wrote_is_seen_though_the_file_looks_the_same(path, address):
    session = connect(address)
    data = json.loads(path.read_text(encoding="utf-8"))
    data["host"]["name"] = "HV99"
    stat = path.stat()
    with state_file.Lock(path).held():
        state_file.write(
            path, {key: value for key, value in data.items() if key not in ("format", "version")}
        )

    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    (record,) = session.run(Cmdlet("Get-VMHost"))
    assert record["Name"] == "HV99"


def test_a_locked_file_is_waited_for_and_then_named(path, address):
    impatient = state_file.Lock(path, timeout=0.05)
    with (
        state_file.Lock(path).held(),
        pytest.raises(StateFileError, match="another process has locked"),
        impatient.held(),
    ):
        pass


def test_a_file_that_is_gone_is_written_again(path, address):
    session = connect(address)
    path.unlink()
    session.run(Cmdlet("New-VMSwitch", {"Name": "Lab", "SwitchType": "Private"}))
    assert switches(address) == {"Lab"}


def test_injected_faults_are_kept(path, address):
    SimulatedHost.load(path).inject_faults(Fault("fail", "New-VM"))
    assert [fault.cmdlet for fault in SimulatedHost.load(path).faults] == ["New-VM"]
    SimulatedHost.load(path).clear_faults()
    assert SimulatedHost.load(path).faults == ()


def test_whatever_is_saved_is_read_back_the_same(path, address):
    session = connect(address)
    session.run(
        Cmdlet("Start-VM", {"Name": "dc-archive"}),
        Cmdlet("New-VMSwitch", {"Name": "Up", "NetAdapterName": "Ethernet"}),
    )
    assert SimulatedHost.load(path).world.to_dict() == session.simulated_host.world.to_dict()


def test_a_file_that_an_earlier_build_wrote_is_read_the_same(path):
    """`state-version-1.json` keeps a host after nat-lab was applied."""
    written = Path(__file__).with_name("data") / "state-version-1.json"
    shutil.copyfile(written, path)
    data = json.loads(written.read_text(encoding="utf-8"))
    assert (data.pop("format"), data.pop("version")) == ("nestlab-simulated-host", 1)
    del data["clock"]["revision"]
    data["clock"]["fault_call_counts"] = data["clock"].pop("seen")
    _as_saved_now(data["host"])
    assert SimulatedHost.load(path).world.to_dict() == data


def test_the_counted_calls_of_faults_are_read_under_their_former_name(path):
    """Earlier builds saved them as `seen`; without them a fault would apply again."""
    host = SimulatedHost.from_scenario("ws2022-intel")
    host.world.faults.append(Fault("fail", "Start-VM", nth=2))
    world = host.world.to_dict()
    for fault in world["faults"]:
        fault["seen"] = fault.pop("call_count")
    world["clock"]["seen"] = [1]
    del world["clock"]["fault_call_counts"]
    document = {"format": "nestlab-simulated-host", "version": 1, **world}
    path.write_text(json.dumps(document), encoding="utf-8")
    (fault,) = SimulatedHost.load(path).world.faults
    assert fault.call_count == 1


def _as_saved_now(machine):
    """Remove what earlier builds kept of images inside other images, and rename former fields."""
    machine["ready_at"] = machine.pop("answers_from")
    for file in machine.get("files", {}).values():
        file.pop("images", None)
        if "content" in file:
            file["system"] = file.pop("content")
            _as_saved_now(file["system"])


def test_an_address_on_its_way_is_read_under_its_former_name(tmp_path):
    scenario = tmp_path / "slow.json"
    scenario.write_text(
        '{"description": "d", "based_on": "ws2022-intel", "quirks": {"address_move_seconds": 60}}',
        encoding="utf-8",
    )
    path = tmp_path / "state.json"
    address = f"sim:{scenario}?state={path}"
    connect(address).run(Cmdlet("New-VMSwitch", {"Name": "S", "NetAdapterName": "Ethernet"}))
    text = path.read_text(encoding="utf-8")
    assert '"pending_ip"' in text
    text = text.replace('"pending_ip_at"', '"comes_at"').replace('"pending_ip"', '"coming"')
    path.write_text(text, encoding="utf-8")
    session = connect(address)
    session.run(Cmdlet("Start-Sleep", {"Seconds": 60}))
    (found,) = session.run(Cmdlet("Get-NetIPAddress", {"IPAddress": "192.0.2.10"}))
    assert found["InterfaceAlias"] == "vEthernet (S)"


def test_a_guest_that_never_answers_is_read_again(tmp_path):
    address = f"sim:ws2022-intel?state={tmp_path / 'state.json'}"
    text = r"""
name: z
images: {u: {path: 'D:\images\ws2022.vhdx', os: linux}}
vms: [{name: z, disk: {image: u}, guest: {os: linux, credential: c1, cloud_init: true}}]
"""
    lab = nestlab.Lab(nestlab.loads(text), nestlab.connect(address), tmp_path / "j.jsonl")
    assert [str(result) for result in lab.apply() if not result.ok] == []
    again = nestlab.Lab(nestlab.loads(text), nestlab.connect(address), tmp_path / "j.jsonl")
    assert [str(result) for result in again.destroy() if not result.ok] == []


def test_in_a_browser_tab_nothing_is_locked(path, monkeypatch):
    path.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(sys, "platform", "emscripten")
    with state_file.Lock(path, timeout=0.05).held(), state_file.Lock(path, timeout=0.05).held():
        assert not path.with_name(f"{path.name}.lock").exists()
