"""Further adapters of a machine on a switch: built, changed, captured, undone and destroyed."""

from __future__ import annotations

from dataclasses import replace

import pytest

import nestlab
from nestlab.cli import main
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.topology import SwitchType
from nestlab.topology_file import dumps

LAB = """\
name: lab
images: {ws: {path: 'D:\\images\\ws2022.vhdx'}}
switches:
  - name: Lab
    switch_type: Internal
    management_adapters:
      - {name: 'Tag{n}', count: {n: 2}, ip_address: '10.{n+6}.0.1/24', vlan: {access: '{n+6}'}}
      - {name: Plain, ip_address: 10.9.0.1/24, dns_servers: [1.1.1.1], interface_metric: 30}
vms:
  - {name: a, <<: &vm {disk: {image: ws}, guest: {os: windows, credential: lab-admin}, x-y: 1}, network_adapters: [{switch: Lab, ip_address: auto, vlan: {access: 7}}]}
  - {<<: *vm, name: b, network_adapters: [{switch: Lab, ip_address: auto, vlan: {access: 8}}]}
  - {<<: *vm, name: c, network_adapters: [{switch: Lab, ip_address: 10.9.0.2/24}]}
checks:
  - {from: host, to: a, expect: reachable}
  - {from: host, to: b, expect: reachable}
  - {from: host, to: c, expect: reachable}
  - {from: a, to: b, expect: unreachable}
"""
NESTED = """\
name: lab
images: {ws: {path: 'D:\\images\\ws2022.vhdx'}}
switches: [{name: Net, switch_type: Internal, ip_address: 10.0.0.1/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {image: ws}
    guest: {os: windows, credential: lab-admin}
    network_adapters:
      - {name: Nic, switch: Net, ip_address: 10.0.0.2/24, mac_address_spoofing: true}
    nested:
      switches:
        - name: Bridge
          switch_type: External
          net_adapter: Nic
          management_adapters: [{name: Storage, ip_address: 10.5.0.1/24, vlan: {access: 5}}]
      vms:
        - {name: x, disk: {image: ws}, guest: {os: windows, credential: lab-admin}, network_adapters: [{switch: Bridge, ip_address: 10.5.0.2/24, vlan: {access: 5}}]}
checks: [{from: HV1, to: x, expect: reachable}, {from: host, to: x, expect: unreachable}]
"""
OWN = Cmdlet("Get-VMNetworkAdapter", {"ManagementOS": SwitchParameter.ON})


def own_adapters(host):
    return sorted(str(record["Name"]) for record in host.run(OWN).records)


def built(text, host):
    lab = nestlab.Lab(nestlab.loads(text), host)
    assert all(result.ok for result in lab.apply(lab.plan()))
    return lab


@pytest.fixture
def host():
    return nestlab.connect()


@pytest.mark.parametrize("text", [LAB, NESTED], ids=["host", "nested host"])
def test_a_lab_with_them_is_built_verified_and_then_unchanged(text, host):
    lab = built(text, host)
    assert lab.plan().steps == ()
    assert lab.verify().ok


def test_a_trace_of_the_file_and_of_the_host_agree(host):
    topology = nestlab.loads(LAB)
    assert not nestlab.validate(topology)
    lab = built(LAB, host)
    for check in topology.checks:
        declared = nestlab.trace(topology, check.source, check.target)
        observed = nestlab.trace(lab.with_observed_switches(), check.source, check.target)
        assert (declared.status == "reachable") == check.reachable
        assert observed.status == declared.status


def test_a_captured_host_has_them(host):
    built(LAB, host)
    captured = nestlab.capture(host)
    assert (
        captured.switches[0].management_adapters
        == nestlab.loads(LAB).switches[0].management_adapters
    )
    assert "adapters of its own" not in dumps(captured)


def test_undo_removes_them(host):
    check = "  - {from: host, to: c, expect: reachable}\n"
    built(LAB.replace("      - {name: Plain", "      # {name: Plain").replace(check, ""), host)
    second = built(LAB, host)
    assert own_adapters(host) == ["Lab", "Plain", "Tag1", "Tag2"]
    assert all(result.ok for result in second.undo())
    assert own_adapters(host) == ["Lab", "Tag1", "Tag2"]


@pytest.mark.parametrize("text", [LAB, NESTED], ids=["host", "nested host"])
def test_undo_of_the_whole_lab_skips_nothing(text, host):
    before = own_adapters(host)
    lab = built(text, host)
    results = list(lab.undo())
    assert [(result.step.title, result.message) for result in results if result.message] == []
    assert {result.status for result in results} == {"done"}
    assert own_adapters(host) == before


def test_undo_removes_the_nat_and_the_scope_of_a_switch_with_them(host):
    serves = (
        "ip_address: 10.2.0.1/24\n    nat: 10.2.0.0/24\n    dhcp: {range: 10.2.0.100-10.2.0.200}\n"
    )
    lab = built(LAB.replace("management_adapters:", f"{serves}    management_adapters:"), host)
    assert {result.status for result in lab.undo()} == {"done"}
    assert host.run(Cmdlet("Get-NetNat", {})).records == ()


