"""The page of finding codes, written from the registry of rules."""

from pathlib import Path

from nestlab.rules import all_rules
from nestlab.rules.rule import Scope

PATH = Path(__file__).parents[2] / "docs" / "findings.md"

_INTRODUCTION = """\
# Findings

Every code that nestlab reports, by what its rule looks at. This page is written from the registry of rules
(`pytest tests/rules --update-cases`); a test compares them. `nestlab explain CODE` shows one code, `nestlab explain --list`
lists all, and both take `--json`.

A source is the page that states the rule. *Inferred* means that no public page states it: it follows from how Hyper-V
behaves. *How nestlab itself works* marks rules about nestlab, such as its ownership mark.

The example of a rule about a topology is a part of a topology file that gives the finding. The example of a rule about a
host is evidence, as the finding shows it.
"""
_TITLES = {
    Scope.FILE: "The text of a file",
    Scope.TOPOLOGY: "A topology",
    Scope.HOST: "A host",
    Scope.VM: "A VM on a host",
    Scope.MATCH: "A topology and the host that is to run it",
    Scope.NESTING: "A VM and the guest in it",
    Scope.PLAN: "A plan",
}


def page():
    """The whole page."""
    return "\n".join([_INTRODUCTION, *(_section(scope) for scope in Scope)])


def _section(scope):
    rules = [rule for rule in all_rules() if rule.looks_at[0] is scope]
    return "\n".join([f"## {_TITLES[scope]}\n", *(_rule(rule) for rule in rules)])


def _rule(rule):
    lines = [
        f"- **{label}**: {_source(rule) if label == 'Source' else text}"
        for label, text in rule.rows()
        if label not in ("Example", "Means")
    ]
    language = "yaml" if rule.looks_at[0] in (Scope.FILE, Scope.TOPOLOGY) else "text"
    return "\n".join(
        [
            f"### {rule.code}\n",
            f"{rule.meaning}\n",
            *lines,
            f"\n```{language}\n{rule.example}\n```\n",
        ]
    )


def _source(rule):
    return ", ".join(
        f"<{part}>" if part.startswith("https://") else part for part in rule.sources.split(", ")
    )
