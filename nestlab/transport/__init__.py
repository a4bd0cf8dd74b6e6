"""Sessions to hosts: simulated in process, or real over PowerShell remoting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nestlab.constants import DEFAULT_HOST
from nestlab.errors import UnknownHost, UsageError
from nestlab.texts import tr
from nestlab.transport.session import Cancel, Session

if TYPE_CHECKING:
    from nestlab.model.topology import Topology
    from nestlab.transport.process.local import LocalTarget
    from nestlab.transport.process.ssh import SshTarget


def connect(
    address: str = DEFAULT_HOST,
    *,
    username: str | None = None,
    password: str | None = None,
    auth: str = "negotiate",
    configuration_name: str | None = None,
    prepared_for: Topology | None = None,
    **options: Any,
) -> Session:
    """Open a session to a host.

    Args:
        address: ``sim:SCENARIO`` or ``sim:SCENARIO?state=FILE`` (the simulated host), ``local:`` or
            ``local:pwsh`` (this machine, through PowerShell as a child process),
            ``winrm://HOST[:PORT]`` or ``winrms://HOST[:PORT]``, ``ssh://[USER@]HOST[:PORT]`` with
            ``?subsystem=NAME`` or ``?command=...`` (through the user's own ssh).
        username: The account on a real host; by default the account that is signed in, if Kerberos
            allows that, or the one in the configuration of ssh.
        password: Its password, for WinRM; by default looked up under the host's name and under
            ``host`` (keyring, then ``NESTLAB_CREDENTIAL_HOST=user:password``), or asked for.
        auth: ``negotiate``, ``kerberos``, ``ntlm``, ``basic``, ``credssp`` or ``certificate``.
        configuration_name: The session configuration (JEA endpoint) on a real host. Over ssh, the
            subsystem or the command selects the endpoint. If that is a JEA endpoint, give its name
            here: guests are then reached through a function of its role.
        prepared_for: A topology. A new simulated host is created with everything that the topology
            expects to find there: images, adapters, `existing` switches. A real host ignores it.
        options: Further options of WinRM: ``ca`` (PEM file with the CA certificate of the host),
            ``verify``, ``certificate`` and ``certificate_key`` (PEM files, for certificate logon),
            ``credential`` (a name), ``connection_timeout`` and ``operation_timeout`` (seconds),
            ``proxy`` (``http://HOST:PORT``; by default none is used, not even that of HTTPS_PROXY).
            Those that are strings may also be in the address: ``winrms://hv01?ca=ca.pem``.
            An option of ``local:`` is ``command``: the server's command line, a string or a list.

    Raises:
        UnknownHost: No such scheme or scenario; no PowerShell, or no ssh, on this machine.
        UsageError: The options contradict each other or the address.
        HostUnreachable, AccessDenied: The host does not answer, or refuses the account.
    """
    open_host = _opener(address)
    given = {
        "username": username,
        "password": password,
        "auth": auth if auth != "negotiate" else None,
        "configuration_name": configuration_name,
        **options,
    }
    if open_host is _simulated:
        given["prepared_for"] = prepared_for
    return open_host(address, {name: value for name, value in given.items() if value is not None})


def require_address(address: str) -> str:
    """Return the address of a host; raises UnknownHost for a scheme that does not exist."""
    _opener(address)
    return address


def _opener(address: str) -> Callable[[str, dict[str, Any]], Session]:
    scheme = address.partition(":")[0].lower()
    opener = _OPENERS.get(scheme)
    if opener is None:
        raise _unknown(address, scheme)
    return opener


def _simulated(address: str, options: dict[str, Any]) -> Session:
    from nestlab.transport.simulated_address import open_simulated  # noqa: PLC0415  # `import nestlab` stays light

    return open_simulated(address, options.get("prepared_for"))


def _winrm(address: str, options: dict[str, Any]) -> Session:
    from nestlab.transport.psrp_session import open_session  # noqa: PLC0415  # as above
    from nestlab.transport.winrm.target import read_target  # noqa: PLC0415  # as above

    return open_session(read_target(address, **options))


def _local(address: str, options: dict[str, Any]) -> Session:
    from nestlab.transport.process.local import read_local, require_hyper_v_access  # noqa: PLC0415  # as above

    session = _over_child(read_local(address, **_checked_options(options, "local:", "command")))
    try:
        require_hyper_v_access(session)
    except BaseException:
        session.close()
        raise
    return session


def _ssh(address: str, options: dict[str, Any]) -> Session:
    from nestlab.transport.process.ssh import read_ssh  # noqa: PLC0415  # as above

    known = _checked_options(options, tr("A host over ssh"), "username", "configuration_name")
    return _over_child(read_ssh(address, **known))


def _over_child(target: LocalTarget | SshTarget) -> Session:
    target.prestarted.start(target.command)
    try:
        # Imported while the child starts, which takes longer.
        from nestlab.transport.psrp_session import open_session  # noqa: PLC0415  # as above

        return open_session(target)
    finally:
        target.prestarted.discard()


def _checked_options(options: dict[str, Any], what: str, *known: str) -> dict[str, Any]:
    unknown = sorted(options.keys() - set(known))
    if "password" in unknown:
        msg = tr("{what} takes no password.", what=what)
        hint = tr(
            "local: runs as the account that is signed in; ssh logs on with the user's own keys."
        )
        raise UsageError(msg, hint=hint)
    if unknown:
        msg = tr("{what} has no option {option!r}.", what=what, option=unknown[0])
        raise UsageError(msg, hint=tr("Options: {options}.", options=", ".join(known)))
    return options


def _unknown(address: str, scheme: str) -> UnknownHost:
    from nestlab.transport.host_address import not_an_address  # noqa: PLC0415  # as above

    of_winrm = {"http": "winrm", "https": "winrms"}.get(scheme)
    if of_winrm:
        account, at, server = address.partition("://")[2].partition("/")[0].rpartition("@")
        name = account.partition(":")[0] + at + server
        return not_an_address(address, tr("Write {scheme}://{name}.", scheme=of_winrm, name=name))
    return not_an_address(
        address,
        tr(
            "Write sim:ws2022-intel for the simulated host, local: for this machine, winrms://NAME, winrm://NAME or ssh://NAME for another one."
        ),
    )


_OPENERS: Mapping[str, Callable[[str, dict[str, Any]], Session]] = {
    "sim": _simulated,
    "winrm": _winrm,
    "winrms": _winrm,
    "local": _local,
    "ssh": _ssh,
}

__all__ = ["DEFAULT_HOST", "Cancel", "Session", "connect", "require_address"]
