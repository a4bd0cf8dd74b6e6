"""A rule about hosts that assign the same MAC addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from nestlab.constants import SET_ADAPTER
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.parameter_values import SwitchParameter
from nestlab.model.state import HostState
from nestlab.rules.evidence import display_name, evidence_from, host_finding
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.texts import tr

MAC_POOLS_OVERLAP = Rule(
    code="mac-pools-overlap",
    severity="warning",
    looks_at=(Scope.NESTING,),
    meaning="Two hosts have overlapping ranges of dynamic MAC addresses.",
    why="Their VMs can get the same address and then lose packets at random.",
    fix="Give each host its own range before its VMs get their addresses.",
    example="Get-VMHost: MacAddressMinimum",
    source=SET_ADAPTER,
)


@detects(MAC_POOLS_OVERLAP)
def overlapping_mac_address_pools(states: Mapping[MachinePath, HostState]) -> Iterator[Finding]:
    """Cloned machines hand out the same MAC addresses, so their VMs lose packets at random."""
    hosts = [
        state
        for state in states.values()
        if state.hyper_v is not None and state.hyper_v.vm_host.mac_address_minimum
    ]
    for one, other in combinations(hosts, 2):
        first, second = _pool(one), _pool(other)
        if first[0] <= second[1] and second[0] <= first[1]:
            start = (
                max(range_end for state in hosts for range_end in _pool(state)) & ~0xFF
            ) + 0x100
            limits = {
                "MacAddressMinimum": f"{start:012X}",
                "MacAddressMaximum": f"{start + 0xFF:012X}",
            }
            message = tr(
                "hands out the same MAC addresses as {machine}: VMs of both lose packets at random",
                machine=display_name(one),
            )
            yield host_finding(
                other,
                MAC_POOLS_OVERLAP,
                message,
                subject=path_text(other.machine),
                evidence=evidence_from(
                    "Get-VMHost",
                    MacAddressMinimum=f"{second[0]:012X}",
                    MacAddressMaximum=f"{second[1]:012X}",
                ),
                fix=(Cmdlet("Set-VMHost", {**limits, "Confirm": SwitchParameter.OFF}),),
            )


def _pool(state: HostState) -> tuple[int, int]:
    host = state.hyper_v.vm_host if state.hyper_v else None
    return (
        (int(host.mac_address_minimum, 16), int(host.mac_address_maximum, 16)) if host else (0, 0)
    )
