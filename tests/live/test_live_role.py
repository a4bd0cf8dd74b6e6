"""An exported role, registered on a real host: off unless NESTLAB_LIVE_ROLE is set.

See README.md beside this file. It builds `role-lab.yml` through the endpoint and undoes it.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

import nestlab
from nestlab.errors import CmdletError
from nestlab.export.jea import patterns, role_name
from nestlab.model import Cmdlet
from nestlab.simulator.powershell.values.regular_expressions import is_match

ADDRESS = os.environ.get("NESTLAB_LIVE_HOST", "")
if not ADDRESS or "NESTLAB_LIVE_ROLE" not in os.environ:
    pytest.skip("NESTLAB_LIVE_HOST and NESTLAB_LIVE_ROLE are not set", allow_module_level=True)

LAB = Path(__file__).with_name("role-lab.yml")
NAME = "nestlab-live-role"


@pytest.fixture(scope="module")
def topology():
    return nestlab.load(LAB)


@pytest.fixture(scope="module")
def session(topology):
    options = {
        "auth": os.environ.get("NESTLAB_LIVE_AUTH", "negotiate"),
        "ca": os.environ.get("NESTLAB_LIVE_CA") or None,
        "configuration_name": role_name(topology),
    }
    with closing(nestlab.connect(ADDRESS, **options)) as opened:
        yield opened


def test_the_lab_is_built_and_undone(session, topology, tmp_path):
    lab = nestlab.Lab(topology, session, journal=tmp_path / "run.jsonl")
    try:
        assert [result.message for result in lab.apply() if not result.ok] == []
        assert lab.plan().is_empty
        texts = {
            patterns.virtual_machine([NAME]): Cmdlet("Get-VM", {"Name": NAME}),
            patterns.switch([NAME]): Cmdlet("Get-VMSwitch", {"Name": NAME}),
            patterns.part_of_vm([NAME]): Cmdlet("Get-VMNetworkAdapter", {"VMName": NAME}),
        }
        for pattern, read in texts.items():
            (record,) = session.run(read).records
            assert is_match(f"^({pattern})$", record.text, case_sensitive=False), record.text
        for service in session.run(Cmdlet("Get-VMIntegrationService", {"VMName": NAME})).records:
            pattern = patterns.part_of_vm([NAME])
            assert is_match(f"^({pattern})$", service.text, case_sensitive=False), service.text
    finally:
        assert [result.message for result in lab.undo() if not result.ok] == []


@pytest.mark.parametrize(
    ("command", "error_id"),
    [
        (Cmdlet("Stop-Service", {"Name": "vmms"}), "CommandNotFoundException"),
        (Cmdlet(r"Hyper-V\Start-VM", {"Name": NAME}), "CommandNotFoundException"),
        (Cmdlet("Start-VM", {"Name": NAME}), "NamedParameterNotFound,Start-VM"),
        (Cmdlet("New-VM", {"Name": "other"}), "ParameterArgumentValidationError,New-VM"),
        (Cmdlet("New-VM", {"Name": f"{NAME}\n"}), "ParameterArgumentValidationError,New-VM"),
    ],
    ids=str,
)
def test_what_is_outside_is_refused(session, command, error_id):
    with pytest.raises(CmdletError) as caught:
        session.run(command)
    assert caught.value.record.fully_qualified_error_id == error_id
