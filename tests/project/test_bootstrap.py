"""The bootstrap makes an environment, repairs a broken one, and says what is wrong."""

import json
import os
import re
import select
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from nestlab import bootstrap, bootstrap_installer, bootstrap_stamp
from nestlab.bootstrap import prepare
from nestlab.bootstrap_installer import SetupFailed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path):
    """A folder like a clone, whose package needs nothing and whose installer does nothing."""
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'nestlab'\n", encoding="utf-8")
    (tmp_path / "constraints.txt").write_text("", encoding="utf-8")
    return tmp_path


@pytest.fixture
def installs(monkeypatch):
    """The installer's commands, instead of running them."""
    commands = []
    monkeypatch.setattr(bootstrap, "install", lambda command, *_: commands.append(command))
    monkeypatch.setattr(bootstrap, "_uv", lambda: "uv")
    return commands


def make_ready(clone, *extras):
    return bootstrap._ensure_installed(clone, clone / ".venv", extras)


def test_goes_straight_on_where_everything_is_installed(monkeypatch):
    monkeypatch.setattr(bootstrap, "stamp_of", lambda _: Path("no-such-stamp"))
    assert prepare(["--help"]) is None


def test_knows_every_package_that_the_project_needs():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [re.match(r"[\w-]+", text)[0] for text in project["dependencies"]]
    modules = [{"pyspnego": "spnego", "pyyaml": "yaml"}.get(name, name) for name in needed]
    assert sorted(bootstrap.RUN_MODULES) == sorted(modules)


def test_makes_the_environment_once(clone, installs):
    assert make_ready(clone, "credssp")
    assert bootstrap._works(clone / ".venv")
    assert not make_ready(clone, "credssp")
    assert len(installs) == 1


@pytest.fixture
def cloned(clone, installs, monkeypatch):
    """The same clone as the one that this package is in."""
    package = clone / "nestlab"
    package.mkdir()
    monkeypatch.setattr(bootstrap, "__file__", str(package / "bootstrap.py"))
    monkeypatch.setattr(bootstrap, "_run_in", lambda _environment, words: words)
    return clone


def test_a_server_on_standard_streams_installs_without_a_word_on_standard_error(
    cloned, installs, monkeypatch, capfd
):
    def announce(command, *_):
        bootstrap_installer.say("Installing")
        installs.append(command)

    monkeypatch.setattr(bootstrap, "install", announce)
    monkeypatch.setattr(bootstrap, "missing", lambda _: ["pypsrp"])
    assert prepare(["simulate", "--stdio"]) == ["simulate", "--stdio"]
    assert len(installs) == 1
    assert capfd.readouterr().err == ""


def test_its_failure_is_told(cloned, monkeypatch, capfd):
    def fail(*_):
        message = "the installation failed."
        raise SetupFailed(message)

    monkeypatch.setattr(bootstrap, "install", fail)
    monkeypatch.setattr(bootstrap, "missing", lambda _: ["pypsrp"])
    assert prepare(["simulate", "--stdio"]) == 2
    assert capfd.readouterr().err == "nestlab: the installation failed.\n"


