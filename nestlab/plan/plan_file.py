# ruff: noqa: EM102, TRY003  # a list of sentences that say what is wrong with a file
"""Saved plans: a plan in a file, with the topology it was made for, so that it can be looked at, kept, and applied later.

The file is JSON. Its first keys are for everybody to read, as `Plan.to_dict` gives them; under
``saved`` is the plan with typed cmdlets, which is what is applied. A file in which the two differ
has been changed since and is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, make_dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

from nestlab.errors import PlanFileError, TopologyFileError
from nestlab.model import parse_path, path_text
from nestlab.model.files import write_whole
from nestlab.model.topology import Topology
from nestlab.plan.conversion import ConversionError, from_plain, to_plain
from nestlab.plan.drift import seen
from nestlab.plan.plan import Plan
from nestlab.topology_file import dumps, loads
from nestlab.visible import visible_json

FORMAT = "nestlab-plan"
VERSION = 1
_AGAIN = (
    "Plan again with `nestlab plan TOPOLOGY -o FILE`; a plan is changed by changing its topology."
)


@dataclass(frozen=True, kw_only=True)
class _Saved:
    """What the file keeps beside the plan's own fields."""

    topology_file: str
    credentials: dict[str, str]
    seen: dict[str, dict[str, str]]
    plan: dict[str, Any]


def save_plan(plan: Plan, path: str | Path) -> None:
    """Write a plan that was made for a topology; raises PlanFileError where it was not, FileNotWritten."""
    from nestlab import __version__  # noqa: PLC0415  # the package's front door is above this layer

    if plan.wanted is None:
        msg = f"The plan of {plan.topology} cannot be saved: it was not made for a topology"
        raise PlanFileError(msg, hint="What `Lab.plan` returns can be saved.")
    saved = _Saved(
        # Without the comments of its file: nobody knows what people write there.
        topology_file=dumps(replace(plan.wanted, origin=None)),
        credentials={path_text(machine): name for machine, name in plan.credentials.items()},
        seen={
            path_text(machine): dict(parts)
            for machine, parts in (seen(plan.states) or plan.seen).items()
        },
        plan={name: to_plain(getattr(plan, name)) for name in _fields()},
    )
    document = {
        "format": FORMAT,
        "version": VERSION,
        "nestlab": __version__,
        **plan.to_dict(),
        "saved": to_plain(saved),
    }
    text = visible_json(
        json.dumps({**document, "digest": _digest(document)}, indent=2, ensure_ascii=False)
    )
    write_whole(path, text + "\n")


def load_plan(path: str | Path) -> Plan:
    """Read a saved plan. Apply it with ``nestlab.Lab(plan.wanted, host).apply(plan)``.

    Raises PlanFileError, with the place, where the file is no plan, is damaged, or was changed
    after it was written.
    """
    file = Path(path)
    document = _document(file)
    said = _problem(document)
    if said:
        raise PlanFileError(f"{file}: {said}", hint=_AGAIN)
    try:
        plan = _plan(file, document["saved"])
    except ConversionError as error:
        raise PlanFileError(f"{file}: this plan cannot be read: {error}", hint=_AGAIN) from None
    changed = next(_changed_places({**document, **plan.to_dict()}, document), "")
    if changed or document.get("digest") != _digest(
        {key: value for key, value in document.items() if key != "digest"}
    ):
        place = f" at {changed}" if changed else ""
        raise PlanFileError(
            f"{file}: this plan was changed{place} after it was written", hint=_AGAIN
        )
    return plan


def is_plan_file(path: str | Path) -> bool:
    """Whether a file says of itself that it is a saved plan; false where it cannot be read."""
    try:
        return f'"{FORMAT}"' in Path(path).read_bytes()[:200].decode("utf-8", "replace")
    except OSError:
        return False


def _document(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlanFileError(
            f"{file}: there is no such file",
            hint="Check the path; it counts from the current directory.",
        ) from None
    except OSError as error:
        raise PlanFileError(
            f"{file}: cannot be read: {error.strerror or error}",
            hint="Check the permissions of the file.",
        ) from None
    except json.JSONDecodeError as error:
        raise PlanFileError(
            f"{file}:{error.lineno}:{error.colno}: this plan is damaged: {error.msg}", hint=_AGAIN
        ) from None
    except (UnicodeDecodeError, RecursionError):
        raise PlanFileError(f"{file}: this is no saved plan", hint=_AGAIN) from None
    if not isinstance(document, dict):
        raise PlanFileError(f"{file}: this is no saved plan", hint=_AGAIN)
    return document


def _problem(document: Mapping[str, Any]) -> str:
    """Return why this is no plan that this nestlab reads; empty where it may be one."""
    if document.get("format") != FORMAT or "saved" not in document:
        return "this is no saved plan"
    if document.get("version") != VERSION:
        made = f"nestlab {document.get('nestlab')}"
        return f"this plan has the format version {document.get('version')!r}, of {made}; this nestlab reads version {VERSION}"
    return ""


def _plan(file: Path, data: object) -> Plan:
    saved = from_plain(data, _Saved, "saved")
    parts: Any = from_plain(saved.plan, _PARTS, "saved.plan")
    return Plan(
        **{name: getattr(parts, name) for name in _fields()},
        credentials={parse_path(machine): name for machine, name in saved.credentials.items()},
        seen={parse_path(machine): parts for machine, parts in saved.seen.items()},
        wanted=_topology(file, saved.topology_file),
    )


def _topology(file: Path, text: str) -> Topology:
    try:
        return loads(text, f"{file}: saved.topology_file")
    except TopologyFileError as error:
        raise ConversionError(str(next(iter(error.findings)))) from None


def _fields() -> list[str]:
    """Return the fields that are written as they are: all that make two plans equal."""
    return [field.name for field in fields(Plan) if field.compare]


_TYPES = get_type_hints(Plan)
_PARTS = make_dataclass(
    "_Parts", [(name, _TYPES[name], getattr(Plan, name, None)) for name in _fields()], frozen=True
)
"""A plan without what is remembered beside it. What a file of an older nestlab does not have is as in a plan without it."""


def _changed_places(written: Any, found: Any, place: str = "") -> Iterator[str]:
    """Yield the places where what is for people to read is not what the plan says."""
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


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
