"""Golden wording: every word of findings, beside the case."""

from __future__ import annotations


def worded(findings):
    """Every word of the findings."""
    return "".join(
        f"{finding}\n"
        + (f"    evidence: {finding.evidence}\n" if finding.evidence else "")
        + (f"    source: {finding.source}\n" if finding.source else "")
        for finding in findings
    )


def check_wording(path, findings, *, update):
    """Compare with the file, or rewrite it."""
    if update:
        path.write_text(worded(findings), encoding="utf-8", newline="\n")
    assert worded(findings) == path.read_text(encoding="utf-8")
