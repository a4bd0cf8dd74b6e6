"""Checks that a topology leaves undetermined, and what would determine them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.spelling import same_name
from nestlab.model.topology import Switch, SwitchType
from nestlab.rules.rule import NESTLAB, Rule, Scope
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.reachability import Interface, Trace


CHECK_UNDETERMINED = Rule(
    code="check-undetermined",
    severity="info",
    looks_at=(Scope.TOPOLOGY,),
    meaning="Whether a check holds does not follow from the file: something that it depends on is not known before the lab runs.",
    why="Only the live lab shows whether the check holds. Where `nestlab verify` cannot find it out either, the check does not pass, whatever it expects.",
    fix="Build the lab and run `nestlab verify`. An address that a machine gets by DHCP is known where the file has an ip_address in place of dhcp: true. What a switch with existing: true is, nestlab reads from the host: `nestlab check FILE --host HOST`.",
    example="switches: [{name: A, switch_type: External, net_adapter: Ethernet}]\nvms: [{name: a, network_adapters: [{switch: A, dhcp: true}]}, {name: b, network_adapters: [{switch: A, ip_address: 10.0.0.2/24}]}]\nchecks: [{from: b, to: a, expect: reachable}]",
    source=NESTLAB,
)


def undetermined(index: TopologyIndex, position: int, answer: Trace) -> Finding:
    """Return the finding of a check whose trace says undetermined.

    Its hint names what is missing in the file.
    """
    check = index.topology.checks[position]
    message = (
        tr(
            "whether {source} reaches {target} does not follow from the file: the trace says undetermined",
            source=check.source,
            target=check.target,
        )
        if index.with_observed is None
        else tr(
            "whether {source} reaches {target} does not follow from the file and the observed switches: the trace says undetermined",
            source=check.source,
            target=check.target,
        )
    )
    keys = ("checks", position)
    return index.finding(
        CHECK_UNDETERMINED,
        f"check {position + 1}",
        keys,
        message,
        hint=_hint(index, answer),
        evidence=answer.drop.explanation if answer.drop else "",
    )


def _hint(index: TopologyIndex, answer: Trace) -> str:
    unknown = answer.drop.unknown if answer.drop else None
    if unknown is None or unknown.port.wire is None:
        return tr("Build the lab and run `nestlab verify`.")
    wire = unknown.port.wire
    switch = index.switch(wire.machine, wire.name)
    if switch is not None and switch.existing and not _is_observed(index, wire.machine, wire.name):
        return _of_existing_switch(switch, unknown, wire.machine)
    adapter = "/".join((*wire.machine, unknown.port.label))
    if unknown.undeclared:
        return tr(
            "Build the lab and run `nestlab verify`; or give adapter {adapter} the ip_address that its guest has, or dhcp: true if it uses DHCP.",
            adapter=adapter,
        )
    if unknown.dhcp and unknown.port.vm:
        return tr(
            "Build the lab and run `nestlab verify`; or give adapter {adapter} an ip_address in place of dhcp: true.",
            adapter=adapter,
        )
    return tr("Build the lab and run `nestlab verify`.")


def _is_observed(index: TopologyIndex, machine: MachinePath, name: str) -> bool:
    """Whether an existing switch was found on a machine that was observed."""
    hosts = index.with_observed.hosts() if index.with_observed is not None else ()
    return any(
        path == machine and same_name(switch.name, name) and not switch.existing
        for path, host in hosts
        for switch in host.switches
    )


def _of_existing_switch(switch: Switch, unknown: Interface, machine: MachinePath) -> str:
    """Return the hint if an existing switch was not observed, and what would still be open."""
    reads = tr(
        "nestlab reads the existing switch {switch} from the host: `nestlab check FILE --host HOST`.",
        switch=switch.name,
    )
    if machine:
        reads = tr(
            "nestlab reads the existing switch {switch} of {vm} from the host: `nestlab check FILE --host HOST`.",
            switch=switch.name,
            vm=path_text(machine),
        )
    then = tr("Or build the lab and run `nestlab verify`.")
    if unknown.dhcp and switch.switch_type is SwitchType.EXTERNAL:
        then = tr(
            "Only the live lab shows which address DHCP gives: build it and run `nestlab verify`."
        )
    elif unknown.dhcp:
        then = tr(
            "Only the live lab shows whether a DHCP server answers there: build it and run `nestlab verify`."
        )
    return f"{reads} {then}"
