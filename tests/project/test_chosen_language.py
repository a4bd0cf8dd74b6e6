"""The language that the environment chooses, also before anything is installed."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from nestlab import bootstrap, bootstrap_installer, texts

ROOT = Path(__file__).parents[2]
VARIABLES = (texts.VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture
def chosen(monkeypatch):
    """The language of a process with these variables and no others of their kind."""

    def language(**variables):
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(texts, "_LANGUAGE", type(texts._LANGUAGE)())
        return texts.language()

    return language


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "en"),
        ({"NESTLAB_LANGUAGE": "es-MX"}, "es"),
        ({"NESTLAB_LANGUAGE": "ES"}, "es"),
        ({"NESTLAB_LANGUAGE": "xx", "LANG": "es_ES.UTF-8"}, "en"),
        ({"NESTLAB_LANGUAGE": " ", "LANG": "es_ES.UTF-8"}, "es"),
        ({"NESTLAB_LANGUAGE": "en", "LC_ALL": "es_ES.UTF-8"}, "en"),
        ({"LC_ALL": "es_ES.UTF-8", "LC_MESSAGES": "en_US", "LANG": "en_US"}, "es"),
        ({"LC_ALL": "", "LC_MESSAGES": "es_AR@euro", "LANG": "en_US.UTF-8"}, "es"),
        ({"LANG": "es.UTF-8"}, "es"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "es_ES.UTF-8"}, "en"),
        ({"LANG": "eo_XX"}, "en"),
        ({"LANG": "est_EE"}, "en"),
        ({"LANG": "../es"}, "en"),
    ],
)
def test_the_variables_choose_in_their_order(chosen, monkeypatch, variables, expected):
    monkeypatch.setattr(sys, "platform", "linux")
    assert chosen(**variables) == expected


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [(0x0409, "en"), (0x0C0A, "es"), (0x080A, "es"), (0x540A, "es"), (0x0407, "en")],
)
def test_windows_chooses_where_no_variable_does(chosen, monkeypatch, identifier, expected):
    kernel32 = SimpleNamespace(GetUserDefaultUILanguage=lambda: identifier)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel32), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    assert chosen() == expected
    assert chosen(LANG="es_ES.UTF-8") == "es"
    assert chosen(NESTLAB_LANGUAGE="en") == "en"
    monkeypatch.setattr(sys, "platform", "linux")
    assert chosen() == "en"


def started(code, **variables):
    """What a new process with these variables writes to standard error."""
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}",
        ],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**environment, "PYTHONUTF8": "1", **variables},
    ).stderr


OLD = (
    "sys.version_info = (3, 8, 18, 'final', 0); sys.argv = ['nestlab']; "
    "from nestlab.__main__ import main; main()"
)


def test_a_python_without_packages_speaks_the_language_of_the_system():
    assert "nestlab necesita Python 3.11 o posterior" in started(OLD, LANG="es_ES.UTF-8")
    assert "nestlab needs Python 3.11 or newer" in started(OLD, LANG="de_DE.UTF-8")


def test_the_bootstrap_speaks_spanish(spanish, tmp_path):
    assert "El disco está lleno." in bootstrap_installer.advice("OSError: No space left on device")
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    with pytest.raises(bootstrap_installer.SetupFailed, match="no es un entorno virtual"):
        bootstrap._create(tmp_path, with_pip=False)


def test_the_option_chooses_the_language_of_the_bootstrap(monkeypatch, tmp_path, capsys, spanish):
    (tmp_path / "nestlab").mkdir()
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    monkeypatch.setattr(bootstrap, "__file__", str(tmp_path / "nestlab" / "bootstrap.py"))
    monkeypatch.setattr(bootstrap, "missing", lambda _: ["rich"])

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "_ensure_installed", interrupt)
    assert bootstrap.prepare(["--language", "en"]) == 130
    assert "Start it again to continue." in capsys.readouterr().err
    assert bootstrap.prepare(["--language=es", "plan"]) == 130
    assert "Inícielo de nuevo para continuar." in capsys.readouterr().err
