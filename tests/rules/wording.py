"""Golden wording: every word of findings, beside the case."""

from __future__ import annotations

from nestlab.visible import visible

_LABELS = ("evidence", "requirement", "source", "runs_on")


def worded(findings):
    """Every word of the findings."""
    return "".join(f"{_first(finding)}\n{''.join(_details(finding))}" for finding in findings)


def _first(finding):
    where = f"{finding.location}: " if finding.location else ""
    hint = f"\n    {finding.hint}" if finding.hint else ""
    text = f"{finding.severity}: {finding.code}: {finding.subject}: {finding.message}{hint}"
    return visible(f"{where}{text}")


def _details(finding):
    for label in _LABELS:
        if getattr(finding, label):
            yield f"    {label.replace('_', ' ')}: {getattr(finding, label)}\n"
    for cmdlet in finding.fix:
        yield f"    > {cmdlet}\n"


def check_wording(path, findings, *, update):
    """Compare with the file, or rewrite it."""
    if update:
        path.write_text(worded(findings), encoding="utf-8", newline="\n")
    assert worded(findings) == path.read_text(encoding="utf-8")
