"""The workflow for a code host names what there is: it cannot be run here."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
JOBS = WORKFLOW["jobs"]


def commands():
    return [step["run"] for job in JOBS.values() for step in job["steps"] if "run" in step]


def test_it_runs_on_windows_and_on_linux_with_every_python():
    matrix = JOBS["test"]["strategy"]["matrix"]
    assert {system.split("-")[0] for system in matrix["os"]} == {"windows", "ubuntu"}
    (first, last) = re.search(
        r"Python 3\.(\d+) to 3\.(\d+)", (ROOT / "constraints.txt").read_text(encoding="utf-8")
    ).groups()
    assert matrix["python"] == [f"3.{minor}" for minor in range(int(first), int(last) + 1)]


def test_the_oldest_python_is_the_one_that_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={JOBS['test']['strategy']['matrix']['python'][0]}"


def test_the_files_that_it_names_exist():
    named = {
        word
        for command in commands()
        for word in re.findall(r"(?:tests|tools|\.ci|nestlab)/[\w./-]*\w", command)
        if "*" not in word
    }
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_job_has_a_time_limit_and_reads_only():
    assert [name for name, job in JOBS.items() if "timeout-minutes" not in job] == []
    assert WORKFLOW["permissions"] == {"contents": "read"}
