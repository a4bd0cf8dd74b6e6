"""Runs a script file as its user would: from a prompt, with parameters."""

from __future__ import annotations

from dataclasses import dataclass

from tests.export.engine.interpreter import Interpreter
from tests.export.engine.syntax import child, parsed
from tests.export.engine.values import Credential, Host, PsObject, Table


@dataclass
class Run:
    """What a script wrote, and what else it did."""

    rows: list
    host: Host

    @property
    def results(self):
        """The step and the result of each row."""
        return {f"{row['Machine']}: {row['Step']}": row["Result"] for row in self.rows}


def run_script(path, session, *, what_if=False, accounts=(), timeout=30, changes=None, **user):
    """Run a script on a simulated host; raises PsError where it ends with an error.

    After so many `changes`, it is interrupted. `accounts` are names of credentials, or a table of
    them; `user` is what its user does, as in `Host`.
    """
    engine = Interpreter(session, Host(changes_left=changes, **user))
    text = path.read_text(encoding="utf-8-sig")
    root = parsed(text)
    script = PsObject()
    for name, value in {
        "PSScriptRoot": str(path.parent),
        "WhatIfPreference": what_if,
        "PSCmdlet": script,
    }.items():
        engine.assign(name, value)
    if not isinstance(accounts, dict):
        accounts = {name: Credential(name) for name in accounts}
    named = [
        ("GuestAccount", Table(accounts)),
        ("TimeoutMinutes", timeout),
    ]
    assert child(root, "param_block") is not None
    rows = engine.call(root, ([], named))
    return Run(rows, engine.host)
