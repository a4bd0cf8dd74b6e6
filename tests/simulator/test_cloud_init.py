"""What cloud-init in a simulated Linux guest does with a seed at each start."""

from dataclasses import replace

import pytest

from nestlab.simulator.behaviour.cloud_init import run_cloud_init
from nestlab.simulator.state.hardware import Hardware
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import NetAdapter
from nestlab.simulator.state.operating_systems import OPERATING_SYSTEMS

NETWORK = """\
version: 2
ethernets:
  nic0:
    match: {macaddress: "00:15:5d:00:00:01"}
    addresses: [10.0.0.11/24]
    routes: [{to: 0.0.0.0/0, via: 10.0.0.1}, {to: 10.9.0.0/16, via: 10.0.0.9}]
    nameservers: {addresses: [1.1.1.1]}
"""
SEED = {
    "meta-data": "instance-id: one\nlocal-hostname: web1\n",
    "user-data": "#cloud-config\nbootcmd:\n- [sysctl, -w, net.ipv4.ip_forward=1]\n",
    "network-config": NETWORK,
}


def a_guest():
    system = replace(OPERATING_SYSTEMS["ubuntu2404"])
    adapters = [
        NetAdapter(name, "Hyper-V", number, f"00155D00000{number}", "{0}", kind="synthetic")
        for number, name in enumerate(("eth0", "eth1"), 1)
    ]
    return Machine("image", system, Hardware(), adapters=adapters)


def started(guest, *seeds):
    run_cloud_init(guest, list(seeds))
    return guest


def addresses(guest):
    return [[entry.address for entry in adapter.ip.addresses] for adapter in guest.adapters]


def asks_dhcp(guest):
    return [adapter.ip.dhcp for adapter in guest.adapters]


def test_a_seed_sets_host_name_network_and_forwarding():
    guest = started(a_guest(), SEED)
    assert guest.name == "web1"
    assert addresses(guest) == [["10.0.0.11"], []]
    assert asks_dhcp(guest) == [False, False]
    routes = [(route.destination, route.next_hop) for route in guest.adapters[0].ip.routes]
    assert routes == [("0.0.0.0/0", "10.0.0.1"), ("10.9.0.0/16", "10.0.0.9")]
    assert guest.adapters[0].ip.dns_servers == ["1.1.1.1"]
    assert [adapter.ip.forwarding for adapter in guest.adapters] == [True, True]


def test_a_dhcp_client_sends_a_duid_unless_the_seed_says_otherwise():
    config = "version: 2\nethernets:\n  nic0:\n    match: {macaddress: '00:15:5d:00:00:01'}\n    dhcp4: true\n"
    for more, sends_duid in (
        ("", True),
        ("    dhcp-identifier: duid\n", True),
        ("    dhcp-identifier: mac\n", False),
    ):
        guest = started(a_guest(), {**SEED, "network-config": config + more})
        assert guest.adapters[0].ip.sends_duid is sends_duid
    guest = started(a_guest(), {name: SEED[name] for name in ("meta-data", "user-data")})
    assert guest.adapters[0].ip.sends_duid, "the configuration that cloud-init falls back to"


def test_the_same_instance_is_set_up_once():
    guest = started(a_guest(), SEED)
    changed = {
        **SEED,
        "network-config": NETWORK.replace("10.0.0.11", "10.0.0.12"),
        "user-data": "#cloud-config\n",
    }
    started(guest, changed)
    assert addresses(guest) == [["10.0.0.11"], []]
    assert not guest.adapters[0].ip.forwarding  # sysctl lasts until the next start


def test_another_instance_is_set_up_again_and_back():
    guest = started(a_guest(), SEED)
    other = {
        **SEED,
        "meta-data": "instance-id: two\nlocal-hostname: web2\n",
        "network-config": NETWORK.replace("10.0.0.11", "10.0.0.12"),
    }
    started(guest, other)
    assert (guest.name, addresses(guest)) == ("web2", [["10.0.0.12"], []])
    started(guest, SEED)
    assert (guest.name, addresses(guest)) == ("web1", [["10.0.0.11"], []])


def test_without_a_seed_the_image_stays_as_it_is():
    assert asks_dhcp(started(a_guest())) == [True, True]
    assert addresses(started(started(a_guest(), SEED))) == [["10.0.0.11"], []]


@pytest.mark.parametrize("missing", ["meta-data", "user-data"])
def test_a_disk_without_both_files_is_not_a_seed(missing):
    seed = {name: text for name, text in SEED.items() if name != missing}
    assert asks_dhcp(started(a_guest(), seed)) == [True, True]


def test_of_several_seeds_the_last_disk_counts():
    other = {**SEED, "meta-data": "instance-id: two\nlocal-hostname: web2\n"}
    assert started(a_guest(), SEED, other).name == "web2"
    assert started(a_guest(), SEED, {"meta-data": ""}).name == "web1"


