"""`nestlab doctor`: each line says what was found, and each failure has its fix."""

import json
import os
import sys
import webbrowser
from importlib import metadata
from pathlib import Path

import pytest

from nestlab.cli import main, testing
from nestlab.cli.doctor import command, environment, installation, self_test
from nestlab.cli.doctor.line import DoctorLine, DoctorState
from nestlab.cli.notebook_copy import RECORD
from nestlab.texts import set_language
from nestlab.transport import credentials


@pytest.fixture
def in_spanish():
    set_language("es")
    yield
    set_language("en")


@pytest.fixture
def lines(monkeypatch):
    """Let the command look at these lines only."""
    given = []

    def check():
        yield from given

    monkeypatch.setattr(command, "checks", lambda: (check,))
    return given


def states(check):
    return [line.state for line in check()]


def test_a_failure_has_exit_code_1_and_a_note_has_0(lines, capsys):
    lines += [
        DoctorLine("versions", DoctorState.OK, "fine"),
        DoctorLine("browser", DoctorState.NOTE, "none", "open it"),
    ]
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "nestlab works here. 1 note says what is limited." in out
    assert "open it" in out
    lines.append(DoctorLine("kernel", DoctorState.FAILED, "another Python", "remove it"))
    assert main(["doctor"]) == 1
    assert "1 line says FAILED" in capsys.readouterr().out


