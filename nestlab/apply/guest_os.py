"""The operating system that a guest reports through its integration services.

Windows writes its product name into `OSName`, and the daemon of Linux the name of the distribution
(hv_kvp_daemon.c, from /etc/os-release). A guest without that daemon reports nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

from nestlab.apply.sessions import Sessions
from nestlab.errors import CmdletError, GuestUnreachable, HostError
from nestlab.model import Cmdlet, MachinePath, Outcome, Record, path_text
from nestlab.pattern import pattern
from nestlab.plan import Deferred
from nestlab.texts import tr
from nestlab.transport.session import Cancel
from nestlab.visible import visible

_NAME = "OSName"
_LONGEST = 80
_PROPERTY = pattern(r'<PROPERTY NAME="(Name|Data)"[^>]*>\s*<VALUE>([^<]*)</VALUE>')


def guest_os_name(vm: Record, run: Callable[..., Outcome], cancel: Cancel | None) -> str:
    """Return the name of the operating system in a VM; empty if the guest does not report it.

    `run` is the method of the session to the VM's host. Raises HostError if the connection is lost.
    """
    asked = Cmdlet(
        "Get-CimInstance",
        {
            "Namespace": "root/virtualization/v2",
            "ClassName": "Msvm_KvpExchangeComponent",
            "Filter": f"SystemName = '{str(vm['Id']).strip('{}').upper()}'",
            "Property": ["GuestIntrinsicExchangeItems"],
        },
    )
    try:
        found = run(asked, cancel=cancel)
    except CmdletError:
        return ""  # the account may not read the class
    return next(filter(None, (exchanged_value(each, _NAME) for each in found)), "")


def exchanged_value(component: Record, name: str) -> str:
    """Return a value that a guest reports, from its Msvm_KvpExchangeComponent, or an empty string.

    Each is an item in the XML form of CIM objects.

    >>> item = '<PROPERTY NAME="{}" TYPE="string"><VALUE>{}</VALUE></PROPERTY>'
    >>> pair = item.format("Data", "Debian") + item.format("Name", "OSName")
    >>> exchanged_value(Record((), {"GuestIntrinsicExchangeItems": [pair]}), "OSName")
    'Debian'
    """
    for item in component.get("GuestIntrinsicExchangeItems") or ():
        values = dict(_PROPERTY.findall(str(item)))
        if values.get("Name") == name:
            return visible(unescape(values.get("Data", "")).strip())[:_LONGEST]
    return ""


def is_windows(system: str) -> bool:
    """Whether an operating system is Windows, by its name: product names are not translated."""
    return "windows" in system.casefold()


def os_name_in(path: MachinePath, sessions: Sessions, cancel: Cancel | None) -> str:
    """Return the name of the operating system in a running VM; empty if it is not known.

    The host itself is not a VM.
    """
    if not path:
        return ""
    *host, name = path
    by_name = Cmdlet("Get-VM", {"Name": name, "ErrorAction": "SilentlyContinue"})
    try:
        run = sessions.to(tuple(host)).run
        vms = run(by_name, cancel=cancel).of_type("VirtualMachine")
        running = [vm for vm in vms if str(vm.get("State")) == "Running"]
        return guest_os_name(running[0], run, cancel) if len(running) == len(vms) == 1 else ""
    except (HostError, CmdletError):
        return ""


def other_os_name(deferred: Deferred, sessions: Sessions, cancel: Cancel | None) -> str:
    """Return the name of the operating system in a guest; empty if that is Windows."""
    system = os_name_in(deferred.machine, sessions, cancel)
    return "" if is_windows(system) else system


def not_windows_error(deferred: Deferred, system: str, host: str) -> GuestUnreachable:
    """Return the error for a guest that runs another operating system, and so never answers."""
    machine = path_text(deferred.machine)
    message = tr(
        "{machine} runs {system}, and the file says that it runs Windows",
        machine=machine,
        system=system,
    )
    hint = tr(
        "Write guest: {{os: linux, cloud_init: true}} in {machine}, without cloud_init if you set it up yourself, and os: linux for its image under images; or correct the image or the disk of the VM. Then run the same command again.",
        machine=deferred.machine[-1],
    )
    return GuestUnreachable(host, message, hint=hint)
