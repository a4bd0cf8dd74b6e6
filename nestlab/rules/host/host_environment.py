"""The rules about what a host carries already, in a table; and what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.evidence import said
from nestlab.rules.host.boot_security import protection_is_known, virtualization_based_security
from nestlab.rules.host.host_network import (
    bridging_is_possible,
    default_switch,
    jumbo_frames,
    mac_address_pool,
    nat_may_be_hidden,
    nat_slot,
    wireless_adapters,
)
from nestlab.rules.host.memory import disk_space_is_left, logical_processors
from nestlab.rules.host.vm_blockers import ambiguous_names, vm_readiness
from nestlab.rules.host.windows import account_has_rights

_SAID_ELSEWHERE = ("netnat", "secureboot", "winevent")


def could_not_be_read(state: HostState) -> Iterator[Finding]:
    """What is not known is said, never passed over."""
    for item in state.unread:
        of_rights = item.what == "Get-WindowsOptionalFeature" and not state.security.elevated
        if of_rights or any(word in item.what.casefold() for word in _SAID_ELSEWHERE):
            continue  # `nat_slot`, `account_has_rights` and `protection_is_known` say what it means
        message = f"{item.what} could not be read, so what depends on it is not known"
        yield said(
            state,
            "unread",
            "warning",
            message,
            hint="See the host's own words; often the account lacks rights.",
            evidence=item.error,
        )


SURROUNDING_RULES: tuple[Callable[[HostState], Iterator[Finding]], ...] = (
    account_has_rights,
    virtualization_based_security,
    protection_is_known,
    logical_processors,
    disk_space_is_left,
    nat_slot,
    nat_may_be_hidden,
    default_switch,
    wireless_adapters,
    bridging_is_possible,
    mac_address_pool,
    jumbo_frames,
    could_not_be_read,
    ambiguous_names,
    vm_readiness,
)
