"""Reads scenario files and those that they are based on; each problem has its place in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.errors import ScenarioFileError
from nestlab.model.finding import Finding, Findings
from nestlab.model.origin import KeyPath
from nestlab.simulator.scenarios.json_nodes import compose_json
from nestlab.simulator.scenarios.scenario_keys import SCENARIO
from nestlab.topology_file.nodes import Node, NotYaml, ScalarNode, compose
from nestlab.topology_file.reader import MAX_PROBLEMS, Reader, TooManyProblems, key_path_text

SUFFIXES = (".json", ".yml", ".yaml")
_TABLES = ("computer", "processors", "quirks")
_LONGEST_CHAIN = 10


@dataclass(frozen=True)
class Problem:
    """A problem of a scenario: the key, the reason, and what to do."""

    code: str
    keys: KeyPath
    message: str
    hint: str = ""


@dataclass(frozen=True)
class _File:
    name: str
    values: Mapping[str, Any]
    positions: Mapping[KeyPath, tuple[int, int]]


@dataclass(frozen=True)
class Scenario:
    """A scenario with everything that it inherits. `values` has the keys of the file."""

    values: Mapping[str, Any]
    files: tuple[_File, ...]  # the scenario's own first

    def raise_for(self, problems: Iterable[Problem]) -> None:
        """Raise ScenarioFileError if there are problems, with the place of each."""
        findings = [self._finding(problem) for problem in problems]
        if findings:
            raise ScenarioFileError(self.files[0].name, Findings(findings))

    def _finding(self, problem: Problem) -> Finding:
        subject = key_path_text(problem.keys) if problem.keys else "scenario"
        return Finding(
            problem.code,
            "error",
            subject,
            problem.message,
            problem.hint,
            location=self._location(problem.keys),
        )

    def _location(self, keys: KeyPath) -> str:
        """Return the place of a value, or of the innermost enclosing value that is in a file."""
        for length in range(len(keys), -1, -1):
            for file in self.files:
                if keys[:length] in file.positions:
                    line, column = file.positions[keys[:length]]
                    return f"{file.name}:{line}:{column}"
        return self.files[0].name


def read(path: Path, find: Callable[[str, Path], Path | None], known: Iterable[str]) -> Scenario:
    """Read a scenario file and those that it is based on; `find` returns the path of a name.

    Raises ScenarioFileError with all problems of the first file that has any.
    """
    files = [_read_file(path)]
    paths = [path.resolve()]
    while (base := files[-1].values.get("based_on")) is not None:
        base_path = find(base, paths[-1].parent)
        message = _base_problem(base, base_path, paths)
        if base_path is None or message:
            hint = f"Scenarios: {', '.join(known)}. Or write the path of a scenario file, relative to this one."
            Scenario({}, (files[-1],)).raise_for(
                [Problem("unknown-base", ("based_on",), message, hint)]
            )
        else:
            files.append(_read_file(base_path))
            paths.append(base_path.resolve())
    values: dict[str, Any] = {}
    for file in reversed(files):
        values = _merged(values, file.values)
    return Scenario(values, tuple(files))


def _base_problem(base: str, base_path: Path | None, paths: list[Path]) -> str:
    """Return the reason why a scenario cannot be based on another one; empty if it can."""
    if base_path is None:
        return f"there is no scenario {base!r}"
    if base_path.resolve() in paths:
        return f"{base!r} is based on this scenario"
    if len(paths) > _LONGEST_CHAIN:
        return f"the scenario is based on a chain of more than {_LONGEST_CHAIN} others"
    return ""


def _merged(base: Mapping[str, Any], derived: Mapping[str, Any]) -> dict[str, Any]:
    tables = {
        key: {**base.get(key, {}), **derived.get(key, {})}
        for key in _TABLES
        if key in base or key in derived
    }
    return {**base, **derived, **tables}


def _read_file(path: Path) -> _File:
    name = str(path)
    reader = Reader(name, root="scenario")
    try:
        node = _compose(path)
    except NotYaml as error:
        code = "not-json" if path.suffix.lower() == ".json" else "not-yaml"
        reader.report(
            code, ScalarNode(error.line, error.column, "", plain=True), (), str(error), error.hint
        )
        raise ScenarioFileError(name, Findings(reader.findings)) from None
    values = None
    try:
        values = reader.read(node, SCENARIO, ())
    except TooManyProblems:
        message = f"more than {MAX_PROBLEMS} problems; the rest are not shown"
        reader.findings.append(Finding("bad-value", "error", "scenario", message, location=name))
    if not isinstance(values, dict):
        if not reader.findings:
            reader.report(
                "wrong-type",
                ScalarNode(1, 1, "", plain=True),
                (),
                "the file is empty",
                "Copy a scenario and change it.",
            )
        raise ScenarioFileError(name, Findings(reader.findings))
    return _File(name, values, reader.positions)


def _compose(path: Path) -> Node:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = (
            (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8 text"
        )
        finding = Finding(
            "unreadable-file", "error", "scenario", f"cannot be read: {reason}", location=str(path)
        )
        raise ScenarioFileError(str(path), Findings([finding])) from None
    if path.suffix.lower() == ".json":
        return compose_json(text)
    return compose(text) or ScalarNode(1, 1, "", plain=True)
