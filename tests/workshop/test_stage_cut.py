"""Stages as cuts of a topology: what is there at the end of each, with what it needs."""

from __future__ import annotations

import pytest

import nestlab
from nestlab import workshop
from tests.workshop.classes import CLASS, LAB, written

STAGES = CLASS.partition("stages:")[0] + "stages:\n"


def cut(folder, *until):
    lines = [f"  - {{name: s{number}, until: [{part}]}}\n" for number, part in enumerate(until)]
    course = workshop.load(written(folder, STAGES + "".join(lines)))
    return workshop.cut_of(course, course.stages[-1])


def shape(topology):
    """Return the machines of a cut, its switches with a NAT in capitals, and its nested hosts."""
    machines = ["/".join(path) for path, _ in topology.machines() if path]
    switches = [
        switch.name.upper() if switch.nat else switch.name.lower()
        for _, host in topology.hosts()
        for switch in host.switches
    ]
    return machines, switches, ["/".join(path) for path, _ in topology.hosts() if path]


CUTS = [
    (["switches"], ([], ["labnet"], [])),
    (["nat"], ([], ["LABNET"], [])),
    (["LabNet"], ([], ["LABNET"], [])),
    (["vms"], (["HV1", "R1"], ["labnet"], [])),
    (["hv1"], (["HV1"], ["labnet"], [])),
    (["nested"], (["HV1", "R1"], ["labnet", "nestednat"], ["HV1"])),
    (["web1"], (["HV1", "HV1/web1"], ["labnet", "nestednat"], ["HV1"])),
    (["nat, HV1/web1"], (["HV1", "HV1/web1"], ["LABNET", "NESTEDNAT"], ["HV1"])),
    (["nat", "R1"], (["R1"], ["LABNET"], [])),
    (["nat", "web1", "vms"], (["HV1", "HV1/web1", "R1"], ["LABNET", "NESTEDNAT"], ["HV1"])),
]


@pytest.mark.parametrize(("until", "expected"), CUTS)
def test_a_cut_has_what_its_stages_name_with_what_that_needs(until, expected, tmp_path):
    assert shape(cut(tmp_path, *until)) == expected


def test_all_is_the_topology_with_the_checks_of_the_stage(tmp_path):
    course = workshop.load(written(tmp_path, CLASS.replace("[nat, web1]", "all")))
    whole = workshop.cut_of(course, course.stages[1])
    assert whole.vms == course.base.vms
    assert (
        whole.checks
        == nestlab.loads(
            f"{LAB.partition('checks:')[0]}checks: [{{from: web1, to: internet}}]"
        ).checks
    )


def test_a_cut_gets_the_networks_of_the_seat(tmp_path):
    course = workshop.load(written(tmp_path))
    seat = course.seat("grace")
    part = workshop.stage_topology(seat, workshop.stage_named(course, "SWITCH"))
    assert part.name == seat.topology.name
    assert part.switches[0].ip_address == seat.topology.switches[0].ip_address
    assert part.switches[0].nat is None
