"""What a lab costs does not grow with what else lives on the host: by counts, not by time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nestlab
from nestlab.lab import Lab
from nestlab.model import Cmdlet, Outcome, Size, SwitchParameter
from nestlab.model.topology import VM, Disk, NetworkAdapter, Switch, SwitchType, Topology

TWENTY = Topology(
    name="seat",
    switches=(Switch(name="Seat", switch_type=SwitchType.PRIVATE),),
    vms=tuple(
        VM(name=f"seat-{n}", memory_startup=Size.parse("512MB"), disk=Disk(size=Size.parse("10GB")), network_adapters=(NetworkAdapter(switch="Seat"),))
        for n in range(20)
    ),
)  # fmt: skip


def crowded(folder: Path, foreign: int):
    """Return a host with so many others' VMs."""
    vms = (
        [{"name": "other", "copies": foreign, "state": "Running", "network_adapters": [{}]}]
        if foreign
        else []
    )
    scenario = {
        "description": "Others are here",
        "based_on": "ws2022-intel",
        "computer": {"memory": "8TB"},
        "vms": vms,
    }
    path = folder / f"{foreign}.json"
    path.write_text(json.dumps(scenario), encoding="utf-8")
    return nestlab.connect(f"sim:{path}")


def records_of_looks(host, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], int]:
    """Apply the lab; return how many records of VMs and their parts each look while it runs brings, and how many steps there were."""
    lab = Lab(TWENTY, host, journal=folder / f"{id(host)}.jsonl")
    plan = lab.plan()
    counts: list[int] = []
    run = type(host).run

    def counted(self, *statements: Cmdlet, **options: object) -> Outcome:
        outcome = run(self, *statements, **options)
        if any(statement.name == "Get-VMHost" for statement in statements):
            counts.append(sum("VirtualMachine" in r.type_name or "VMName" in r for r in outcome))
        return outcome

    monkeypatch.setattr(type(host), "run", counted)
    results = list(lab.apply(plan))
    monkeypatch.undo()
    assert all(result.ok for result in results)
    return counts[1:], len(results)


def test_looks_while_a_lab_is_applied_bring_the_same_with_many_vms_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, steps = records_of_looks(crowded(tmp_path, 0), tmp_path, monkeypatch)
    among_others, steps_there = records_of_looks(crowded(tmp_path, 500), tmp_path, monkeypatch)
    assert alone
    assert (among_others, steps_there) == (alone, steps)


def test_vms_of_others_stay_known_while_only_the_own_are_looked_at(tmp_path: Path) -> None:
    from nestlab.observe import observe_all, observe_one

    host = crowded(tmp_path, 3)
    host.run(
        Cmdlet("New-VM", {"Name": "seat-0", "NoVHD": SwitchParameter.ON}),
        Cmdlet("Set-VM", {"Name": "seat-0", "Notes": "nestlab:seat"}),
    )
    before = observe_all(host, TWENTY)[()]
    host.run(
        Cmdlet("Set-VM", {"Name": "seat-0", "Notes": "nestlab:seat\nagain"}),
        Cmdlet("New-VM", {"Name": "SEAT-1", "NoVHD": SwitchParameter.ON}),
    )
    after = observe_one(host, TWENTY, (), known=before)
    whole = observe_all(host, TWENTY)[()]
    assert sorted(after.hyper_v.vms, key=lambda vm: vm.id) == sorted(
        whole.hyper_v.vms, key=lambda vm: vm.id
    )
    assert after.unread == whole.unread
    assert {"seat-0", "SEAT-1"} <= {vm.name for vm in after.hyper_v.vms}


def reads_of_disks(
    folder: Path, foreign: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, list[str]]:
    """Destroy the lab beside VMs with disks of their own; return how often a disk was read and the names of the VMs that are left."""
    host = crowded(folder, 0)
    lab = Lab(TWENTY, host, journal=folder / f"destroyed-{foreign}.jsonl")
    assert all(result.ok for result in lab.apply())
    for number in range(foreign):
        disk = {"NewVHDPath": rf"D:\others\{number}.vhdx", "NewVHDSizeBytes": Size.parse("1GB")}
        host.run(
            Cmdlet(
                "New-VM",
                {
                    "Name": f"other-{number}",
                    "Generation": 2,
                    "MemoryStartupBytes": Size.parse("1GB"),
                    **disk,
                },
            )
        )
    asked: list[str] = []
    run = type(host).run

    def counted(self, *statements: Cmdlet, **options: object) -> Outcome:
        for statement in statements:
            paths = statement.parameters.get("Path", ()) if statement.name == "Get-VHD" else ()
            asked.extend([paths] if isinstance(paths, str) else paths)
        return run(self, *statements, **options)

    monkeypatch.setattr(type(host), "run", counted)
    results = list(lab.destroy())
    monkeypatch.undo()
    assert [str(result) for result in results if not result.ok] == []
    return len(asked), [record["Name"] for record in host.run(Cmdlet("Get-VM")).records]


