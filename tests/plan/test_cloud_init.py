"""The texts that cloud-init in a Linux guest reads from its seed disk."""

import json
import sys
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import bcrypt
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nestlab.model import PasswordHash, literal
from nestlab.model.parameter_values import decoded, encoded
from nestlab.model.topology import VM, Guest, NetworkAdapter, Route
from nestlab.plan.cloud_init import seed_digest, seed_files
from nestlab.transport.credentials import Credential
from tests import strategies

ROUTER = VM(
    name="r1",
    guest=Guest(os="linux", cloud_init=True, credential="lab-linux"),
    forwarding=True,
    routes=(Route(to=IPv4Network("10.9.0.0/16"), via=IPv4Address("10.1.0.9")),),
    network_adapters=(
        NetworkAdapter(
            name="Outside",
            ip_address=IPv4Interface("10.0.0.11/24"),
            gateway=IPv4Address("10.0.0.1"),
            dns_servers=(IPv4Address("1.1.1.1"),),
        ),
        NetworkAdapter(name="Inside", ip_address=IPv4Interface("10.1.0.1/24")),
        NetworkAdapter(name="Office", dhcp=True, interface_metric=50),
    ),
)
MACS = {"Outside": "00155D00000A", "Inside": "001555000011", "Office": "02AABBCCDDEE"}


def texts(vm=ROUTER, macs=MACS):
    """Return the files as they are sent."""
    made = Credential("LAB\\Ada_L", "s3cret")

    def sent(line):
        return line if isinstance(line, str) else line.filled_in(made)

    return {name: "\n".join(map(sent, lines)) for name, lines in seed_files(vm, macs).items()}


def read(vm=ROUTER, macs=MACS):
    return {name: yaml.safe_load(text) for name, text in texts(vm, macs).items()}


def test_the_network_is_matched_by_mac_address():
    assert read()["network-config"] == {
        "version": 2,
        "ethernets": {
            "nic0": {
                "match": {"macaddress": "00:15:5d:00:00:0a"},
                "dhcp4": False,
                "optional": True,
                "addresses": ["10.0.0.11/24"],
                "routes": [{"to": "0.0.0.0/0", "via": "10.0.0.1"}],
                "nameservers": {"addresses": ["1.1.1.1"]},
            },
            "nic1": {
                "match": {"macaddress": "00:15:55:00:00:11"},
                "dhcp4": False,
                "optional": True,
                "addresses": ["10.1.0.1/24"],
                "routes": [{"to": "10.9.0.0/16", "via": "10.1.0.9"}],
            },
            "nic2": {
                "match": {"macaddress": "02:aa:bb:cc:dd:ee"},
                "dhcp4": True,
                "dhcp-identifier": "mac",
                "optional": True,
                "dhcp4-overrides": {"route-metric": 50},
            },
        },
    }


def test_the_account_has_a_hash_of_the_password():
    data = read()["user-data"]
    assert texts()["user-data"].startswith("#cloud-config\n")
    (account,) = data["users"]
    assert (account["name"], account["lock_passwd"], data["ssh_pwauth"]) == ("ada_l", False, True)
    assert bcrypt.checkpw(b"s3cret", account["hashed_passwd"].encode())
    assert "s3cret" not in str(texts())
    assert data["bootcmd"] == [
        ["sysctl", "-w", "net.ipv4.ip_forward=1"],
        ["sysctl", "-w", "net.ipv4.icmp_echo_ignore_all=0"],
    ]


def test_what_a_plan_shows_and_keeps_has_no_hash():
    kept = [encoded(lines) for lines in seed_files(ROUTER, MACS).values()]
    assert decoded(json.loads(json.dumps(kept))) == [*seed_files(ROUTER, MACS).values()]
    assert "$2b$" not in f"{kept} {seed_files(ROUTER, MACS)} {literal(kept)}"


@settings(max_examples=15)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=18))
def test_any_password_of_up_to_72_bytes_has_a_hash(password):
    text = PasswordHash().of(Credential("ada", password))
    assert bcrypt.checkpw(password.encode("utf-8"), text.encode())
    assert PasswordHash().of(Credential("ada", password)) == text


def test_without_a_credential_there_is_no_account():
    data = read(replace(ROUTER, guest=Guest(os="linux", cloud_init=True)))["user-data"]
    assert "users" not in data
    assert "ssh_pwauth" not in data


def test_a_name_that_linux_does_not_take_is_not_set():
    assert read()["meta-data"]["local-hostname"] == "r1"
    assert "local-hostname" not in read(replace(ROUTER, name="r 1"))["meta-data"]
    named = replace(ROUTER, name="r 1", guest=replace(ROUTER.guest, computer_name="gw"))
    assert read(named)["meta-data"]["local-hostname"] == "gw"


def test_the_instance_id_changes_with_whatever_is_set_inside():
    other = [
        replace(ROUTER, name="r2"),
        replace(ROUTER, forwarding=False),
        replace(ROUTER, routes=()),
        replace(ROUTER, answers_ping=False),
        replace(ROUTER, network_adapters=ROUTER.network_adapters[:2]),
        replace(ROUTER, guest=replace(ROUTER.guest, credential="another")),
        replace(ROUTER, guest=replace(ROUTER.guest, computer_name="gw")),
    ]
    ids = {read(vm)["meta-data"]["instance-id"] for vm in (ROUTER, *other)}
    ids.add(read(macs=MACS | {"Inside": "001555000012"})["meta-data"]["instance-id"])
    assert len(ids) == len(other) + 2
    assert f"nestlab-{seed_digest(ROUTER, MACS)}" in ids
    same = replace(ROUTER, processor_count=4, notes="x")
    assert read(same)["meta-data"]["instance-id"] == read()["meta-data"]["instance-id"]


@given(strategies.topologies)
def test_the_texts_are_ascii_and_carry_every_address(topology):
    for _, vm in topology.machines():
        if not isinstance(vm, VM):
            continue
        macs = {a.name: f"02{n:010X}" for n, a in enumerate(vm.network_adapters)}
        linux = replace(vm, guest=Guest(os="linux", cloud_init=True, credential="c"))
        files = seed_files(linux, macs)
        assert all(str(lines).isascii() for lines in files.values())
        found = yaml.safe_load("\n".join(files["network-config"]))["ethernets"].values()
        wanted = [[str(a.ip_address)] if a.ip_address else [] for a in vm.network_adapters]
        assert [item.get("addresses", []) for item in found] == wanted


def test_without_bcrypt_the_hash_of_a_password_names_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    with pytest.raises(ImportError, match=r"need the package bcrypt.*browser"):
        PasswordHash().of(Credential("ada", "a password that no other test has"))
