from ipaddress import IPv4Interface
from pathlib import Path

import pytest

from nestlab.html import code
from nestlab.model import Size
from nestlab.model.topology import VM, Guest, Nested, NetworkAdapter, Switch, SwitchType, Topology
from nestlab.plan import make_plan
from nestlab.topology_file import load
from tests.plan.states import guest, host, vm

CASES = Path(__file__).parents[1] / "cases"


@pytest.mark.parametrize("name", ["bridged-lab", "nat-lab", "two-node-cluster"])
def test_the_text_of_the_first_wave(name, update_cases):
    topology = load(CASES / "topologies" / f"{name}.yml")
    text = f"{make_plan(topology, {(): host()})}\n"
    expected = CASES / "plan" / f"{name}.txt"
    if update_cases:
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(text, encoding="utf-8", newline="\n")
    assert text == expected.read_text(encoding="utf-8")


def test_json_keys():
    data = make_plan(load(CASES / "topologies" / "nat-lab.yml"), {(): host()}).to_dict()
    assert list(data) == [
        "topology",
        "host",
        "steps",
        "deferred",
        "unchanged",
        "remainder",
        "out_of_reach",
    ]
    assert list(data["steps"][0]) == [
        "id",
        "machine",
        "action",
        "title",
        "why",
        "cmdlets",
        "undo",
        "hazard",
        "effect",
        "needs",
    ]
    assert data["steps"][0]["cmdlets"] == [
        "New-VMSwitch -Name 'LabNet' -SwitchType 'Internal' -Notes 'nestlab:nat-lab'"
    ]
    assert list(data["deferred"][0]) == ["machine", "why"]


def test_it_reads_well_in_a_notebook():
    plan = make_plan(load(CASES / "topologies" / "nat-lab.yml"), {(): host()})
    assert repr(plan) == "<Plan of nat-lab on sim:test: 10 steps, 3 deferred>"
    nat = code("New-NetNat -Name 'nestlab.nat-lab.LabNet'").removesuffix("</code>")
    assert nat in plan._repr_html_()


def lab(hosts, inside):
    return Topology(
        name="lab",
        vms=tuple(
            VM(
                name=f"HV{h}",
                memory_startup=Size.parse("8GB"),
                guest=Guest(os="windows", credential="c"),
                network_adapters=(NetworkAdapter(ip_address=IPv4Interface(f"10.0.{h}.1/16")),),
                nested=Nested(
                    switches=(Switch(name="S", switch_type=SwitchType.PRIVATE),),
                    vms=tuple(VM(name=f"v{n}") for n in range(inside)),
                ),
            )
            for h in range(hosts)
        ),
    )


def test_a_thousand_vms_are_planned():
    topology = lab(50, 19)
    there = {"memory_startup": Size.parse("8GB"), "expose_virtualization_extensions": True}
    states = {(): host(vms=tuple(vm(f"HV{h}", **there) for h in range(50)))}
    states |= {
        (f"HV{h}",): guest(
            (f"HV{h}",), role=True, vms=tuple(vm(f"v{n}", processor_count=1) for n in range(19))
        )
        for h in range(50)
    }
    plan = make_plan(topology, states)
    assert len([step for step in plan.steps if step.action == "set-processor-count"]) == 950
