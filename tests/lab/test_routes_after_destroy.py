"""Routes that a lab added to adapters of its host that outlive it: destroy removes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

import nestlab
from nestlab.cli import main
from nestlab.model import Cmdlet

SCENARIO = {
    "description": "A host with a switch of others",
    "based_on": "ws2022-intel",
    "switches": [{"name": "Plain", "switch_type": "Internal", "ip_address": "10.66.0.1/24"}],
}
FILE = r"""
name: lab
routes: [{to: 10.99.0.0/24, via: 10.66.0.7}, {to: 10.98.0.0/24, via: 192.0.2.254}]
switches: [{name: Plain, existing: true}]
"""
OWN = r"""
name: lab
routes: [{to: 10.60.0.0/24, via: 10.77.5.7}]
switches: [{name: Own, switch_type: Internal, ip_address: 10.77.5.1/24}]
"""
JOURNAL = (
    f"a run of lab added it, as its journal of {datetime.now(UTC):%Y-%m-%d} shows; "
    "no journal here shows that another lab has it"
)


@pytest.fixture
def host(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps(SCENARIO), encoding="utf-8")
    return nestlab.connect(f"sim:{path}?state={tmp_path / 'state.json'}")


def applied(host, text=FILE):
    lab = nestlab.Lab(nestlab.loads(text), host)
    assert all(result.ok for result in lab.apply())
    return lab


def routes(host):
    records = host.run(Cmdlet("Get-NetRoute", {"AddressFamily": "IPv4"})).records
    found = {str(each["DestinationPrefix"]): str(each["NextHop"]) for each in records}
    return {
        to: via for to, via in found.items() if to.startswith(("10.9", "10.60")) and "0.0/24" in to
    }


def add_route(host, to="10.98.0.0/24", via="192.0.2.254"):
    values = {"DestinationPrefix": to, "InterfaceAlias": "Ethernet", "NextHop": via}
    host.run(Cmdlet("New-NetRoute", values))


def test_those_that_its_journals_show_are_removed(host):
    lab = applied(host)
    assert len(routes(host)) == 2
    plan = lab.plan_destroy()
    assert [(step.action, step.why) for step in plan] == [("remove-route", JOURNAL)] * 2
    assert [item.subject for item in plan.unchanged] == ["switch Plain"]
    assert all(result.ok for result in lab.destroy(plan))
    assert routes(host) == {}
    assert lab.plan_destroy().is_empty
    assert list(lab.undo()) == []  # destroy has recorded it
    applied(host)
    assert all(result.ok for result in lab.undo())
    assert routes(host) == {}


def test_one_that_was_there_before_is_kept_and_named(host):
    add_route(host)
    lab = applied(host)
    plan = lab.plan_destroy()
    (step,) = plan
    assert step.title == "Remove the route to 10.99.0.0/24 via 10.66.0.7"
    left = {item.subject: item.why for item in plan.unchanged}
    assert left["route to 10.98.0.0/24"] == (
        "it is kept, via 192.0.2.254 on Ethernet: no journal here shows that the lab added it; "
        "Remove-NetRoute -DestinationPrefix '10.98.0.0/24' -NextHop '192.0.2.254' removes it"
    )
    assert all(result.ok for result in lab.destroy())
    assert routes(host) == {"10.98.0.0/24": "192.0.2.254"}


def test_one_that_others_add_after_a_destroy_or_an_undo_is_theirs(host):
    lab = applied(host)
    assert all(result.ok for result in lab.destroy())
    add_route(host)
    assert lab.plan_destroy().is_empty
    host.run(Cmdlet("Remove-NetRoute", {"DestinationPrefix": "10.98.0.0/24", "Confirm": False}))
    applied(host)
    assert all(result.ok for result in lab.undo())
    add_route(host)
    assert lab.plan_destroy().is_empty


def test_one_on_a_switch_that_is_kept_for_others_is_removed(host):
    lab = applied(host, OWN)
    host.run(Cmdlet("New-VM", {"Name": "guest", "NoVHD": True, "SwitchName": "Own"}))
    plan = lab.plan_destroy()
    assert [step.action for step in plan] == ["remove-route"]
    left = {item.subject: item.why for item in plan.unchanged}
    assert left["address 10.77.5.1/24 of vEthernet (Own)"] == (
        "kept: it serves the switch Own, which is kept"
    )
    assert all(result.ok for result in lab.destroy())
    assert routes(host) == {}
    assert all(result.ok for result in lab.destroy(disconnect_others=True))


def test_one_on_a_switch_that_is_removed_needs_no_step(host):
    lab = applied(host, OWN)
    actions = [step.action for step in lab.plan_destroy()]
    assert actions == ["remove-address", "remove-switch"]


def test_one_that_was_removed_by_hand_is_no_error_for_undo(host):
    lab = applied(host)
    host.run(Cmdlet("Remove-NetRoute", {"DestinationPrefix": "10.98.0.0/24", "Confirm": False}))
    results = list(lab.undo())
    assert all(result.ok for result in results)
    assert "there is no route to 10.98.0.0/24 via 192.0.2.254 any more" in [
        result.message for result in results
    ]


def test_a_second_destroy_says_what_the_list_above_it_is(host, tmp_path, capsys):
    lab = applied(host)
    assert all(result.ok for result in lab.destroy())
    (tmp_path / "lab.yml").write_text(FILE, encoding="utf-8")
    assert main(["destroy", str(tmp_path / "lab.yml"), "--host", host.host, "--yes"]) == 0
    text = capsys.readouterr().out
    assert "switch Plain  it is an existing switch in the file, and is kept" in text
    assert f"Nothing to do: nothing of lab on {host.host} can be removed." in text
    assert "What is kept is listed above, with the reason." in text


OTHER = FILE.replace("name: lab", "name: other")
PLAIN = "vEthernet (Plain)"


def left_by(lab):
    return {item.subject: item.why for item in lab.plan_destroy().unchanged}


def remove_routes(host):
    for to in routes(host):
        host.run(Cmdlet("Remove-NetRoute", {"DestinationPrefix": to, "Confirm": False}))


def test_one_that_the_journal_of_another_lab_shows_as_well_is_kept(host):
    lab = applied(host)
    remove_routes(host)
    other = applied(host, OTHER)
    for one, also in ((lab, "other"), (other, "lab")):
        assert one.plan_destroy().is_empty
        assert left_by(one)["route to 10.99.0.0/24"] == (
            f"it is kept, via 10.66.0.7 on vEthernet (Plain): a run of {also} added it as well, as "
            "its journal shows; "
            "Remove-NetRoute -DestinationPrefix '10.99.0.0/24' -NextHop '10.66.0.7' removes it"
        )
    assert nestlab.Lab(nestlab.loads("name: lab"), host).plan(prune=True).is_empty
    assert all(result.ok for result in lab.undo())
    assert [step.action for step in other.plan_destroy()] == ["remove-route"] * len(routes(host))


def test_one_on_windows_that_was_installed_after_the_run_is_kept(host):
    lab = applied(host)
    assert len(lab.plan_destroy()) == 2
    host.simulated_host.machine.installed_at = datetime(2099, 5, 17, tzinfo=UTC).timestamp()
    assert lab.plan_destroy().is_empty
    assert (
        "on vEthernet (Plain): Windows of host was installed or upgraded on 2099-05-17, after the "
        "run of lab that added one like it; Remove-NetRoute"
    ) in left_by(lab)["route to 10.99.0.0/24"]


def test_one_on_a_disabled_adapter_is_listed_as_not_known(host):
    lab = applied(host)
    host.run(Cmdlet("Disable-NetAdapter", {"Name": PLAIN, "Confirm": False}))
    assert left_by(lab)["route to 10.99.0.0/24"] == (
        f"it is not known while the adapter {PLAIN} is Disabled: enable it, and destroy again"
    )
    plan = lab.plan()
    assert [item.code for item in plan.warnings] == ["adapter-disabled"]
    (item,) = plan.out_of_reach
    assert str(item.values) == "('route to 10.99.0.0/24 via 10.66.0.7',)"
    assert item.why == f"it is not known while the adapter {PLAIN} is Disabled"
    assert not item.differs
    host.run(Cmdlet("Enable-NetAdapter", {"Name": PLAIN, "Confirm": False}))
    assert len(lab.plan_destroy()) == 2


def test_the_address_of_a_disabled_adapter_on_a_switch_that_is_kept_is_listed(host):
    lab = applied(host, OWN)
    host.run(
        Cmdlet("New-VM", {"Name": "guest", "NoVHD": True, "SwitchName": "Own"}),
        Cmdlet("Disable-NetAdapter", {"Name": "vEthernet (Own)", "Confirm": False}),
    )
    assert left_by(lab)["address of vEthernet (Own)"] == (
        "it is not known while the adapter is Disabled; it stays with the switch Own"
    )
