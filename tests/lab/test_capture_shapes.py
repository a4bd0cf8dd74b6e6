"""Captures of hosts with unusual names, images and guests load, and plan nothing."""

import pytest

import nestlab
from nestlab.errors import CredentialNotUsable
from nestlab.lab import capture_all
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from tests.transport.doors import CLOCK_RATE, options

GENERALIZED = "sim:ws2022-generalized?language=en"


def copied(host, *paths):
    """Copy the generalized image of a simulated host to other paths of it."""
    from dataclasses import replace

    files = host.simulated_host.world.host.files
    image = files[r"d:\images\ws2022.vhdx"]
    for path in paths:
        files[path.lower()] = replace(image, path=path)


def applied(host, text):
    topology = nestlab.loads(text)
    assert [str(r) for r in nestlab.Lab(topology, host).apply() if not r.ok] == []
    return topology


def plans_nothing(topology, host):
    plan = nestlab.Lab(topology, host).plan()
    return plan.is_empty and not plan.remainder


def test_images_with_one_file_name_or_one_that_is_no_image_name_get_names_of_their_own():
    host = nestlab.connect(GENERALIZED)
    paths = (r"D:\a\Windows Server.vhdx", r"D:\b\Windows Server.vhdx")
    copied(host, *paths)
    applied(
        host,
        rf"""
name: shapes
images:
  first: {{path: '{paths[0]}', prepared: false}}
  second: {{path: '{paths[1]}', prepared: false}}
vms:
  - {{name: a, memory_startup: 2GB, disk: {{image: first}}, guest: {{os: windows, credential: lab-admin}}}}
  - {{name: b, memory_startup: 2GB, disk: {{image: second}}, guest: {{os: windows, credential: lab-admin}}}}
""",
    )
    captured = nestlab.capture(host, of_topology="shapes", credential="lab-admin")
    assert [image.path for image in captured.images] == [*paths]
    assert [image.name for image in captured.images] == ["Windows-Server", "Windows-Server-2"]
    assert nestlab.validate(captured).errors == ()
    assert plans_nothing(captured, host)


def test_an_image_keeps_the_name_of_its_copies_in_nested_hosts():
    host = nestlab.connect(GENERALIZED)
    applied(
        host,
        r"""
name: shapes
images: {golden: {path: 'D:\images\ws2022.vhdx', prepared: false}}
switches: [{name: A, switch_type: Internal, ip_address: 10.1.0.1/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {image: golden}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: A, ip_address: 10.1.0.2/24}]
    nested:
      vms:
        - {name: in1, disk: {image: golden}, guest: {os: windows, credential: lab-admin}}
""",
    )
    captured = nestlab.capture(host, of_topology="shapes", credential="lab-admin")
    assert [image.name for image in captured.images] == ["golden"]
    assert plans_nothing(captured, host)


ROUTER = r"""
name: shapes
images: {ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}}
switches:
  - {name: A, switch_type: Internal, ip_address: 10.1.0.1/24}
  - {name: B, switch_type: Private}
vms:
  - name: router
    disk: {image: ubuntu}
    guest: {os: linux, credential: lab-linux, cloud_init: true}
    forwarding: true
    network_adapters:
      - {name: one, switch: A, ip_address: 10.1.0.2/24, gateway: 10.1.0.1, dns_servers: [9.9.9.9]}
      - {name: two, switch: B, ip_address: 10.2.0.2/24}
"""


def test_a_linux_router_is_found_by_the_digest_of_its_seed_disk():
    host = nestlab.connect()
    applied(host, ROUTER.replace(", dns_servers: [9.9.9.9]", ""))
    found = capture_all(host, of_topology="shapes", credential="lab-linux")
    (router,) = found.topology.vms
    assert (router.forwarding, router.guest.cloud_init, found.losses) == (True, True, ())
    assert plans_nothing(found.topology, host)


