"""A change of virtualization extensions as HTML: what it will do, and what to call next."""

from __future__ import annotations

from nestlab.enumerations import all_of
from nestlab.html import Html, headline
from nestlab.lab.nesting_change import NestingChange
from nestlab.texts import tr


def as_html(change: NestingChange) -> Html:
    """Return the change in one line, and what to call next."""
    names, host = all_of(change.vm_names), change.host.host
    said = (
        tr("Exposes the virtualization extensions to {vms} on {host}.", vms=names, host=host)
        if change.enable
        else tr("Hides the virtualization extensions of {vms} on {host}.", vms=names, host=host)
    )
    has_run = change.journal is not None and change.journal.is_file()
    how = (
        tr("It was begun: `undo()` takes back what was done.")
        if has_run
        else tr("Nothing is changed yet: `plan()` shows the steps, `apply()` runs them.")
    )
    return headline("", said, how)
