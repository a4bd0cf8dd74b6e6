"""A trace as HTML: the verdict and its reason first, fixes, then the hops."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.html import Html, code, escape, folded, headline, table
from nestlab.model.machine_path import path_text
from nestlab.reachability.answer import ASSUMED, BREAKS, FIX, IN_FILE, LASTING, SYMBOLS, Fix, Trace
from nestlab.texts import mark, tr, tr_count, translate

_FIX_TRACED_AGAIN = mark("Fix, on {machine}, verified by tracing again:")
_SHOWN = 24  # hops that are shown without a click


def as_html(trace: Trace) -> Html:
    """Return the verdict, the reason, fixes, hops and assumptions."""
    reason = trace.drop.explanation if trace.drop else ""
    top = headline(SYMBOLS[trace.status], trace.verdict, reason)
    return Html("".join((top, *_fixes(trace), _hops(trace), *_assumed(trace))))


def _hops(trace: Trace) -> Html:
    """Return the hops in a table, collapsed if there are many and the packet arrives."""
    rows: list[tuple[object, ...]] = [(n, hop.at, hop.does) for n, hop in enumerate(trace.hops, 1)]
    if trace.drop is not None:
        dropped = tr("the packet is dropped ({reason})", reason=trace.drop.reason)
        rows.append(("✗", trace.drop.at, dropped))
    shown = table((tr("hop"), tr("at"), tr("what happens")), rows)
    if trace.drop is not None or len(rows) <= _SHOWN:
        return shown
    title = tr_count("{count} hop, there and back", "{count} hops, there and back", len(rows))
    return folded(title, shown)


def _fixes(trace: Trace) -> Iterator[str]:
    yield from map(_fix, trace.fixes)
    for text in trace.breaks:
        yield f"<p>{translate(BREAKS, what=escape(text))}</p>"
    if any(fix.in_file for fix in trace.fixes):
        yield f"<p>{escape(translate(LASTING))}</p>"


def _fix(fix: Fix) -> str:
    cmdlets = "<br>".join(code(cmdlet) for cmdlet in fix.cmdlets)
    edits = "".join(f"<br>{translate(IN_FILE, edit=code(edit))}" for edit in fix.in_file)
    machine = f"<b>{escape(path_text(fix.machine))}</b>"
    title = translate(_FIX_TRACED_AGAIN if fix.verified else FIX, machine=machine)
    return f"<p>{title}<br>{cmdlets}{edits}</p>"


def _assumed(trace: Trace) -> Iterator[str]:
    for text in trace.assumptions:
        yield f"<p><i>{translate(ASSUMED, assumption=escape(text))}</i></p>"
