"""What apply says where a new guest has an address that it does not use, or gave itself one."""

from __future__ import annotations

import json

import pytest

import nestlab
from nestlab.apply import AddressesNotUsed, Waiting
from nestlab.cli import main
from nestlab.model import Cmdlet
from nestlab.simulator.cmdlets.network import net_ip_address

HEAD = r"""
name: lab
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}, ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}}
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}}
"""
STATIC = (
    HEAD
    + r"""
switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24}]
vms:
  - {name: one, network_adapters: [{switch: A, ip_address: 10.5.0.11/24}]}
"""
)
WITH_TWO = STATIC + "  - {name: two, network_adapters: [{switch: A, ip_address: 10.5.0.12/24}]}\n"
OTHERS = (
    HEAD.replace("name: lab", "name: others", 1)
    + r"""
switches: [{name: A, existing: true}]
vms: [{name: theirs, network_adapters: [{switch: A, ip_address: 10.5.0.12/24}]}]
"""
)
NO_SERVER = (
    HEAD
    + r"""
switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24}]
vms:
  - {name: one, network_adapters: [{switch: A, dhcp: true}]}
  - {name: lin, disk: {image: ubuntu}, guest: {os: linux}, network_adapters: [{switch: A, dhcp: true}]}
"""
)
NESTED = (
    HEAD
    + r"""
switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24}]
vms:
  - name: HV1
    memory_startup: 6GB
    network_adapters: [{switch: A, ip_address: 10.5.0.5/24}]
    nested:
      switches: [{name: In, switch_type: Internal, ip_address: 10.7.0.1/24}]
      vms: [{name: in1, network_adapters: [{switch: In, dhcp: true}]}]
"""
)
SERVER = NO_SERVER.replace(
    "ip_address: 10.5.0.1/24}", "ip_address: 10.5.0.1/24, dhcp: {range: 10.5.0.100-10.5.0.120}}"
)


def static(address, alias="Ethernet"):
    return Cmdlet(
        "New-NetIPAddress", {"InterfaceAlias": alias, "IPAddress": address, "PrefixLength": 24}
    )


def applied(file, host, watch=lambda _event: None):
    """Apply a file; return the findings of its events, as (subject, message, hint)."""
    events = []

    def on_event(event):
        events.append(event)
        watch(event)

    assert all(r.ok for r in nestlab.Lab(nestlab.loads(file), host).apply(on_event=on_event))
    return [
        (each.subject, each.message, each.hint)
        for event in events
        if isinstance(event, AddressesNotUsed)
        for each in event.findings
    ]


def while_a_vm_starts(act):
    """Return a watcher that acts once, when the run has started a VM: a plan refuses an address that others have before."""
    done = []

    def watch(event):
        step = getattr(getattr(event, "result", None), "step", None)
        if step is not None and step.id.startswith("host:start-vm") and not done:
            done.append(act())

    return watch


def test_a_static_address_that_another_vm_took_is_reported_with_its_name():
    host = nestlab.connect()
    assert applied(STATIC, host) == []
    take = while_a_vm_starts(lambda: applied(OTHERS, host))
    ((subject, message, hint),) = applied(WITH_TWO, host, take)
    assert subject == "adapter two/Network Adapter"
    assert "has 10.5.0.12 on Ethernet, which its Windows does not use" in message
    assert message.endswith("the VM theirs on the same switch has the same address")
    assert "another address" in hint


def test_the_host_is_named_where_it_has_the_address():
    host = nestlab.connect()
    take = while_a_vm_starts(lambda: host.run(static("10.5.0.12", "vEthernet (A)")))
    host.run(Cmdlet("New-VMSwitch", {"Name": "A", "SwitchType": "Internal"}))
    ((_, message, _),) = applied(OTHERS, host, take)
    assert message.endswith("its host has the same address, on vEthernet (A)")


def test_adapters_that_no_server_answers_are_reported_for_each_system():
    found = applied(NO_SERVER, nestlab.connect())
    assert {subject for subject, _, _ in found} == {
        "adapter one/Network Adapter",
        "adapter lin/Network Adapter",
    }
    assert all("169.254." in message for _, message, _ in found)
    assert all("ip_address" in hint for _, _, hint in found)


def test_a_guest_inside_a_nested_host_is_reported():
    ((subject, _, _),) = applied(NESTED, nestlab.connect())
    assert subject == "adapter HV1/in1/Network Adapter"


def test_nothing_is_said_where_all_addresses_are_in_use():
    assert applied(WITH_TWO, nestlab.connect()) == []
    assert applied(SERVER, nestlab.connect("sim:ws2022-intel")) == []


def test_what_the_plan_said_already_is_not_said_again():
    host = nestlab.connect()
    assert len(applied(NO_SERVER, host)) == 2
    more = NO_SERVER + "  - {name: off, state: 'Off', network_adapters: [{switch: A}]}\n"
    assert applied(more, host) == []


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_line_ends_with_one_and_says_which(as_json, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    file = tmp_path / "lab.yml"
    file.write_text(NO_SERVER, encoding="utf-8")
    command = ["apply", str(file), "--yes", "--host", "sim:ws2022-intel"]
    assert main([*command, *(["--json"] if as_json else [])]) == 1
    said = capsys.readouterr().out
    if as_json:
        events = [json.loads(line) for line in said.splitlines()]
        (event,) = [each for each in events if each.get("event") == "addresses-not-used"]
        assert {each["code"] for each in event["findings"]} == {"dhcp-unanswered"}
    else:
        assert said.count("Address not in use: adapter one/Network Adapter") == 1
        assert "Address not in use: adapter lin/Network Adapter" in said


@pytest.mark.parametrize("owner", [True, False])
def test_the_end_of_the_test_of_an_address_is_waited_for(owner, monkeypatch):
    """Windows shows a new address as Tentative for some seconds, as the simulated host does not."""
    state, asked, waited = net_ip_address._state, [], []

    def tentative_at_first(machine, adapter, address, *holders):
        if address.address != "10.5.0.12" or machine.outer_host is None:
            return state(machine, adapter, address, *holders)
        asked.append(address)
        return "Tentative" if len(asked) < 6 else state(machine, adapter, address, *holders)

    def begin():
        if owner:
            assert applied(OTHERS, host) == []
        monkeypatch.setattr(net_ip_address, "_state", tentative_at_first)

    take = while_a_vm_starts(begin)

    def watch(event):
        take(event)
        if isinstance(event, Waiting) and "the addresses of two" in event.activity:
            waited.append(event)

    host = nestlab.connect()
    assert applied(STATIC, host) == []
    found = applied(WITH_TWO, host, watch)
    assert waited
    assert [subject for subject, _, _ in found] == ["adapter two/Network Adapter"] * owner
