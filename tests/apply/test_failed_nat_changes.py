"""A change of a NAT's prefix that fails half-way restores the NAT that was there, with its forwards."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.apply import Journal, undo_steps
from nestlab.apply.step_result import StepState
from nestlab.cli import main
from nestlab.model import Cmdlet, Size, SwitchParameter

LAB = (
    "name: nt\n"
    "switches: [{name: N, switch_type: Internal, ip_address: 10.9.0.1/24, nat: PREFIX,"
    " port_forwards: [{protocol: tcp, external_port: 8080, to: '10.9.0.7:80'}]}]\n"
)
OLD, NEW = "10.9.0.0/24", "10.9.0.0/16"
NAT = "nestlab.nt.N"
FORWARDS = {"8080": "10.9.0.7:80", "8443": "10.9.0.50:443", "9443": "10.9.0.51:443"}


class Host:
    """A simulated host with the lab applied, a VM of others on its switch, and their forwards."""

    def __init__(self, tmp_path):
        self.address, self.folder = f"sim:ws2022-intel?state={tmp_path / 'host.json'}", tmp_path
        list(self.lab(OLD).apply())
        self.run(
            "New-VM",
            Name="bob",
            MemoryStartupBytes=Size.parse("512MB"),
            NoVHD=SwitchParameter.ON,
            SwitchName="N",
        )
        self.run("Start-VM", Name="bob")
        for external, to in list(FORWARDS.items())[1:]:
            self.forward(external, to)

    def forward(self, external, to):
        address, _, port = to.partition(":")
        self.run(
            "Add-NetNatStaticMapping",
            NatName=NAT,
            Protocol="TCP",
            ExternalIPAddress="0.0.0.0",  # noqa: S104  # every address of the host
            ExternalPort=int(external),
            InternalIPAddress=address,
            InternalPort=int(port),
        )

    def run(self, name, **parameters):
        return nestlab.connect(self.address).run(Cmdlet(name, parameters)).records

    def lab(self, prefix, *faults):
        query = "".join(f"&fault={fault}" for fault in faults)
        return nestlab.Lab(
            nestlab.loads(LAB.replace("PREFIX", prefix)), nestlab.connect(self.address + query)
        )

    def clear_faults(self):
        nestlab.connect(self.address).simulated_host.clear_faults()

    def nats(self):
        return [
            (str(nat["Name"]), str(nat["InternalIPInterfaceAddressPrefix"]))
            for nat in self.run("Get-NetNat")
        ]

    def forwards(self):
        return {
            str(each["ExternalPort"]): f"{each['InternalIPAddress']}:{each['InternalPort']}"
            for each in self.run("Get-NetNatStaticMapping")
        }

    def journals(self):
        return sorted((self.folder / "journals").glob("*.jsonl"))


@pytest.fixture
def host(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    monkeypatch.chdir(tmp_path)
    return Host(tmp_path)


def change(lab):
    """Return the result of the step that changes the NAT, which ends the run."""
    *_, last = [result for result in lab.apply() if str(result.step.action) == "replace-nat"]
    return last


@pytest.mark.parametrize(
    "fault",
    [
        "fail:New-NetNat:1",
        "fail:Add-NetNatStaticMapping:1",
        "fail:Add-NetNatStaticMapping:2",
    ],
)
def test_the_earlier_nat_is_restored_with_its_forwards(host, fault):
    result = change(host.lab(NEW, fault))
    assert result.status is StepState.FAILED
    restored = f"The earlier NAT {NAT} for {OLD} was restored, with its port forwards."
    assert result.message.endswith(f". {restored}")  # the sentence before is Windows' own
    assert host.nats() == [(NAT, OLD)]
    assert host.forwards() == FORWARDS
    # Nothing is left to undo, and the next run does what this one could not.
    assert undo_steps(Journal(host.journals()[-1]).entries()) == ()
    assert change(host.lab(NEW)).status is StepState.DONE
    assert host.nats() == [(NAT, NEW)]
    assert host.forwards() == FORWARDS


def test_a_removal_that_fails_changes_nothing_and_restores_nothing(host):
    result = change(host.lab(NEW, "fail:Remove-NetNat:1"))
    assert result.status is StepState.FAILED
    assert "restored" not in result.message
    assert (host.nats(), host.forwards()) == ([(NAT, OLD)], FORWARDS)


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        ("fail:New-NetNat:0", []),
        ("fail:Add-NetNatStaticMapping:0", [(NAT, OLD)]),
    ],
)
def test_where_restoring_fails_as_well_it_is_said_and_undo_restores_it(host, fault, left):
    result = change(host.lab(NEW, fault))
    assert result.status is StepState.FAILED
    assert f"Restoring the earlier NAT {NAT} for {OLD} failed as well: " in result.message
    assert "undo" in result.hint
    assert (host.nats(), host.forwards()) == (left, {})
    host.clear_faults()
    assert all(each.ok for each in host.lab(OLD).undo())
    assert (host.nats(), host.forwards()) == ([(NAT, OLD)], FORWARDS)


def test_an_undo_that_cannot_restore_the_nat_says_so(host):
    change(host.lab(NEW, "fail:New-NetNat:0"))
    *_, last = host.lab(OLD).undo()
    assert last.status is StepState.FAILED
    host.clear_faults()
    assert all(each.ok for each in host.lab(OLD).undo())
    assert (host.nats(), host.forwards()) == ([(NAT, OLD)], FORWARDS)


def test_undo_of_a_change_that_ended_between_two_forwards_restores_the_nat(host):
    """The forward that was added to the new NAT does not stand for the one of the earlier NAT."""
    assert not change(host.lab(NEW, "drop:Add-NetNatStaticMapping:1")).ok
    assert host.nats() == [(NAT, NEW)]
    assert all(each.ok for each in host.lab(OLD).undo())
    assert (host.nats(), host.forwards()) == ([(NAT, OLD)], FORWARDS)


def test_a_refusal_by_windows_is_not_the_work_of_another_run(host):
    """New-NetNat reports an invalid argument, as cmdlets do for an object that exists already."""
    lab = host.lab(NEW)
    # What no cmdlet shows (docker, HNS): the plan does not know of it.
    lab.host.simulated_host.world.quirks.hidden_nats.append("10.9.128.0/17")
    result = change(lab)
    assert result.status is StepState.FAILED
    assert ". The earlier NAT" in result.message
    assert (host.nats(), host.forwards()) == ([(NAT, OLD)], FORWARDS)


def write(host, prefix):
    (host.folder / "nt.yml").write_text(LAB.replace("PREFIX", prefix), encoding="utf-8")
    return ["nt.yml"]


@pytest.mark.parametrize("named", [["nt.yml"], []])
def test_undo_names_a_failed_run_that_left_nothing_and_goes_no_further(host, capsys, named):
    change(host.lab(NEW, "fail:New-NetNat:1"))
    write(host, NEW)
    before = (host.nats(), host.forwards())
    assert main(["undo", *named, "--host", host.address, "--yes"]) != 0
    error = capsys.readouterr().err
    first, second = host.journals()
    assert "The newest run of nt on sim:ws2022-intel" in error
    assert f"failed or was stopped, and has nothing to undo ({second})" in error
    assert f"nestlab undo {first}" in error
    assert (host.nats(), host.forwards()) == before
    # Named, it is undone.
    assert main(["undo", str(first), "--yes"]) == 0


def test_a_failed_run_does_not_stand_between_a_run_that_was_undone_and_the_first(host):
    change(host.lab(NEW, "fail:New-NetNat:1"))
    change(host.lab(NEW))
    assert all(each.ok for each in host.lab(NEW).undo())
    assert host.nats() == [(NAT, OLD)]
    first = list(host.lab(NEW).undo())
    assert "Undo: Create the Internal switch N" in [each.step.title for each in first]
