"""The WS-Management service: the shells, and the actions that clients request on them."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from xml.sax.saxutils import escape

from nestlab.dataclass import dataclass
from nestlab.simulator.endpoint.messages.pool_xml import private_data
from nestlab.simulator.endpoint.psrp.pipelines import Pipelines
from nestlab.simulator.endpoint.winrm import soap
from nestlab.simulator.endpoint.winrm.shell_xml import created_xml, shell_xml
from nestlab.simulator.endpoint.winrm.soap import Request, WsmanFault, unknown_shell
from nestlab.simulator.endpoint.winrm.winrm_shell import MAX_COMMANDS, Shell
from nestlab.simulator.powershell.session_state import Configuration


@dataclass(frozen=True)
class Limits:
    """Quotas of a user: shells (Windows' MaxShellsPerUser), and open commands in one shell."""

    shells: int = 30
    commands: int = MAX_COMMANDS


_IDLE_SECONDS = 7_200.0
_ALLOWED_DURING_RESTART = frozenset(
    {soap.SHELL + "Receive", soap.SHELL + "Signal", soap.TRANSFER + "Delete"}
)
_ENVELOPE_OVERHEAD = 4_096
_STATE = soap.NAMESPACES["rsp"] + "/CommandState/"


class Service:
    """Serves requests of authenticated users, called by the threads of their connections."""

    def __init__(
        self, pipelines: Pipelines, configurations: Mapping[str, Configuration], *, limits: Limits
    ) -> None:
        self._pipelines = pipelines
        self._configurations = {name.lower(): item for name, item in configurations.items()}
        self._limits = limits
        self._lock = threading.Lock()
        self._shells: dict[str, Shell] = {}
        self._actions: Mapping[str, Callable[[Request, str], str]] = MappingProxyType(
            {
                soap.TRANSFER + "Create": self._create,
                soap.TRANSFER + "Delete": self._delete,
                soap.TRANSFER + "Get": self._get,
                soap.SHELL + "Receive": self._receive,
                soap.SHELL + "Send": self._send,
                soap.SHELL + "Command": self._command,
                soap.SHELL + "Signal": self._signal,
                soap.SHELL + "Disconnect": self._disconnect,
                soap.SHELL + "Reconnect": self._reconnect,
                soap.SHELL + "Connect": self._connect,
                soap.ENUMERATION + "Enumerate": self._enumerate,
            }
        )

    @property
    def machine(self) -> str:
        """The name of the host."""
        return self._pipelines.machine_name

    @property
    def product_version(self) -> str:
        """The ProductVersion of Identify: zeros, as Windows sends them without authentication."""
        return "OS: 0.0.0 SP: 0.0 Stack: 3.0"

    @property
    def shells(self) -> int:
        """The number of open shells."""
        with self._lock:
            return len(self._shells)

    def responds_to(self, request: Request) -> bool:
        """Whether the host responds to this request; a restart ends all shells.

        The output of a command that restarts the host can still be received.
        """
        if self._pipelines.is_up():
            return True
        if request.action in _ALLOWED_DURING_RESTART and request.shell_id in self._shells:
            return True
        self.close()
        return False

    def serve(self, request: Request, user: str) -> str:
        """Return the body of the response; raises WsmanFault."""
        self._end_idle_shells()
        action = self._actions.get(request.action)
        if action is None:
            text = f"The action {request.action} is not supported by the service."
            raise WsmanFault(2150858839, "a:ActionNotSupported", text)
        return action(request, user)

    def kill(self, shell_id: str) -> None:
        """End a shell as a restart of the service does."""
        with self._lock:
            shell = self._shells.pop(shell_id, None)
        if shell is not None:
            self._end(shell, unknown_shell(shell_id))

    def _end(self, shell: Shell, problem: WsmanFault) -> None:
        shell.close(problem)
        self._pipelines.leave(shell.client, shell.id)

    def close(self) -> None:
        """End every shell."""
        for shell_id in list(self._shells):
            self.kill(shell_id)

    def stop(self) -> None:
        """End every shell, and stop the host's clock."""
        self.close()
        self._pipelines.close()

    def _end_idle_shells(self) -> None:
        now = time.monotonic()
        for shell in list(self._shells.values()):
            if shell.is_closed or now - shell.last_used > shell.idle_timeout:
                self.kill(shell.id)

    def _shell(self, request: Request, user: str) -> Shell:
        with self._lock:
            shell = self._shells.get(request.shell_id)
        if shell is None or shell.owner != user or shell.is_closed:
            raise unknown_shell(request.shell_id)
        shell.last_used = time.monotonic()
        return shell

    def _create(self, request: Request, user: str) -> str:
        configuration = self._configuration(request.resource_uri)
        element = request.find("rsp:Shell")
        shell_id = (element.get("ShellId", "") if element is not None else "").upper() or str(
            uuid.uuid4()
        ).upper()
        idle = soap.seconds(request.text("rsp:Shell/rsp:IdleTimeOut"), _IDLE_SECONDS)
        run = self._pipelines.runner(configuration)
        data = private_data(self.machine, self._pipelines.private_data())
        limit = self._limits.commands
        shell = Shell(
            shell_id,
            user,
            configuration.name,
            idle_timeout=idle,
            max_commands=limit,
            private_data=data,
            run=run,
        )
        with self._lock:
            if sum(other.owner == user for other in self._shells.values()) >= self._limits.shells:
                reason = "The maximum number of concurrent shells for this user has been exceeded. Close existing shells or raise the quota for this user."
                raise WsmanFault(
                    2150859173,
                    "w:QuotaLimit",
                    f"The WS-Management service cannot process the request. {reason}",
                )
            if shell_id in self._shells:
                raise WsmanFault(
                    183, "w:AlreadyExists", "A shell with this ShellId already exists."
                )
            self._shells[shell_id] = shell
        shell.feed(request.text("rsp:Shell/pwsh:creationXml"))
        if shell.client:
            self._pipelines.join(shell.client, shell.id)
        return created_xml(shell)

    def _configuration(self, resource_uri: str) -> Configuration:
        name = resource_uri.removeprefix(soap.POWERSHELL)
        found = self._configurations.get(name.lower()) if name != resource_uri else None
        if found is None:
            text = f"The WS-Management service cannot process the request. Cannot find the {name} session configuration in the WSMan: drive on the {self.machine} computer."
            raise WsmanFault(2150859195, "w:InvalidResourceURI", text)
        return found

    def _delete(self, request: Request, user: str) -> str:
        shell = self._shell(request, user)
        with self._lock:
            self._shells.pop(shell.id, None)
        text = "The I/O operation has been aborted because of either a thread exit or an application request."
        self._end(shell, WsmanFault(995, "w:InternalError", text, sender=False))
        return ""

    def _get(self, request: Request, user: str) -> str:
        if request.resource_uri.rstrip("/") == soap.CONFIG_URI:
            return "<cfg:Config><cfg:MaxEnvelopeSizekb>500</cfg:MaxEnvelopeSizekb></cfg:Config>"
        return shell_xml(self._shell(request, user))

    def _receive(self, request: Request, user: str) -> str:
        shell = self._shell(request, user)
        stream = request.find("rsp:Receive/rsp:DesiredStream")
        command_id = stream.get("CommandId", "") if stream is not None else ""
        budget = (request.max_envelope - _ENVELOPE_OVERHEAD) * 3 // 4
        texts, done = shell.receive(command_id, request.message_id, budget, request.timeout)
        shell.last_used = time.monotonic()
        attribute = f' CommandId="{escape(command_id)}"' if command_id else ""
        streams = "".join(
            f'<rsp:Stream Name="stdout"{attribute}>{text.decode()}</rsp:Stream>' for text in texts
        )
        state = ""
        if command_id:
            exit_code = "<rsp:ExitCode>0</rsp:ExitCode>" if done else ""
            state = f'<rsp:CommandState{attribute} State="{_STATE}{"Done" if done else "Running"}">{exit_code}</rsp:CommandState>'
        return f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>"

    def _send(self, request: Request, user: str) -> str:
        stream = request.find("rsp:Send/rsp:Stream")
        if stream is not None:
            self._shell(request, user).feed(stream.text or "", stream.get("CommandId", ""))
        return "<rsp:SendResponse/>"

    def _command(self, request: Request, user: str) -> str:
        line = request.find("rsp:CommandLine")
        command_id = (line.get("CommandId", "") if line is not None else "") or str(
            uuid.uuid4()
        ).upper()
        self._shell(request, user).command(
            command_id, request.text("rsp:CommandLine/rsp:Arguments")
        )
        return f"<rsp:CommandResponse><rsp:CommandId>{escape(command_id)}</rsp:CommandId></rsp:CommandResponse>"

    def _signal(self, request: Request, user: str) -> str:
        signal = request.find("rsp:Signal")
        command_id = signal.get("CommandId", "") if signal is not None else ""
        self._shell(request, user).signal(command_id, request.text("rsp:Signal/rsp:Code"))
        return "<rsp:SignalResponse/>"

    def _disconnect(self, request: Request, user: str) -> str:
        self._shell(request, user).disconnect()
        return ""

    def _reconnect(self, request: Request, user: str) -> str:
        self._shell(request, user).reconnect()
        return ""

    def _connect(self, request: Request, user: str) -> str:
        shell = self._shell(request, user)
        connect = request.find("rsp:Connect")
        command_id = connect.get("CommandId", "") if connect is not None else ""
        if command_id:
            shell.attach(command_id)
            return "<rsp:ConnectResponse/>"
        messages = shell.connect(request.text("rsp:Connect/pwsh:connectXml")).decode()
        streams = "<rsp:InputStreams>stdin pr</rsp:InputStreams><rsp:OutputStreams>stdout</rsp:OutputStreams>"
        return f"<rsp:ConnectResponse>{streams}<pwsh:connectResponseXml>{messages}</pwsh:connectResponseXml></rsp:ConnectResponse>"

    def _enumerate(self, request: Request, user: str) -> str:
        if request.resource_uri == soap.COMMAND_URI:
            shell_id = request.text("n:Enumerate/w:Filter/w:SelectorSet/w:Selector").upper()
            shell = self._shells.get(shell_id)
            ids = shell.command_ids() if shell is not None and shell.owner == user else []
            items = "".join(
                f"<rsp:Command><rsp:ShellId>{shell_id}</rsp:ShellId><rsp:CommandId>{item}</rsp:CommandId></rsp:Command>"
                for item in ids
            )
        else:
            items = "".join(
                shell_xml(shell) for shell in list(self._shells.values()) if shell.owner == user
            )
        return f"<n:EnumerateResponse><n:EnumerationContext/><w:Items>{items}</w:Items><w:EndOfSequence/></n:EnumerateResponse>"
