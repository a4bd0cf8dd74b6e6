"""`nestlab test`: all stages run, all tests are counted, one failure fails the whole."""

import sys

import pytest

from nestlab.cli.console import Console
from nestlab.cli.testing import Counts, Stage, StageResult, read_counts, run_stage, stages

JUNIT = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'


@pytest.fixture
def clone(tmp_path):
    for folder in ("tests/notebooks", "tests/browser", "test-output"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def titles(*args, **options):
    return [stage.title for stage in stages(*args, **options)]


def test_runs_everything_in_order(clone):
    assert titles(clone) == ["lint", "format", "types", "layers", "unit", "notebooks", "browser"]


def test_fast_leaves_out_what_is_slow(clone):
    assert titles(clone, fast=True) == ["lint", "format", "types", "layers", "unit"]


def test_the_unit_stage_leaves_the_slow_folders_to_their_own_stages(clone):
    unit = next(stage for stage in stages(clone) if stage.title == "unit")
    assert {"--ignore=tests/notebooks", "--ignore=tests/browser"} <= set(unit.command)


def test_a_keyword_leaves_only_tests(clone):
    assert all(stage.command[-2:] == ("-k", "trace") for stage in stages(clone, keyword="trace"))


def test_reads_the_counts(clone):
    report = clone / "report.xml"
    report.write_text(JUNIT.format(10, 1, 2, 3), encoding="utf-8")
    assert read_counts(report) == Counts(passed=4, failed=3, skipped=3)


def test_a_missing_report_is_a_failure(clone):
    assert read_counts(clone / "none.xml").failed == 1


def test_counts_are_written_as_pytest_writes_them():
    assert str(Counts(3, 1) + Counts(2, 0, 4)) == "5 passed, 1 failed, 4 skipped"
    assert str(Counts(3, 0)) == "3 passed, 0 failed"


def test_a_stage_that_fails_is_failed_and_one_that_passes_passed(clone):
    for code in (0, 1):
        result = run_stage(
            Stage("stage", (sys.executable, "-c", f"raise SystemExit({code})")), clone, {}
        )
        assert (result.passed, result.code) == (code == 0, code)


def test_an_old_report_is_not_counted_again(clone):
    report = clone / "test-output" / "unit.xml"
    report.write_text(JUNIT.format(10, 0, 0, 0), encoding="utf-8")
    stage = Stage("unit", (sys.executable, "-c", "raise SystemExit(4)"), report.relative_to(clone))
    assert run_stage(stage, clone, {}) == StageResult(
        stage, 4, pytest.approx(0, abs=60), Counts(failed=1)
    )


def test_console_without_terminal_has_no_colour(capsys):
    assert Console().styled("text", "error") == "text"
