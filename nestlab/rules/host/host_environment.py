"""Rules about the account of the session, and about what could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import INSTALL_HYPER_V, TERRAFORM_PROVIDER
from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.evidence import host_finding, why_unread
from nestlab.rules.rule import NESTLAB, NOTHING_TO_DO, Rule, Scope, detects
from nestlab.texts import tr

_REPORTED_BY_OTHER_RULES = ("netnat", "secureboot", "winevent")


UNREAD = Rule(
    code="unread",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="Something could not be read from the host.",
    why="What depends on it is not known, and is not treated as absent.",
    fix="Read the host's error; often the account lacks rights.",
    example="Access is denied.",
    source=NESTLAB,
)


@detects(UNREAD, group="Windows and role")
def unread_items(state: HostState) -> Iterator[Finding]:
    """Anything that could not be read from the host."""
    for item in state.unread:
        lacks_rights = item.what == "Get-WindowsOptionalFeature" and not state.security.elevated
        if lacks_rights or any(word in item.what.casefold() for word in _REPORTED_BY_OTHER_RULES):
            continue  # `existing_nats`, `rights_of_account` and `unknown_protection` report these
        message = tr(
            "{command} could not be read, so what depends on it is not known", command=item.what
        )
        yield host_finding(state, UNREAD, message, evidence=item.error)


ACCOUNT_ELEVATED = Rule(
    code="account-elevated",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The session is elevated.",
    why="It may install roles, create NATs and External switches.",
    fix=NOTHING_TO_DO,
    example="Get-WindowsOptionalFeature -Online answered",
    source=INSTALL_HYPER_V,
)


ACCOUNT_NOT_ADMINISTRATOR = Rule(
    code="account-not-administrator",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="The session has no elevated rights.",
    why="Hyper-V Administrators may create VMs, disks, Private and Internal switches. Addresses, routes, NAT, DHCP, roles, firewall rules, mounted disks and External switches need a local Administrator.",
    fix="Open the session as a member of the host's Administrators for steps with New-NetNat, New-VMSwitch -NetAdapterName or Install-WindowsFeature.",
    example="Get-WindowsOptionalFeature -Online refused",
    source=TERRAFORM_PROVIDER,
)


@detects(ACCOUNT_ELEVATED, ACCOUNT_NOT_ADMINISTRATOR, group="Windows and role")
def rights_of_account(state: HostState) -> Iterator[Finding]:
    """The rights of the account: NAT, roles and External switches need a local Administrator."""
    elevated = state.security.elevated
    refusal = why_unread(state, "WindowsOptionalFeature")
    if elevated:
        message = tr("the session is elevated: it may install roles and create NATs")
        evidence = tr(
            "Get-WindowsOptionalFeature -Online answered, which it does for elevated administrators only"
        )
        yield host_finding(state, ACCOUNT_ELEVATED, message, evidence=evidence)
    elif elevated is False:
        message = tr(
            "the session is not elevated: NATs, roles and External switches need a local Administrator in an elevated session; VMs, disks, Private and Internal switches need only Hyper-V Administrators"
        )
        evidence = (
            f"Get-WindowsOptionalFeature -Online: {refusal}"  # not shown
            if refusal
            else tr("Get-WindowsOptionalFeature -Online refused")
        )
        yield host_finding(
            state,
            ACCOUNT_NOT_ADMINISTRATOR,
            message,
            evidence=evidence,
            requirement=tr(
                "measured on Windows Server 2022 by the maintainer of a Terraform provider"
            ),
        )
