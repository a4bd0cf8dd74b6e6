"""A capture of a Linux guest that serves DHCP: its scope by its seed disk, or the disk as it is."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.lab import capture_all
from nestlab.model import Cmdlet
from tests.lab.test_guest_dhcp import LINUX, WINDOWS

CASES = int(os.environ.get("NESTLAB_CAPTURE_CASES", "10"))
SERVED = LINUX[LINUX.index("        dhcp_server:") : LINUX.index("  - name: reserved")]
NOT_GUESSED = LINUX.replace("dns_servers: [10.1.0.1]", "dns_servers: [10.77.0.53, 10.1.0.1]")
"""Clients that are off have reported nothing, so the first DNS server is nowhere on the host."""
OFF = NOT_GUESSED.replace(
    "guest: {os: windows, credential: lab-admin}", "guest: {os: none}\n    state: off"
)


def applied(text):
    host = nestlab.connect()
    topology = nestlab.loads(text)
    results = list(nestlab.Lab(topology, host).apply())
    assert [str(result) for result in results if not result.ok] == []
    host.wait(600)
    return topology, host


def captured(host, of_topology="served"):
    return capture_all(host, of_topology=of_topology, credential="lab-admin")


def plans_nothing(topology, host):
    plan = nestlab.Lab(topology, host).plan()
    return (str(plan.steps), plan.deferred, plan.remainder) == ("()", (), ())


def scopes_of(topology):
    return {
        f"{'/'.join(path)}/{adapter.name}": adapter.dhcp_server
        for path, machine in topology.machines()
        for adapter in getattr(machine, "network_adapters", ())
        if adapter.dhcp_server
    }


def without(*texts):
    text = LINUX
    for each in texts:
        assert each in text
        text = text.replace(each, "")
    return text


RESERVED = "          reservations: [{ip_address: 10.1.0.50, mac_address: 00-15-5D-0A-00-50}]\n"
DNS = "          dns_servers: [10.1.0.1]\n"
SCOPES = {
    "options and a reservation": LINUX,
    "range only": without(RESERVED, DNS),
    "no forwarding": without("    forwarding: true\n").partition("checks:")[0],
    "a router of its own": LINUX.replace(
        "dns_servers: [10.1.0.1]", "dns_servers: [10.1.0.1]\n          router: 10.1.0.254"
    ).partition("checks:")[0],
    "up to the last address": LINUX.replace("100-10.1.0.120", "2-10.1.0.49"),
    "one address": without(RESERVED)
    .replace("100-10.1.0.120", "9-10.1.0.9")
    .replace("[{switch: Lan, dhcp: true, mac", "[{switch: Other, mac")
    .partition("checks:")[0],
    "a network of 65,536 addresses": LINUX.replace("10.1.0.1/24", "10.1.0.1/16")
    .replace("10.2.0.", "10.222.0."),
    "with an account": LINUX.replace("cloud_init: true", "cloud_init: true, credential: lab-linux"),
    "without clients": LINUX[: LINUX.index("  - name: reserved")].replace(RESERVED, ""),
}  # fmt: skip


@pytest.mark.parametrize("text", SCOPES.values(), ids=SCOPES)
def test_the_scope_of_a_linux_guest_is_found_by_the_digest_of_its_seed_disk(text):
    topology, host = applied(text)
    names = {"": "lab-admin", "dc": "lab-linux"}
    found = capture_all(host, of_topology="served", credential=names)
    assert found.losses == ()
    assert scopes_of(found.topology) == scopes_of(topology)
    assert nestlab.validate(found.topology).errors == ()
    assert plans_nothing(found.topology, host)
    elsewhere = nestlab.connect()
    results = list(nestlab.Lab(found.topology, elsewhere).apply())
    assert [str(result) for result in results if not result.ok] == []
    elsewhere.wait(600)
    again = capture_all(elsewhere, of_topology="served", credential=names)
    assert again.topology.to_dict() == found.topology.to_dict()


def test_a_windows_guest_keeps_its_scope_as_before():
    topology, host = applied(WINDOWS)
    found = captured(host)
    assert scopes_of(found.topology) == scopes_of(topology)
    assert plans_nothing(found.topology, host)


def test_a_seed_disk_whose_settings_are_not_found_stays_attached_and_is_in_the_file():
    """On the build before, the plan of the capture stopped the VM and detached the disk."""
    _, host = applied(OFF)
    found = captured(host)
    (loss,) = [each for each in found.losses if each.startswith("VM dc")]
    assert "dhcp_server" in loss
    dc = found.topology.vms[0]
    (seed,) = dc.disks
    assert ".dc.cidata-" in seed.path
    assert seed.path in loss
    assert nestlab.validate(found.topology).errors == ()
    assert plans_nothing(found.topology, host)
    lab = nestlab.Lab(found.topology, host)
    assert not lab.plan(prune=True).steps


def test_the_disk_also_stays_where_the_vm_has_a_checkpoint():
    _, host = applied(OFF)
    host.run(Cmdlet("Checkpoint-VM", {"Name": "dc", "SnapshotName": "before"}))
    found = captured(host)
    (seed,) = found.topology.vms[0].disks
    assert seed.path.endswith(".vhdx")
    assert plans_nothing(found.topology, host)


def test_settings_on_a_seed_disk_are_found_below_a_checkpoint_too():
    """On the build before, they were a loss: the disk on top has a name of its own."""
    topology, host = applied(LINUX)
    host.run(Cmdlet("Checkpoint-VM", {"Name": "dc", "SnapshotName": "before"}))
    found = captured(host)
    assert scopes_of(found.topology) == scopes_of(topology)
    assert plans_nothing(found.topology, host)


def test_a_seed_disk_that_the_file_does_not_name_is_still_detached():
    _, host = applied(OFF)
    text = OFF.replace("cloud_init: true", "cloud_init: false").replace(SERVED, "")
    steps = nestlab.Lab(nestlab.loads(text), host).plan().steps
    assert "detach-disk" in [str(step.action) for step in steps]


SCOPE = """\
          range: 10.1.0.{first}-10.1.0.{last}
          dns_servers: [{dns}]
{router}"""


@settings(max_examples=CASES, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
@given(
    first=st.integers(2, 253),
    size=st.integers(1, 200),
    dns=st.lists(st.sampled_from(["10.1.0.1", "9.9.9.9", "1.1.1.1"]), unique=True),
    router=st.sampled_from(["", "          router: 10.1.0.1\n", "          router: 10.1.0.254\n"]),
    forwards=st.booleans(),
)
def test_any_scope_with_a_client_is_found(first, size, dns, router, forwards):
    last = min(first + size - 1, 253)
    scope = SCOPE.format(first=first, last=last, dns=", ".join(dns), router=router)
    served = f"        dhcp_server:\n{scope}".replace("          dns_servers: []\n", "")
    text = LINUX.replace(SERVED, served).partition("  - name: reserved")[0]
    text += (
        "  - {name: client, disk: {image: ubuntu}, guest: {os: linux, cloud_init: true},"
        " network_adapters: [{switch: Lan, dhcp: true}]}\n"
    )
    text = text if forwards else text.replace("    forwarding: true\n", "")
    topology, host = applied(text)
    found = captured(host)
    assert plans_nothing(found.topology, host)
    assert found.losses == ()
    wanted = scopes_of(topology)
    if forwards and "10.1.0.1\n" in router:  # the file need not say that the server is the router
        ((key, scope),) = wanted.items()
        wanted = {key: replace(scope, router=None)}
    assert scopes_of(found.topology) == wanted


def test_the_settings_written_instead_of_the_disk_plan_nothing():
    topology, host = applied(OFF)
    found = captured(host).topology
    declared, dc = topology.vms[0], found.vms[0]
    adapters = tuple(
        replace(now, dhcp_server=own.dhcp_server)
        for own, now in zip(declared.network_adapters, dc.network_adapters, strict=True)
    )
    written = replace(
        dc, disks=(), guest=declared.guest, forwarding=True, network_adapters=adapters
    )
    assert plans_nothing(replace(found, vms=(written, *found.vms[1:])), host)
