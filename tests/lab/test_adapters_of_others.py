"""A management adapter that somebody added by hand on a lab's switch stays theirs when the file names it."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.cli import main
from nestlab.errors import PlanRefused
from nestlab.model import SwitchParameter
from nestlab.texts import set_language
from tests.lab.beside_others import applied, host_of, run

LAB = "name: one\nswitches: [{name: Cl, switch_type: Internal, ip_address: 10.9.0.1/24%s}]\n"
BARE = LAB % ""


def naming(settings="ip_address: 10.30.0.9/24", name="Bobs"):
    return LAB % f", management_adapters: [{{name: {name}, {settings}}}]"


@pytest.fixture
def host(monkeypatch, tmp_path):
    return host_of(monkeypatch, tmp_path)


@pytest.fixture
def spanish():
    set_language("es")
    yield
    set_language("en")


def add_theirs(host, switch="Cl", name="Bobs"):
    by = {"ManagementOS": SwitchParameter.ON, "Name": name, "SwitchName": switch}
    run(host, "Add-VMNetworkAdapter", **by)
    alias = {"InterfaceAlias": f"vEthernet ({name})"}
    run(host, "New-NetIPAddress", **alias, IPAddress="10.30.0.1", PrefixLength=24)
    run(host, "New-NetRoute", **alias, DestinationPrefix="10.77.0.0/24", NextHop="10.30.0.5")


def theirs(host, name="Bobs"):
    """The addresses and routes of their adapter."""
    alias = {"InterfaceAlias": f"vEthernet ({name})", "AddressFamily": "IPv4"}
    addresses = [str(each["IPAddress"]) for each in run(host, "Get-NetIPAddress", **alias)]
    routes = [each["DestinationPrefix"] for each in run(host, "Get-NetRoute", **alias)]
    return addresses, [each for each in routes if each.startswith("10.77")]


def adapters(host):
    found = run(host, "Get-VMNetworkAdapter", ManagementOS=SwitchParameter.ON)
    return sorted(str(record["Name"]) for record in found)


THEIRS = (["10.30.0.1"], ["10.77.0.0/24"])


@pytest.mark.parametrize(
    ("settings", "title"),
    [
        ("ip_address: 10.30.0.9/24", "Assign the address 10.30.0.9/24 to vEthernet (Bobs)"),
        ("ip_address: 10.30.0.1/24, vlan: {access: 5}", "Set the VLAN of vEthernet (Bobs): access VLAN 5"),
        ("dns_servers: [1.1.1.1]", "Use DHCP on vEthernet (Bobs)"),
    ],
)  # fmt: skip
def test_a_plan_that_would_change_it_is_refused_with_two_ways_out(host, settings, title):
    applied(host, BARE)
    add_theirs(host)
    with pytest.raises(PlanRefused) as refused:
        nestlab.Lab(nestlab.loads(naming(settings)), host).plan()
    (finding,) = refused.value.findings
    assert (finding.code, finding.subject) == ("adapter-of-others", "switch Cl")
    assert "its adapter Bobs of host was not added by a run of one" in finding.message
    assert finding.message.endswith(f"the plan would change it: {title}")
    assert "another name" in finding.hint
    assert "`--disconnect-others`" in finding.hint
    assert theirs(host) == THEIRS


def test_a_route_on_one_that_the_file_has_otherwise_is_left_over(host):
    applied(host, BARE)
    add_theirs(host)
    plan = nestlab.Lab(nestlab.loads(naming("ip_address: 10.30.0.1/24")), host).plan()
    assert [*plan.steps] == []
    (left,) = plan.remainder
    assert left.subject == "route to 10.77.0.0/24 via 10.30.0.5 on vEthernet (Bobs)"


def test_another_name_and_the_consent_are_ways_out(host):
    applied(host, BARE)
    add_theirs(host)
    other = naming("ip_address: 10.31.0.9/24", "Ours")
    assert nestlab.Lab(nestlab.loads(other), host).plan().steps
    lab = nestlab.Lab(nestlab.loads(naming()), host)
    plan = lab.plan(disconnect_others=True)
    assert {step.hazard for step in plan.steps} == {"may-cut-connection"}
    assert all("no run of one added this adapter" in step.why for step in plan.steps)
    assert all(result.ok for result in lab.apply(plan))
    assert theirs(host) == (["10.30.0.9"], [])
    assert all(result.ok for result in lab.undo())
    assert theirs(host) == THEIRS


def test_one_that_is_as_in_the_file_needs_no_consent_and_is_not_left_over(host):
    applied(host, BARE)
    run(host, "Add-VMNetworkAdapter", ManagementOS=True, Name="Bobs", SwitchName="Cl")
    plan = nestlab.Lab(nestlab.loads(naming("vlan: null")), host).plan(prune=True)
    assert (plan.steps, plan.remainder) == ((), ())
    consenting = nestlab.Lab(nestlab.loads(naming("vlan: null")), host)
    assert consenting.plan(prune=True, disconnect_others=True).steps == ()


def test_destroy_keeps_the_switch_that_has_it(host):
    applied(host, BARE)
    run(host, "Add-VMNetworkAdapter", ManagementOS=True, Name="Bobs", SwitchName="Cl")
    lab = nestlab.Lab(nestlab.loads(naming("vlan: null")), host)
    plan = lab.plan_destroy()
    assert not any("this topology added it" in step.why for step in plan.steps)
    assert any("management adapter Bobs is connected to it" in item.why for item in plan.unchanged)
    assert all(result.ok for result in lab.destroy(plan))
    assert adapters(host) == ["Bobs", "Cl"]
    consented = lab.plan_destroy(disconnect_others=True)
    removal = next(step for step in consented.steps if step.action == "remove-switch")
    assert "which disconnects Bobs" in removal.title
    assert removal.hazard == "may-cut-connection"
    assert all(result.ok for result in lab.destroy(disconnect_others=True))
    assert adapters(host) == []


def test_prune_keeps_the_switch_that_has_it(host):
    applied(host, BARE)
    add_theirs(host)
    renamed = nestlab.Lab(
        nestlab.loads(naming().replace("name: Cl", "name: Cx").replace("10.9.", "10.8.")), host
    )
    assert not any(step.action == "remove-switch" for step in renamed.plan(prune=True).steps)


def test_one_that_a_run_added_is_changed_and_removed_without_consent(host):
    applied(host, naming())
    lab = applied(host, naming("ip_address: 10.30.0.8/24, vlan: {access: 7}"))
    plan = lab.plan_destroy()
    assert any("this topology added it" in step.why for step in plan.steps)
    assert all(result.ok for result in lab.destroy(plan))
    assert adapters(host) == []


def test_one_that_a_run_added_and_removed_is_somebodys_when_it_is_there_again(host):
    applied(host, naming())
    applied(host, BARE, prune=True, disconnect_others=True)
    add_theirs(host)
    with pytest.raises(PlanRefused, match="was not added by a run of one"):
        nestlab.Lab(nestlab.loads(naming()), host).plan()
    lab = nestlab.Lab(nestlab.loads(BARE), host)
    assert all(result.ok for result in lab.destroy(disconnect_others=True))
    applied(host, BARE)
    add_theirs(host)
    with pytest.raises(PlanRefused, match="was not added by a run of one"):
        nestlab.Lab(nestlab.loads(naming()), host).plan()


def test_one_that_a_run_added_and_undo_removed_is_somebodys_when_it_is_there_again(host):
    applied(host, BARE)
    lab = applied(host, naming())
    assert all(result.ok for result in lab.undo())
    add_theirs(host)
    with pytest.raises(PlanRefused, match="was not added by a run of one"):
        lab.plan()


def test_those_of_an_adopted_switch_are_the_topologys(host):
    run(host, "New-VMSwitch", Name="Cl", SwitchType="Internal")
    run(host, "New-NetIPAddress", InterfaceAlias="vEthernet (Cl)", IPAddress="10.9.0.1", PrefixLength=24)  # fmt: skip
    run(host, "Add-VMNetworkAdapter", ManagementOS=True, Name="Store", SwitchName="Cl")
    run(host, "New-NetIPAddress", InterfaceAlias="vEthernet (Store)", IPAddress="10.30.0.9", PrefixLength=24)  # fmt: skip
    lab = nestlab.Lab(nestlab.loads(naming(name="Store")), host)
    assert all(result.ok for result in lab.adopt(lab.plan_adopt()))
    applied(host, naming("ip_address: 10.30.0.8/24", "Store"))
    assert all(result.ok for result in lab.destroy())
    assert adapters(host) == []


def test_removing_one_names_the_addresses_and_routes_that_go_with_it_and_undo_restores_them(host):
    lab = applied(host, BARE)
    add_theirs(host)
    (left,) = lab.plan().remainder
    assert left.holds[:-1] == ("10.30.0.1/24", "route to 10.77.0.0/24 via 10.30.0.5")
    (step,) = lab.plan(prune=True, disconnect_others=True).steps
    expected = "; with it go: 10.30.0.1/24, route to 10.77.0.0/24 via 10.30.0.5"
    assert step.why.endswith(expected)
    applied(host, BARE, prune=True, disconnect_others=True)
    assert adapters(host) == ["Cl"]
    assert [str(result) for result in lab.undo() if not result.ok] == []
    assert theirs(host) == THEIRS


def test_the_refusal_is_in_spanish(spanish, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    address, file = f"sim:ws2022-intel?state={tmp_path / 'host.json'}", tmp_path / "lab.yml"
    file.write_text(BARE, "utf-8")
    assert main(["--language", "es", "apply", str(file), "--host", address, "--yes"]) == 0
    add_theirs(nestlab.connect(address))
    file.write_text(naming(), "utf-8")
    assert main(["--language", "es", "apply", str(file), "--host", address, "--yes"]) == 1
    printed = capsys.readouterr()
    assert "puede ser de otra persona" in " ".join((printed.out + printed.err).split())
    assert theirs(nestlab.connect(address)) == THEIRS
