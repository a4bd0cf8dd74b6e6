"""The address that a session to a simulated host prints opens the same host again.

Before, `language=` was left out, and a state file with '&', '+' or '%' in its name was another one.
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import UsageError
from nestlab.lab import journal_folder
from nestlab.model import Cmdlet
from nestlab.transport import connect

NAMES = ["x.json", "a b.json", "a+b.json", "a&b.json", "100%25.json", "ñ#1.json"]


def switches(session):
    return [switch["Name"] for switch in session.run(Cmdlet("Get-VMSwitch"))]


def adapters(session):
    return [adapter["Name"] for adapter in session.run(Cmdlet("Get-NetAdapter"))]


@pytest.mark.parametrize("language", ["es", "de", "fr", "ja"])
def test_the_language_is_part_of_the_printed_address(language):
    session = connect(f"sim:win11-ryzen?language={language}")
    again = connect(session.host)
    assert session.host == again.host == f"sim:win11-ryzen?language={language}"
    assert adapters(again) == adapters(session)
    assert switches(again) == switches(session) != switches(connect("sim:win11-ryzen?language=en"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", ["", "&language=es", "&time_scale=0"])
def test_the_printed_address_opens_the_same_state_file(name, options, tmp_path):
    from urllib.parse import quote  # as a user encodes it

    session = connect(f"sim:ws2022-intel?state={quote(str(tmp_path / name))}{options}")
    session.run(Cmdlet("New-VMSwitch", {"Name": "Lab", "SwitchType": "Private"}))
    again = connect(session.host)
    assert switches(again) == ["Lab"]
    assert adapters(again) == adapters(session)
    assert [path.name for path in tmp_path.glob("*.json")] == [name]
    identity = journal_folder.identity(session)
    assert identity == journal_folder.identity(again)
    assert switches(connect(identity)) == ["Lab"]


def test_a_plan_file_finds_its_spanish_host_again(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path))
    topology = nestlab.loads("name: lab\nswitches: [{name: S, switch_type: Private}]\n")
    plan = nestlab.Lab(topology, nestlab.connect("sim:win11-ryzen?language=es")).plan()
    host = nestlab.connect(plan.to_dict()["host"])
    assert [result.ok for result in nestlab.Lab(topology, host).apply(plan)] == [True]


def test_an_address_in_a_hint_is_quoted_for_shells():
    session = connect("sim:no-role?language=es")
    with pytest.raises(UsageError) as error:
        nestlab.enable_nesting(session, "HV1")
    assert "`nestlab check --host 'sim:no-role?language=es'`" in error.value.hint
