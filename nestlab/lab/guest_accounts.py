"""The credentials of guests: looked up and checked before the first step, and reported together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nestlab.enumerations import all_of
from nestlab.errors import CredentialNotFound, CredentialNotUsable
from nestlab.model import MachinePath, path_text
from nestlab.model.credential_problem import CredentialProblem
from nestlab.model.credential_text import UserAndPassword
from nestlab.model.topology import Topology
from nestlab.plan import AccountProblem, Plan, account_problems, guests_by_credential, new_accounts
from nestlab.texts import tr
from nestlab.transport import Session
from nestlab.transport.credentials import Credential, correction_hint

GuestsByCredential = Mapping[str, tuple[MachinePath, ...]]
"""The guests that each credential is for."""


def require_usable_credentials(topology: Topology, plan: Plan, host: Session) -> None:
    """Look up the credentials that applying a plan needs, and check those of new accounts.

    Prompts appear now, because the user may be away when the guest answers half an hour later.
    Raises CredentialNotUsable with all that are missing or cannot be used; those are looked up
    again the next time.
    """
    guests = guests_by_credential(topology)
    found, problems = _looked_up(guests, host)
    unusable = list(_unusable(account_problems(new_accounts(topology, plan), found), found))
    if unusable:
        host.forget(*(problem.credential for problem in unusable))
    if problems or unusable:
        raise _not_usable([*problems, *unusable], guests)


def require_credentials(guests: GuestsByCredential, host: Session) -> None:
    """Look up credentials; raises CredentialNotUsable with all that are missing."""
    missing = _looked_up(guests, host)[1]
    if missing:
        raise _not_usable(missing, guests)


def missing_credentials(
    first: CredentialNotFound, topology: Topology, host: Session
) -> CredentialNotUsable:
    """Return the error about all missing credentials of a topology; `first` was found already."""
    guests = guests_by_credential(topology)
    others = {name: paths for name, paths in guests.items() if name != first.name}
    missing = [_missing(first, guests[first.name]), *_looked_up(others, host)[1]]
    return _not_usable(missing, guests)


def _not_usable(
    problems: Iterable[CredentialProblem], guests: GuestsByCredential
) -> CredentialNotUsable:
    order = list(guests)
    return CredentialNotUsable(sorted(problems, key=lambda item: order.index(item.credential)))


def _looked_up(
    guests: GuestsByCredential, host: Session
) -> tuple[dict[str, UserAndPassword], list[CredentialProblem]]:
    found: dict[str, UserAndPassword] = {}
    problems: list[CredentialProblem] = []
    for name, paths in guests.items():
        try:
            found.update(host.prepare(name))
        except CredentialNotFound as error:
            problems.append(_missing(error, paths))
    return found, problems


def _missing(error: CredentialNotFound, paths: Iterable[MachinePath]) -> CredentialProblem:
    machines = tuple(map(path_text, paths))
    message = (
        tr(
            "The credential {name!r} of {machines} was not found. {reasons}",
            name=error.name,
            machines=all_of(machines),
            reasons=error.reasons,
        )
        if machines
        else tr(
            "The credential {name!r} was not found. {reasons}",
            name=error.name,
            reasons=error.reasons,
        )
    )
    return CredentialProblem(error.name, machines, message.strip(), error.hint)


def _unusable(
    problems: Iterator[AccountProblem], found: Mapping[str, UserAndPassword]
) -> Iterator[CredentialProblem]:
    """Yield each problem once, with all guests whose accounts have it."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for item in problems:
        cause = item.account.credential, item.message, item.fix
        alike.setdefault(cause, []).append(path_text(item.account.path))
    for (name, why, fix), machines in alike.items():
        credential = found[name]
        source = credential.source if isinstance(credential, Credential) else ""
        message = tr(
            "The credential {name!r} cannot be used for the account of {machines}: {why}",
            name=name,
            machines=all_of(machines),
            why=why,
        )
        advice = f"{fix.removesuffix('.')}. {correction_hint(name, source)}"
        yield CredentialProblem(name, tuple(machines), message, advice)
