"""A session as HTML: what it leads to, how, and what to do with it next. The host is not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nestlab.html import Html, code, headline, table, unbroken
from nestlab.model import HOST, path_text
from nestlab.simulator.scenarios import scenario_descriptions
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.transport.session import Session


def session_html(session: Session, engine: str = "") -> Html:
    """Return the address, the machine, the way to it, and what to call with the session."""
    rows: list[tuple[object, object]] = [
        (tr("address"), code(session.host)),
        (tr("machine"), path_text(session.machine)),
        (tr("reached by"), _way(session)),
    ]
    rows += [(tr("description"), about)] if (about := _about(session.host)) else []
    rows += [(tr("PowerShell"), engine)] if engine else []
    labelled = [(unbroken(label), text) for label, text in rows]
    shown = table((tr("session"), ""), labelled)
    if session.machine != HOST:
        title = tr(
            "Session to the guest {machine} of {host}.",
            machine=path_text(session.machine),
            host=session.host,
        )
        return Html(f"{headline('', title)}{shown}")
    top = headline(
        "",
        tr("Session to {host}.", host=session.host),
        tr(
            "Next: `nestlab.check(host)` says whether it can run nested hosts, `CapabilityPanel(host)` shows the evidence."
        ),
    )
    return Html(f"{top}{shown}")


def _way(session: Session) -> str:
    """Return how the machine is reached, by the scheme of the address."""
    if session.machine != HOST:
        return tr("PowerShell Direct, through its host")
    ways = {
        "sim": tr("none: the host is simulated in this process"),
        "local": tr("PowerShell on this computer"),
        "winrm": tr("WinRM over HTTP, encrypted by Kerberos or NTLM"),
        "winrms": tr("WinRM over HTTPS"),
        "ssh": tr("SSH"),
    }
    return ways.get(session.host.partition(":")[0], "")


def _about(address: str) -> str:
    kind, _, name = address.partition(":")
    return scenario_descriptions().get(name.partition("?")[0], "") if kind == "sim" else ""
