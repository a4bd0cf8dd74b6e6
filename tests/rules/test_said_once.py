"""What is said once: of several guests, switches and checks with one cause."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.apply import GuestLeftOut
from nestlab.cli import main
from nestlab.errors import GuestCredentialRefused
from tests.apply.classroom import classroom

TWO_NATS = """
name: twonat
switches:
  - {name: NatA, switch_type: Internal, ip_address: 10.1.0.1/24, nat: 10.1.0.0/24}
  - {name: NatB, switch_type: Internal, ip_address: 10.2.0.1/24, nat: 10.2.0.0/24}
"""


def refuse(host, *names):
    for path, _, guest in host.simulated_host.world.host.machines():
        if "/".join(path) in names:
            guest.accounts = {"other": "x"}


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """Yield a lab of three nested hosts, two of which refuse their credential."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NESTLAB_JOURNALS", str(tmp_path_factory.mktemp("journals")))
        lab = nestlab.Lab(classroom(3, 1), nestlab.connect())
        assert [str(result) for result in lab.apply() if not result.ok] == []
        refuse(lab.host, "HV1", "HV3")
        yield lab


def test_the_error_of_an_apply_says_once_what_to_do(room):
    with pytest.raises(GuestCredentialRefused) as caught:
        list(room.apply())
    text = str(caught.value)
    assert text.count("refuses the account") == 2
    assert text.count("Correct the user name or the password") <= 1
    assert text.count("--recreate") == 1
    assert "The same for HV3." in text


def test_a_plan_says_once_what_to_do(room, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("nestlab.transport.connect", lambda *_args, **_options: room.host)
    file = tmp_path / "room.yml"
    file.write_text(room.topology.origin.text, encoding="utf-8")
    assert main(["plan", str(file)]) == 0
    out = capsys.readouterr().out
    assert out.count("refuses the account") == 2
    assert out.count("--recreate") == 1
    assert "Later, on HV3: HV3 refuses the account" in out
    assert "Do the same as for HV1." in out


def test_drift_and_check_say_once_what_to_do(room):
    for found in (nestlab.drift(room.topology, room.host), room.check()):
        about = [each for each in found if each.code in ("drift-not-known", "guest-refuses")]
        text = "\n".join(f"{each.message} {each.hint}" for each in about)
        assert text.count("--recreate") == 1
        assert "HV1" in text
        assert "HV3" in text


def test_the_hint_of_a_hidden_nat_is_given_once_for_a_host():
    lab = nestlab.Lab(nestlab.loads(TWO_NATS), nestlab.connect("sim:busy-host"))
    found = [each for each in lab.check() if each.code == "nat-may-be-hidden"]
    assert [each.subject for each in found] == ["switch NatA"]
    assert found[0].message.endswith("; the same for switch NatB (line 5)")


def test_events_name_each_guest(room):
    assert GuestLeftOut("HV1", "why").text.startswith("Left out: HV1.")


DHCP = """
name: dhcp
switches: [{name: A, switch_type: Private}, {name: B, switch_type: Private}]
vms:
  - {name: a, guest: {os: windows, credential: c}, network_adapters: [{switch: A, dhcp: true}]}
  - {name: b, network_adapters: [{switch: A, ip_address: 10.0.0.2/24}, {name: two, switch: B, ip_address: 10.1.0.2/24}]}
  - {name: l, guest: {os: none}, network_adapters: [{switch: B}]}
checks: [{from: a, to: b}, {from: b, to: a}, {from: l, to: b}]
"""


def test_a_check_whose_adapter_no_server_answers_is_not_said_again():
    found = nestlab.validate(nestlab.loads(DHCP))
    assert [each.subject for each in found if each.code == "dhcp-without-server"] == [
        "adapter a/Network Adapter"
    ]
    assert [each.subject for each in found if each.code == "check-undetermined"] == ["check 3"]


def test_only_nested_hosts_have_memory_lines(room):
    from nestlab.rules.memory_budget import memory_budget

    text = str(memory_budget(room.observe()))
    assert "L1 HV2" in text
    assert "vm2-1" not in text


@pytest.mark.parametrize("option", [[], ["--host", "sim:ws2022-intel"]])
def test_a_trace_shows_no_address_that_is_made_up(option, tmp_path, capsys):
    file = tmp_path / "lab.yml"
    file.write_text(
        "name: t\nswitches: [{name: L, switch_type: Internal, ip_address: 10.3.0.1/24, nat: 10.3.0.0/24}]\n"
        "vms: [{name: a, network_adapters: [{switch: L, ip_address: 10.3.0.2/24, gateway: 10.3.0.1}]}]\n",
        encoding="utf-8",
    )
    assert main(["trace", str(file), "a", "internet", *option]) == 0
    out = capsys.readouterr().out
    assert "192.0.0." not in out
    assert (
        "translates the source (10.3.0.0/24) to the host's address there, via the gateway there"
        in out
    )


def test_a_warning_of_windows_in_another_language_names_the_computer(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    file = tmp_path / "lab.yml"
    file.write_text(
        "name: t\nimages: {ws2022: {path: 'D:\\images\\ws2022.vhdx', os: windows}}\n"
        "vms: [{name: seat1, memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}]\n",
        encoding="utf-8",
    )
    assert main(["apply", str(file), "--yes", "--host", "sim:ws2022-spanish"]) == 0
    (line,) = [each for each in capsys.readouterr().out.splitlines() if "Advertencia" in each]
    assert line.startswith("    Warning of seat1: Advertencia de Windows: WIN-")


UNANSWERED = r"""
name: e6
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}}
switches: [{name: Ext, switch_type: External, net_adapter: Ethernet}]
vms: [{name: V, network_adapters: [{switch: Ext, dhcp: true}]}]
checks: [{from: V, to: internet}]
"""


def test_a_check_over_an_adapter_without_a_lease_is_not_said_again_on_the_host(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path))
    lab = nestlab.Lab(nestlab.loads(UNANSWERED), nestlab.connect())
    assert "check-undetermined" in lab.check().codes
    assert [str(result) for result in lab.apply() if not result.ok] == []
    codes = lab.check().codes
    assert "dhcp-unanswered" in codes
    assert "check-undetermined" not in codes
