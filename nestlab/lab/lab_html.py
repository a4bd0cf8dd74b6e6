"""A lab as HTML: what it is, what the rules say of its file, and what to call next.

The host is not asked.
"""

from __future__ import annotations

from nestlab.html import Html, code, folded, headline, prose, table, unbroken
from nestlab.lab.lab import Lab
from nestlab.rules import validate
from nestlab.texts import tr, tr_count


def as_html(lab: Lab) -> Html:
    """Return the lab in one line, the verdict on its file, and the calls of its cycle."""
    topology, host = lab.topology, lab.host.host
    vms = sum(1 for path, _ in topology.machines() if path)
    nested = sum(1 for path, _ in topology.hosts() if path)
    said = tr(
        "Lab {topology} on {host}: {vms}, {nested}.",
        topology=topology.name,
        host=host,
        vms=tr_count("{count} VM", "{count} VMs", vms),
        nested=tr_count("{count} nested host", "{count} nested hosts", nested),
    )
    findings = validate(topology)
    top = headline("✓" if findings.ok else "✗", said, _about_file(findings.ok, findings.counted))
    shown = folded(tr("topology"), topology._repr_html_())
    return Html(f"{top}{_calls(lab)}{shown}")


def _about_file(is_ok: bool, counted: str) -> str:  # noqa: FBT001  # one of two sentences
    if is_ok:
        return tr("Its file has no errors; `lab.plan()` says what the host lacks.")
    return tr("Its file has {counts}: `nestlab.validate(lab.topology)`.", counts=counted)


def _calls(lab: Lab) -> Html:
    calls = (
        ("lab.check()", tr("whether the host can carry it")),
        ("lab.plan()", tr("what would change, and why")),
        ("PlanPanel(lab)", tr("plan, apply, verify, undo and destroy in a panel")),
        ("lab.verify()", tr("the checks of the file, on the live VMs")),
    )
    rows = [(unbroken(code(call)), prose(what)) for call, what in calls]
    journal = lab.journal
    rows += [(unbroken(tr("journal")), code(journal))] if journal is not None else []
    return table((tr("call"), tr("what it does")), rows)
