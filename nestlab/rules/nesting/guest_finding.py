"""Findings about the network of a guest."""

from __future__ import annotations

from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.rules.evidence import display_name, evidence_from, host_finding
from nestlab.rules.nesting.nesting_context import AdapterLink, NestingContext
from nestlab.rules.rule import Rule
from nestlab.texts import tr

DEFAULT_ROUTE = "0.0.0.0/0"


def guest_finding(
    nesting: NestingContext,
    link: AdapterLink,
    rule: Rule,
    message: str,
    *,
    hint: str | None = None,
    evidence: str,
    fix: tuple[Cmdlet, ...],
) -> Finding:
    """Return a finding about an adapter of a guest; its fix runs in the guest."""
    subject = f"VM {nesting.vm.name}, adapter {link.adapter.name}"
    where = display_name(nesting.inner)
    return host_finding(
        nesting.outer,
        rule,
        message,
        subject=subject,
        hint=hint,
        evidence=evidence,
        fix=fix,
        runs_on=where,
    )


def in_file(key: str, value: str, declared: str, *, known: bool) -> str:
    """Return a sentence, after a space, about the declared value of an adapter's setting.

    `declared` is the value of `key` in the file, empty if there is none. The result is empty unless
    the file is `known`.
    """
    if not known:
        return ""
    if declared == value:
        said = tr("The file has {key}: {value}, so `nestlab apply` sets it.", key=key, value=value)
    elif declared:
        said = tr(
            "Write {key}: {value} in the file as well: the file has {key}: {declared}, so drift would report the change, and apply revert it.",
            key=key,
            value=value,
            declared=declared,
        )
    else:
        said = tr(
            "Write {key}: {value} in the file as well: the file has no {key}, so drift would report the change, and apply revert it.",
            key=key,
            value=value,
        )
    return f" {said}"


def address_evidence(link: AdapterLink) -> str:
    """Return, as evidence, the addresses of an adapter inside the guest."""
    addresses = ", ".join(map(str, link.interface.ip_addresses)) or tr("none")
    return evidence_from(
        "Get-NetIPAddress", InterfaceAlias=link.interface.interface_alias, IPAddress=addresses
    )
