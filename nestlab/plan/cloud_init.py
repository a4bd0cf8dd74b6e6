"""What cloud-init in a Linux guest reads from its seed disk: three files in YAML.

The data source NoCloud accepts a vfat or iso9660 file system with the label cidata or CIDATA, in
which user-data and meta-data have to be; network-config is optional
(https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html). Network, host name
and accounts are set once per instance: at the first start, and at the first start after instance-id
in meta-data has changed. Commands under bootcmd run at every start.

A DHCP client of systemd-networkd sends a DUID, by which no server knows the MAC address of its
reservation; dhcp-identifier changes that (https://netplan.readthedocs.io/en/stable/netplan-yaml/).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from nestlab.model import AccountName, CredentialText, PasswordHash
from nestlab.model.parameter_values import Value
from nestlab.model.topology import VM, NetworkAdapter
from nestlab.plan.address_cmdlets import DEFAULT_ROUTE
from nestlab.plan.cloud_init_dhcp import adapter_id, dhcp_commands

SEED_FILES = ("meta-data", "network-config", "user-data")
"""The names of the files on a seed disk."""
DIGEST_LENGTH = 8
"""The hexadecimal digits of the digest of a seed disk."""
OUTSIDE = "outside"
"""The Linux name of the outside adapter of a NAT."""


def seed_files(vm: VM, macs: Mapping[str, str]) -> dict[str, list[Value]]:
    """Return the lines of each file of a VM's seed disk, by its name.

    `macs` are the MAC addresses of the VM's adapters (12 hexadecimal digits), by adapter name. The
    account's name and the hash of its password are inserted when the lines are sent.
    """
    meta = {"instance-id": f"nestlab-{seed_digest(vm, macs)}"}
    if vm.host_name:
        meta["local-hostname"] = vm.host_name
    texts: tuple[list[Value], ...] = (
        [*_yaml(meta).splitlines()],
        [*network_config(vm, macs).splitlines()],
        [*user_data(vm).splitlines(), *_account(vm.guest.credential)],
    )
    return dict(zip(SEED_FILES, texts, strict=True))


def _account(credential: str | None) -> list[Value]:
    if not credential:
        return []
    return [
        "ssh_pwauth: true",  # not shown
        "users:",
        CredentialText(credential, ("- name: '", AccountName(), "'")),
        "  shell: /bin/bash",
        "  sudo: ALL=(ALL) NOPASSWD:ALL",  # not shown
        "  lock_passwd: false",  # not shown
        CredentialText(credential, ("  hashed_passwd: '", PasswordHash(), "'")),
    ]


def seed_digest(vm: VM, macs: Mapping[str, str]) -> str:
    """Return eight hexadecimal digits that change whenever a file of the seed disk does.

    Of the account, it covers only the name of the credential, not the user name or password.
    """
    return hashlib.sha256(digested_text(vm, macs).encode()).hexdigest()[:DIGEST_LENGTH]


def digested_text(vm: VM, macs: Mapping[str, str]) -> str:
    """Return the text that the digest of a seed disk is made of."""
    credential = vm.guest.credential or ""
    texts = (vm.host_name or "", network_config(vm, macs), user_data(vm), credential)
    return "\n---\n".join(texts)


def network_config(vm: VM, macs: Mapping[str, str]) -> str:
    """Return network-config, version 2, in which every adapter is matched by its MAC address.

    Names of adapters in Linux depend on the image and on the order in which they are found.
    """
    return _yaml(
        {
            "version": 2,
            "ethernets": {
                adapter_id(number): _ethernet(vm, adapter, macs[adapter.name])
                for number, adapter in enumerate(vm.network_adapters)
            },
        }
    )


def _ethernet(vm: VM, adapter: NetworkAdapter, mac: str) -> dict[str, Any]:
    config: dict[str, Any] = {
        "match": {"macaddress": ":".join(mac[i : i + 2] for i in range(0, 12, 2)).lower()},
        "dhcp4": adapter.dhcp,
        "optional": True,  # boot does not wait for it
    }
    if adapter.dhcp:
        config["dhcp-identifier"] = "mac"
    if vm.nat is not None and adapter == vm.outside_adapter:
        config["set-name"] = OUTSIDE  # the rule of nftables needs a name that is known
    if adapter.ip_address:
        config["addresses"] = [str(adapter.ip_address)]
    metric = {} if adapter.interface_metric is None else {"metric": adapter.interface_metric}
    if adapter.dhcp and metric:
        config["dhcp4-overrides"] = {"route-metric": adapter.interface_metric}
    routes = [(DEFAULT_ROUTE, adapter.gateway)] if adapter.gateway else []
    routes += [(str(route.to), route.via) for route in vm.routes if _leads_to(adapter, route.via)]
    if routes:
        config["routes"] = [{"to": to, "via": str(via), **metric} for to, via in routes]
    if adapter.dns_servers:
        config["nameservers"] = {"addresses": [str(server) for server in adapter.dns_servers]}
    return config


def _leads_to(adapter: NetworkAdapter, via: Any) -> bool:
    return adapter.ip_address is not None and via in adapter.ip_address.network


def user_data(vm: VM) -> str:
    """Return user-data without the account: what is set at every boot.

    That is forwarding, echo replies, NAT and DHCP.

    The first two are kernel settings, so that they hold whatever firewall the image has.
    """
    data: dict[str, Any] = {
        "bootcmd": [
            _sysctl("net.ipv4.ip_forward", vm.forwards),
            _sysctl("net.ipv4.icmp_echo_ignore_all", not vm.answers_ping),
            *_masquerade(vm),
            *dhcp_commands(vm),
        ],
    }
    if vm.host_name:
        data["manage_etc_hosts"] = "localhost"
    return f"#cloud-config\n{_yaml(data)}"


def _masquerade(vm: VM) -> list[list[str]]:
    """Return the commands that set up the NAT of a router with nftables, in its own table.

    They can be run again: the chain is flushed first
    (https://wiki.nftables.org/wiki-nftables/index.php/Performing_Network_Address_Translation_(NAT)).
    """
    if vm.nat is None or vm.outside_adapter is None:
        return []
    chain = ["ip", "nestlab", "postrouting"]
    hook = "{ type nat hook postrouting priority 100 ; policy accept ; }"  # not shown
    inside = ["ip", "saddr", str(vm.nat.inside)]
    return [
        ["nft", "add", "table", "ip", "nestlab"],
        ["nft", "add", "chain", *chain, hook],
        ["nft", "flush", "chain", *chain],
        ["nft", "add", "rule", *chain, *inside, "oifname", OUTSIDE, "masquerade"],
    ]


def _sysctl(name: str, on: bool) -> list[str]:  # noqa: FBT001
    return ["sysctl", "-w", f"{name}={int(on)}"]


def _yaml(data: Mapping[str, Any]) -> str:
    """Return data as YAML in ASCII: Set-Content of Windows PowerShell 5.1 writes no plain UTF-8."""
    import yaml  # noqa: PLC0415  # only plans with Linux guests need it

    return str(yaml.safe_dump(dict(data), sort_keys=False))
