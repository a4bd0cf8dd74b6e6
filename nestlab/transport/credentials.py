"""Credentials by name: keyring, environment, prompt.

Their values never reach files, arguments, logs or repr.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

from nestlab.dataclass import dataclass, field
from nestlab.errors import CredentialNotFound
from nestlab.pattern import pattern
from nestlab.texts import tr

_INVALID_IN_VARIABLES = pattern(r"[^A-Z0-9]+")
Prompt = Callable[[str], "Credential | None"]


@dataclass(frozen=True)
class Credential:
    """A user name and a password, and where they were found.

    `source` is `KEYRING`, `ASKED`, or the name of an environment variable; empty if not looked up.
    """

    username: str
    password: str = field(repr=False)
    source: str = field(default="", compare=False)


KEYRING, ASKED = "keyring", "prompt"


def environment_variable(name: str) -> str:
    """Return the environment variable of a credential, whose value is ``user:password``.

    >>> environment_variable("lab-admin")
    'NESTLAB_CREDENTIAL_LAB_ADMIN'
    """
    return f"NESTLAB_CREDENTIAL_{_INVALID_IN_VARIABLES.sub('_', name.upper()).strip('_')}"


def find(
    name: str, *, host: str = "", username: str = "", prompt: Prompt | None = None, hint: str = ""
) -> Credential:
    """Return the credential with this name.

    It is looked up in the keyring (service ``nestlab:NAME``), then in the environment; then the
    user is asked, if that is possible.

    Raises CredentialNotFound if it is not found, with `hint`; the default hint says how to provide
    the credential of a guest.
    """
    credential = from_keyring(name, username) or from_environment(name) or (prompt or ask)(name)
    if credential is None:
        reasons = " ".join(filter(None, (environment_problem(name), keyring_problem())))
        raise CredentialNotFound(host, name, reasons, hint=hint or guest_credential_hint(name))
    return credential


def guest_credential_hint(name: str) -> str:
    """Return the hint on how to provide the credential of a guest."""
    return tr(
        "Store it once with nestlab.transport.credentials.remember({name!r}, user, password), or set {variable}=user:password, or let host.prepare({name!r}) ask for it at a terminal or in a cell of a notebook.",
        variable=environment_variable(name),
        name=name,
    )


def host_credential_hint(name: str, username: str) -> str:
    """Return the hint on how to provide the credential of a host."""
    variable = environment_variable(name)
    if username:
        return tr(
            "Pass password=, or store it once with nestlab.transport.credentials.remember({name!r}, user, password), or set {variable}=user:password.",
            name=name,
            variable=variable,
        )
    return tr(
        "Pass username= and password=, or store it once with nestlab.transport.credentials.remember({name!r}, user, password), or set {variable}=user:password.",
        name=name,
        variable=variable,
    )


def correction_hint(name: str, source: str) -> str:
    """Return how to correct the credential with this name in the place where it was found.

    >>> correction_hint("lab", "NESTLAB_CREDENTIAL_LAB")
    'Correct the user name or the password in the variable NESTLAB_CREDENTIAL_LAB (user:password).'
    """
    if source == KEYRING:
        return tr(
            "Correct the user name or the password in the keyring: nestlab.transport.credentials.remember({name!r}, user, password).",
            name=name,
        )
    if source == ASKED:
        return tr("Enter another user name or password when you are asked again.")
    if source:
        return tr(
            "Correct the user name or the password in the variable {variable} (user:password).",
            variable=source,
        )
    return tr(
        "Correct the user name or the password of {name!r}. {storing}",
        name=name,
        storing=guest_credential_hint(name),
    )


def from_keyring(name: str, username: str = "") -> Credential | None:
    """Return the credential that the system's keyring has under ``nestlab:NAME``, or None.

    A keyring that is missing, locked or broken counts as empty.
    """
    try:
        import keyring  # noqa: PLC0415  # slow to import, and only needed for real hosts

        found = keyring.get_credential(f"nestlab:{name}", username or None)
    except Exception:  # noqa: BLE001  # a configured backend may be missing, and raises anything
        return None
    return Credential(found.username, found.password, KEYRING) if found is not None else None


def keyring_problem() -> str:
    """Return why the system's keyring cannot be read, as a sentence; empty if it can."""
    try:
        import keyring  # noqa: PLC0415  # as above

        keyring.get_credential("nestlab:nestlab", None)
    except Exception as error:  # noqa: BLE001  # as above
        return tr(
            "The system's keyring cannot be read ({kind}: {error}).",
            kind=type(error).__name__,
            error=error,
        )
    return ""


def remember(name: str, username: str, password: str) -> None:
    """Store a credential in the system's keyring under ``nestlab:NAME``."""
    import keyring  # noqa: PLC0415  # slow to import, and only needed for real hosts

    keyring.set_password(f"nestlab:{name}", username, password)


def from_environment(name: str) -> Credential | None:
    """Return the credential in its environment variable, or None."""
    variable = environment_variable(name)
    username, colon, password = os.environ.get(variable, "").partition(":")
    return Credential(username, password, variable) if colon else None


def environment_problem(name: str) -> str:
    """Return why the environment variable of a credential cannot be used, as a sentence."""
    variable = environment_variable(name)
    value = os.environ.get(variable, "")
    return (
        tr("{variable} has no colon between user and password.", variable=variable)
        if value and ":" not in value
        else ""
    )


def ask(name: str) -> Credential | None:
    """Prompt for user name and password, if the user can answer: at a terminal or in a notebook."""
    if not _can_ask():
        return None
    import getpass  # noqa: PLC0415  # seldom needed

    try:
        username = input(tr("User name for {name}: ", name=name)).strip()
        password = getpass.getpass(tr("Password for {username}: ", username=username))
    except (EOFError, NotImplementedError):
        return None  # a front end without input, as when a notebook runs headless
    return Credential(username, password, ASKED) if username else None


def _can_ask() -> bool:
    if threading.current_thread() is not threading.main_thread():
        return False  # a prompt from another thread would never be shown
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    # The kernel of a notebook has no terminal, but its front end has a prompt.
    return (sys.stdin is not None and sys.stdin.isatty()) or (
        shell is not None and hasattr(shell, "kernel")
    )