def test_a_destroy_reads_each_disk_of_others_once_and_again_before_it_deletes_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, nothing = reads_of_disks(tmp_path, 0, monkeypatch)
    among_others, left = reads_of_disks(tmp_path, 60, monkeypatch)
    assert among_others - alone == 60 * 2
    assert len(left) - len(nothing) == 60


def foreign_records(host, monkeypatch: pytest.MonkeyPatch, act) -> set[str]:
    """Return the types of the records of VMs of others that an act brings in full: with more than their name and place."""
    full: set[str] = set()
    run = type(host).run

    def kept(self, *statements: Cmdlet, **options: object) -> Outcome:
        outcome = run(self, *statements, **options)
        for record in outcome:
            name = str(record.get("VMName") or record.get("Name") or "")
            if name.startswith("other") and len(record.properties) > 5:
                full.add(record.type_name.rpartition(".")[2])
        return outcome

    monkeypatch.setattr(type(host), "run", kept)
    act()
    monkeypatch.undo()
    return full


def test_plan_verify_and_destroy_look_at_vms_of_others_in_brief(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = crowded(tmp_path, 5)
    lab = Lab(TWENTY, host, journal=tmp_path / "brief.jsonl")
    assert foreign_records(host, monkeypatch, lab.plan) == set()
    assert foreign_records(host, monkeypatch, lambda: list(lab.apply())) == set()
    assert foreign_records(host, monkeypatch, lab.verify) == set()
    assert foreign_records(host, monkeypatch, lambda: list(lab.destroy())) == set()
    assert foreign_records(host, monkeypatch, lab.observe) >= {"VirtualMachine"}


def test_vms_of_others_on_a_switch_of_the_lab_and_what_they_lead_to_are_looked_at_in_full(
    tmp_path: Path,
) -> None:
    from nestlab.observe import observe_all

    host = crowded(tmp_path, 2)
    lab = Lab(TWENTY, host, journal=tmp_path / "neighbors.jsonl")
    assert all(result.ok for result in lab.apply())
    host.run(Cmdlet("New-VMSwitch", {"Name": "Far", "SwitchType": SwitchType.PRIVATE.value}))
    for name, switch in (("router", "Seat"), ("beyond", "Far"), ("apart", None)):
        on = {"SwitchName": switch} if switch else {}
        host.run(Cmdlet("New-VM", {"Name": name, "NoVHD": SwitchParameter.ON, **on}))
        host.run(Cmdlet("Set-VM", {"Name": name, "Notes": "Ada's"}))
    host.run(Cmdlet("Add-VMNetworkAdapter", {"VMName": "router", "SwitchName": "Far"}))
    whole = observe_all(host, TWENTY)[()].hyper_v
    seen = observe_all(host, TWENTY, scope="neighbors")[()].hyper_v
    assert {vm.name for vm in seen.vms} == {vm.name for vm in whole.vms}
    in_full = {vm.name for vm in seen.vms if vm == whole.vm(vm.name)}
    assert in_full >= {"router", "beyond", *(f"seat-{n}" for n in range(20))}
    assert not in_full & {"apart", "other"}


def test_everything_is_looked_at_where_a_switch_of_the_lab_is_left_over(tmp_path: Path) -> None:
    host = crowded(tmp_path, 0)
    lab = Lab(TWENTY, host, journal=tmp_path / "left.jsonl")
    assert all(result.ok for result in lab.apply())
    host.run(
        Cmdlet(
            "New-VM",
            {"Name": "theirs", "NoVHD": SwitchParameter.ON, "SwitchName": "Seat"},
            Cmdlet("Set-VM", {"Notes": "Ada's"}),
        )
    )
    emptied = Lab(Topology(name="seat"), host, journal=tmp_path / "left.jsonl")
    held = {item.subject: item.holds for item in emptied.plan().remainder}
    assert "VM theirs is on it" in held["switch Seat"]
