# ruff: noqa: EM102, TRY003  # the messages about a file are easier to read in place
"""Reading saved plans; see `nestlab.plan.plan_document` for what is in the file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

from nestlab.dataclass import dataclass, field, fields
from nestlab.errors import PlanFileError, TopologyFileError
from nestlab.model import parse_path
from nestlab.model.topology import Topology
from nestlab.plan.conversion import ConversionError, from_plain, with_current_names
from nestlab.plan.plan import Plan
from nestlab.plan.plan_document import FORMAT, VERSION, SavedPlan, digest
from nestlab.texts import SOURCE_LANGUAGE, mark, tr, translate
from nestlab.topology_file import loads

_PLAN_AGAIN = mark(
    "Plan again with `nestlab plan TOPOLOGY -o FILE`. To change a plan, change its topology."
)


def load_plan(path: str | Path) -> Plan:
    """Read a saved plan. Apply it with ``nestlab.Lab(plan.topology, host).apply(plan)``.

    Raises PlanFileError, with the place, where the file is not a plan, is damaged, or was changed
    after it was written.
    """
    file = Path(path)
    document = _document(file)
    problem = _problem(document)
    if problem:
        raise PlanFileError(f"{file}: {problem}", hint=translate(_PLAN_AGAIN))
    try:
        plan = _plan(
            document["saved"],
            is_first_version=document["version"] == 1,
            language=str(document.get("language", SOURCE_LANGUAGE)),
        )
    except ConversionError as error:
        raise PlanFileError(
            tr("{file}: this plan cannot be read: {error}", file=file, error=error),
            hint=translate(_PLAN_AGAIN),
        ) from None
    _require_unchanged(file, document, plan)
    return plan


def _require_unchanged(file: Path, document: Mapping[str, Any], plan: Plan) -> None:
    """Raise PlanFileError where a document was changed after it was written."""
    readable = {**document, "steps": _steps_with_current_names(document)}
    changed = next(_changed_places({**readable, **plan.to_dict()}, readable), "")
    without_digest = {key: value for key, value in document.items() if key != "digest"}
    if changed or document.get("digest") != digest(without_digest):
        message = (
            tr(
                "{file}: this plan was changed at {place} after it was written",
                file=file,
                place=changed,
            )
            if changed
            else tr("{file}: this plan was changed after it was written", file=file)
        )
        raise PlanFileError(message, hint=translate(_PLAN_AGAIN))


def is_plan_file(path: str | Path) -> bool:
    """Whether a file is marked as a saved plan; false if it cannot be read."""
    try:
        return f'"{FORMAT}"' in Path(path).read_bytes()[:200].decode("utf-8", "replace")
    except OSError:
        return False


def _document(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlanFileError(
            tr("{file}: there is no such file", file=file),
            hint=tr("Check the path; a relative path starts at the current directory."),
        ) from None
    except OSError as error:
        raise PlanFileError(
            tr("{file}: cannot be read: {error}", file=file, error=error.strerror or error),
            hint=tr("Check the permissions of the file."),
        ) from None
    except json.JSONDecodeError as error:
        raise PlanFileError(
            tr(
                "{file}:{line}:{column}: this plan is damaged: {error}",
                file=file,
                line=error.lineno,
                column=error.colno,
                error=error.msg,
            ),
            hint=translate(_PLAN_AGAIN),
        ) from None
    except (UnicodeDecodeError, RecursionError):
        raise PlanFileError(
            tr("{file}: this is not a saved plan", file=file), hint=translate(_PLAN_AGAIN)
        ) from None
    if not isinstance(document, dict):
        raise PlanFileError(
            tr("{file}: this is not a saved plan", file=file), hint=translate(_PLAN_AGAIN)
        )
    return document


def _problem(document: Mapping[str, Any]) -> str:
    """Return why a document cannot be read as a plan; empty if it can."""
    if document.get("format") != FORMAT or "saved" not in document:
        return tr("this is not a saved plan")
    if document.get("version") not in _VERSIONS:
        writer = f"nestlab {document.get('nestlab')}"
        return tr(
            "this plan has the format version {version!r}, written by {writer}; this version reads versions {first} to {last}",
            version=document.get("version"),
            writer=writer,
            first=_VERSIONS[0],
            last=_VERSIONS[-1],
        )
    return ""


def _plan(data: object, *, is_first_version: bool, language: str) -> Plan:
    saved = from_plain(_renamed(data, _EARLIER_KEYS), SavedPlan, "saved")
    plan_fields: Any = from_plain(_renamed(saved.plan, _EARLIER_PLAN_KEYS), _PARTS, "saved.plan")
    return Plan(
        **{item.name: getattr(plan_fields, item.name) for item in _COMPARED},
        credentials={parse_path(machine): name for machine, name in saved.credentials.items()},
        state_digests={
            parse_path(machine): _with_current_labels(parts) if is_first_version else parts
            for machine, parts in saved.state_digests.items()
        },
        topology=_topology(saved.topology_file),
        language=language,
    )


_VERSIONS = range(1, VERSION + 1)
_EARLIER_KEYS = {"seen": "state_digests"}
_EARLIER_PLAN_KEYS = {"topology": "subject"}
"""Keys that version 1 names differently, with their current names."""

_EARLIER_LABELS = {
    "its roles and features": "installed features",  # not shown
    "whether Hyper-V answers": "Hyper-V role",  # not shown
    "adapter of its own ": "management adapter ",  # not shown
}
"""Beginnings of labels of observed parts that version 1 has, and what they are now."""


def _with_current_labels(parts: Mapping[str, str]) -> dict[str, str]:
    renamed = {}
    for label, digest_of_part in parts.items():
        earlier = next((text for text in _EARLIER_LABELS if label.startswith(text)), "")
        now = _EARLIER_LABELS.get(earlier, "") + label.removeprefix(earlier)
        renamed[now] = digest_of_part
    return renamed


def _renamed(data: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(data, dict):
        return data
    return {names.get(key, key): value for key, value in data.items()}


def _steps_with_current_names(document: Mapping[str, Any]) -> Any:
    """Return the readable steps of a document with the current keys."""
    steps = document.get("steps")
    if not isinstance(steps, list):
        return steps
    return [with_current_names(step) if isinstance(step, dict) else step for step in steps]


def _topology(text: str) -> Topology:
    try:
        return loads(text, "saved.topology_file")
    except TopologyFileError as error:
        raise ConversionError(str(next(iter(error.findings)))) from None


_TYPES = get_type_hints(Plan)
_COMPARED = [item for item in fields(Plan) if item.compare]
_PARTS: Any = dataclass(frozen=True)(
    type(
        "_Parts",
        (),
        {
            "__module__": __name__,
            "__annotations__": {item.name: _TYPES[item.name] for item in _COMPARED},
            **{item.name: field(default=item.default) for item in _COMPARED},
        },
    )
)
"""The fields by which plans are compared; one that an earlier version lacks has its default."""


def _changed_places(written: Any, found: Any, place: str = "") -> Iterator[str]:
    """Yield the places where the readable part differs from the plan."""
    if isinstance(written, dict) and isinstance(found, dict):
        for key in written | found:
            yield from _changed_places(
                written.get(key), found.get(key), f"{place}.{key}" if place else key
            )
    elif isinstance(written, list) and isinstance(found, list) and len(written) == len(found):
        for number, (one, other) in enumerate(zip(written, found, strict=True)):
            yield from _changed_places(one, other, f"{place}[{number}]")
    elif written != found:
        yield place
