"""Injected faults as plain pypsrp meets them, at an endpoint that the command line serves."""

import contextlib
import json
import signal
import subprocess
import sys

import pytest
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

FAULTS = [
    "fail:New-VMSwitch:1", "deny:New-VMSwitch:2", "drop:New-VMSwitch:3", "refuse:Get-VMHost:1", "slow:Get-VM:1:60", "power-cut:New-VHD:1:0",
]  # fmt: skip


@pytest.fixture(scope="module")
def served():
    words = [
        sys.executable,
        "-m",
        "nestlab",
        "simulate",
        "--json",
        *(word for fault in FAULTS for word in ("--fault", fault)),
    ]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    yield json.loads(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    process.communicate()


@pytest.fixture
def pool(served):
    port = int(served["url"].rsplit(":", 1)[1].partition("/")[0])
    wsman = WSMan(
        "127.0.0.1", port=port, username=served["user"], password=served["password"], ssl=False, no_proxy=True, read_timeout=5,
        operation_timeout=2, reconnection_retries=0,
    )  # fmt: skip
    with wsman:
        opened = RunspacePool(wsman)
        opened.open()
        yield opened
        with contextlib.suppress(WSManFaultError):  # a session that was lost cannot be closed
            opened.close()


def ids(pool, name, **parameters):
    shell = PowerShell(pool).add_cmdlet(name).add_parameters(parameters)
    shell.invoke()
    return [error.fq_error for error in shell.streams.error]


LAB = {"Name": "Lab", "SwitchType": "Private"}


def test_failed_denied_and_done_all_the_same(pool):
    assert ids(pool, "New-VMSwitch", **LAB) == ["InjectedFault,New-VMSwitch"]
    assert ids(pool, "New-VMSwitch", **LAB) == [
        "AccessDenied,Microsoft.HyperV.PowerShell.Commands.NewVMSwitch"
    ]
    shell = PowerShell(pool).add_cmdlet("New-VMSwitch").add_parameters(LAB)
    with pytest.raises(WSManFaultError, match="shell was not found"):
        shell.invoke()
    assert shell.output == []  # it was made, and nobody hears of it


def test_what_was_done_before_the_session_was_lost_is_there(pool):
    (switch,) = PowerShell(pool).add_cmdlet("Get-VMSwitch").invoke()
    assert switch.adapted_properties["Name"] == "Lab"


def test_a_refused_session_is_an_access_denied_of_winrm(pool):
    with pytest.raises(WSManFaultError, match="Access is denied"):
        PowerShell(pool).add_cmdlet("Get-VMHost").invoke()


def test_slow_tells_how_far_it_is(pool):
    shell = PowerShell(pool).add_cmdlet("Get-VM")
    assert len(shell.invoke()) == 3
    # The first record is what a fresh shell says of its modules, the last that the activity is
    # over.
    assert [record.percent_complete for record in shell.streams.progress] == [-1, 0, 50, -1]
