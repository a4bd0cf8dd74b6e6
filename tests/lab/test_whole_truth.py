"""A plan says all that is known: warnings, what is left over, what is stale, each thing once."""

import pytest

import nestlab
from nestlab.cli.app import run
from nestlab.errors import StalePlan
from nestlab.model import Cmdlet

WITHOUT_EFFECT = """
name: lab
switches: [{name: A, switch_type: Private, net_adapter: Ethernet}]
vms: [{name: web, state: Off, network_adapters: [{switch: A}]}]
"""
SAID = "switch A: is Private, and net_adapter has an effect on External switches only"


def lab_of(text, host, tmp_path):
    return nestlab.Lab(nestlab.loads(text), host, journal=tmp_path / "journal.jsonl")


def applied(text, host, tmp_path):
    lab = lab_of(text, host, tmp_path)
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert lab.plan().is_empty
    return lab


def test_a_plan_shows_the_warnings_of_its_topology(tmp_path, capsys):
    plan = lab_of(WITHOUT_EFFECT, nestlab.connect(), tmp_path).plan()
    assert SAID in str(plan)
    assert SAID in plan._repr_html_()
    assert [finding["code"] for finding in plan.to_dict()["findings"]] == ["key-without-effect"]
    (tmp_path / "lab.yml").write_text(WITHOUT_EFFECT, encoding="utf-8")
    assert run(["plan", str(tmp_path / "lab.yml"), "-o", str(tmp_path / "plan.json")]) == 0
    assert f"Warning: {SAID}" in capsys.readouterr().out
    assert nestlab.load_plan(tmp_path / "plan.json") == plan


NOTES = "{{name: lab, vms: [{{name: web, state: Off{notes}}}]}}"


def test_notes_that_the_file_no_longer_gives_are_left_over_and_pruned(tmp_path):
    host = nestlab.connect()
    applied(NOTES.format(notes=", notes: seat 3"), host, tmp_path)
    lab = lab_of(NOTES.format(notes=""), host, tmp_path)
    assert [(r.subject, r.holds) for r in lab.plan().remainder] == [
        ("notes of VM web", ("'seat 3'",))
    ]
    assert all(result.ok for result in lab.apply(lab.plan(prune=True)))
    assert lab.plan().remainder == ()
    (web,) = host.run(Cmdlet("Get-VM", {"Name": "web"})).records
    assert web["Notes"] == "nestlab:lab"


DHCP = """
name: lab
switches:
  - {{name: Lan, switch_type: Internal, ip_address: {address}/24, dhcp: {{range: 10.7.0.100-10.7.0.200}}}}
"""


def routers(host):
    records = host.run(Cmdlet("Get-DhcpServerv4OptionValue", {"ScopeId": "10.7.0.0"})).records
    return [list(record["Value"]) for record in records if record["OptionId"] == 3]


def test_a_scope_gives_the_new_address_of_its_switch_as_the_router(tmp_path):
    host = nestlab.connect()
    applied(DHCP.format(address="10.7.0.1"), host, tmp_path)
    applied(DHCP.format(address="10.7.0.2"), host, tmp_path)
    assert routers(host) == [["10.7.0.2"]]
    option = {"ScopeId": "10.7.0.0", "Router": "10.7.0.9"}
    host.run(Cmdlet("Set-DhcpServerv4OptionValue", option))
    lab = lab_of(DHCP.format(address="10.7.0.2"), host, tmp_path)
    (step,) = lab.plan().steps
    assert (step.title, step.why) == (
        "Set the DHCP router option on Lan to 10.7.0.2",
        "it is 10.7.0.9",
    )
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert routers(host) == [["10.7.0.2"]]


NESTED = """
name: lab
switches: [{{name: Lab, switch_type: Internal, ip_address: 10.7.0.1/24, nat: 10.7.0.0/24}}]
vms:
  - name: HV1
    processor_count: 4
    memory_startup: 8GB
    disk: {{parent: 'D:\\images\\ws2022.vhdx'}}
    guest: {{os: windows, credential: lab-admin}}
    network_adapters: [{{switch: Lab, ip_address: 10.7.0.5/24, gateway: 10.7.0.1}}]
    {nested}
"""
INNER = "nested: {switches: [{name: In, switch_type: Private}], vms: [{name: web, state: Off}]}"


def test_what_is_left_inside_is_listed_at_the_first_plan_without_nested(tmp_path):
    host = nestlab.connect()
    applied(NESTED.format(nested=INNER), host, tmp_path)
    plan = lab_of(NESTED.format(nested=""), host, tmp_path).plan()
    assert {str(item).partition(" (")[0] for item in plan.remainder} == {
        "HV1: VM web",
        "HV1: switch In",
    }


TWO = "{{name: lab, vms: [{{name: web, state: Off}}, {{name: app, state: Off{count}}}]}}"


def test_a_stale_plan_names_each_thing_once(tmp_path):
    host = nestlab.connect()
    applied(TWO.format(count=""), host, tmp_path)
    lab = lab_of(TWO.format(count=", processor_count: 4"), host, tmp_path)
    plan = lab.plan()
    host.run(Cmdlet("Start-VM", {"Name": "web"}))
    with pytest.raises(StalePlan) as error:
        next(lab.apply(plan))
    assert str(error.value).count("changed: host: VM web") == 1


@pytest.mark.parametrize(
    ("switch", "key"),
    [
        ("switch_type: Private, net_adapter: Ethernet", "net_adapter"),
        ("switch_type: Internal, allow_management_os: false", "allow_management_os"),
        ("switch_type: Private, allow_management_os: false", "allow_management_os"),
    ],
)
def test_a_key_without_effect_is_a_finding(switch, key):
    found = nestlab.validate(nestlab.loads(f"{{name: lab, switches: [{{name: A, {switch}}}]}}"))
    assert [(finding.code, key in finding.message) for finding in found] == [
        ("key-without-effect", True)
    ]
