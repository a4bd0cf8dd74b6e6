"""A guest that rejects a credential is told from one that is not ready, in every language, and is asked at most three times."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import nestlab
from nestlab.errors import GuestCredentialRefused, GuestUnreachable
from nestlab.known_errors import is_refused_credential
from nestlab.model import Cmdlet, ErrorRecord
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from tests.rules.test_problems import NESTED
from tests.transport.doors import CLOCK_RATE, CREDENTIAL, guests_of, options

LANGUAGES = ("", "de", "es", "ja")
ASK = Cmdlet("Get-CimInstance", {"ClassName": "Win32_OperatingSystem"})
TOPOLOGY = nestlab.loads(NESTED)
NAT_LAB = nestlab.load(Path(__file__).parents[1] / "cases" / "topologies" / "nat-lab.yml")


def simulated(language):
    host = SimulatedHost.from_scenario("ws2022-intel")
    if language:
        host.world.quirks.language = language
    return host


def counting_logons(host, monkeypatch):
    world, rejected = host.world, []
    accepts = type(world).accepts_credential

    def accepts_and_counts(self, username, password):
        answer = accepts(self, username, password)
        if not answer:
            rejected.append(username)
        return answer

    monkeypatch.setattr(type(world), "accepts_credential", accepts_and_counts)
    return rejected


@pytest.mark.parametrize("language", LANGUAGES)
def test_apply_ends_at_a_rejected_credential(language, monkeypatch, tmp_path):
    host = simulated(language)
    rejected = counting_logons(host, monkeypatch)
    with serve(host, clock_rate=CLOCK_RATE) as endpoint:
        guests_of(endpoint, monkeypatch)
        monkeypatch.setenv(CREDENTIAL, f"{endpoint.guest_user}:not-this-one")
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = nestlab.Lab(TOPOLOGY, session, journal=tmp_path / "j.jsonl")
        with pytest.raises(GuestCredentialRefused) as caught:
            list(lab.apply())
        session.close()
    assert "HV1 refuses the account" in caught.value.message
    assert "not-this-one" not in str(caught.value)
    assert 1 <= len(rejected) <= 3


@pytest.mark.parametrize("language", ["", "de"])
def test_a_guest_inside_a_guest_rejects_its_own_credential(language, monkeypatch, tmp_path):
    host = simulated(language)
    with serve(host, clock_rate=CLOCK_RATE) as endpoint:
        guests_of(endpoint, monkeypatch)
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = nestlab.Lab(NAT_LAB, session, journal=tmp_path / "j.jsonl")
        assert all(result.ok for result in lab.apply())
        inner = NAT_LAB.vms[0].vms[0].name
        monkeypatch.setenv("NESTLAB_CREDENTIAL_INNER", f"{endpoint.guest_user}:not-this-one")
        session.wait(1200)
        with pytest.raises(GuestCredentialRefused) as caught:
            session.guest("HV1", "lab-admin").guest(inner, "inner").run(ASK)
        session.close()
    assert f"{inner} refuses the account" in caught.value.message
    assert "'inner'" in caught.value.message


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guest_that_is_off_or_starting_does_not_reject_a_credential(language, monkeypatch):
    host = simulated(language)
    with serve(host, clock_rate=0.0) as endpoint:
        guests_of(endpoint, monkeypatch)
        session = nestlab.connect(endpoint.address, **options(endpoint))
        for _ in range(2):
            with pytest.raises(GuestUnreachable) as caught:
                session.guest("dc-archive", "lab-admin").run(ASK)
            assert not isinstance(caught.value, GuestCredentialRefused)
            session.run(Cmdlet("Start-VM", {"Name": "dc-archive"}))
        session.close()


DIRECT = ErrorRecord(
    "Die Anmeldeinformationen sind ungültig.",
    "OpenError",
    "PSSessionStateBroken,Microsoft.PowerShell.Commands.InvokeCommandCommand",
    "HV1",
    "System.Management.Automation.Remoting.PSDirectException",
)


@pytest.mark.parametrize(
    ("record", "refused"),
    [
        (DIRECT, True),
        (replace(DIRECT, exception_type="System.Management.Automation.RemoteException"), False),
        (replace(DIRECT, fully_qualified_error_id="InvalidVMState"), False),
        (ErrorRecord("The credential is invalid."), False),
    ],
)
def test_the_error_id_and_the_exception_type_decide(record, refused):
    assert is_refused_credential(record) is refused
