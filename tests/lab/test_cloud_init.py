r"""Linux guests that cloud-init sets up from a seed disk, at every level.

Before `cloud_init` existed, each of these guests stayed without its addresses: no ping reached it.
"""

from __future__ import annotations

import contextlib

import bcrypt
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.model import Cmdlet
from tests.lab.interrupted import Counter, Interrupted, PowerCut

LAB = r"""
name: linux
images:
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
switches:
  - {name: Lab, switch_type: Internal, ip_address: 192.168.100.1/24}
  - {name: Inner, switch_type: Private}
routes: [{to: 10.1.0.0/24, via: 192.168.100.11}]
vms:
  - name: router
    guest: {os: linux, cloud_init: true}
    disk: {image: ubuntu}
    forwarding: true
    network_adapters:
      - {name: Outside, switch: Lab, ip_address: 192.168.100.11/24, gateway: 192.168.100.1}
      - {name: Inside, switch: Inner, ip_address: 10.1.0.1/24}
  - name: client
    guest: {os: linux, cloud_init: true, computer_name: pc1}
    disk: {image: ubuntu}
    network_adapters: [{switch: Inner, ip_address: 10.1.0.2/24, gateway: 10.1.0.1}]
checks:
  - {from: host, to: router, expect: reachable}
  - {from: host, to: client, expect: reachable}
"""

NESTED = r"""
name: nested-linux
images:
  ws2022: {path: 'D:\images\ws2022.vhdx', os: windows, prepared: true}
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
switches:
  - {name: Lab, switch_type: Internal, ip_address: 10.10.0.1/24, nat: 10.10.0.0/24}
vms:
  - name: HV1
    processor_count: 4
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters:
      - {name: Mgmt, switch: Lab, ip_address: 10.10.0.11/24, gateway: 10.10.0.1, mac_address_spoofing: true}
    nested:
      switches: [{name: Tenants, switch_type: External, net_adapter: Mgmt}]
      vms:
        - name: app1
          memory_startup: 1GB
          disk: {image: ubuntu, size: 400GB}
          guest: {os: linux, cloud_init: true}
          network_adapters: [{switch: Tenants, ip_address: 10.10.0.101/24, gateway: 10.10.0.1}]
checks:
  - {from: host, to: app1, expect: reachable}
  - {from: HV1, to: app1, expect: reachable}
"""


@pytest.fixture
def host():
    return nestlab.connect()


ADMINISTRATOR = {"administrator", "administrador"}
"""The built-in account, in the languages that the tests run in."""


def lab_of(text, host, tmp_path, name="lab"):
    return nestlab.Lab(nestlab.loads(text), host, tmp_path / f"{name}.jsonl")


def applied(lab):
    """Apply a lab, let its guests start, and return the actions of the steps."""
    results = list(lab.apply())
    assert [str(result) for result in results if not result.ok] == []
    assert lab.plan().is_empty
    later(lab)
    return [result.step.action for result in results]


def later(lab):
    lab.host.simulated_host.world.clock.advance(600)


def guest_of(host, name):
    machine = host.simulated_host.world.host
    return machine.guest(machine.hyper_v.vms_named(name)[0])


def address_of(host, name):
    return [a.address for adapter in guest_of(host, name).adapters for a in adapter.ip.addresses]


def seeds_of(host, name):
    """Return the texts on the seed disks in the host's files, by file name."""
    files = host.simulated_host.world.host.files.values()
    found = [file for file in files if f".{name}.cidata-" in file.path]
    return {file.path.rpartition("\\")[2]: file.partitions[0].files for file in found}


def state_of(host):
    return {k: v for k, v in host.simulated_host.world.to_dict().items() if k != "clock"}


def test_linux_guests_are_reached_by_ping(host, tmp_path):
    lab = lab_of(LAB, host, tmp_path)
    actions = applied(lab)
    assert actions.count("write-seed") == 2
    assert [(check.status, check.method) for check in lab.verify()] == [("reachable", "ping")] * 2
    assert (guest_of(host, "router").name, guest_of(host, "client").name) == ("router", "pc1")
    assert all(a.ip.forwarding for a in guest_of(host, "router").adapters)
    assert not any(a.ip.forwarding for a in guest_of(host, "client").adapters)


