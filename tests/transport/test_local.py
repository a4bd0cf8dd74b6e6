"""This machine as a host: rights, PowerShell's edition, and where it is offered."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys

import pytest

import nestlab
from nestlab.cli import main
from nestlab.cli.check import engine_lines
from nestlab.errors import AccessDenied, CmdletError
from nestlab.model import Cmdlet, Outcome
from nestlab.notebook import ConnectPanel
from nestlab.transport.process import local
from nestlab.transport.psrp.runspace_pool import RunspacePool
from tests.transport import replayed_over_stdio
from tests.transport.doors import simulated

DENIED = ("--fault", "deny:Get-VMHost:1")


@pytest.fixture
def windows(tmp_path, monkeypatch):
    """A folder with what Windows PowerShell has, first on the PATH; returns the folder of Hyper-V's module."""
    program = tmp_path / "powershell.exe"
    program.write_text("", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "Modules" / "Hyper-V"


def test_an_account_without_rights_is_told_both_ways_at_once():
    with pytest.raises(
        AccessDenied, match=r"not elevated.*not in Hyper-V Administrators"
    ) as caught:
        nestlab.connect("local:", command=simulated(*DENIED))
    assert "as administrator" in caught.value.hint
    assert "S-1-5-32-578" in caught.value.hint
    assert "NAT" in caught.value.hint


def constrained_command(folder):
    """Return the command line of a host whose PowerShell runs in Constrained Language Mode."""
    scenario = folder / "constrained.json"
    of_it = {"description": "under App Control", "quirks": {"constrained_language": True}}
    changes = {"based_on": "ws2022-intel", **of_it}
    scenario.write_text(json.dumps(changes), encoding="utf-8")
    return simulated("--scenario", str(scenario))


@pytest.fixture
def constrained(tmp_path):
    """The command line of `constrained_command`."""
    return constrained_command(tmp_path)


def test_constrained_language_mode_is_named_at_once(constrained):
    with pytest.warns(UserWarning, match=r"Constrained Language Mode.*guests does not") as caught:
        session = nestlab.connect("local:", command=constrained)
    with contextlib.closing(session):
        assert session.run(Cmdlet("Get-VMHost")).records
    assert caught[0].filename == __file__


def test_in_constrained_language_mode_the_script_for_guests_fails_with_its_reason(constrained):
    with pytest.warns(UserWarning, match="Constrained"):
        session = nestlab.connect("local:", command=constrained)
    with contextlib.closing(session), pytest.MonkeyPatch.context() as patch:
        patch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", "Administrator:Pass-of-guests-1")
        with pytest.raises(CmdletError, match="core types in this language mode") as caught:
            session.guest("dc-archive", "lab-admin").run(Cmdlet("Get-VM"))
    assert caught.value.record.error_id == "MethodInvocationNotSupportedInConstrainedLanguage"


def test_full_language_mode_is_not_mentioned(recwarn):
    nestlab.connect("local:", command=simulated()).close()
    assert list(recwarn) == []


@pytest.fixture
def begun(monkeypatch):
    """The statements of every pipeline that a client in this process began, by name, a list for each shell."""
    shells: dict[int, list[list[str]]] = {}
    begin = RunspacePool.begin

    def note(pool, statements):
        shells.setdefault(id(pool), []).append([stages[0].text for stages in statements])
        return begin(pool, statements)

    monkeypatch.setattr(RunspacePool, "begin", note)
    return shells


def test_language_mode_and_rights_are_asked_in_one_pipeline(begun):
    nestlab.connect("local:", command=simulated()).close()
    assert list(begun.values()) == [[["Get-Variable", "Get-VMHost"]]]


def test_a_refusal_is_not_asked_for_again(begun):
    with pytest.raises(AccessDenied):
        nestlab.connect("local:", command=simulated("--fault", "deny:Get-VMHost:0"))
    assert list(begun.values()) == [[["Get-Variable", "Get-VMHost"]]]


def test_an_account_without_rights_is_told_so_before_the_language_mode(tmp_path, recwarn):
    command = [*constrained_command(tmp_path), *DENIED]
    with pytest.raises(AccessDenied, match="not elevated"):
        nestlab.connect("local:", command=command)
    assert list(recwarn) == []


def test_a_machine_without_hyper_v_is_left_to_check(recwarn):
    session = nestlab.connect("local:", command=simulated("--scenario", "no-role"))
    with contextlib.closing(session):
        with pytest.raises(CmdletError) as caught:
            session.run(Cmdlet("Get-VMHost"))
        assert caught.value.record.category == "ObjectNotFound"
        assert session.run(Cmdlet("Get-NetAdapter")).records
    assert list(recwarn) == []


def test_a_missing_command_of_a_real_powershell_is_left_to_check(tmp_path):
    log = str(tmp_path / "asked")
    command = [sys.executable, replayed_over_stdio.__file__, log, "error-not-found"]

    class Missing:
        host = "local:"

        def run(self, *_statements):
            with contextlib.closing(open_replay()) as session:
                with pytest.raises(CmdletError) as caught:
                    session.run(Cmdlet("Get-Nonsense"))
                return Outcome((), (caught.value.record,))

    def open_replay():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(local, "require_hyper_v_access", lambda _session: None)
            return nestlab.connect("local:", command=command)

    local.require_hyper_v_access(Missing())


def test_the_edition_and_version_of_powershell_are_known(tmp_path, monkeypatch):
    monkeypatch.setattr(local, "require_hyper_v_access", lambda _session: None)
    command = [sys.executable, replayed_over_stdio.__file__, str(tmp_path / "asked"), "open-pool"]
    with contextlib.closing(nestlab.connect("local:", command=command)) as session:
        assert session.engine == "Core 7.6.9"
    with contextlib.closing(nestlab.connect("local:", command=simulated())) as session:
        assert session.engine.startswith("Desktop 5.1")


def test_what_is_read_differently_in_powershell_7_is_said():
    assert list(engine_lines("")) == []
    assert len(list(engine_lines("Desktop 5.1.20348.1"))) == 1
    assert "compatibility session" in list(engine_lines("Core 7.6.9"))[1]


def test_local_is_offered_where_hyper_v_is_and_only_there(windows, capsys):
    assert not local.has_hyper_v_module()
    assert "local:" not in ConnectPanel().address.options
    main(["check"])
    assert "--host local:" not in capsys.readouterr().out
    windows.mkdir(parents=True)
    assert local.has_hyper_v_module()
    assert ConnectPanel().address.options[0] == "local:"
    assert ConnectPanel().address.value == "sim:ws2022-intel"  # never by itself
    main(["check"])
    assert "--host local:" in capsys.readouterr().out


def test_the_command_line_checks_this_machine(capsys, monkeypatch):
    server = local.LocalTarget(tuple(simulated()))
    monkeypatch.setattr(local, "read_local", lambda _address, **_options: server)
    assert main(["check", "--host", "local:"]) in {0, 1}
    assert "Answered by PowerShell Desktop 5.1" in capsys.readouterr().out


def test_a_session_imports_only_what_its_first_answer_needs():
    script = """
import sys
import nestlab
from nestlab.model import Cmdlet

session = nestlab.connect("local:", command=[sys.executable, "-m", "nestlab", "simulate", "--stdio"])
session.run(Cmdlet("Get-VMSwitch"))
session.close()
print(*sorted(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    late = {
        "concurrent.futures",
        "dataclasses",
        "html",
        "importlib.resources",
        "inspect",
        "logging",
    }
    late |= {"nestlab.known_errors", "nestlab.transport.guest_session", "pypsrp", "requests"}
    assert set(done.stdout.split()) & late == set()
