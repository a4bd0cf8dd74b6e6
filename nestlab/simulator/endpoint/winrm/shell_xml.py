"""Shells as WS-Management describes them (MS-WSMV 2.2.4.37)."""

from __future__ import annotations

import time
from xml.sax.saxutils import escape

from nestlab.simulator.endpoint.winrm import soap
from nestlab.simulator.endpoint.winrm.winrm_shell import Shell


def created_xml(shell: Shell) -> str:
    """Return the response to a Create request."""
    uri = escape(soap.POWERSHELL + shell.configuration)
    selectors = (
        f'<w:SelectorSet><w:Selector Name="ShellId">{escape(shell.id)}</w:Selector></w:SelectorSet>'
    )
    return (
        f"<x:ResourceCreated><a:Address>{soap.NAMESPACES['a']}/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>{uri}"
        f"</w:ResourceURI>{selectors}</a:ReferenceParameters></x:ResourceCreated>{shell_xml(shell)}"
    )


def shell_xml(shell: Shell) -> str:
    """Return the description of a shell."""
    now = time.monotonic()
    fields = {
        "ShellId": shell.id,
        "ResourceUri": soap.POWERSHELL + shell.configuration,
        "Owner": shell.owner,
        "ClientIP": "127.0.0.1",
        "ProcessId": "4242",
        "IdleTimeOut": f"PT{shell.idle_timeout:.3f}S",
        "InputStreams": "stdin pr",
        "OutputStreams": "stdout",
        "MaxIdleTimeOut": "PT2147483.647S",
        "Locale": "en-US",
        "DataLocale": "en-US",
        "CompressionMode": "NoCompression",
        "ProfileLoaded": "Yes",
        "Encoding": "UTF8",
        "BufferMode": "Block",
        "State": "Connected" if shell.connected else "Disconnected",
        "ShellRunTime": f"P0DT0H0M{now - shell.created:.0f}S",
        "ShellInactivity": f"P0DT0H0M{now - shell.last_used:.0f}S",
    }
    return (
        "<rsp:Shell>"
        + "".join(f"<rsp:{name}>{escape(value)}</rsp:{name}>" for name, value in fields.items())
        + "</rsp:Shell>"
    )