def test_json_has_every_line(lines, capsys):
    lines.append(DoctorLine("kernel", DoctorState.FAILED, "another Python", "remove it"))
    assert main(["doctor", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["failed"], document["notes"]) == (1, 0)
    (line,) = document["lines"]
    assert line == {
        "topic": "kernel",
        "state": "failed",
        "text": "another Python",
        "fix": "remove it",
    }


def test_a_check_that_breaks_is_a_line_and_the_others_go_on(monkeypatch, capsys):
    def broken_thing():
        message = "surprise"
        raise RuntimeError(message)
        yield

    def sound():
        yield DoctorLine("versions", DoctorState.OK, "fine")

    monkeypatch.setattr(command, "checks", lambda: (broken_thing, sound))
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "broken thing" in out
    assert "RuntimeError: surprise" in out
    assert "--debug" in out
    assert "fine" in out


def test_every_check_is_named_once():
    assert len(set(command.checks())) == len(command.checks())
    assert {installation.packages, environment.proxy, self_test.simulated_lab} <= set(
        command.checks()
    )


def test_nothing_fails_where_the_tests_run(monkeypatch):
    monkeypatch.delenv("NESTLAB_JOURNALS", raising=False)
    quick = [
        each
        for each in command.checks()
        if each not in (self_test.simulated_lab, self_test.remoting)
    ]
    failed = [line for check in quick for line in check() if line.state is DoctorState.FAILED]
    assert failed == []


def test_a_simulated_lab_runs_on_a_simulated_host_and_over_the_network():
    assert states(self_test.simulated_lab) == [DoctorState.OK]
    assert states(self_test.remoting) == [DoctorState.OK]


def test_a_self_test_that_fails_says_where(monkeypatch):
    monkeypatch.setattr(self_test, "DEFAULT_HOST", "sim:ws2022-intel?fault=fail:Start-VM:1")
    (line,) = self_test.simulated_lab()
    assert line.state is DoctorState.FAILED
    assert "Start-VM" in line.text


@pytest.fixture
def requires(monkeypatch):
    """Let the package require this."""

    def require(*texts):
        monkeypatch.setattr(metadata, "requires", lambda _: list(texts))

    return require


def test_a_package_that_is_missing_or_too_old_is_named_with_its_fix(requires):
    requires("no-such-package>=2", "pyyaml>=99", "rich", 'winthing>=1; sys_platform == "none"')
    missing, old = installation.packages()
    assert missing.text == "no-such-package is not installed."
    assert missing.fix == 'pip install "no-such-package>=2"'
    assert "nestlab needs pyyaml>=99" in old.text
    assert {missing.state, old.state} == {DoctorState.FAILED}


def test_all_packages_in_allowed_versions_are_one_line(requires):
    requires("rich>=1", "pyyaml")
    (line,) = installation.packages()
    assert line.state is DoctorState.OK
    assert line.text.startswith("2 packages")


def test_a_source_that_is_not_installed_is_a_note():
    assert states(lambda: installation.packages("no-such-package")) == [DoctorState.NOTE]


def test_an_extra_that_is_not_installed_is_no_failure(requires):
    requires('no-such-package; extra == "kerberos"', 'pyyaml; extra == "credssp"', "rich", "pypsrp")
    credssp, kerberos = installation.extras()
    assert (credssp.state, credssp.fix) == (DoctorState.OK, "")
    assert (kerberos.state, kerberos.fix) == (DoctorState.OK, 'pip install "nestlab[kerberos]"')


def test_a_package_without_notebooks_fails(monkeypatch):
    monkeypatch.setattr(installation, "source_folder", lambda: None)
    assert states(installation.notebooks) == [DoctorState.FAILED]


def test_the_users_copy_is_named_with_its_version(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    main(["notebooks", "--to", "."])
    assert states(installation.notebooks) == [DoctorState.OK, DoctorState.OK]
    (tmp_path / RECORD).write_text('{"version": "0.0.9", "files": {}}', encoding="utf-8")
    _, note = installation.notebooks()
    assert (note.state, note.fix) == (DoctorState.NOTE, "nestlab notebooks --update")
    assert "0.0.9" in note.text


def test_a_kernel_of_another_python_fails(tmp_path, monkeypatch):
    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    spec = {"argv": [str(tmp_path / "python"), "-m", "ipykernel_launcher"], "display_name": "P"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    (line,) = (line for line in installation.jupyter() if line.topic == "kernel")
    assert line.state is DoctorState.FAILED
    assert str(tmp_path / "python") in line.text
    assert line.fix == "jupyter kernelspec remove python3"


def test_this_python_is_known_by_name_and_by_path():
    assert installation.is_this_python("python")
    assert installation.is_this_python(sys.executable)
    assert not installation.is_this_python("python2")
    assert not installation.is_this_python(str(Path(sys.executable).with_name("no-python")))


def test_widgets_without_their_scripts_fail(monkeypatch):
    monkeypatch.setattr(installation, "WIDGETS", ("anywidget", "no-such-widget"))
    (line,) = (line for line in installation.jupyter() if line.topic == "widgets")
    assert line.state is DoctorState.FAILED
    assert "no-such-widget" in line.text


def test_without_jupyterlab_nothing_else_of_it_is_looked_at(monkeypatch):
    monkeypatch.setattr(installation, "_installed", lambda _: "")
    assert states(installation.jupyter) == [DoctorState.FAILED]


def test_without_a_browser_there_is_a_fix(monkeypatch):
    def none():
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", none)
    (line,) = environment.browser()
    assert line.state is DoctorState.NOTE
    assert "--no-browser" in line.fix


def test_a_keyring_that_cannot_be_read_is_a_note(monkeypatch):
    monkeypatch.setattr(credentials, "keyring_problem", lambda: "It is locked.")
    (line,) = environment.credential_store()
    assert (line.state, line.text) == (DoctorState.NOTE, "It is locked.")
    assert "NESTLAB_CREDENTIAL_NAME=user:password" in line.fix


def test_a_keyring_that_stores_nothing_is_a_note(monkeypatch):
    import keyring
    from keyring.backends import fail

    monkeypatch.setattr(keyring, "get_keyring", fail.Keyring)
    (line,) = environment.credential_store()
    assert line.state is DoctorState.NOTE


def test_a_variable_without_a_colon_fails_and_its_value_is_not_shown(monkeypatch):
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", "geheim")
    line = list(environment.credential_store())[-1]
    assert line.state is DoctorState.FAILED
    assert "NESTLAB_CREDENTIAL_LAB_ADMIN" in line.text
    assert "geheim" not in line.text + line.fix


@pytest.fixture
def proxies(monkeypatch):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    return monkeypatch


def test_a_proxy_is_shown_without_its_password(proxies):
    assert [line.text for line in environment.proxy()] == ["none"]
    proxies.setenv("https_proxy", "http://ada:geheim@proxy.contoso.com:8080")
    proxies.setenv("no_proxy", "localhost,127.0.0.1")
    (line,) = environment.proxy()
    assert line.text == "https http://proxy.contoso.com:8080"
    assert "--proxy" in line.fix


def test_a_proxy_for_this_computer_is_a_note(proxies):
    proxies.setenv("http_proxy", "proxy.contoso.com:8080")
    _, note = environment.proxy()
    assert note.state is DoctorState.NOTE
    assert "NO_PROXY" in note.fix


def test_journals_that_cannot_be_written_fail(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "file" / "journals"))
    (line,) = environment.folders()
    assert line.state is DoctorState.FAILED
    assert "NESTLAB_JOURNALS" in line.fix
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "new" / "journals"))
    assert states(environment.folders) == [DoctorState.OK]
    assert not (tmp_path / "new").exists()


def test_programs_that_are_missing_are_no_failure(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert states(environment.programs) == [DoctorState.OK, DoctorState.OK]
    assert all(line.fix for line in environment.programs())


def test_in_a_package_the_test_command_is_the_doctor(lines, tmp_path, monkeypatch, capsys):
    lines.append(DoctorLine("kernel", DoctorState.FAILED, "another Python", "remove it"))
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    assert main(["test"]) == 1
    out = capsys.readouterr().out
    assert "In a package, `nestlab test` is `nestlab doctor`" in out
    assert "another Python" in out


def test_in_spanish_it_finds_the_same(in_spanish, lines, capsys):
    lines.extend(environment.server_port())
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "el servidor de los cuadernos puede escuchar en 127.0.0.1" in out
    assert "nestlab funciona aquí." in out