def test_undo_keeps_the_address_of_a_switch_that_keeps_an_adapter_of_somebody(host):
    lab = built(LAB, host)
    by = {"ManagementOS": SwitchParameter.ON, "Name": "Theirs", "SwitchName": "Lab"}
    host.run(Cmdlet("Add-VMNetworkAdapter", by))
    kept = [result.message for result in lab.undo() if result.status == "skipped"]
    assert "which others are connected to" in kept[0]
    assert "management adapter Theirs is connected to it" in kept[-1]
    assert own_adapters(host) == ["Lab", "Theirs"]


def test_destroy_removes_them_with_the_switch(host):
    before = own_adapters(host)
    lab = built(LAB, host)
    assert all(result.ok for result in lab.destroy())
    assert own_adapters(host) == before


def test_destroy_skips_them_where_the_switch_lost_its_mark_meanwhile(host):
    lab = nestlab.Lab(nestlab.loads(LAB), host)
    assert all(result.ok for result in lab.apply())

    def confirm(step):
        if step.action == "remove-management-adapter":
            notes = Cmdlet("Set-VMSwitch", {"Name": "Lab", "Notes": ""})
            host.run(notes)
        return True

    results = list(lab.destroy(confirm=confirm))
    removals = [
        r for r in results if r.step.target.name == "Lab" and r.step.target.kind == "switch"
    ]
    assert {result.step.action for result in removals} >= {"remove-management-adapter"}
    assert {result.status for result in removals} == {"skipped"}
    assert len(own_adapters(host)) >= 4


def test_an_adapter_that_somebody_added_keeps_the_switch(host):
    lab = built(LAB, host)
    by = {"ManagementOS": SwitchParameter.ON, "Name": "Theirs", "SwitchName": "Lab"}
    host.run(Cmdlet("Add-VMNetworkAdapter", by))
    plan = lab.plan_destroy()
    assert any("Theirs" in item.why for item in plan.unchanged)
    assert not any(step.action == "remove-switch" for step in plan.steps)


WITHOUT_PLAIN = LAB.replace("      - {name: Plain", "      # {name: Plain").replace(
    "  - {from: host, to: c, expect: reachable}\n", ""
)


def test_one_that_the_file_no_longer_names_is_listed_and_removed_with_prune_and_consent(host):
    built(LAB, host)
    lab = nestlab.Lab(nestlab.loads(WITHOUT_PLAIN), host)
    plan = lab.plan()
    assert plan.is_empty
    (left,) = plan.remainder
    assert "adapter Plain" in left.subject
    assert "10.9.0.1/24" in left.holds
    assert "adapter Plain" in str(plan)
    kept = lab.plan(prune=True)
    assert kept.is_empty
    assert kept.remainder == plan.remainder
    assert "`--disconnect-others` removes it" in left.holds[-1]
    pruned = lab.plan(prune=True, disconnect_others=True)
    (step,) = pruned.steps
    assert (step.action, step.hazard) == ("remove-management-adapter", "may-cut-connection")
    assert all(result.ok for result in lab.apply(pruned))
    assert own_adapters(host) == ["Lab", "Tag1", "Tag2"]
    assert not lab.plan().remainder


def test_undo_adds_a_pruned_one_again_with_its_vlan_and_address(host):
    tagged = LAB.replace("Plain, ip_address", "Plain, vlan: {access: 9}, ip_address")
    built(tagged.partition("checks:")[0], host)
    before = nestlab.capture(host).switches[0].management_adapters
    lab = nestlab.Lab(nestlab.loads(WITHOUT_PLAIN), host)
    assert all(result.ok for result in lab.apply(lab.plan(prune=True, disconnect_others=True)))
    assert [str(result) for result in lab.undo() if not result.ok] == []
    after = nestlab.capture(host).switches[0].management_adapters
    assert [(a.name, a.ip_address, a.vlan) for a in after] == [
        (a.name, a.ip_address, a.vlan) for a in before
    ]


