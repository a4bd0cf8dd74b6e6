"""Rules about the edition of Windows."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import HOME_EDITIONS, INSTALL_HYPER_V
from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.evidence import evidence_from, host_finding
from nestlab.rules.rule import NOTHING_TO_DO, Rule, Scope, detects
from nestlab.texts import tr

EDITION_WITHOUT_HYPER_V = Rule(
    code="edition-without-hyper-v",
    severity="error",
    looks_at=(Scope.HOST,),
    meaning="This edition of Windows does not have Hyper-V.",
    why="The Home editions cannot install the role.",
    fix="Upgrade to Pro, Enterprise or Education.",
    example="Caption = Windows 11 Home, OperatingSystemSKU = 101",
    source=INSTALL_HYPER_V,
)


EDITION_NOT_KNOWN = Rule(
    code="edition-not-known",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="It is not known whether this edition of Windows has Hyper-V.",
    why="OperatingSystemSKU and ProductType of Win32_OperatingSystem show it, and they could not be read.",
    fix="Run `nestlab check` with an account that can read Win32_OperatingSystem.",
    example="OperatingSystemSKU = 0, ProductType = 3",
    source=INSTALL_HYPER_V,
)


EDITION_SUPPORTED = Rule(
    code="edition-supported",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="This edition of Windows has Hyper-V.",
    why="The Home editions do not have it.",
    fix=NOTHING_TO_DO,
    example="OperatingSystemSKU = 8, ProductType = 1",
    source=INSTALL_HYPER_V,
)


@detects(EDITION_WITHOUT_HYPER_V, EDITION_NOT_KNOWN, EDITION_SUPPORTED, group="Windows and role")
def hyper_v_in_edition(state: HostState) -> Iterator[Finding]:
    """The Home editions of Windows have no Hyper-V."""
    sku, kind = state.computer.operating_system_sku, state.computer.product_type
    evidence = evidence_from(
        "Get-CimInstance Win32_OperatingSystem",
        Caption=state.computer.caption,
        OperatingSystemSKU=sku,
        ProductType=kind,
    )
    requirement = tr("Windows Server, or client editions Pro, Enterprise or Education")
    if sku in HOME_EDITIONS:
        rule = EDITION_WITHOUT_HYPER_V
        message = tr("Windows {edition} has no Hyper-V", edition=HOME_EDITIONS[sku])
    elif not sku or not kind:
        rule = EDITION_NOT_KNOWN
        message = tr("it is not known whether this edition of Windows has Hyper-V")
    else:
        rule = EDITION_SUPPORTED
        edition = state.computer.caption or tr("this edition of Windows")
        message = tr("{edition} has Hyper-V", edition=edition)
    yield host_finding(state, rule, message, evidence=evidence, requirement=requirement)
