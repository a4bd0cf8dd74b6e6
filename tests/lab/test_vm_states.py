"""The states of a topology's VMs on a host and in its nested hosts, and guests that refuse access."""

from __future__ import annotations

import nestlab
from nestlab.lab.vm_states import VMStateReader
from nestlab.model import Cmdlet, SwitchParameter
from tests.lab.test_refused_credentials import TOPOLOGY, endpoint, give, world
from tests.transport.doors import CREDENTIAL

__all__ = ["endpoint", "world"]
BOTH = {("HV1",): "Running", ("HV1", "web1"): "Running"}


def test_states_of_vms_on_the_host_and_inside_are_read_again(tmp_path):
    topology, host = nestlab.loads(TOPOLOGY), nestlab.connect("sim:ws2022-intel")
    reader = VMStateReader(topology, host)
    assert reader.read(topology) == {}, "none exists yet"
    assert all(result.ok for result in nestlab.Lab(topology, host, tmp_path / "j.jsonl").apply())
    assert reader.read(topology) == BOTH
    inside = host.guest("HV1", "lab-admin")
    inside.run(Cmdlet("Suspend-VM", {"Name": "web1"}))
    assert reader.read(topology) == {**BOTH, ("HV1", "web1"): "Paused"}
    host.run(Cmdlet("Stop-VM", {"Name": "HV1", "TurnOff": SwitchParameter.ON}))
    assert reader.read(topology) == {("HV1",): "Off"}, "what is inside is not known"


def test_a_guest_that_refuses_its_credential_is_not_asked_again(world, endpoint, monkeypatch):
    connect, spoil = world
    lab = connect()
    topology, host = lab.topology, lab.host
    spoil(CREDENTIAL)
    reader = VMStateReader(topology, host)
    assert reader.read(topology) == {("HV1",): "Running"}
    give(monkeypatch, endpoint)
    host.forget("lab-admin")
    assert reader.read(topology) == {("HV1",): "Running"}, "it was not asked again"
    assert VMStateReader(topology, host).read(topology) == BOTH