def test_undo_restores_everything_that_was_read_of_it(host):
    lab = built(LAB.partition("    management_adapters")[0], host)
    alias = {"InterfaceAlias": "vEthernet (Theirs)"}
    theirs = {"Name": "Theirs", "SwitchName": "Lab", "StaticMacAddress": "00155DAABBCC"}
    address = {"IPAddress": "10.77.0.2", "PrefixLength": 24, "DefaultGateway": "10.77.0.1"}
    host.run(
        Cmdlet("Add-VMNetworkAdapter", {"ManagementOS": SwitchParameter.ON, **theirs}),
        Cmdlet("New-NetIPAddress", {**alias, **address}),
        Cmdlet("Set-DnsClientServerAddress", {**alias, "ServerAddresses": ["1.1.1.1", "9.9.9.9"]}),
        Cmdlet("Set-NetIPInterface", {**alias, "InterfaceMetric": 77}),
    )

    def theirs_now():
        (adapter,) = (a for a in host.simulated_host.world.host.adapters if "Theirs" in a.name)
        own = host.simulated_host.world.host.hyper_v.management_adapters
        (card,) = (a for a in own if a.name == "Theirs")
        return adapter.ip, adapter.mac_address, card.mac_address

    before = theirs_now()
    assert all(result.ok for result in lab.apply(lab.plan(prune=True, disconnect_others=True)))
    assert "Theirs" not in own_adapters(host)
    assert [str(result) for result in lab.undo() if not result.ok] == []
    assert theirs_now() == before


def test_one_of_another_user_is_listed_and_stays(host):
    lab = built(LAB, host)
    by = {"ManagementOS": SwitchParameter.ON, "Name": "Theirs", "SwitchName": "Lab"}
    host.run(Cmdlet("Add-VMNetworkAdapter", by))
    plan = lab.plan()
    (left,) = plan.remainder
    assert "another user" in str(left)
    assert all(result.ok for result in lab.apply(plan))
    assert "Theirs" in own_adapters(host)


def changed(text, **values):
    topology = nestlab.loads(text)
    switch = topology.switches[0]
    first = replace(switch.management_adapters[2], **values)
    adapters = (*switch.management_adapters[:2], first)
    return replace(topology, switches=(replace(switch, management_adapters=adapters),), checks=())


@pytest.mark.parametrize(
    ("values", "action"),
    [
        ({"vlan": nestlab.loads(LAB).switches[0].management_adapters[0].vlan}, "set-vlan"),
        ({"dns_servers": ()}, "set-dns-servers"),
        ({"interface_metric": 40}, "set-metric"),
        ({"name": "Other"}, "add-management-adapter"),
    ],
)
def test_a_difference_is_one_step(values, action, host):
    built(LAB, host)
    plan = nestlab.Lab(changed(LAB, **values), host).plan()
    assert plan.steps[0].action == action


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("name: Plain, ip_address: 10.9.0.1/24", "name: Tag1, ip_address: 10.9.0.1/24", "duplicate-name"),
        ("name: Plain, ip_address: 10.9.0.1/24", "name: Lab, ip_address: 10.9.0.1/24", "duplicate-name"),
        ("c, network_adapters: [{switch: Lab, ip_address: 10.9.0.2", "c, network_adapters: [{switch: Lab, ip_address: 10.9.0.1", "duplicate-address"),
        ("ip_address: 10.9.0.1/24", "ip_address: 10.9.0.0/24", "address-not-usable"),
        ("access: '{n+6}'", "access: '{n+4094}'", "vlan-out-of-range"),
        ("switch_type: Internal", "switch_type: Private", "key-without-effect"),
        ("switch_type: Internal", "existing: true", "key-without-effect"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_finding(old, new, code):
    assert old in LAB
    text = (
        LAB.replace(old, new, 1).replace("auto", "10.1.1.1/8", 1).replace("auto", "10.1.1.2/8", 1)
    )
    found = nestlab.validate(nestlab.loads(text, "lab.yml"))
    assert code in {finding.code for finding in found}


def test_they_are_drawn_and_shown():
    topology = nestlab.loads(LAB)
    assert "10.9.0.1/24 on vEthernet (Plain)" in topology._repr_html_()
    assert topology.switches[0].switch_type is SwitchType.INTERNAL
    svg = nestlab.drawing.svg(topology) if hasattr(nestlab, "drawing") else ""
    assert not svg or "10.9.0.1/24" in svg


def test_prune_and_yes_alone_keep_an_adapter_of_unknown_origin(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    address, file = f"sim:ws2022-intel?state={tmp_path / 'host.json'}", tmp_path / "lab.yml"
    file.write_text("name: lab\nswitches: [{name: S, switch_type: Internal}]\n", "utf-8")
    apply = ["apply", str(file), "--host", address, "--yes"]
    assert main(apply) == 0
    there = nestlab.connect(address)
    by = {"ManagementOS": SwitchParameter.ON, "Name": "Theirs", "SwitchName": "S"}
    there.run(Cmdlet("Add-VMNetworkAdapter", by))
    assert main([*apply, "--prune"]) == 0
    assert "`--prune` with `--disconnect-others` removes it" in capsys.readouterr().out
    assert own_adapters(there) == ["S", "Theirs"]
    assert main([*apply, "--prune", "--disconnect-others"]) == 0
    assert own_adapters(there) == ["S"]
    plan = tmp_path / "plan.json"
    assert main(["plan", str(file), "--host", address, "-o", str(plan)]) == 0
    assert main(["apply", str(plan), "--yes", "--disconnect-others"]) == 2