@pytest.mark.parametrize("scenario", ["ws2022-intel", "ws2022-spanish"])
def test_linux_guests_in_a_nested_host_are_reached_by_ping(tmp_path, scenario):
    host = nestlab.connect(f"sim:{scenario}")
    lab = lab_of(NESTED, host, tmp_path)
    applied(lab)
    assert [(check.status, check.method) for check in lab.verify()] == [("reachable", "ping")] * 2


def test_the_seed_disk_matches_adapters_by_the_addresses_that_they_have(host, tmp_path):
    applied(lab_of(LAB, host, tmp_path))
    ((_, files),) = seeds_of(host, "router").items()
    config = yaml.safe_load(files["network-config"])
    matched = [entry["match"]["macaddress"] for entry in config["ethernets"].values()]
    adapters = host.run(Cmdlet("Get-VMNetworkAdapter", {"VMName": "router"})).records
    has = {str(record["Name"]): str(record["MacAddress"]) for record in adapters}
    assert [mac.replace(":", "").upper() for mac in matched] == [has["Outside"], has["Inside"]]
    assert not any(record["DynamicMacAddressEnabled"] for record in adapters)
    assert all(mac.startswith("02") for mac in has.values())


def test_the_account_is_on_the_disk_and_its_hash_nowhere_else(host, tmp_path):
    text = LAB.replace(
        "{os: linux, cloud_init: true}", "{os: linux, credential: lab-linux, cloud_init: true}"
    )
    lab = lab_of(text, host, tmp_path)
    plan = lab.plan()
    plan.save(tmp_path / "plan.json")
    applied(lab)
    ((_, files),) = seeds_of(host, "router").items()
    (account,) = yaml.safe_load(files["user-data"])["users"]
    assert account["name"] in ADMINISTRATOR  # the user of every name on a simulated host
    # The password of every name on a simulated host.
    assert bcrypt.checkpw(b"Not-Compared-1", account["hashed_passwd"].encode())
    ((_, files),) = seeds_of(host, "client").items()
    assert "users" not in files["user-data"]
    paths = (tmp_path / "plan.json", tmp_path / "lab.jsonl")
    written = [path.read_text(encoding="utf-8") for path in paths]
    assert "$2b$" not in "".join([*written, str(plan), repr(plan), plan._repr_html_()])
    assert "lab-linux" in written[0]


def test_a_saved_plan_writes_the_same_disk(host, tmp_path):
    text = LAB.replace(
        "{os: linux, cloud_init: true}", "{os: linux, credential: lab-linux, cloud_init: true}"
    )
    lab_of(text, host, tmp_path).plan().save(tmp_path / "plan.json")
    lab = lab_of(text, host, tmp_path)
    assert all(r.ok for r in lab.apply(nestlab.load_plan(tmp_path / "plan.json")))
    ((_, files),) = seeds_of(host, "router").items()
    assert yaml.safe_load(files["user-data"])["users"][0]["name"] in ADMINISTRATOR


def test_a_changed_address_is_a_new_seed_disk_and_a_restart(host, tmp_path):
    applied(lab_of(LAB, host, tmp_path))
    lab = lab_of(LAB.replace("10.1.0.2/24", "10.1.0.3/24"), host, tmp_path, "again")
    steps = lab.plan().steps
    assert [str(step.action) for step in steps] == [
        "stop-vm", "write-seed", "replace-disk", "start-vm",
    ]  # fmt: skip
    assert {str(step.effect) for step in steps} == {"restart"}
    applied(lab)
    assert address_of(host, "client") == ["10.1.0.3"]
    assert len(seeds_of(host, "client")) == 2
    assert not lab.plan().remainder
    (kept,) = kept_for_undo(lab.plan())
    assert ".client.cidata-" in kept
    assert all(result.ok for result in lab.undo())
    later(lab)
    assert address_of(host, "client") == ["10.1.0.2"]
    assert len(seeds_of(host, "client")) == 1
    assert lab_of(LAB, host, tmp_path, "first").plan().nothing_to_do_text.endswith("matches linux.")


def kept_for_undo(plan):
    return [item.subject for item in plan.unchanged if item.why.startswith("kept: the undo of")]


def test_a_former_seed_disk_is_pruned_where_its_journal_is_gone(host, tmp_path):
    applied(lab_of(LAB, host, tmp_path))
    lab = lab_of(LAB.replace("10.1.0.2/24", "10.1.0.3/24"), host, tmp_path, "again")
    applied(lab)
    assert not lab.plan(prune=True).steps
    lab.journal.unlink()
    (step,) = lab.plan(prune=True).steps
    assert (step.action, step.hazard) == ("delete-disk", "deletes-data")
    assert all(result.ok for result in lab.apply(lab.plan(prune=True)))
    assert len(seeds_of(host, "client")) == 1
    assert not lab.plan().remainder


