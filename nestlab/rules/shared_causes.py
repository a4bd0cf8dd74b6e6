"""Combines findings with one cause in the file: a default, a count, a missing name."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping

from nestlab.dataclass import replace
from nestlab.enumerations import all_of
from nestlab.model.finding import Finding, Findings
from nestlab.model.origin import KeyPath
from nestlab.rules.rule import Rule
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.rules.topology.unique_names import DUPLICATE_NAME
from nestlab.texts import tr

NAMES_SHOWN = 12
"""How many further subjects a combined finding names; of the others it gives the number."""


def combined(
    findings: Iterable[Finding], index: TopologyIndex, rules: Mapping[str, Rule]
) -> Collection[Finding]:
    """Return one finding for each cause, with the names of all objects that have it.

    Findings with the same code at the same place of the file have one cause: a value in `defaults`,
    an item with a count, or an alias. Findings of rules with `one_cause` share a cause if their
    message and hint are equal. Copies with the name of another copy get no further finding.
    """
    first: dict[Hashable, Finding] = {}
    further: dict[Hashable, list[Finding]] = {}
    seen: dict[Hashable, int] = {}
    repeated = index.repeated_copies
    for number, finding in enumerate(findings):
        if repeated and _is_in_repeated_copy(finding, repeated):
            continue
        cause = number if finding.keys is None else _cause(finding, index, rules)
        known = first.setdefault(cause, finding)
        if known is finding:
            continue
        # A subject may have several findings with the same code at one place; these stay separate.
        of_subject = cause, finding.subject
        count = seen.get(of_subject, int(known.subject == finding.subject)) + 1
        seen[of_subject] = count
        group = cause if count == 1 else (cause, count)
        if first.setdefault(group, finding) is not finding:
            further.setdefault(group, []).append(finding)
    for cause, others in further.items():
        first[cause] = _one(first[cause], others, index)
    return first.values()


def together(of_file: Findings, on_host: Findings) -> Findings:
    """Return the findings of a file and those of it on a host.

    If both report the same about one place in the file, or one guest, the finding of the host is
    kept, because more is known there. The same holds for a check whose result does not follow from
    the file alone.
    """
    in_guests = {(finding.code, finding.runs_on) for finding in on_host if finding.runs_on}
    worst: dict[Hashable, set[str]] = {}
    for finding in on_host:
        worst.setdefault((finding.code, finding.subject, finding.keys), set()).add(finding.severity)
    rest = (
        item
        for item in of_file
        if not {"error", item.severity} & worst.get((_said(item), item.subject, item.keys), set())
        and (item.code, item.subject) not in in_guests
    )
    return Findings(rest) + on_host


def _said(finding: Finding) -> str:
    """Return the code that a finding of a file has if the host is known."""
    return _WHERE_KNOWN.get(finding.code, finding.code)


_WHERE_KNOWN = {"check-undetermined": "check-contradicted"}


def _is_in_repeated_copy(finding: Finding, repeated: Collection[KeyPath]) -> bool:
    keys = finding.keys or ()
    # The finding that the name itself is repeated stays.
    length = len(keys) - 2 if finding.code == DUPLICATE_NAME.code else len(keys)
    return any(keys[:end] in repeated for end in range(1, length + 1))


def _cause(finding: Finding, index: TopologyIndex, rules: Mapping[str, Rule]) -> Hashable:
    if rules[finding.code].one_cause:
        return finding.code, finding.severity, finding.message, finding.hint
    if not finding.location:
        return finding.code, finding.keys
    return finding.code, finding.severity, _position(finding.keys or (), index)


def _position(keys: KeyPath, index: TopologyIndex) -> tuple[int, int]:
    origin = index.topology.origin
    return origin.position(keys) if origin else (1, 1)


def _one(first: Finding, further: list[Finding], index: TopologyIndex) -> Finding:
    """Return the first finding of a group, with the names of the other subjects."""
    origin = index.topology.origin
    place = _position(first.keys or (), index)
    others: list[str] = []
    for finding in further:
        line = _position(finding.keys or (), index)[0]
        elsewhere = bool(finding.location) and line != place[0]
        others.append(
            tr("{subject} (line {line})", subject=finding.subject_text, line=line)
            if elsewhere
            else finding.subject_text
        )
    others = list(dict.fromkeys(others))
    location = f"{origin.path}:{place[0]}:{place[1]}" if origin and first.location else ""
    message = tr("{message}; the same for {others}", message=first.message, others=listed(others))
    return replace(first, message=message, location=location)


def listed(names: list[str]) -> str:
    """Return names as text, at most NAMES_SHOWN of them.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    shown, more = names[:NAMES_SHOWN], len(names) - NAMES_SHOWN
    if more > 0:
        return tr("{names} and {count} more", names=", ".join(shown), count=more)
    return all_of(shown)
