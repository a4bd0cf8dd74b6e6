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
from nestlab.notebook.panel import Panel, cell_styled, label_width, row
from nestlab.observe import observe
from nestlab.rules import host_findings
from nestlab.simulator.scenarios import scenario_descriptions, scenario_names
from nestlab.texts import LANGUAGES, language, set_language, tr, tr_count
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
            address,
            type(self).__name__,
            tr("the address of a host"),
            f"ConnectPanel({DEFAULT_HOST!r})",
        )
        self._build_fields(address)
        self.connect_button = self.button("", "", self.connect, style="primary")
        self.connect_button.layout.margin = _UNDER_THE_FIELDS
        self.remote = ipywidgets.VBox(
            [self.username, self.password, self.configuration, self.certificate]
        )
        self._session: Session | None = None
        self._state: HostState | None = None
        self._secret = ""
        self._on_connect = on_connect
        self.host_summary, self.scenarios = ipywidgets.HTML(), ipywidgets.HTML()
        self.about = ipywidgets.HTML(layout=ipywidgets.Layout(margin=_UNDER_THE_FIELDS))
        fields = (self.address, self.about, self.remote, row(self.connect_button, self.language))
        super().__init__(fields, disabled_while_busy=[self.connect_button])
        self.children = (*fields, self.status, self.host_summary, self.scenarios)
        self.address.observe(self._address_changed, names="value")
        self.password.observe(self._password_typed, names="value")
        self.language.observe(self._language_chosen, names="value")
        self._show_texts()

    def _build_fields(self, address: str) -> None:
        self.address = ipywidgets.Combobox(
            value=address,
            options=_suggestions(),
            ensure_option=False,
            style=_WIDE,
            layout=_wide(),
        )
        self.username = _text_field(placeholder="CONTOSO\\ada")
        self.password = ipywidgets.Password(continuous_update=False, style=_WIDE, layout=_wide())
        self.configuration, self.certificate = _text_field(), _text_field()
        self.language = ipywidgets.Dropdown(
            options=[(name, code) for code, name in LANGUAGES.items()],
            value=language(),
            layout=ipywidgets.Layout(width="auto"),
        )

    @property
    def host(self) -> Session:
        """The open session; raises UsageError if there is none."""
        if self._session is None:
            message = tr("Not connected yet.")
            raise UsageError(
                message, hint=tr("Press Connect in the panel above, or use nestlab.connect().")
            )
        return self._session

    def connect(self) -> None:
        """Open the session and observe the host and the account's rights, in the background."""
        address, user = self.address.value.strip(), self.username.value or None
        if not address:
            message = tr("No host to connect to was given.")
            raise UsageError(
                message, hint=tr("Enter its address, or choose a simulated host from the list.")
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
                message = tr("No password was given for {user}.", user=user)
                raise UsageError(
                    message,
                    hint=tr(
                        'Enter it above. nestlab.connect("…", credential="NAME") takes one from the keyring.'
                    ),
                )
            session = transport.connect(
                address, username=user, password=secret, configuration_name=configuration, ca=ca
            )
            yield "connected"
            return session, observe(session)

        self.host_summary.value, self._state = "", None
        # The content of the field is saved with the notebook.
        self.address.value = shown = without_password(address)
        self.start(
            tr("Connecting to {shown} …", shown=shown),
            work,
            on_event=lambda _event: None,
            on_end=self._connected,
        )

    def snapshot(self) -> Html:
        """Return the chosen address, the host that answered, and the simulated hosts."""
        return Html(
            f"<p>{tr('Host')}: <code>{escape(without_password(self.address.value))}</code></p>{self.about.value}{self.host_summary.value}{self.scenarios.value}"
        )

    def _connected(self, result: JobResult) -> None:
        if result.state != "done":
            return
        self._session, self._state = result.value
        self.status.show("done", tr("Connected to {host}", host=self.host.host))
        self.host_summary.value = _host_summary(self._state)
        if self._on_connect is not None:
            self._on_connect(self.host)

    def _language_chosen(self, change: Any) -> None:
        """Choose the language of this notebook: here at once, and for panels created later."""
        set_language(change["new"])
        self._show_texts()

    def _show_texts(self) -> None:
        """Show labels, and what is known of hosts, in the chosen language."""
        self.address.description, self.username.description = tr("Host"), tr("User")
        self.password.description = tr("Password")
        self.configuration.description = tr("Configuration")
        self.configuration.placeholder = tr("name of a JEA endpoint (optional)")
        self.certificate.description = tr("Certificate")
        self.certificate.placeholder = tr("CA file, if the CA is not trusted on this computer")
        self.language.description = label = tr("Language")
        self.language.style.description_width = f"{label_width(label, 0)}px"
        self.language.tooltip = tr("The language of this panel, and of those created after it")
        self.connect_button.description = tr("Connect")
        self.connect_button.tooltip = tr("Open a session to this host")
        if self._secret:
            self.password.placeholder = tr("entered; kept in memory until you connect")
        if self._state is not None:
            self.host_summary.value = _host_summary(self._state)
        self.scenarios.value = _scenarios()
        self._address_changed()

    def _password_typed(self, change: Any) -> None:
        """Clear the password field at once: it must not be saved with the widgets' state."""
        if change["new"]:
            self._secret = change["new"]
            self.password.placeholder = tr("entered; kept in memory until you connect")
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


def _wide() -> ipywidgets.Layout:
    """Return a new layout: a shared one would hide all fields with one of them."""
    return ipywidgets.Layout(width="420px", max_width="calc(100% - 4px)")


def _text_field(**values: str) -> ipywidgets.Text:
    return ipywidgets.Text(continuous_update=False, style=_WIDE, layout=_wide(), **values)


def _host_summary(state: HostState) -> Html:
    """Return the host's name and Windows, the account's rights, and whether nesting works."""
    computer = state.computer
    windows = tr(
        "{windows}, build {build}, {size} memory",
        windows=computer.caption,
        build=computer.build,
        size=computer.total_physical_memory,
    )
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
    title = tr_count("{count} simulated host", "{count} simulated hosts", len(known))
    shown = cell_styled(table((tr("host"), tr("description")), rows))
    return Html(f"<details><summary style='cursor:pointer'>{title}</summary>{shown}</details>")


def _suggestions() -> list[str]:
    here = ["local:"] if has_hyper_v_module() else []
    return [*here, *(f"sim:{name}" for name in scenario_names()), "winrms://", "ssh://"]
