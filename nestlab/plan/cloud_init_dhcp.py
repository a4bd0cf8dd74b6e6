"""The DHCP server of a Linux guest: that of systemd-networkd, which is there without a package.

netplan, which cloud-init writes its network configuration for, names the file of an adapter after
its id, and files in the folder NAME.network.d add to it
(https://www.freedesktop.org/software/systemd/man/latest/systemd.network.html, [DHCPServer] and
[DHCPServerStaticLease]; Router and static leases since systemd 249). Below /run they last until the
next start, so a scope that the file no longer has is gone with the seed disk that set it.
systemd-networkd reads them when it starts again; systemctl needs no D-Bus for that, which is not
there yet when bootcmd runs.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address

from nestlab.model.topology import VM, DhcpServer, guest_dhcp_servers

_FOLDER = "/run/systemd/network/10-netplan-{id}.network.d"  # not shown
_RESTART = ["systemctl", "--no-block", "restart", "systemd-networkd.service"]


def adapter_id(number: int) -> str:
    """Return the id of a VM's adapter in network-config.

    >>> adapter_id(0)
    'nic0'
    """
    return f"nic{number}"


def dhcp_commands(vm: VM) -> list[list[str]]:
    """Return the commands that set up the DHCP scopes of a guest; none without any."""
    ids = {each.name: adapter_id(number) for number, each in enumerate(vm.network_adapters)}
    found = [
        command
        for server in guest_dhcp_servers(vm)
        if server.ip_address is not None
        for command in _written(ids[server.name], _settings(server))
    ]
    return [*found, _RESTART] if found else []


def _written(adapter: str, lines: Iterator[str]) -> Iterator[list[str]]:
    folder = _FOLDER.format(id=adapter)
    text = " ".join(shlex.quote(line) for line in lines)
    yield ["mkdir", "-p", folder]
    yield ["sh", "-c", f"printf '%s\\n' {text} > {folder}/nestlab.conf"]


def _settings(server: DhcpServer) -> Iterator[str]:
    """Yield the lines of the settings of a scope; the pool counts from the network's address."""
    scope, address = server.scope, server.ip_address
    if address is None:
        return
    yield "[Network]"
    yield "DHCPServer=yes"
    yield "[DHCPServer]"
    yield f"PoolOffset={int(scope.first) - int(address.network.network_address)}"
    yield f"PoolSize={int(scope.last) - int(scope.first) + 1}"
    yield from _option("Router", [server.router] if server.router else [])
    yield from _option("DNS", scope.dns_servers)
    for each in scope.reservations:
        yield "[DHCPServerStaticLease]"
        mac = each.mac_address
        yield f"MACAddress={':'.join(mac[i : i + 2] for i in range(0, 12, 2)).lower()}"
        yield f"Address={each.ip_address}"


def _option(name: str, values: Sequence[IPv4Address]) -> Iterator[str]:
    listed = " ".join(map(str, values))
    yield f"Emit{name}={'yes' if listed else 'no'}"
    if listed:
        yield f"{name}={listed}"