def test_what_a_linux_guest_reports_to_hyper_v_is_captured():
    """Before, DNS servers that no other machine has, and a name of its own, were not found."""
    host = nestlab.connect()
    text = ROUTER.replace("cloud_init: true", "cloud_init: true, computer_name: edge1")
    topology = applied(host, text)
    found = capture_all(host, of_topology="shapes", credential="lab-linux")
    (router,) = found.topology.vms
    assert (router.guest.computer_name, found.losses) == ("edge1", ())
    assert [each.dns_servers for each in router.network_adapters] == [
        each.dns_servers for each in topology.vms[0].network_adapters
    ]
    assert plans_nothing(found.topology, host)


def test_settings_that_nothing_suggests_are_a_loss_also_with_many_adapters():
    host = nestlab.connect()
    more = "".join(
        f"      - {{name: n{n}, switch: B, ip_address: 10.{n}.0.2/24}}\n" for n in range(3, 9)
    )
    applied(host, ROUTER + more)
    # Off, it reports no addresses.
    host.run(Cmdlet("Stop-VM", {"Name": "router", "Force": SwitchParameter.ON}))
    found = capture_all(host, of_topology="shapes", credential="lab-linux")
    assert "the settings on its seed disk could not be determined" in " ".join(found.losses)
    assert nestlab.validate(found.topology).errors == ()


def test_under_another_name_disks_are_still_created_where_they_are_missing():
    host = nestlab.connect()
    applied(host, ROUTER.replace(", dns_servers: [9.9.9.9]", ""))
    found = capture_all(host, of_topology="shapes", credential="lab-linux", name="copy")
    (router,) = found.topology.vms
    assert (found.topology.name, router.disk.path) == ("copy", None)
    assert found.losses == ()


def test_the_names_that_windows_gives_to_adapters_in_a_guest_need_not_be_names_of_a_file():
    host = nestlab.connect()
    applied(
        host,
        r"""
name: shapes
switches: [{name: A, switch_type: Internal, ip_address: 10.1.0.1/24}]
vms:
  - name: a
    memory_startup: 8GB
    disk: {parent: 'D:\images\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: A, ip_address: 10.1.0.2/24}]
    nested: {}
""",
    )
    guest = host.guest("a", "lab-admin")
    (adapter,) = (record["Name"] for record in guest.run(Cmdlet("Get-NetAdapter")))
    guest.run(Cmdlet("Rename-NetAdapter", {"Name": adapter, "NewName": "LAN [1]"}))
    found = capture_all(host, of_topology="shapes", credential="lab-admin")
    assert found.losses == ()
    assert str(found.topology.vms[0].network_adapters[0].ip_address) == "10.1.0.2/24"


def test_missing_credentials_are_reported_together_before_anything_is_read(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    monkeypatch.setattr("nestlab.transport.credentials.keyring_problem", str)
    with serve(SimulatedHost.from_scenario("ws2022-intel"), clock_rate=CLOCK_RATE) as found:
        session = nestlab.connect(found.address, **options(found))
        with pytest.raises(CredentialNotUsable) as refused:
            nestlab.capture(session, credential={"": "nest-one", "HV1/web1": "nest-two"})
    said = str(refused.value)
    assert "'nest-one'" in said
    assert "'nest-two' of HV1/web1" in said


METRIC = r"""
name: shapes
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
vms:
  - name: HV
    processor_count: 4
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: one, interface_metric: 25, mac_address_spoofing: true}]
    nested:
      switches: [{name: Bridge, switch_type: External, net_adapter: one}]
"""


def test_a_metric_is_captured_also_where_the_address_is_from_dhcp():
    """A metric is a setting of the interface, which DHCP leaves alone; it was lost, and planned."""
    host = nestlab.connect("sim:ws2022-intel?language=en")
    applied(host, METRIC)
    captured = nestlab.capture(host, of_topology="shapes", credential="lab-admin")
    assert [s.interface_metric for s in captured.vms[0].nested.switches] == [25]
    assert plans_nothing(captured, host)
