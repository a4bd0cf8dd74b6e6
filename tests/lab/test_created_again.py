"""A NAT or DHCP scope that is replaced: the steps after it say why they add what it has now."""

from __future__ import annotations

import nestlab

LAB = """
name: lab
switches:
  - name: S
    switch_type: Internal
    ip_address: 10.9.0.1/24
    nat: %s
    port_forwards: [{protocol: tcp, external_port: 8080, to: '10.9.0.50:80'}%s]
    dhcp:
      range: 10.9.0.100-%s
      dns_servers: [10.9.0.5]
      reservations: [{ip_address: 10.9.0.101, mac_address: 00-15-5D-00-00-77}%s]
"""
OLD = LAB % ("10.9.0.0/24", "", "10.9.0.120", "")
NEW = LAB % (
    "10.9.0.0/16",
    ", {protocol: tcp, external_port: 8443, to: '10.9.0.50:443'}",
    "10.9.0.110",
    ", {ip_address: 10.9.0.102, mac_address: 00-15-5D-00-00-78}",
)


def test_what_existed_is_added_because_its_object_is_created_again(tmp_path):
    host = nestlab.connect("sim:ws2022-intel")
    old = nestlab.Lab(nestlab.loads(OLD), host, journal=tmp_path / "old.jsonl")
    assert all(result.ok for result in old.apply())
    new = nestlab.Lab(nestlab.loads(NEW), host, journal=tmp_path / "new.jsonl")
    whys = {step.subject: step.why for step in new.plan() if step.action != "serve-addresses"}
    assert whys["tcp/8080"] == "the NAT is created again"
    assert whys["tcp/8443"] == "the NAT nestlab.lab.S does not forward tcp port 8443"
    assert whys["S/10.9.0.101"] == "the scope is created again"
    assert whys["S/10.9.0.102"] == "the scope does not reserve it"
    (dns,) = [step for step in new.plan() if step.action == "set-dhcp-dns"]
    assert dns.why == "the scope is created again"
    assert all(result.ok for result in new.apply())
    assert new.plan().is_empty


def test_what_a_new_object_gets_is_not_there_yet():
    host = nestlab.connect("sim:ws2022-intel")
    whys = [step.why for step in nestlab.Lab(nestlab.loads(OLD), host).plan()]
    assert not [why for why in whys if "again" in why]
