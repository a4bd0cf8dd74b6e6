"""A guest that refuses its credential: each command names the guest, the credential and its source.

Before, a plan said that such a guest does not answer yet, verify did not name it, an undo left its
steps out for good, and an apply recommended to recreate the VM.
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.apply import GuestLeftOut
from nestlab.cli import app
from nestlab.errors import GuestCredentialRefused
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from tests.transport.doors import CLOCK_RATE, CREDENTIAL, guests_of, options

TOPOLOGY = r"""
name: refused
images: {ws2022: {path: 'D:\images\ws2022.vhdx'}}
switches: [{name: LabNet, switch_type: Internal, ip_address: 192.168.100.1/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    processor_count: 4
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Ethernet, switch: LabNet, ip_address: 192.168.100.11/24}]
    nested:
      switches: [{name: In, switch_type: Internal, ip_address: 10.0.0.1/24}]
      vms:
        - name: web1
          disk: {image: ws2022}
          guest: {os: windows, credential: inner}
          network_adapters: [{switch: In, ip_address: 10.0.0.11/24}]
checks: [{from: HV1, to: host}, {from: web1, to: HV1}]
"""
SECRET = "not-this-one-7"
INNER = "NESTLAB_CREDENTIAL_INNER"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    """Yield the endpoint of a host on which the lab is up."""
    folder = tmp_path_factory.mktemp("refused")
    with (
        pytest.MonkeyPatch.context() as patched,
        serve(
            SimulatedHost.from_scenario("ws2022-intel", language="en"), clock_rate=CLOCK_RATE
        ) as endpoint,
    ):
        give(patched, endpoint)
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = nestlab.Lab(nestlab.loads(TOPOLOGY), session, folder / "j.jsonl")
        assert [str(result) for result in lab.apply() if not result.ok] == []
        session.close()
        yield endpoint


def give(patched, endpoint):
    """Give both credentials the account that the guests have."""
    guests_of(endpoint, patched)
    patched.setenv(INNER, f"{endpoint.guest_user}:{endpoint.guest_password}")


@pytest.fixture
def world(endpoint, monkeypatch, tmp_path):
    """Yield a function that opens the lab, and one that gives a credential another password."""
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    give(monkeypatch, endpoint)
    opened = []

    def connect(text=TOPOLOGY):
        opened.append(nestlab.connect(endpoint.address, **options(endpoint)))
        return nestlab.Lab(nestlab.loads(text), opened[-1], tmp_path / "j.jsonl")

    yield connect, lambda name: monkeypatch.setenv(name, f"{endpoint.guest_user}:{SECRET}")
    for session in opened:
        session.close()


def named(text, guest="HV1", name="lab-admin", variable=CREDENTIAL):
    """Assert that a text names guest, credential and its source, and the order of what to do."""
    assert f"{guest} refuses the account Administrator of the credential '{name}'" in text
    assert "The credential is invalid." in text
    assert f"in the variable {variable} (user:password)" in text
    if "--recreate" in text:
        assert text.index(variable) < text.index("--recreate")
    assert SECRET not in text


def test_an_apply_leaves_out_a_guest_that_is_known_to_refuse_and_does_the_rest(world):
    connect, spoil = world
    spoil(CREDENTIAL)
    more = TOPOLOGY.replace(
        "vms:\n  - name: HV1", "vms:\n  - {name: new1, state: 'Off'}\n  - name: HV1", 1
    )
    lab = connect(more)
    plan = lab.plan()
    first = plan.deferred[0]
    named(first.why)
    assert "does not answer" not in first.why
    assert plan.steps
    results, events = [], []
    with pytest.raises(GuestCredentialRefused) as caught:
        results.extend(lab.apply(plan, on_event=events.append))
    named(str(caught.value))
    assert "Not set up, because they are inside: HV1/web1." in caught.value.hint
    assert caught.value.hint.endswith("What does not depend on that was done.")
    (event,) = (each for each in events if isinstance(each, GuestLeftOut))
    assert (event.machine, event.inside) == ("HV1", ("HV1/web1",))
    assert {result.status for result in results} == {"done"}
    assert list(lab.host.run(Cmdlet("Get-VM", {"Name": "new1"})))
    lab.host.run(Cmdlet("Remove-VM", {"Name": "new1", "Force": SwitchParameter.ON}))


def test_where_nothing_else_is_to_be_done_no_run_starts(world, tmp_path):
    connect, spoil = world
    spoil(CREDENTIAL)
    events = []
    with pytest.raises(GuestCredentialRefused) as caught:
        list(connect().apply(on_event=events.append))
    named(str(caught.value))
    assert events == []
    assert not (tmp_path / "j.jsonl").exists()


def test_a_guest_inside_a_nested_host_is_named_by_its_path(world):
    connect, spoil = world
    spoil(INNER)
    lab = connect()
    (deferred,) = lab.plan().deferred
    named(deferred.why, "HV1/web1", "inner", INNER)
    with pytest.raises(GuestCredentialRefused) as caught:
        list(lab.apply())
    named(str(caught.value), "HV1/web1", "inner", INNER)


def test_a_corrected_credential_is_enough(world, endpoint, monkeypatch):
    connect, spoil = world
    spoil(CREDENTIAL)
    lab = connect()
    assert lab.plan().deferred
    give(monkeypatch, endpoint)
    assert lab.plan().is_empty
    assert all(check.passed for check in lab.verify())


@pytest.mark.parametrize(
    ("variable", "name", "guest", "which"),
    [(CREDENTIAL, "lab-admin", "HV1", (0, 1)), (INNER, "inner", "HV1/web1", (1,))],
)
def test_verify_names_the_credential_of_each_check_that_it_prevents(
    variable, name, guest, which, world
):
    connect, spoil = world
    spoil(variable)
    report = connect().verify()
    for number, check in enumerate(report):
        assert check.passed is (number not in which)
        if number in which:
            named(check.explanation, guest, name, variable)


def test_check_names_the_credential(world):
    connect, spoil = world
    spoil(CREDENTIAL)
    (finding,) = (found for found in connect().check() if found.code == "guest-refuses")
    named(f"{finding.message} {finding.hint}")


def test_an_undo_stops_at_the_guest_and_continues_once_the_credential_is_correct(
    world, endpoint, monkeypatch, tmp_path
):
    connect, spoil = world
    changed = connect(TOPOLOGY.replace("192.168.100.11/24", "192.168.100.12/24"))
    changed.journal = tmp_path / "k.jsonl"
    assert [str(result) for result in changed.apply() if not result.ok] == []
    spoil(CREDENTIAL)
    lab = connect()
    (failed,) = lab.undo(tmp_path / "k.jsonl")
    assert not failed.ok
    named(f"{failed.message} {failed.hint}")
    give(monkeypatch, endpoint)
    assert [result.status for result in lab.undo(tmp_path / "k.jsonl")] == ["done"]
    assert connect().plan().is_empty


def test_the_command_line_names_it_in_plan_verify_and_drift(world, tmp_path, monkeypatch, capsys):
    connect, spoil = world
    file = tmp_path / "lab.yml"
    file.write_text(TOPOLOGY, encoding="utf-8")
    session = connect().host
    spoil(CREDENTIAL)
    monkeypatch.setattr("nestlab.transport.connect", lambda *_args, **_options: session)
    # Before, drift said that the host matches, with exit code 0.
    for command, code in (("plan", 0), ("verify", 1), ("drift", 3)):
        assert app.run([command, str(file), "--host", session.host]) == code
        said = capsys.readouterr().out
        named(said)
        assert "The host matches" not in said
