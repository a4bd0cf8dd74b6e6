"""What people run into, rows 24 and 25: accounts and rights, and what may cut the session."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import AccessDenied, PlanRefused
from nestlab.model import Cmdlet
from nestlab.plan import Hazard
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.faults import Fault
from nestlab.simulator.host import SimulatedHost
from tests.rules.test_problems import BRIDGED, NESTED
from tests.rules.troubles import Row, Scene, applied, explained, on
from tests.transport.doors import CLOCK_RATE, CREDENTIAL, guests_of, options


def an_administrator(scene, finding):
    assert "Administrators" in finding.hint
    scene.world.quirks.administrator = True


NAT = Cmdlet("New-NetNat", {"Name": "Lab", "InternalIPInterfaceAddressPrefix": "192.168.100.0/24"})
DENIED = Row(
    "New-NetNat needs a local administrator",
    "rights-missing",
    lambda: on("sim:hyperv-admin-only", topology=NESTED),
    an_administrator,
    because="who may not may not give itself the right: the session is opened as an administrator",
    refused=lambda scene: explained(scene.host, NAT),
    explained="nat-needs-administrator",
    then=applied,
)


def test_25_nat_denied_is_found_by_name_and_gone_with_the_right_account():
    DENIED.play()


def test_24_the_guest_refuses_an_account_and_it_is_said_which_on_which_layer(monkeypatch):
    host = SimulatedHost.from_scenario("ws2022-intel")
    with serve(host, clock_rate=CLOCK_RATE) as endpoint:
        guests_of(endpoint, monkeypatch)
        session = nestlab.connect(endpoint.address, **options(endpoint))
        scene = Scene(session, nestlab.loads(NESTED))
        applied(scene)
        session.close()
        monkeypatch.setenv(CREDENTIAL, f"{endpoint.guest_user}:not-this-one")
        scene.host = nestlab.connect(endpoint.address, **options(endpoint))
        (finding,) = scene.found("guest-refuses")
        assert (finding.subject, finding.severity, finding.runs_on) == (
            "HV1",
            "error",
            "your machine",
        )
        assert (
            f"HV1 refuses the account {endpoint.guest_user} of the credential 'lab-admin'"
            in finding.message
        )
        assert (
            "the guest's own Windows, not the one that opened the session to the host"
            in finding.hint
        )
        assert "not-this-one" not in str(finding)
        guests_of(endpoint, monkeypatch)  # as the hint says
        assert not scene.found("guest-refuses")
        scene.host.close()


@pytest.mark.parametrize(("name", "auth"), [("password", "negotiate"), ("password", "ntlm")])
def test_24_the_host_refuses_an_account_and_it_is_said_which_and_where_it_goes(name, auth):
    with serve(SimulatedHost.from_scenario("ws2022-intel")) as endpoint:
        wrong = {**options(endpoint, auth), name: "not-this-one"}
        with pytest.raises(AccessDenied) as caught:
            nestlab.check(nestlab.connect(endpoint.address, **wrong))
        assert endpoint.user in caught.value.message
        assert "Remote Management Users" in caught.value.hint
        assert "TrustedHosts" in caught.value.hint
        session = nestlab.connect(endpoint.address, **options(endpoint, auth))
        assert nestlab.check(session)[0].code == "can-nest"
        session.close()


def test_25_what_may_cut_the_session_is_marked_and_comes_last(tmp_path):
    with_nat = BRIDGED.replace(
        "vms:",
        "  - {name: Inner, switch_type: Internal, ip_address: 10.9.0.1/24, nat: 10.9.0.0/24}\nvms:",
    )
    scene = on("sim:ws2022-intel", topology=with_nat)
    lab = nestlab.Lab(scene.topology, scene.host, journal=tmp_path / "j.jsonl")
    plan = lab.plan()
    (risky,) = [step for step in plan.steps if step.hazard is Hazard.MAY_CUT_CONNECTION]
    before = {step.action for step in plan.steps[: plan.steps.index(risky)]}
    assert {"create-switch", "set-address", "create-nat"} <= before
    assert {step.action for step in plan.steps[plan.steps.index(risky) + 1 :]} >= {
        "create-vm",
        "connect-adapter",
    }
    assert lab.check().ok
    scene.host.simulated_host.inject_faults(Fault("drop", "New-VMSwitch", 2))
    assert [result.status for result in lab.apply(plan)].count("failed") <= 1
    list(lab.apply())  # connected again, it goes on behind what was done
    assert lab.plan().is_empty


def test_25_without_rights_nothing_is_touched():
    scene = on("sim:hyperv-admin-only", topology=BRIDGED)
    with pytest.raises(PlanRefused) as caught:
        nestlab.Lab(scene.topology, scene.host).plan()
    assert "rights-missing" in caught.value.findings.codes
    assert not scene.world.host.hyper_v.switches