@pytest.mark.parametrize(("words", "expected"), [(["simulate", "--stdio"], 0), (["check"], 1)])
def test_a_server_with_all_that_it_needs_does_not_install_when_pins_change(
    cloned, installs, monkeypatch, words, expected
):
    monkeypatch.setattr(bootstrap, "missing", lambda _: ["pypsrp"])
    prepare(["check"])
    assert len(installs) == 1
    (cloned / "constraints.txt").write_text("six==1.17.0\n", encoding="utf-8")
    monkeypatch.setattr(bootstrap, "is_inside", lambda _: True)
    monkeypatch.setattr(bootstrap, "missing", lambda _: [])
    installs.clear()
    prepare(words)
    assert len(installs) == expected


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot wait for pipes with select.")
def test_two_processes_do_not_make_one_environment_at_the_same_time(tmp_path):
    program = (
        "import sys, pathlib\n"
        "from nestlab.bootstrap_installer import installation_lock\n"
        "with installation_lock(pathlib.Path(sys.argv[1])):\n"
        "    print('mine', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    words = [sys.executable, "-c", program, str(tmp_path / ".venv")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, **pipes) as one, subprocess.Popen(words, **pipes) as other:
        ready = select.select([one.stdout, other.stdout], [], [], 60)[0]
        assert len(ready) == 1
        holder, waiting = (one, other) if one.stdout in ready else (other, one)
        assert holder.stdout.readline() == "mine\n"
        holder.stdin.close()
        assert waiting.stdout.readline() == "mine\n"
        waiting.stdin.close()


def test_adds_the_test_tools_when_they_are_asked_for(clone, installs):
    make_ready(clone, "credssp")
    assert make_ready(clone, "test")
    assert installs[1][-1].endswith("[credssp,test]")
    assert not make_ready(clone, "credssp")


def test_installs_again_when_the_pins_change(clone, installs):
    make_ready(clone, "credssp")
    (clone / "constraints.txt").write_text("six==1.17.0\n", encoding="utf-8")
    assert make_ready(clone, "credssp")


def test_repairs_an_incomplete_environment(clone, installs, capsys):
    make_ready(clone, "credssp")
    bootstrap_installer.python_of(clone / ".venv").unlink()
    assert make_ready(clone, "credssp")
    assert bootstrap._works(clone / ".venv")
    assert "left incomplete" in capsys.readouterr().err


def test_a_failed_installation_is_tried_again(clone, installs, monkeypatch):
    make_ready(clone, "credssp")

    def fail(*_):
        raise SetupFailed

    monkeypatch.setattr(bootstrap, "install", fail)
    with pytest.raises(SetupFailed):
        make_ready(clone, "test")
    assert not (clone / ".venv" / "nestlab-stamp.json").exists()


def test_a_stamp_that_cannot_be_read_counts_as_none(tmp_path):
    stamp = tmp_path / "stamp.json"
    for text in (
        "",
        "[]",
        json.dumps({"key": "k", "extras": None}),
        json.dumps({"key": "other", "extras": ["test"]}),
    ):
        stamp.write_text(text, encoding="utf-8")
        assert bootstrap_stamp.read_stamp(stamp, "k") == set()


def test_what_the_tests_need_includes_what_the_commands_need(clone, installs):
    make_ready(clone, "test")
    assert bootstrap_stamp.is_current(clone, clone / ".venv", bootstrap_stamp.RUN_EXTRAS)
    assert not bootstrap_stamp.is_current(clone, clone / ".venv", ["docs"])
    with (ROOT / "pyproject.toml").open("rb") as file:
        extras = tomllib.load(file)["project"]["optional-dependencies"]
    included = re.search(r"nestlab\[(.*?)\]", " ".join(extras["test"]))[1].split(",")
    assert set(bootstrap_stamp.RUN_EXTRAS) <= set(included)


def test_leaves_alone_what_is_no_environment(clone, installs):
    (clone / ".venv").mkdir()
    (clone / ".venv" / "thesis.docx").write_text("years of work", encoding="utf-8")
    with pytest.raises(SetupFailed, match="not a virtual environment"):
        make_ready(clone, "credssp")
    assert (clone / ".venv" / "thesis.docx").exists()


def test_debian_without_venv_is_told_the_package(clone, installs, monkeypatch):
    monkeypatch.setattr(bootstrap, "_uv", lambda: None)
    monkeypatch.setattr(bootstrap, "_importable", lambda name: name != "ensurepip")
    with pytest.raises(SetupFailed, match="python3-venv"):
        make_ready(clone, "credssp")


def test_a_wheelhouse_is_used_without_any_index(clone, installs):
    (clone / "wheelhouse").mkdir()
    make_ready(clone, "credssp")
    command = installs[0]
    assert "--no-index" in command
    assert command[command.index("--find-links") + 1] == str(clone / "wheelhouse")


def test_pip_is_used_where_there_is_no_uv(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    command = bootstrap_installer.install_command(
        tmp_path, tmp_path / ".venv", ["test"], uv=None, wheelhouse=None
    )
    assert command[1:4] == ["-m", "pip", "install"]
    assert bootstrap_installer.has_pip(tmp_path / ".venv")


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("Failed to establish: [Errno -3] Temporary failure in name resolution", "wheelhouse"),
        ("SSL: CERTIFICATE_VERIFY_FAILED", "SSL_CERT_FILE"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("PermissionError: [Errno 13] Permission denied: '.venv'", "cannot be written"),
    ],
)
def test_what_an_installer_says_is_explained(output, advice):
    assert advice in bootstrap_installer.advice(output)
    assert output in bootstrap_installer.advice(output)


def test_a_folder_that_cannot_be_written_to_is_explained(monkeypatch, capsys):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", ".venv")

    monkeypatch.setattr(bootstrap, "_ensure_installed", refuse)
    monkeypatch.setattr(bootstrap, "missing", lambda _: ["pytest"])
    monkeypatch.setattr(bootstrap, "is_current", lambda *_: False)
    assert prepare([]) == 2
    assert "Copy the clone to a folder of your own" in capsys.readouterr().err


def test_a_failing_installer_is_quoted(tmp_path):
    command = [sys.executable, "-c", "print('no such wheel'); raise SystemExit(1)"]
    with pytest.raises(SetupFailed, match="no such wheel"):
        bootstrap_installer.install(command, tmp_path, tmp_path, "Installing")


def test_an_old_python_is_told_so_in_words():
    code = (
        "import sys, runpy; sys.version_info = (3, 8, 18, 'final', 0)\n"
        f"sys.argv = ['nestlab']; runpy.run_path({str(ROOT / 'nestlab' / '__main__.py')!r}, run_name='__main__')"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ},
    )
    assert result.returncode == 2
    assert "needs Python 3.11 or newer; this is Python 3.8.18" in result.stderr


@pytest.mark.parametrize("module", ["nestlab.bootstrap_stamp", "nestlab.cli", "nestlab.cli.check"])
def test_ctrl_c_while_modules_are_imported_leaves_no_traceback(module, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}:\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupt())\n",
        encoding="utf-8",
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    result = subprocess.run(
        [sys.executable, "-m", "nestlab", "check"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert result.returncode == 130
    assert result.stderr.strip() == "nestlab: interrupted"
