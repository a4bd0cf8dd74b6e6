"""Recorded conversations, behind pypsrp's HTTP."""

from __future__ import annotations

import base64

from pypsrp.exceptions import WinRMTransportError
from requests.exceptions import ConnectionError as ConnectionLost

from nestlab.simulator.endpoint.winrm import soap
from tests.transport.replayed import Replay

_STATE = soap.NAMESPACES["rsp"] + "/CommandState/"


class ReplayOverWinrm(Replay):
    """Stands in for pypsrp's HTTP transport."""

    endpoint = "http://replayed/wsman"
    session = encryption = None
    wrap_required = False

    def send(self, message: bytes, **_options: object) -> bytes:
        """Answer one request."""
        request = soap.parse(message)
        action = request.action.rsplit("/", 1)[-1]
        try:
            body = getattr(self, f"_on_{action.lower()}")(request)
        except soap.WsmanFault as problem:
            raise WinRMTransportError(
                "http", 500, soap.fault(problem, request.message_id, "replayed").decode()
            ) from None
        return soap.envelope(f"{request.action}Response", request.message_id, body)

    def close(self) -> None:
        """Have nothing to close."""

    def _on_create(self, request: soap.Request) -> str:
        self.take(base64.b64decode(request.text("rsp:Shell/pwsh:creationXml")), "")
        return "<rsp:Shell><rsp:ShellId>X</rsp:ShellId></rsp:Shell>"

    def _on_command(self, request: soap.Request) -> str:
        command = request.find("rsp:CommandLine").get("CommandId")
        self.queues[command] = []
        self.take(base64.b64decode(request.text("rsp:CommandLine/rsp:Arguments")), command)
        return (
            f"<rsp:CommandResponse><rsp:CommandId>{command}</rsp:CommandId></rsp:CommandResponse>"
        )

    def _on_send(self, request: soap.Request) -> str:
        stream = request.find("rsp:Send/rsp:Stream")
        self.take(base64.b64decode(stream.text), stream.get("CommandId", ""))
        return "<rsp:SendResponse/>"

    def _on_receive(self, request: soap.Request) -> str:
        command = request.find("rsp:Receive/rsp:DesiredStream").get("CommandId", "")
        waiting = self.queues[command]
        if not waiting:
            if self.done.get(command) is False:
                msg = "the server ended in the middle"
                raise ConnectionLost(msg)
            raise soap.timed_out()
        mark = f' CommandId="{command}"' if command else ""
        streams = "".join(
            f'<rsp:Stream Name="stdout"{mark}>{base64.b64encode(data).decode()}</rsp:Stream>'
            for data in waiting
        )
        waiting.clear()
        state = f'<rsp:CommandState{mark} State="{_STATE}Running"/>' if command else ""
        return f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>"

    def _on_signal(self, _request: soap.Request) -> str:
        return "<rsp:SignalResponse/>"

    def _on_delete(self, _request: soap.Request) -> str:
        return ""
