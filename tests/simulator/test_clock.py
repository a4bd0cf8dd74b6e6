"""Virtual time: plausible, with progress on the way; real where a time scale makes it so, and then to be cancelled."""

import threading
import time

import pytest

from nestlab.errors import Cancelled, HostUnreachable
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.simulator.state.clock import Clock
from nestlab.transport import connect

INSTALL = Cmdlet(
    "Install-WindowsFeature", {"Name": "Hyper-V", "IncludeManagementTools": SwitchParameter.ON}
)
CHECKPOINTED = {"VMName": "checkpointed"}


def timed(session, *cmdlets):
    """Virtual seconds that cmdlets take, and the percentages of their progress."""
    seen, before = [], session.simulated_host.clock.now
    session.run(*cmdlets, on_progress=lambda progress: seen.append(progress.percent_complete))
    return session.simulated_host.clock.now - before, seen


@pytest.mark.parametrize(
    ("address", "cmdlet", "least", "most"),
    [
        ("sim:no-role", INSTALL, 60, 300),
        ("sim:old-vms", Cmdlet("Remove-VMSnapshot", CHECKPOINTED), 10, 120),
        ("sim:old-vms", Cmdlet("Checkpoint-VM", {"Name": "floating"}), 2, 60),
        ("sim:ws2022-intel", Cmdlet("Start-VM", {"Name": "dc-archive"}), 1, 30),
        ("sim:ws2022-intel", Cmdlet("Stop-VM", {"Name": "build-agent"}), 5, 60),
        ("sim:ws2022-intel", Cmdlet("Save-VM", {"Name": "build-agent"}), 2, 60),
        (
            "sim:ws2022-intel",
            Cmdlet("Restart-VM", {"Name": "build-agent", "Force": SwitchParameter.ON}),
            1,
            30,
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Cmdlet) else None,
)
def test_what_takes_long_takes_virtual_time_with_progress_and_no_real_time(
    address, cmdlet, least, most, monkeypatch
):
    session = connect(address)
    monkeypatch.setattr(time, "sleep", _no_sleep)
    seconds, seen = timed(session, cmdlet)
    assert least <= seconds <= most
    assert seen[0] == 0
    assert seen[-1] == 100
    assert len(seen) >= 3


def _no_sleep(_seconds):
    pytest.fail("it waits in real time")


def test_a_host_that_restarts_is_away_for_some_virtual_time():
    session = connect()
    session.run(Cmdlet("Restart-Computer", {"Force": SwitchParameter.ON}))
    away = 0
    while away < 1000:
        session.wait(5)
        away += 5
        try:
            session.run(Cmdlet("Get-VMHost"))
        except HostUnreachable:
            continue
        break
    assert 20 <= away <= 300


def test_a_time_scale_makes_it_real():
    session = connect("sim:no-role?time_scale=0.01")
    began = time.monotonic()
    seconds, seen = timed(session, INSTALL)
    assert time.monotonic() - began >= seconds * 0.01
    assert len(seen) > 5


def test_cancelled_in_the_middle_of_a_real_wait_it_ends_soon_and_the_feature_is_not_there():
    session = connect("sim:no-role?time_scale=1")
    before, cancel = session.simulated_host.clock.now, threading.Event()
    with pytest.raises(Cancelled):
        session.run(
            INSTALL,
            cancel=cancel,
            on_progress=lambda _progress: threading.Timer(0.3, cancel.set).start(),
        )
    assert session.simulated_host.clock.now - before > 0.2
    (feature,) = session.run(Cmdlet("Get-WindowsFeature", {"Name": "Hyper-V"}))
    assert feature["InstallState"] == "Available"


def test_others_use_the_state_file_while_one_waits(tmp_path):
    address = f"sim:ws2022-intel?state={tmp_path / 'host.json'}&time_scale=1"
    waiting, other = connect(address), connect(address)
    cancel = threading.Event()
    ended = []

    def wait():
        try:
            waiting.wait(100_000, cancel)
        except Cancelled:
            ended.append(True)

    thread = threading.Thread(target=wait)
    thread.start()
    assert other.run(Cmdlet("Get-VM")).records
    assert thread.is_alive()
    cancel.set()
    thread.join()
    assert ended == [True]


def test_a_clock_goes_on_by_what_was_waited_for():
    clock = Clock(time_scale=0.001)
    before = clock.now
    clock.advance(100)
    assert clock.now == before + 100
