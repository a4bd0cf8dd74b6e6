"""Rules about the NATs of a host."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    MULTIPLE_NATS_BUILD_MINIMUM,
    MULTIPLE_NATS_ISSUE,
    NAT_ISSUE,
    NAT_NETWORK,
)
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.hidden_nats import hidden_nat_owners
from nestlab.model.parameter_values import SwitchParameter
from nestlab.model.state import HostState, NatState
from nestlab.rules.evidence import display_name, evidence_from, host_finding, refusal_of
from nestlab.rules.rule import NOTHING_TO_DO, Rule, Scope, Variant, detects
from nestlab.texts import mark, tr

NAT_NOT_KNOWN = Rule(
    code="nat-not-known",
    severity="warning",
    looks_at=(Scope.HOST, Scope.MATCH),
    meaning="The NATs of the machine could not be read.",
    why="New-NetNat refuses a prefix that overlaps one of them, and before build 20348 any second NAT.",
    fix='New-NetNat needs a local Administrator; "Invalid class" means that this Windows has no NAT.',
    example="Invalid class",
    source=NAT_NETWORK,
)


WITHOUT_A_NAT = mark(
    "No other prefix helps. Put NAT into the nested hosts, or connect the VMs to an External switch"
)
"""What works on a machine that takes one NAT and has one: the start of a hint."""


def takes_one_nat(state: HostState) -> bool:
    """Whether the Windows of a machine refuses a second NAT, whatever its prefix."""
    return 0 < state.computer.build < MULTIPLE_NATS_BUILD_MINIMUM


NAT_PRESENT = Rule(
    code="nat-present",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The host already has a NAT.",
    why="Before build 20348 a second NAT is refused. Later builds were seen to accept several, but that is not documented as supported.",
    fix="Put NAT into the nested hosts, or choose internal networks that do not overlap this one; or remove this NAT, which cuts off what is behind it.",
    example="Get-NetNat: Name = DockerNAT",
    source=MULTIPLE_NATS_ISSUE,
    variants=(
        Variant("warning", "before build 20348, where a second NAT is refused", NAT_NETWORK),
    ),
)


@detects(NAT_NOT_KNOWN, NAT_PRESENT, group="Network")
def existing_nats(state: HostState) -> Iterator[Finding]:
    """The existing NATs, and whether another one would be accepted."""
    refusals = [
        f"{item.what}: {item.error}" for item in state.unread if item.what.startswith("Get-NetNat")
    ]
    if refusals and state.hyper_v is not None:
        message = (
            tr("the NATs of the host could not be read")
            if refusal_of(state, "Get-NetNat")
            else tr("the port forwards of the NATs of the host could not be read")
        )
        yield host_finding(state, NAT_NOT_KNOWN, message, evidence="; ".join(refusals))
    for nat in state.nats:
        yield _present(state, nat)


def _present(state: HostState, nat: NatState) -> Finding:
    rule = NAT_PRESENT
    message = tr(
        "NAT {name} translates {prefix}; a second one is not documented as supported",
        name=nat.name,
        prefix=nat.internal_prefix,
    )
    hint = NAT_PRESENT.fix_text
    if takes_one_nat(state):
        rule = NAT_PRESENT.at("warning")
        message = tr(
            "NAT {name} translates {prefix}; before build 20348 a second one is refused",
            name=nat.name,
            prefix=nat.internal_prefix,
        )
        hint = tr(
            "No other prefix helps. Put NAT into the nested hosts, or connect the VMs to an External switch; or remove this NAT, which cuts off what is behind it."
        )
    evidence = evidence_from(
        "Get-NetNat",
        Name=nat.name,
        InternalIPInterfaceAddressPrefix=nat.internal_prefix,
        BuildNumber=state.computer.build,
    )
    requirement = tr(
        "the page says one NAT per host; from build 20348 on several were seen to work: sources disagree"
    )
    fix = (Cmdlet("Remove-NetNat", {"Name": nat.name, "Confirm": SwitchParameter.OFF}),)
    return host_finding(
        state, rule, message, hint=hint, evidence=evidence, requirement=requirement, fix=fix
    )


NAT_MAY_BE_HIDDEN = Rule(
    code="nat-may-be-hidden",
    severity="warning",
    looks_at=(Scope.HOST, Scope.MATCH),
    meaning="Get-NetNat shows no NAT, but containers, WSL or connection sharing may hold one.",
    why="The Host Network Service keeps NATs that Get-NetNat does not show. Before build 20348 New-NetNat is then refused with error 87, whatever its prefix; later, where the prefix overlaps.",
    fix='If New-NetNat is refused: choose another prefix; or have the program that holds the NAT remove it (Docker: `"bridge": "none"` in its daemon.json; WSL: `wsl --shutdown`).',
    example="Running = hns, Containers; Get-NetNat: Count = 0",
    source=NAT_ISSUE,
    one_cause=True,
)


NAT_OWNERS_NOT_KNOWN = Rule(
    code="nat-owners-not-known",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="It is not known whether containers, WSL or connection sharing hold a NAT.",
    why="The running services could not be read, and Get-NetNat does not show such a NAT.",
    fix="Run `nestlab check` with an account that can run Get-Service.",
    example="Running = not known",
    source=NAT_ISSUE,
)


NAT_FREE = Rule(
    code="nat-free",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The host has no NAT, and no service that would keep one hidden.",
    why="New-NetNat will be accepted.",
    fix=NOTHING_TO_DO,
    example="Get-NetNat: Count = 0",
    source=NAT_NETWORK,
)


def hidden_nat_evidence(state: HostState) -> str:
    """Return what the services and Get-NetNat show of NATs that may be hidden."""
    shown = ", ".join(hidden_nat_owners(state)) or tr("none of hns, SharedAccess, Containers")
    if state.security.running_services is None and not hidden_nat_owners(state):
        shown = tr("not known")
    return f"{evidence_from('Get-Service, Get-WindowsFeature', Running=shown)}; {evidence_from('Get-NetNat', Count=0)}"


def hidden_nat_hint(state: HostState) -> str:
    """Return what to do where New-NetNat is refused for a NAT that Get-NetNat does not show."""
    if not takes_one_nat(state):
        return NAT_MAY_BE_HIDDEN.fix_text
    return tr(
        'If New-NetNat is refused: no other prefix helps. Put NAT into the nested hosts, or connect the VMs to an External switch, or to the switch of the NAT that exists (`existing: true`), with addresses of its network; or have the program that holds the NAT remove it (Docker: `"bridge": "none"` in its daemon.json; WSL: `wsl --shutdown`).'
    )


@detects(NAT_MAY_BE_HIDDEN, NAT_OWNERS_NOT_KNOWN, NAT_FREE, group="Network")
def hidden_nats(state: HostState) -> Iterator[Finding]:
    """Containers, WSL and connection sharing keep NATs that Get-NetNat does not show."""
    if state.nats or state.hyper_v is None or refusal_of(state, "Get-NetNat"):
        return
    evidence = hidden_nat_evidence(state)
    if hidden_nat_owners(state):
        yield host_finding(
            state,
            NAT_MAY_BE_HIDDEN,
            _may_be_hidden(state),
            hint=hidden_nat_hint(state),
            evidence=evidence,
            runs_on=display_name(state),
        )
    elif state.security.running_services is None:
        message = tr(
            "Get-NetNat shows no NAT; it is not known whether containers, WSL or connection sharing hold one"
        )
        yield host_finding(state, NAT_OWNERS_NOT_KNOWN, message, evidence=evidence)
    else:
        message = tr(
            "there is no NAT, and no service that would hide one: New-NetNat will be accepted"
        )
        yield host_finding(state, NAT_FREE, message, evidence=evidence)


def _may_be_hidden(state: HostState) -> str:
    if takes_one_nat(state):
        return tr(
            "Get-NetNat shows no NAT, but the Host Network Service may hold one for Docker, WSL or connection sharing: New-NetNat is then refused with error 87, whatever its prefix: this Windows takes one NAT"
        )
    return tr(
        "Get-NetNat shows no NAT, but the Host Network Service may hold one for Docker, WSL or connection sharing: New-NetNat can be refused with error 87"
    )
