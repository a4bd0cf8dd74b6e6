r"""VMs that are routers with a NAT, in Windows and in Linux."""

from __future__ import annotations

import pytest
import yaml

import nestlab
from tests.lab.comparer import differences

LAB = r"""
name: routed
images:
  ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
switches:
  - {name: Internet, switch_type: Internal, ip_address: 192.168.100.1/24}
  - {name: Lan, switch_type: Private}
vms:
  - name: router
    disk: {image: ROUTER}
    guest: GUEST
    nat: {inside: 10.1.0.0/24, outside: Internet}
    network_adapters:
      - {name: Out, switch: Internet, ip_address: 192.168.100.11/24, gateway: 192.168.100.1}
      - {name: In, switch: Lan, ip_address: 10.1.0.1/24}
  - name: pc
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Lan, ip_address: 10.1.0.2/24, gateway: 10.1.0.1}]
checks:
  - {from: pc, to: host, expect: reachable}
  - {from: host, to: pc, expect: unreachable}
"""
WINDOWS = LAB.replace("ROUTER", "ws2022").replace("GUEST", "{os: windows, credential: lab-admin}")
LINUX = LAB.replace("ROUTER", "ubuntu").replace("GUEST", "{os: linux, cloud_init: true}")
ENDS = [("pc", "host"), ("host", "pc")]
BOTH = pytest.mark.parametrize("text", [WINDOWS, LINUX], ids=["windows", "linux"])


@pytest.fixture
def host():
    return nestlab.connect()


def lab_of(text, host, journal=None):
    return nestlab.Lab(nestlab.loads(text), host, journal)


def applied(lab):
    """Apply a lab to the end, and return the actions on its router and for it."""
    results = list(lab.apply())
    assert [str(result) for result in results if not result.ok] == []
    assert lab.plan().is_empty
    lab.host.simulated_host.world.clock.advance(600)
    return [str(each.step.action) for each in results if "router" in each.step.id]


def router_of(host):
    machine = host.simulated_host.world.host
    return machine.guest(machine.hyper_v.vms_named("router")[0])


def nats_of(host):
    return [(nat.name, nat.internal_prefix) for nat in router_of(host).nats]


@BOTH
def test_what_is_behind_the_nat_reaches_what_is_outside_and_not_the_other_way(text, host):
    lab = lab_of(text, host)
    found = [nestlab.trace(lab.topology, *ends).status for ends in ENDS]
    assert found == ["reachable", "unreachable"]
    applied(lab)
    assert [(check.passed, check.method) for check in lab.verify()] == [(True, "ping")] * 2
    if text is WINDOWS:  # nothing but its seed disk can be compared with Linux
        assert differences(lab.topology, host.simulated_host.world.host) == []


def test_without_nat_a_router_forwards_and_the_answer_has_no_way_back(host):
    plain = WINDOWS.replace("nat: {inside: 10.1.0.0/24, outside: Internet}", "forwarding: true")
    lab = lab_of(plain.partition("checks:")[0], host)
    assert nestlab.trace(lab.topology, "pc", "192.168.100.1").status == "unreachable"


def test_windows_gets_win_nat_with_a_restart_then_forwarding_then_the_nat(host):
    done = applied(lab_of(WINDOWS, host))
    inside = done[done.index("install-feature") :]
    assert inside == [
        "install-feature", "rename-computer", "restart", "set-forwarding", "set-forwarding", "create-nat"
    ]  # fmt: skip
    assert nats_of(host) == [("nestlab.routed.router", "10.1.0.0/24")]
    assert router_of(host).features["Containers"] == "Installed"


def test_windows_with_win_nat_of_its_own_gets_no_feature(host):
    """Whether Windows Server has it without a role is not documented: Get-NetNat shows it."""
    host.simulated_host.world.quirks.win_nat_needs_a_role = False
    assert "install-feature" not in applied(lab_of(WINDOWS, host))
    assert len(nats_of(host)) == 1


def test_a_changed_network_replaces_the_nat_and_undo_restores_it(host, tmp_path):
    applied(lab_of(WINDOWS, host))
    wider = WINDOWS.replace("inside: 10.1.0.0/24", "inside: 10.1.0.0/16")
    lab = lab_of(wider, host, tmp_path / "wider.jsonl")
    assert applied(lab) == ["replace-nat"]
    assert nats_of(host) == [("nestlab.routed.router", "10.1.0.0/16")]
    assert all(result.ok for result in lab.undo())
    assert nats_of(host) == [("nestlab.routed.router", "10.1.0.0/24")]


