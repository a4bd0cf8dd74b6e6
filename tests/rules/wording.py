"""Golden wording: every word of findings, beside the case."""

from __future__ import annotations

_LABELS = ("evidence", "requirement", "source", "runs_on")


def worded(findings):
    """Every word of the findings."""
    return "".join(f"{finding}\n{''.join(_details(finding))}" for finding in findings)


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