def test_what_does_not_reach_the_guest_needs_no_new_seed_disk(host, tmp_path):
    applied(lab_of(LAB, host, tmp_path))
    text = LAB.replace("name: client\n", "name: client\n    notes: PC\n")
    assert [step.action for step in lab_of(text, host, tmp_path, "b").plan()] == ["set-notes"]


def test_cloud_init_taken_out_of_the_file_leaves_the_guest_as_it_is(host, tmp_path):
    applied(lab_of(LAB, host, tmp_path))
    lab = lab_of(
        LAB.replace(", cloud_init: true, computer_name", ", computer_name"), host, tmp_path, "b"
    )
    assert "detach-disk" in applied(lab)
    assert address_of(host, "client") == ["10.1.0.2"]
    assert seeds_of(host, "client")
    assert not lab.plan().remainder
    assert len(kept_for_undo(lab.plan())) == 1


def test_nothing_is_left_after_undo_and_after_destroy(host, tmp_path):
    before = state_of(host)
    lab = lab_of(LAB, host, tmp_path)
    applied(lab)
    assert all(result.ok for result in lab.undo())
    assert state_of(host) == before
    applied(lab_of(LAB, host, tmp_path, "b"))
    lab = lab_of(LAB.replace("10.1.0.2/24", "10.1.0.3/24"), host, tmp_path, "c")
    applied(lab)
    assert all(result.ok for result in lab.destroy())
    assert state_of(host) == before


def test_the_plan_says_that_it_does_not_read_what_is_inside(host, tmp_path):
    lab = lab_of(LAB, host, tmp_path)
    applied(lab)
    plan = lab.plan()
    assert not plan.out_of_reach
    inside = {item.subject: item.why for item in plan.unchanged}["router: inside the guest"]
    assert "cloud-init sets it" in inside


def test_a_trace_says_if_it_is_set_as_declared():
    trace = nestlab.trace(nestlab.loads(LAB), "host", "client")
    assert trace.reachable
    assert any("cloud-init sets its addresses" in text for text in trace.assumptions)


def test_reported_addresses_do_not_prove_the_gateway_of_a_guest(host, tmp_path):
    only = LAB.replace("  - {from: host, to: client, expect: reachable}\n", "")
    applied(lab_of(only.replace(", gateway: 10.1.0.1", ""), host, tmp_path))
    text = only + "  - {from: client, to: host, expect: reachable}\n"
    result = list(lab_of(text, host, tmp_path, "b").verify())[1]
    assert (result.method, result.status) == ("trace", "undetermined")
    assert "if the settings are as declared" in result.explanation


def test_two_hosts_give_their_guests_different_mac_addresses(tmp_path):
    macs = set()
    for scenario in ("ws2022-intel", "ws2022-spanish"):
        plan = lab_of(LAB, nestlab.connect(f"sim:{scenario}"), tmp_path, scenario).plan()
        commands = [
            command for step in plan for cmdlet in step.cmdlets for command in cmdlet.stages
        ]
        macs |= {command.parameters.get("StaticMacAddress", "") for command in commands}
    assert len(macs - {""}) == 6  # three adapters on each


def test_a_seed_disk_of_generation_1_is_not_the_boot_disk(host, tmp_path):
    text = LAB.replace("name: client\n", "name: client\n    generation: 1\n")
    applied(lab_of(text, host, tmp_path))
    assert address_of(host, "client") == ["10.1.0.2"]


@settings(
    max_examples=15,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    statement=st.integers(1, 60), how=st.sampled_from(["error before", "cut before", "cut after"])
)
def test_stopped_anywhere_a_second_apply_converges(tmp_path_factory, statement, how):
    host, folder = nestlab.connect(), tmp_path_factory.mktemp("lab")
    before = state_of(host)
    first = lab_of(LAB, Interrupted(host, Counter(statement), how), folder)
    with contextlib.suppress(PowerCut):
        list(first.apply())
    lab = lab_of(LAB, host, folder)
    applied(lab)
    assert all(check.passed for check in lab.verify())
    assert all(result.ok for result in lab.undo())
    assert state_of(host) == before
