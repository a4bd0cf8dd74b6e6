"""The self-test with a simulated host: a lab in this process, and PowerShell remoting to it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from nestlab.cli.doctor.line import DoctorLine, DoctorState
from nestlab.cli.shipped_files import source_folder
from nestlab.constants import DEFAULT_HOST
from nestlab.lab import Lab
from nestlab.model import Cmdlet
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.scenarios import DEFAULT
from nestlab.texts import tr
from nestlab.topology_file import loads
from nestlab.transport import connect

_LAB = "topologies/nat-lab.yml"


def simulated_lab() -> Iterator[DoctorLine]:
    """Yield whether a lab can be planned, applied, verified and undone on a simulated host.

    The lab is one that comes with nestlab: a nested host with VMs inside, each level behind NAT.
    """
    source = source_folder()
    if source is None:
        return  # the line about the notebooks reports it
    text = (source / "notebooks" / _LAB).read_text(encoding="utf-8")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nestlab-doctor-") as folder:
        lab = Lab(loads(text), connect(DEFAULT_HOST), journal=Path(folder) / "doctor.jsonl")
        before = len(lab.plan().steps)
        applied = list(lab.apply())
        report = lab.verify()
        left = len(lab.plan().steps)
        undone = list(lab.undo())
        after = len(lab.plan().steps)
    failed = [result for result in (*applied, *undone) if not result.ok]
    if not failed and report.ok and not left and before == after:
        found = tr(
            "{host}: planned, {steps} steps applied, {checks} of {total} checks passed, undone, in {seconds:.1f} s",
            host=DEFAULT_HOST,
            steps=len(applied),
            checks=sum(each.passed for each in report),
            total=len(report),
            seconds=time.monotonic() - started,
        )
        yield DoctorLine(tr("simulated lab"), DoctorState.OK, found)
        return
    found = "; ".join(str(each) for each in (*failed, *report)) or tr(
        "The host differs from before."
    )
    yield DoctorLine(tr("simulated lab"), DoctorState.FAILED, found, bug_text())


def remoting() -> Iterator[DoctorLine]:
    """Yield whether PowerShell remoting works, to a simulated host on this computer."""
    started = time.monotonic()
    with serve(SimulatedHost.from_scenario(DEFAULT)) as endpoint:
        session = connect(
            endpoint.trusted_address, username=endpoint.user, password=endpoint.password
        )
        try:
            answered = len(list(session.run(Cmdlet("Get-VMHost")))) == 1
        finally:
            session.close()
    text = tr(
        "PowerShell remoting to a simulated host on this computer: answered in {seconds:.1f} s",
        seconds=time.monotonic() - started,
    )
    if answered:
        yield DoctorLine("WinRM", DoctorState.OK, text)
    else:
        yield DoctorLine(
            "WinRM", DoctorState.FAILED, tr("The simulated host gave no answer."), bug_text()
        )


def bug_text() -> str:
    """Return what to do about a failure that should not happen."""
    return tr("This is a bug in nestlab. Report this output, with that of `nestlab doctor --json`.")
