"""The contract, on a real host: off unless NESTLAB_LIVE_HOST names one.

See README.md beside this file.

It reads; what it writes to are a switch and a VM that it makes for itself, marks, and removes.
"""

from __future__ import annotations

import os
import secrets
import threading
from datetime import timedelta
from uuid import UUID

import pytest

import nestlab
from nestlab.errors import AccessDenied, Cancelled, CmdletError, GuestUnreachable
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.observe import observe
from nestlab.rules import host_findings

ADDRESS = os.environ.get("NESTLAB_LIVE_HOST", "")
if not ADDRESS:
    pytest.skip("NESTLAB_LIVE_HOST names no host", allow_module_level=True)

NAME = f"nestlab-live-{secrets.token_hex(4)}"
MARK = "nestlab:live-suite"
NOTES = 'it\'s "$x" `n ‘curly’ Ünïcode\nsecond line'


def connect(**given):
    options = {
        "auth": os.environ.get("NESTLAB_LIVE_AUTH", "negotiate"),
        "configuration_name": os.environ.get("NESTLAB_LIVE_CONFIGURATION") or None,
        "ca": os.environ.get("NESTLAB_LIVE_CA") or None,
    }
    return nestlab.connect(ADDRESS, **options | given)


@pytest.fixture(scope="module")
def session():
    opened = connect()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def vm(session):
    """A VM of this suite alone, without a disk, off; removed afterwards."""
    session.run(
        Cmdlet(
            "New-VM",
            {
                "Name": NAME,
                "MemoryStartupBytes": Size.parse("512MB"),
                "Generation": 2,
                "NoVHD": SwitchParameter.ON,
            },
        )
    )
    session.run(Cmdlet("Set-VM", {"Name": NAME, "Notes": MARK}))
    yield NAME
    (found,) = session.run(Cmdlet("Get-VM", {"Name": NAME}))
    assert found["Notes"].startswith(MARK)
    session.run(Cmdlet("Remove-VM", {"Name": NAME, "Force": SwitchParameter.ON}))


def test_it_can_be_observed_and_judged(session):
    state = observe(session)
    assert state.computer.name
    assert state.computer.total_physical_memory > 0
    assert len(host_findings(state)) >= 0


def test_records_arrive_typed(session, vm):
    (record,) = session.run(Cmdlet("Get-VM", {"Name": vm}))
    assert record.type_name == "Microsoft.HyperV.PowerShell.VirtualMachine"
    assert record["State"] == "Off"
    assert isinstance(record["Id"], UUID)
    assert isinstance(record["Uptime"], timedelta)
    assert record["MemoryStartup"] == 512 << 20


def test_every_property_that_the_simulated_host_has_is_there(session, vm):
    simulated = nestlab.connect()
    (ours,) = simulated.run(Cmdlet("Get-VM", {"Name": "sql-test"}))
    (theirs,) = session.run(Cmdlet("Get-VM", {"Name": vm}))
    missing = [name for name in ours.properties if name not in theirs]
    assert missing == []


def test_a_size_above_four_gigabytes_arrives_whole(session, vm):
    session.run(Cmdlet("Set-VM", {"Name": vm, "MemoryStartupBytes": Size.parse("6GB")}))
    assert session.run(Cmdlet("Get-VM", {"Name": vm})).records[0]["MemoryStartup"] == 6 << 30


def test_text_arrives_unchanged(session, vm):
    session.run(Cmdlet("Set-VM", {"Name": vm, "Notes": f"{MARK} {NOTES}"}))
    assert session.run(Cmdlet("Get-VM", {"Name": vm})).records[0]["Notes"] == f"{MARK} {NOTES}"


def test_the_extensions_flag_is_set_and_read(session, vm):
    session.run(Cmdlet("Set-VMProcessor", {"VMName": vm, "ExposeVirtualizationExtensions": True}))
    assert (
        session.run(Cmdlet("Get-VMProcessor", {"VMName": vm})).records[0][
            "ExposeVirtualizationExtensions"
        ]
        is True
    )


def test_a_switch_comes_and_goes(session):
    session.run(Cmdlet("New-VMSwitch", {"Name": NAME, "SwitchType": "Private", "Notes": MARK}))
    (switch,) = session.run(Cmdlet("Get-VMSwitch", {"Name": NAME}))
    assert (switch["SwitchType"], switch["Notes"]) == ("Private", MARK)
    session.run(Cmdlet("Remove-VMSwitch", {"Name": NAME, "Force": SwitchParameter.ON}))
    with pytest.raises(CmdletError):
        session.run(Cmdlet("Get-VMSwitch", {"Name": NAME}))


def test_a_refusal_is_the_cmdlets_own_error(session):
    with pytest.raises(CmdletError) as caught:
        session.run(Cmdlet("Get-VM", {"Name": f"{NAME}-nobody"}))
    assert caught.value.record.error_id == "InvalidParameter"
    assert caught.value.record.exception_type.endswith("VirtualizationException")


def test_a_tolerated_error_ends_its_own_statement_only(session):
    outcome = session.run(
        Cmdlet("Get-VM", {"Name": f"{NAME}-nobody", "ErrorAction": "SilentlyContinue"}),
        Cmdlet("Get-VMHost"),
    )
    assert len(outcome.of_type("VMHost")) == 1


@pytest.mark.skipif(
    "NESTLAB_LIVE_CONFIGURATION" in os.environ, reason="a JEA role has no Start-Sleep"
)
def test_a_long_cmdlet_is_cancelled(session):
    cancel = threading.Event()
    threading.Timer(1.0, cancel.set).start()
    with pytest.raises(Cancelled):
        session.run(Cmdlet("Start-Sleep", {"Seconds": 600}), cancel=cancel)
    assert session.run(Cmdlet("Get-VMHost")).records


def test_a_wrong_password_is_access_denied():
    with pytest.raises(AccessDenied) as caught:
        connect(username="nestlab-live-nobody", password=secrets.token_hex(12))
    assert caught.value.hint


def test_a_vm_without_a_system_is_no_way_in(session, vm):
    with pytest.raises(GuestUnreachable):
        session.guest(vm, "lab-admin").run(Cmdlet("Get-NetAdapter"))


@pytest.mark.skipif("NESTLAB_LIVE_GUEST" not in os.environ, reason="NESTLAB_LIVE_GUEST names no VM")
def test_a_guest_answers(session):
    guest = session.guest(os.environ["NESTLAB_LIVE_GUEST"], "lab-admin")
    outcome = guest.run(Cmdlet("Get-NetAdapter"), Cmdlet("Get-NetIPAddress"))
    assert outcome.of_type("MSFT_NetAdapter")
    with pytest.raises(CmdletError):
        guest.run(Cmdlet("Get-NetAdapter", {"Name": "no-such-adapter"}))
