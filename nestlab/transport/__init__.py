"""Sessions to hosts: simulated in process, or real over PowerShell remoting."""

from __future__ import annotations

from typing import Any

from nestlab.constants import DEFAULT_HOST
from nestlab.errors import UnknownHost
from nestlab.transport.session import Cancel, Session


def connect(
    address: str = DEFAULT_HOST,
    *,
    username: str | None = None,
    password: str | None = None,
    auth: str = "negotiate",
    configuration_name: str | None = None,
    **options: Any,
) -> Session:
    """Open a session to a host.

    Args:
        address: ``sim:SCENARIO``, ``sim:SCENARIO?state=FILE``, ``winrm://HOST[:PORT]`` or
            ``winrms://HOST[:PORT]``.
        username: The account on a real host; without it, the one that is logged on, where Kerberos
            allows.
        password: Its password; without it, looked up under the host's name and under ``host``
            (keyring, then ``NESTLAB_CREDENTIAL_HOST=user:password``), or asked for.
        auth: ``negotiate``, ``kerberos``, ``ntlm``, ``basic``, ``credssp`` or ``certificate``.
        configuration_name: The session configuration (JEA endpoint) on a real host.
        options: Further ones of real hosts: ``ca`` (PEM file of the authority of the host's
            certificate), ``verify``, ``certificate`` and ``certificate_key`` (PEM files, for
            certificate logon), ``credential`` (a name), ``connection_timeout`` and
            ``operation_timeout`` (seconds). Texts may stand in the address:
            ``winrms://hv01?ca=ca.pem``.

    Raises:
        UnknownHost: No such scheme or scenario.
        HostUnreachable: No answer.
        AccessDenied: The host refuses the account.
    """
    scheme = address.partition(":")[0].lower()
    if scheme == "sim":
        from nestlab.transport.simulated import open_simulated  # noqa: PLC0415  # `import nestlab` stays light

        return open_simulated(address)
    if scheme in ("winrm", "winrms"):
        from nestlab.transport.psrp_session import open_session  # noqa: PLC0415  # loads pypsrp
        from nestlab.transport.winrm.target import read_target  # noqa: PLC0415  # as above

        target = read_target(
            address,
            username=username,
            password=password,
            auth=auth,
            configuration_name=configuration_name,
            **options,
        )
        return open_session(target)
    msg = f"{address!r} is not an address of a host."
    of_winrm = {"http": "winrm", "https": "winrms"}.get(scheme)
    if of_winrm:
        raise UnknownHost(
            msg, hint=f"Write {of_winrm}://{address.partition('://')[2].partition('/')[0]}."
        )
    raise UnknownHost(
        msg,
        hint="Write sim:ws2022-intel for the simulated host, winrms://NAME or winrm://NAME for a real one.",
    )


__all__ = ["DEFAULT_HOST", "Cancel", "Session", "connect"]