@BOTH
def test_a_nat_that_the_file_no_longer_has_is_removed_with_its_forwarding(text, host, tmp_path):
    applied(lab_of(text, host))
    without = text.replace("    nat: {inside: 10.1.0.0/24, outside: Internet}\n", "")
    lab = lab_of(without.partition("checks:")[0], host, tmp_path / "without.jsonl")
    applied(lab)
    assert nats_of(host) == []
    assert not any(adapter.ip.forwarding for adapter in router_of(host).adapters)
    assert nestlab.trace(lab.topology, "pc", "192.168.100.1").status == "unreachable"
    assert all(result.ok for result in lab.undo())
    assert len(nats_of(host)) == 1


def test_drift_names_a_nat_that_someone_removed(host):
    lab = lab_of(WINDOWS, host)
    applied(lab)
    router_of(host).nats.clear()
    assert [str(step.action) for step in lab.plan().steps] == ["create-nat"]
    assert [check.passed for check in lab.verify()] == [False, True]


@BOTH
def test_a_capture_says_the_same(text, host):
    applied(lab_of(text, host))
    found = nestlab.capture(host, of_topology="routed", credential="lab-admin")
    assert nestlab.Lab(found, host).plan().is_empty
    router = next(vm for vm in found.vms if vm.name == "router")
    assert (str(router.nat.inside), router.nat.outside, router.forwarding) == (
        "10.1.0.0/24",
        "Out",
        False,
    )


def seed_of(host, name):
    files = host.simulated_host.world.host.files.values()
    found = [file for file in files if f".{name}.cidata-" in file.path]
    return found[-1].partitions[0].files


def test_linux_translates_for_the_outside_adapter_alone(host):
    applied(lab_of(LINUX, host))
    files = seed_of(host, "router")
    network = yaml.safe_load(files["network-config"])["ethernets"]
    names = [adapter.get("set-name") for adapter in network.values()]
    assert names == ["outside", None]
    commands = yaml.safe_load(files["user-data"])["bootcmd"]
    rule = "nft add rule ip nestlab postrouting ip saddr 10.1.0.0/24 oifname outside masquerade"
    assert rule in [" ".join(command) for command in commands]
    assert "nft" not in str(seed_of(host, "router").get("meta-data"))


DMZ = """\
      - {name: Dmz, switch: Dmz, ip_address: 10.2.0.1/24}
  - name: web
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Dmz, ip_address: 10.2.0.2/24}]
"""


@pytest.mark.parametrize(("text", "answer"), [(WINDOWS, True), (LINUX, False)])
def test_a_third_network_sees_the_address_of_windows_and_that_of_the_sender_with_linux(
    text, answer, host
):
    """WinNAT translates to every other network, nftables to the outside one: web has no gateway."""
    inside = "      - {name: In, switch: Lan, ip_address: 10.1.0.1/24}\n"
    text = text.replace(inside, inside + DMZ)
    text = text.replace("  - {name: Lan, switch_type: Private}\n", "  - {name: Lan, switch_type: Private}\n  - {name: Dmz, switch_type: Private}\n")  # fmt: skip
    lab = lab_of(text.replace("to: host, expect: reachable", f"to: web, expect: {'' if answer else 'un'}reachable").replace("{from: host, to: pc", "{from: web, to: pc"), host)  # fmt: skip
    applied(lab)
    assert [(check.passed, check.method) for check in lab.verify()] == [(True, "ping")] * 2


def test_a_windows_client_as_router_is_a_finding_with_its_line():
    host = nestlab.connect("sim:win11-ryzen")
    text = WINDOWS.replace(r"ws2022: {path: 'D:\images\ws2022.vhdx'", r"ws2022: {path: 'D:\images\win11.vhdx'")  # fmt: skip
    lab = lab_of(text.partition("checks:")[0], host)
    results = list(lab.apply())
    assert "install-feature" not in [str(each.step.action) for each in results]
    (found,) = (each for each in lab.check() if each.code == "guest-needs-server")
    assert ":13:10" in found.location
    assert "Windows 11" in found.message
    assert "Linux with cloud_init" in found.hint