@pytest.mark.parametrize("wrong", ["{version: 2", "- a list", ""])
def test_a_network_that_is_not_yaml_leaves_dhcp_on_the_first_adapter(wrong):
    guest = started(a_guest(), {**SEED, "network-config": wrong})
    assert asks_dhcp(guest) == [True, False]
    assert guest.name == "web1"


@pytest.mark.parametrize("wrong", ["10.0.0.11/24|10.0.0.300/24", "version: 2|version: 3"])
def test_a_network_that_netplan_refuses_configures_no_adapter(wrong):
    guest = started(a_guest(), {**SEED, "network-config": NETWORK.replace(*wrong.split("|"))})
    assert (addresses(guest), asks_dhcp(guest)) == ([[], []], [False, False])


def test_broken_meta_data_is_the_default_instance():
    guest = started(a_guest(), {**SEED, "meta-data": "{instance-id: one"})
    assert (guest.instance_id, guest.name) == ("nocloud", "image")
    assert addresses(guest) == [["10.0.0.11"], []]


def test_user_data_without_its_first_line_does_nothing():
    guest = started(a_guest(), {**SEED, "user-data": SEED["user-data"].removeprefix("#cloud-")})
    assert not guest.adapters[0].ip.forwarding


def test_a_guest_that_ignores_echo_requests():
    ignore = "#cloud-config\nbootcmd: ['sysctl -w net.ipv4.icmp_echo_ignore_all=1']\n"
    guest = started(a_guest(), {**SEED, "user-data": ignore})
    assert not guest.answers_ping
    assert started(guest, {**SEED, "user-data": "#cloud-config\n"}).answers_ping


RULES = """\
#cloud-config
bootcmd:
- [nft, add, table, ip, t]
- [nft, add, chain, ip, t, c, "{ type nat hook postrouting priority 100 ; }"]
- [nft, add, rule, ip, t, c, ip, saddr, 10.0.0.0/24, oifname, out, masquerade]
"""
NAMED = NETWORK.replace("addresses:", "set-name: out\n    addresses:", 1)


@pytest.mark.parametrize(
    ("rules", "network", "expected"),
    [
        (RULES, NAMED, [("10.0.0.0/24", "eth0")]),
        (RULES, NETWORK, []),  # no adapter has that name
        (RULES.replace("type nat", "type filter"), NAMED, []),
        (RULES.replace("- [nft, add, table, ip, t]\n", ""), NAMED, []),
        ("#cloud-config\n", NAMED, []),
    ],
)
def test_masquerade_rules_of_nftables_hold_until_the_next_start(rules, network, expected):
    guest = started(a_guest(), {**SEED, "network-config": network, "user-data": rules})
    assert [(nat.internal_prefix, nat.outside) for nat in guest.nats] == expected
    assert started(guest, {**SEED, "network-config": network}).nats == []


SERVED = """\
#cloud-config
bootcmd:
- [mkdir, -p, /run/systemd/network/10-netplan-nic0.network.d]
- - sh
  - -c
  - printf '%s\\n' '[Network]' DHCPServer=yes '[DHCPServer]' PoolOffset=100 PoolSize=50 EmitRouter=no EmitDNS=yes 'DNS=10.0.0.11 1.1.1.1' '[DHCPServerStaticLease]' MACAddress=00:15:5d:00:00:50 Address=10.0.0.50 > /run/systemd/network/10-netplan-nic0.network.d/nestlab.conf
- [systemctl, --no-block, restart, systemd-networkd.service]
"""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (("", ""), [("10.0.0.100", "10.0.0.149", [], ["10.0.0.11", "1.1.1.1"])]),
        (
            ("EmitRouter=no ", ""),
            [("10.0.0.100", "10.0.0.149", ["10.0.0.11"], ["10.0.0.11", "1.1.1.1"])],
        ),
        (("DHCPServer=yes", "DHCPServer=no"), []),
        (("restart", "status"), []),  # systemd-networkd does not read it
        (("mkdir", "rmdir"), []),  # there is no folder to write it into
        (("nic0", "eth0"), []),  # netplan names the file after the id
    ],
)
def test_drop_ins_of_systemd_networkd_serve_dhcp_until_the_next_start(changed, expected):
    guest = started(
        a_guest(), {**SEED, "user-data": SERVED.replace(*changed) if changed[0] else SERVED}
    )
    found = [(each.start, each.end, each.router, each.dns_servers) for each in guest.dhcp_scopes]
    assert found == expected
    for scope in guest.dhcp_scopes:
        reserved = [(each.address, each.client_id) for each in scope.reservations]
        assert reserved == [("10.0.0.50", "00-15-5d-00-00-50")]
    assert started(guest, SEED).dhcp_scopes == []
