"""``nestlab test``: run every check of the project in sequence."""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from nestlab.cli.command import Subcommand
from nestlab.cli.console import Console
from nestlab.cli.doctor import command as doctor
from nestlab.dataclass import dataclass, replace
from nestlab.errors import UsageError
from nestlab.texts import SOURCE_LANGUAGE, VARIABLE, tr

OUTPUT = Path("test-output")
# A notebook may take minutes on a slow machine. Each worker starts a browser and a server.
SLOW_TEST_OPTIONS = ("-n", "2", "--dist", "loadfile", "--timeout=900")
SLOW_FOLDERS = ("tests/notebooks", "tests/browser")

_LINT_IMPORTS = (
    "from importlinter.cli import lint_imports_command; lint_imports_command()"  # not shown
)


@dataclass(frozen=True)
class Stage:
    """One program of the test run; `report`: where pytest writes its JUnit report."""

    title: str
    command: tuple[str, ...]
    report: Path | None = None


@dataclass(frozen=True)
class Counts:
    """Tests by outcome."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        if not self.skipped:
            return tr("{passed} passed, {failed} failed", passed=self.passed, failed=self.failed)
        return tr(
            "{passed} passed, {failed} failed, {skipped} skipped",
            passed=self.passed,
            failed=self.failed,
            skipped=self.skipped,
        )


@dataclass(frozen=True)
class StageResult:
    """How a stage ended, after how many seconds."""

    stage: Stage
    code: int
    seconds: float
    counts: Counts | None = None

    @property
    def passed(self) -> bool:
        """Whether the stage passed."""
        return self.code == 0


def stages(root: Path, *, fast: bool = False, keyword: str = "") -> tuple[Stage, ...]:
    """Return the stages of the test command, in order; with a keyword only those of pytest."""
    linters = (
        Stage("lint", _module("ruff", "check", ".")),
        Stage("format", _module("ruff", "format", "--check", ".")),
        Stage("types", _module("mypy")),
        Stage("layers", (sys.executable, "-c", _LINT_IMPORTS)),
    )
    slow = [folder for folder in SLOW_FOLDERS if (root / folder).is_dir()]
    workers = str(min(4, (os.cpu_count() or 2) + 1))  # one more than cores: some tests wait
    unit = _pytest(
        "unit", "tests", "nestlab", "-n", workers, *(f"--ignore={folder}" for folder in slow)
    )
    pytests = [
        unit,
        *(
            ()
            if fast
            else [_pytest(Path(folder).name, folder, *SLOW_TEST_OPTIONS) for folder in slow]
        ),
    ]
    if keyword:
        return tuple(replace(stage, command=(*stage.command, "-k", keyword)) for stage in pytests)
    return (*linters, *pytests)


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)


def _pytest(title: str, *arguments: str) -> Stage:
    report = OUTPUT / f"{title}.xml"
    return Stage(title, _module("pytest", "-q", f"--junitxml={report}", *arguments), report)


def read_counts(report: Path) -> Counts:
    """Read the counts from pytest's JUnit report; an error of a fixture counts as a failure."""
    try:
        suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314  # our own pytest wrote it
        totals = [
            {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
            for suite in suites
        ]
    except (OSError, ET.ParseError):
        return Counts(failed=1)  # pytest writes no report if it ends before running tests
    tests, failures, errors, skipped = (
        sum(total[key] for total in totals) for key in ("tests", "failures", "errors", "skipped")
    )
    bad = failures + errors
    return Counts(max(0, tests - bad - skipped), bad, skipped)


def run_stage(stage: Stage, root: Path, environment: dict[str, str]) -> StageResult:
    """Run one stage; its output goes straight to the terminal."""
    if stage.report:
        (root / stage.report).unlink(missing_ok=True)
    started = time.monotonic()
    code = subprocess.run(stage.command, cwd=root, env=environment, check=False).returncode
    counts = read_counts(root / stage.report) if stage.report else None
    nothing_matched = 5  # pytest's exit code where -k leaves no test
    return StageResult(
        stage,
        0 if code == nothing_matched and "-k" in stage.command else code,
        time.monotonic() - started,
        counts,
    )


def _environment(*, require_browser: bool) -> dict[str, str]:
    environment = {**os.environ, "PYTHONUTF8": "1", "JUPYTER_PLATFORM_DIRS": "1"}
    environment[VARIABLE] = SOURCE_LANGUAGE  # the language that the tests quote
    # With this variable, every child process of the tests would compile nestlab again.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if require_browser:
        environment["NESTLAB_REQUIRE_BROWSER"] = "1"
    return environment


def _summary(results: Sequence[StageResult], console: Console) -> None:
    console.line()
    console.table(
        (tr("stage"), tr("result"), tr("seconds"), tr("tests")),
        [
            (
                r.stage.title,
                tr("passed") if r.passed else tr("FAILED ({code})", code=r.code),
                f"{r.seconds:.1f}",
                r.counts or "",
            )
            for r in results
        ],
    )


ROOT = Path(__file__).resolve().parents[2]


def _require_tools() -> None:
    if any(
        importlib.util.find_spec(name) is None
        for name in ("pytest", "ruff", "mypy", "importlinter", "xdist")
    ):
        message = tr("The test tools are not installed here.")
        raise UsageError(
            message,
            hint=tr(
                "Run `python -m nestlab test` in the clone: it installs them. Or: pip install -e .[test]"
            ),
        )


def _run(options: argparse.Namespace, console: Console) -> int:
    if not (ROOT / "tests").is_dir():
        console.line(
            tr(
                "The tests come with the source of nestlab. In a package, `nestlab test` is `nestlab doctor`:"
            )
        )
        console.line()
        return doctor.run(options, console)
    _require_tools()
    root = ROOT
    environment = _environment(require_browser=options.require_browser)
    (root / OUTPUT).mkdir(exist_ok=True)
    results: list[StageResult] = []
    for stage in stages(root, fast=options.fast, keyword=options.keyword):
        console.line(console.styled(f"== {stage.title}", "bold"))
        results.append(run_stage(stage, root, environment))
    _summary(results, console)
    total = sum((result.counts for result in results if result.counts), Counts())
    bad = [result.stage.title for result in results if not result.passed]
    if console.as_json:
        console.document(
            {
                "passed": total.passed,
                "failed": total.failed,
                "skipped": total.skipped,
                "failed_stages": bad,
            }
        )
    if bad:
        console.line(tr("Failed: {stages}", stages=", ".join(bad)))
    console.line(total)
    return 1 if bad else 0


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fast", action="store_true", help=tr("leave out the notebooks and the browser")
    )
    parser.add_argument(
        "-k",
        dest="keyword",
        default="",
        metavar="WORDS",
        help=tr("only tests whose names match (pytest's -k), no linters"),
    )
    parser.add_argument(
        "--require-browser",
        action="store_true",
        default=bool(os.environ.get("NESTLAB_REQUIRE_BROWSER")),
        help=tr(
            "fail where no Chromium, Chrome or Edge is found, instead of skipping the browser tests"
        ),
    )


COMMAND = Subcommand(
    name="test",
    summary="run all tests: lint, types, layers, doctests, unit, notebooks, browser",
    description="Run all tests of a clone of the repository. Every stage runs, even after a failure. In a package, which has no tests, it is `nestlab doctor`.",
    add_arguments=_add_arguments,
    run=_run,
    examples=("nestlab test", "nestlab test --fast", "nestlab test -k trace"),
)
