"""Choose a host and connect: a simulated one, or a real one over PowerShell remoting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import Any

import ipywidgets

from nestlab import transport
from nestlab.constants import DEFAULT_HOST
from nestlab.errors import UsageError
from nestlab.html import Html, code, escape, table
from nestlab.model import Findings
from nestlab.model.state import HostState
from nestlab.notebook.arguments import require_text
from nestlab.notebook.findings_view import findings_html
from nestlab.notebook.job import JobResult
from nestlab.notebook.panel import Panel, cell_styled, row
from nestlab.observe import observe
from nestlab.rules import host_findings
from nestlab.simulator.scenarios import scenario_descriptions, scenario_names
from nestlab.transport.host_address import without_password
from nestlab.transport.process.local import has_hyper_v_module
from nestlab.transport.session import Session

_WIDE = {"description_width": "110px"}
_UNDER_THE_FIELDS = "2px 0 4px 118px"  # aligned with the fields, not their labels


class ConnectPanel(Panel):
    """A host's address, the credential where one is needed, and Connect.

    The session is in `host` afterwards.
    """

    def __init__(
        self,
        address: str = DEFAULT_HOST,
        *,
        on_connect: Callable[[Session], None] | None = None,
    ) -> None:
        require_text(
            address, type(self).__name__, "the address of a host", f"ConnectPanel({DEFAULT_HOST!r})"
        )
        self._build_fields(address)
        self.connect_button = self.button(
            "Connect", "Open a session to this host", self.connect, style="primary"
        )
        self.connect_button.layout.margin = _UNDER_THE_FIELDS
        self.remote = ipywidgets.VBox(
            [self.username, self.password, self.configuration, self.certificate]
        )
        self._session: Session | None = None
        self._secret = ""
        self._on_connect = on_connect
        self.host_summary = ipywidgets.HTML()
        self.about = ipywidgets.HTML(layout=ipywidgets.Layout(margin=_UNDER_THE_FIELDS))
        fields = (self.address, self.about, self.remote, row(self.connect_button))
        super().__init__(fields, disabled_while_busy=[self.connect_button])
        self.children = (*fields, self.status, self.host_summary, ipywidgets.HTML(_scenarios()))
        self.address.observe(self._address_changed, names="value")
        self.password.observe(self._password_typed, names="value")
        self._address_changed()

    def _build_fields(self, address: str) -> None:
        wide = ipywidgets.Layout(width="420px", max_width="calc(100% - 4px)")
        self.address = ipywidgets.Combobox(
            value=address,
            options=_suggestions(),
            ensure_option=False,
            description="Host",
            style=_WIDE,
            layout=wide,
        )
        self.username = ipywidgets.Text(
            description="User",
            placeholder="CONTOSO\\ada",
            continuous_update=False,
            style=_WIDE,
            layout=wide,
        )
        self.password = ipywidgets.Password(
            description="Password", continuous_update=False, style=_WIDE, layout=wide
        )
        self.configuration = ipywidgets.Text(
            description="Configuration",
            placeholder="name of a JEA endpoint (optional)",
            continuous_update=False,
            style=_WIDE,
            layout=wide,
        )
        self.certificate = ipywidgets.Text(
            description="Certificate",
            placeholder="CA file, if the CA is not trusted on this computer",
            continuous_update=False,
            style=_WIDE,
            layout=wide,
        )

    @property
    def host(self) -> Session:
        """The open session; raises UsageError if there is none."""
        if self._session is None:
            message = "Not connected yet."
            raise UsageError(
                message, hint="Press Connect in the panel above, or use nestlab.connect()."
            )
        return self._session

    def connect(self) -> None:
        """Open the session and observe the host and the account's rights, in the background."""
        address, user = self.address.value.strip(), self.username.value or None
        if not address:
            message = "No host to connect to was given."
            raise UsageError(
                message, hint="Enter its address, or choose a simulated host from the list."
            )
        secret, configuration, ca = (
            self._secret or None,
            self.configuration.value or None,
            self.certificate.value or None,
        )
        self._secret, self.password.placeholder = "", ""

        def work(_cancel: threading.Event) -> Generator[str, None, Any]:
            if user and not secret and address.startswith("winrm"):
                # A terminal prompt would block: it is not visible in the notebook.
                message = f"No password was given for {user}."
                raise UsageError(
                    message,
                    hint='Enter it above. nestlab.connect("…", credential="NAME") takes one from the keyring.',
                )
            session = transport.connect(
                address, username=user, password=secret, configuration_name=configuration, ca=ca
            )
            yield "connected"
            return session, observe(session)

        self.host_summary.value = ""
        # What the field holds is saved with the notebook.
        self.address.value = shown = without_password(address)
        self.start(
            f"Connecting to {shown} …", work, on_event=lambda _event: None, on_end=self._connected
        )

    def snapshot(self) -> Html:
        """Return the chosen address, the host that answered, and the simulated hosts."""
        return Html(
            f"<p>Host: <code>{escape(without_password(self.address.value))}</code></p>{self.about.value}{self.host_summary.value}{_scenarios()}"
        )

    def _connected(self, result: JobResult) -> None:
        if result.state != "done":
            return
        self._session, state = result.value
        self.status.show("done", f"Connected to {self.host.host}")
        self.host_summary.value = _host_summary(state)
        if self._on_connect is not None:
            self._on_connect(self.host)

    def _password_typed(self, change: Any) -> None:
        """Clear the password field at once: it must not be saved with the widgets' state."""
        if change["new"]:
            self._secret = change["new"]
            self.password.placeholder = "entered; kept in memory until you connect"
            self.password.value = ""

    def _address_changed(self, _change: Any = None) -> None:
        kind, _, name = self.address.value.strip().partition(":")
        self.remote.layout.display = "none" if kind in {"sim", "local"} else ""
        self.certificate.layout.display = "none" if kind in {"winrm", "ssh"} else ""
        about = scenario_descriptions().get(name.partition("?")[0], "") if kind == "sim" else ""
        self.about.value = (
            f"<div style='line-height:1.45;opacity:.8'>{escape(about)}</div>" if about else ""
        )
        self.about.layout.display = "" if about else "none"
        if self.status.state == "failed":
            self.status.show("idle", "")  # the error was about the previous address


def _host_summary(state: HostState) -> Html:
    """Return the host's name and Windows, the account's rights, and whether nesting works."""
    computer = state.computer
    windows = f"{computer.caption}, build {computer.build}, {computer.total_physical_memory} memory"
    findings = host_findings(state)
    shown = Findings(
        finding
        for finding in findings
        if finding is findings[0] or finding.code.startswith("account-")
    )
    return Html(
        f"<p style='margin:.3em 0;line-height:1.45'><b>{escape(computer.name)}</b>: {escape(windows)}</p>{findings_html(shown)}"
    )


def _scenarios() -> Html:
    """Return the simulated hosts and their descriptions, collapsed."""
    known = scenario_descriptions()
    rows = [[code(f"sim:{name}"), about] for name, about in known.items()]
    return Html(
        f"<details><summary style='cursor:pointer'>{len(known)} simulated hosts</summary>{cell_styled(table(('host', 'description'), rows))}</details>"
    )


def _suggestions() -> list[str]:
    here = ["local:"] if has_hyper_v_module() else []
    return [*here, *(f"sim:{name}" for name in scenario_names()), "winrms://", "ssh://"]
