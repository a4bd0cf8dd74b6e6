"""The network configuration of Linux guests, read by netplan and systemd-networkd themselves, in namespaces of this machine."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from nestlab.plan.cloud_init import seed_files
from nestlab.topology_file import loads

NETWORKD = Path("/lib/systemd/systemd-networkd")
GENERATOR = Path("/lib/netplan/generate")
LAB = r"""
name: served
images: {debian: {path: 'D:\images\debian.vhdx', os: linux}}
switches: [{name: Lan, switch_type: Private}]
vms:
  - name: router
    disk: {image: debian}
    guest: {os: linux, cloud_init: true}
    forwarding: true
    network_adapters:
      - name: In
        switch: Lan
        ip_address: 10.7.0.1/24
        dhcp_server:
          range: 10.7.0.100-10.7.0.103
          dns_servers: [10.7.0.53, 1.1.1.1]
          reservations: [{ip_address: 10.7.0.50, mac_address: 00-15-5D-00-00-02}]
  - name: reserved
    disk: {image: debian}
    guest: {os: linux, cloud_init: true}
    network_adapters: [{switch: Lan, dhcp: true}]
  - name: client
    disk: {image: debian}
    guest: {os: linux, cloud_init: true}
    network_adapters: [{switch: Lan, dhcp: true}]
"""
# The adapters of a namespace have no permanent MAC address. /sys is read-only, as in a container:
# systemd-networkd waits for udev otherwise.
SCRIPT = f"""
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/network
install -d -o systemd-network -g systemd-network /run/systemd/netif
mount -o remount,ro /sys
{GENERATOR} --root-dir "$1"
cp "$1"/run/systemd/network/*.network /run/systemd/network
sed -i s/^PermanentMACAddress/MACAddress/ /run/systemd/network/*.network
sh -e "$1/bootcmd"
chmod -R a+rX /run/systemd/network
exec {NETWORKD}
"""


class Guests:
    """The VMs of a topology, each a network namespace, on one bridge."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.running = folder, dict[str, subprocess.Popen[bytes]]()
        self.name = f"nestlab-{os.getpid()}"
        self.namespaces = [self.name]
        _run("ip", "netns", "add", self.name)
        _run("ip", "-n", self.name, "link", "add", "lan", "up", "type", "bridge")

    def start(self, text: str, vm_name: str, number: int) -> None:
        """Start a VM of `text` with the files of its seed disk; its MAC address ends with `number`."""
        vm = next(vm for vm in loads(text).vms if vm.name == vm_name)
        (adapter,) = vm.network_adapters
        files = seed_files(vm, {adapter.name: f"00155D0000{number:02X}"})
        seed = {name: yaml.safe_load("\n".join(map(str, lines))) for name, lines in files.items()}
        folder = self.folder / vm_name
        (folder / "etc/netplan").mkdir(parents=True)
        config = folder / "etc/netplan/50-cloud-init.yaml"
        config.write_text(yaml.safe_dump({"network": seed["network-config"]}))
        config.chmod(0o600)
        commands = seed["user-data"].get("bootcmd", [])
        lines = [shlex.join(each) for each in commands if each[0] != "systemctl"]
        (folder / "bootcmd").write_text("\n".join(lines))
        namespace = f"{self.name}-{number}"
        self.namespaces.append(namespace)
        _run("ip", "netns", "add", namespace)
        _run(
            *("ip", "-n", self.name, "link", "add", f"port{number}", "up", "master", "lan"),
            *("type", "veth", "peer", "name", "eth0", "netns", namespace),
            *("address", f"00:15:5d:00:00:{number:02x}"),
        )
        command = ("ip", "netns", "exec", namespace, "unshare", "-m", "sh", "-c", SCRIPT, "sh")
        self.running[vm_name] = subprocess.Popen([*command, str(folder)])

    def leased(self, vm_name: str) -> dict[str, str]:
        """Return the lease of a VM, as systemd-networkd keeps it; wait for it up to two minutes."""
        leases = Path(f"/proc/{self.running[vm_name].pid}/root/run/systemd/netif/leases")
        for _ in range(240):
            assert self.running[vm_name].poll() is None, "systemd-networkd ended"
            for lease in leases.glob("*") if leases.is_dir() else ():
                lines = lease.read_text().splitlines()
                return dict(line.split("=", 1) for line in lines if "=" in line)
            time.sleep(0.5)
        raise AssertionError(f"{vm_name} has no lease")

    def wait_for_address(self, number: int, address: str) -> None:
        """Wait until a VM has an address of its own, and its adapter is up."""
        for _ in range(240):
            shown = _run("ip", "-j", "-n", f"{self.name}-{number}", "address", "show", "eth0")
            if address in [each["local"] for each in json.loads(shown)[0]["addr_info"]]:
                return
            time.sleep(0.5)
        raise AssertionError(f"there is no {address}")

    def end(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait()
        for namespace in self.namespaces:
            _run("ip", "netns", "delete", namespace)


def _run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def guests(tmp_path: Path) -> Iterator[Guests]:
    if sys.platform != "linux":
        pytest.skip("netplan and systemd-networkd are of Linux")
    missing = [str(each) for each in (NETWORKD, GENERATOR) if not each.exists()]
    missing += ["root"] if os.geteuid() else []
    if missing and not os.environ.get("NESTLAB_REQUIRE_DATAPLANE"):
        pytest.skip(f"this test needs {', '.join(missing)}")
    assert not missing
    found = Guests(tmp_path)
    try:
        yield found
    finally:
        found.end()


def test_a_linux_guest_serves_addresses_options_and_reservations(guests: Guests) -> None:
    guests.start(LAB, "router", 1)
    guests.wait_for_address(1, "10.7.0.1")
    guests.start(LAB, "reserved", 2)
    guests.start(LAB, "client", 3)
    reserved, client = guests.leased("reserved"), guests.leased("client")
    assert reserved["ADDRESS"] == "10.7.0.50"
    assert client["ADDRESS"] in {f"10.7.0.{last}" for last in range(100, 104)}
    for lease in (reserved, client):
        assert (lease["ROUTER"], lease["DNS"]) == ("10.7.0.1", "10.7.0.53 1.1.1.1")
        assert (lease["SERVER_ADDRESS"], lease["NETMASK"]) == ("10.7.0.1", "255.255.255.0")
