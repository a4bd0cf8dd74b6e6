"""What an import costs, and what old Pythons can read."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "nestlab"
HEAVY = (
    "anywidget",
    "ipywidgets",
    "jupyterlab",
    "keyring",
    "matplotlib",
    "networkx",
    "numpy",
    "pypsrp",
    "yaml",
)
LIGHT = (
    "nestlab",
    "nestlab.cli",
    "nestlab.model",
    "nestlab.rules",
    "nestlab.known_errors",
    "nestlab.plan",
    "nestlab.reachability",
    "nestlab.simulator",
    "nestlab.drawing",
    "nestlab.export",
)


@pytest.mark.parametrize("module", LIGHT)
def test_imports_nothing_heavy(module):
    code = f"import sys, {module}; print(*sorted({{name.partition('.')[0] for name in sys.modules}} & {set(HEAVY)!r}))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == []


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py", "texts/__init__.py"])
def test_python_38_can_read_what_tells_it_that_it_is_too_old(name):
    ast.parse((PACKAGE / name).read_text(encoding="utf-8"), feature_version=(3, 8))


NOT_FOR_A_PLAN = (
    "concurrent",
    "difflib",
    "html",
    "nestlab.apply.plan_run",
    "nestlab.cli.notebook_copy",
    "nestlab.known_errors.catalog",
    "nestlab.lab.undoing",
    "nestlab.lab.verifying",
    "nestlab.observe.identity",
    "nestlab.plan.guest_steps",
    "nestlab.reachability",
    "nestlab.topology_file.updating",
    "platformdirs",
    "shutil",
    "tempfile",
    "xml",
)


def test_a_process_of_the_command_line_searches_seldom_for_garbage_and_not_as_it_ends():
    code = "import atexit, gc, sys; from nestlab.cli import program; atexit.register(lambda: print(gc.get_freeze_count() > 10_000, gc.get_threshold()[0] > 10_000, gc.isenabled())); sys.exit(program())"
    result = subprocess.run(
        [sys.executable, "-c", code, "--version"], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "True True True"


def ended(first, *words, stdout=subprocess.PIPE):
    code = (
        f"import functools, os, sys; {first}; from nestlab.cli import program; sys.exit(program())"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        check=False,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_process_of_the_command_line_ends_without_freeing_its_objects():
    kept = "kept = type('Kept', (), {'__del__': functools.partial(os.write, 1, b'freed')})()"
    result = ended(kept, "--version")
    assert result.stdout
    assert "freed" not in result.stdout
    assert result.returncode == 0


@pytest.mark.parametrize(
    "first",
    [
        "import atexit; atexit.register(print, 'at the end')",
        "import threading, time; threading.Thread(target=lambda: (time.sleep(0.5), print('at the end'))).start()",
    ],
)
def test_a_process_of_the_command_line_waits_for_what_is_to_run_at_its_end(first):
    assert ended(first, "--version").stdout.splitlines()[-1] == "at the end"


def test_a_process_of_the_command_line_writes_all_it_printed():
    assert ended("print('x' * 5_000)", "plan", "no.yml").returncode == 2
    assert len(ended("print('x' * 5_000)", "--version").stdout) > 5_000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_process_of_the_command_line_reports_that_its_output_cannot_be_written():
    with Path("/dev/full").open("w") as full:
        result = ended("print('x')", "--version", stdout=full)
    assert result.returncode != 0
    assert "No space left" in result.stderr


def test_a_plan_loads_no_traces_no_known_errors_and_nothing_that_writes_files(tmp_path):
    file = tmp_path / "lab.yml"
    file.write_text("{name: lab, switches: [{name: Net, switch_type: Private}]}", encoding="utf-8")
    code = f"import sys; from nestlab.cli import main; main(['plan', {str(file)!r}]); print('modules', *sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    modules = result.stdout.partition("modules ")[2].split()
    assert "nestlab.plan.topology_plan" in modules
    assert set(NOT_FOR_A_PLAN).isdisjoint(modules)
