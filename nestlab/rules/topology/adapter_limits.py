"""The rule about the number of network adapters of a VM."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    ADAPTERS_MAXIMUM,
    MANY_ADAPTERS_VERSION_MINIMUM,
    OLD_ADAPTERS_MAXIMUM,
    SCALABILITY,
    version_of,
)
from nestlab.model.finding import Finding
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

TOO_MANY_ADAPTERS = Rule(
    code="too-many-adapters",
    severity="error",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="A VM has more network adapters than Hyper-V allows.",
    why="Windows Server 2019 and later allow 64 synthetic adapters for each VM, Windows Server 2016 and VMs below configuration version 8.3 allow 8; Add-VMNetworkAdapter refuses more.",
    fix="Carry several networks over one adapter with a VLAN trunk.",
    example="vms: [{name: router, network_adapters: [{name: a1}, {name: a2}, {name: a3}, {name: a4}, {name: a5}, {name: a6}, {name: a7}, {name: a8}, {name: a9}]}]",
    source=SCALABILITY,
    variants=(Variant("warning", "for 9 to 64 adapters, while the host is not known"),),
)


@detects(TOO_MANY_ADAPTERS)
def too_many_adapters(index: TopologyIndex) -> Iterator[Finding]:
    """More network adapters than a host allows; a warning if only old hosts refuse them."""
    for place, vm in index.vms:
        count = len(vm.network_adapters)
        if count <= OLD_ADAPTERS_MAXIMUM:
            continue
        old = (
            count <= ADAPTERS_MAXIMUM
            and version_of(vm.version or "99.0") < MANY_ADAPTERS_VERSION_MINIMUM
        )
        maximum = OLD_ADAPTERS_MAXIMUM if old else ADAPTERS_MAXIMUM
        if count > maximum:
            rule = TOO_MANY_ADAPTERS
            message = tr(
                "has {count} network adapters; a VM has at most {maximum}",
                count=count,
                maximum=maximum,
            )
            if old:
                message = tr(
                    "has {count} network adapters; a VM of configuration version {version} has at most {maximum}",
                    count=count,
                    version=vm.version,
                    maximum=maximum,
                )
        elif place.path[:-1] not in index.observed:
            rule, maximum = TOO_MANY_ADAPTERS.at("warning"), OLD_ADAPTERS_MAXIMUM
            message = tr(
                "has {count} network adapters; on Windows Server 2016 a VM has at most {maximum}",
                count=count,
                maximum=maximum,
            )
        else:
            continue
        keys = (*place.keys, "network_adapters", maximum)
        yield index.finding(
            rule, place.subject, keys, message, evidence=f"{count} network_adapters"
        )


DETECTORS = (too_many_adapters,)
