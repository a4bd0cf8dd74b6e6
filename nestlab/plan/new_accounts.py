"""Accounts that guests get at their first boot, and whether credentials can be used for them.

Windows Setup and useradd refuse some names, and the guest then never answers: this is checked
before anything is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from nestlab.constants import account_names as names
from nestlab.dataclass import dataclass
from nestlab.model import MachinePath
from nestlab.model.credential_text import UserAndPassword, account_name
from nestlab.model.topology import VM, Topology, is_generalized
from nestlab.plan.kinds import Action
from nestlab.plan.plan import Plan
from nestlab.texts import mark, tr, translate

_OWN_NAME = mark("Use a user name of your own, such as labadmin")


@dataclass(frozen=True)
class NewAccount:
    """The account of a guest that a plan sets up: its VM, and the name of its credential."""

    path: MachinePath
    vm: VM
    credential: str


@dataclass(frozen=True)
class AccountProblem:
    """Why credential and account do not fit, as the end of a sentence, and what to do."""

    account: NewAccount
    message: str
    fix: str


def new_accounts(topology: Topology, plan: Plan) -> Iterator[NewAccount]:
    """Yield the accounts that a plan creates in guests, now or in nested hosts that it defers."""
    written = {
        (*step.machine, step.subject)
        for step in plan.steps
        if step.action in (Action.WRITE_ANSWER_FILE, Action.WRITE_SEED)
    }
    deferred = {item.machine for item in plan.deferred}
    for path, vm in topology.machines():
        if not isinstance(vm, VM) or not vm.guest.credential:
            continue
        is_new = path in written or any(path[:depth] in deferred for depth in range(1, len(path)))
        if is_new and (vm.has_seed or is_generalized(topology.images, vm)):
            yield NewAccount(path, vm, vm.guest.credential)


def account_problems(
    accounts: Iterator[NewAccount], credentials: Mapping[str, UserAndPassword]
) -> Iterator[AccountProblem]:
    """Yield why credentials cannot be used for accounts, the first reason for each account.

    A credential that is not in `credentials` is not checked.
    """
    for account in accounts:
        if account.credential in credentials:
            check = _linux_problems if account.vm.has_seed else _windows_problems
            for message, fix in check(account.vm, credentials[account.credential]):
                yield AccountProblem(account, message, fix)
                break


def _windows_problems(vm: VM, credential: UserAndPassword) -> Iterator[tuple[str, str]]:
    user = account_name(credential.username)
    yield from _empty(user, credential)
    yield from _refused_spellings(user)
    yield from _refused_names(vm, user)
    yield from _weak_password(user, credential.password)


def _refused_spellings(user: str) -> Iterator[tuple[str, str]]:
    refused = sorted({c for c in user if c in names.WINDOWS_NAME_FORBIDDEN_CHARACTERS or c < " "})
    if refused:
        characters = " ".join(refused)
        yield (
            tr(
                "Windows refuses {characters} in the user name {user!r}",
                characters=characters,
                user=user,
            ),
            f"{translate(_OWN_NAME)}.",
        )
    if not user.strip(". "):
        yield (
            tr(
                "Windows refuses the user name {user!r} that consists of dots and spaces only",
                user=user,
            ),
            f"{translate(_OWN_NAME)}.",
        )
    if user != user.strip() or user.endswith("."):
        message = tr("the user name {user!r} begins or ends with a space or a dot", user=user)
        yield message, tr("Remove it: Windows would give the account another name.")
    maximum = names.WINDOWS_NAME_LENGTH_MAXIMUM
    if len(user) > maximum:
        message = tr(
            "the user name {user!r} has {count} characters, and Windows accepts at most {maximum}",
            user=user,
            count=len(user),
            maximum=maximum,
        )
        yield message, tr("Use a user name of at most {maximum} characters.", maximum=maximum)


def _refused_names(vm: VM, user: str) -> Iterator[tuple[str, str]]:
    if vm.computer_name and user.casefold() == vm.computer_name.casefold():
        message = tr(
            "the user name {user!r} is the computer name, which Windows refuses", user=user
        )
        yield (
            message,
            tr(
                "{own_name}, or give the guest another computer_name.",
                own_name=translate(_OWN_NAME),
            ),
        )
    if user.casefold() in {name.casefold() for name in names.LOCALIZED_ADMINISTRATORS}:
        message = tr(
            "{user} is the name of the built-in account in one language of Windows only, and that of the image is not known",
            user=user,
        )
        yield (
            message,
            tr(
                "{own_name}: nestlab creates it as an administrator in every language.",
                own_name=translate(_OWN_NAME),
            ),
        )
    if user.casefold() in names.WINDOWS_NAMES_IN_USE:
        yield (
            tr("every Windows has an account or group named {user!r} already", user=user),
            f"{translate(_OWN_NAME)}.",
        )


def _weak_password(user: str, password: str) -> Iterator[tuple[str, str]]:
    policy = tr(
        "which the default policy of Windows Server refuses: Windows Setup would fail at the first boot"
    )
    least, kinds = names.WINDOWS_PASSWORD_LENGTH_MINIMUM, names.WINDOWS_PASSWORD_CATEGORIES_MINIMUM
    if len(password) < least:
        message = tr(
            "its password has fewer than {least} characters, {policy}", least=least, policy=policy
        )
        yield message, tr("Use a password of at least {least} characters.", least=least)
    if sum(any(map(is_kind, password)) for is_kind in _KINDS_OF_CHARACTERS) < kinds:
        message = tr(
            "its password has fewer than {kinds} of the 4 kinds of characters, {policy}",
            kinds=kinds,
            policy=policy,
        )
        yield (
            message,
            tr(
                "Use {kinds} of: uppercase letters, lowercase letters, digits, other characters.",
                kinds=kinds,
            ),
        )
    if len(user) >= names.WINDOWS_NAME_IN_PASSWORD_MINIMUM and user.lower() in password.lower():
        message = tr("its password contains the user name, {policy}", policy=policy)
        yield message, tr("Use a password without the user name.")


_KINDS_OF_CHARACTERS = (
    str.isupper,
    str.islower,
    str.isdecimal,
    lambda character: not (character.isupper() or character.islower() or character.isdecimal()),
)


def _linux_problems(_vm: VM, credential: UserAndPassword) -> Iterator[tuple[str, str]]:
    user = account_name(credential.username).lower()
    yield from _empty(user, credential)
    if not re.fullmatch(names.LINUX_NAME_PATTERN, user):
        message = tr("useradd in Linux refuses the user name {user!r}", user=user)
        yield message, tr("Use letters a-z, digits, _ and -; the first one is a letter or _.")
    maximum = names.LINUX_NAME_LENGTH_MAXIMUM
    if len(user) > maximum:
        message = tr(
            "the user name {user!r} has {count} characters, and Linux accepts at most {maximum}",
            user=user,
            count=len(user),
            maximum=maximum,
        )
        yield message, tr("Use a user name of at most {maximum} characters.", maximum=maximum)
    if user in names.LINUX_NAMES_IN_USE:
        yield (
            tr("Linux images have a user or group named {user!r} already", user=user),
            f"{translate(_OWN_NAME)}.",
        )
    count = len(credential.password.encode("utf-8", "surrogatepass"))
    most = names.LINUX_PASSWORD_BYTES_MAXIMUM
    if count > most:
        message = tr(
            "its password has {count} bytes in UTF-8, and bcrypt ignores everything after the first {most}",
            count=count,
            most=most,
        )
        yield message, tr("Use a password of at most {most} bytes.", most=most)
    if "\0" in credential.password:
        yield (
            tr("its password has a null character, at which Linux cuts it off"),
            tr("Use another password."),
        )


def _empty(user: str, credential: UserAndPassword) -> Iterator[tuple[str, str]]:
    if not user:
        yield tr("it has no user name"), tr("Give it a user name and a password.")
    if not credential.password:
        yield tr("its password is empty"), tr("Give it a password.")
