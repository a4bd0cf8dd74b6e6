"""The states of a topology's VMs on a host and in its nested hosts, and guests that refuse access."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import CmdletError, GuestCredentialRefused, NestlabError, StateFileError
from nestlab.lab.vm_states import VMStateReader
from nestlab.model import Cmdlet, ErrorRecord, SwitchParameter
from tests.lab.test_refused_credentials import SECRET, TOPOLOGY, endpoint, give, world
from tests.transport.doors import CREDENTIAL

__all__ = ["endpoint", "world"]
NEW = r"""
name: first
images: {ws2022: {path: 'D:\images\ws2022.vhdx', prepared: false}}
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    nested: {vms: [{name: web1, state: 'Off'}]}
"""
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


def test_a_guest_that_refuses_does_not_make_the_lab_forget_its_credential(world, monkeypatch):
    # Before, the run that shared the session to the host asked for the credential again.
    connect, spoil = world
    spoil(CREDENTIAL)
    lab = connect()
    assert VMStateReader(lab.topology, lab.host).read(lab.topology) == {("HV1",): "Running"}
    monkeypatch.delenv(CREDENTIAL)
    (known,) = lab.host.prepare("lab-admin").values()
    assert known.password == SECRET


def test_a_guest_that_was_off_since_it_refused_is_asked_again(monkeypatch, tmp_path):
    topology, host = nestlab.loads(TOPOLOGY), nestlab.connect("sim:ws2022-intel")
    assert all(result.ok for result in nestlab.Lab(topology, host, tmp_path / "j.jsonl").apply())
    refused = Refusals(host, monkeypatch)
    reader = VMStateReader(topology, host)
    for _ in range(2):
        assert reader.read(topology) == {("HV1",): "Running"}
    assert refused.count == 1
    host.run(Cmdlet("Stop-VM", {"Name": "HV1", "TurnOff": SwitchParameter.ON}))
    assert reader.read(topology) == {("HV1",): "Off"}
    host.run(Cmdlet("Start-VM", {"Name": "HV1"}))
    assert reader.read(topology) == {("HV1",): "Running"}
    assert refused.count == 2


def test_a_guest_in_its_first_boot_is_asked_again(tmp_path):
    host = nestlab.connect("sim:ws2022-generalized")
    lab = nestlab.Lab(nestlab.loads(NEW), host, tmp_path / "j.jsonl")
    reader = VMStateReader(lab.topology, host)
    seen = []
    for _ in lab.apply(on_event=lambda _event: seen.append(reader.read(lab.topology))):
        pass
    assert {("HV1",): "Running"} in seen
    assert ("HV1", "web1") in reader.read(lab.topology)


class Refusals:
    """Makes the guests of a simulated host refuse their credential, and counts the attempts."""

    def __init__(self, host, monkeypatch):
        self.count = 0
        guest = host.guest

        def refusing(*args):
            session = guest(*args)
            monkeypatch.setattr(session, "run", self._refuse)
            return session

        monkeypatch.setattr(host, "guest", refusing)

    def _refuse(self, *_statements, **_options):
        self.count += 1
        raise self.error

    error: NestlabError = GuestCredentialRefused("HV1", "HV1 refuses the credential.")


@pytest.mark.parametrize(
    "error",
    [StateFileError("No file."), CmdletError(None, ErrorRecord("No Get-VM."), machine="HV1")],
)
def test_any_other_error_of_a_guest_leaves_it_out_once(error, monkeypatch, tmp_path):
    topology, host = nestlab.loads(TOPOLOGY), nestlab.connect("sim:ws2022-intel")
    assert all(result.ok for result in nestlab.Lab(topology, host, tmp_path / "j.jsonl").apply())
    reader = VMStateReader(topology, host)
    with monkeypatch.context() as patched:
        Refusals(host, patched).error = error
        assert reader.read(topology) == {("HV1",): "Running"}
    assert reader.read(topology) == BOTH
