"""A change of a DHCP range that fails half-way restores the scope that was there, with all of it."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.apply import Journal, undo_steps
from nestlab.apply.step_result import StepState
from nestlab.model import Cmdlet

LAB = """
name: rg
switches:
  - name: N
    switch_type: Internal
    ip_address: 10.9.0.1/24
    dhcp: {range: 10.9.0.100-10.9.0.LAST, dns_servers: [10.9.0.5], reservations: [{ip_address: 10.9.0.101, mac_address: 00-15-5D-00-00-77}]}
"""
SCOPE = {"ScopeId": "10.9.0.0"}
RESTORED = "The earlier DHCP scope nestlab.rg.N was restored, with its options and reservations."


class Host:
    """A simulated host with the lab applied, whose scope has a reservation of another user."""

    def __init__(self, tmp_path):
        self.address, self.folder = f"sim:ws2022-intel?state={tmp_path / 'host.json'}", tmp_path
        assert all(result.ok for result in self.lab(120).apply())
        entry = {"IPAddress": "10.9.0.103", "ClientId": "00-15-5D-99-99-99", "Name": "bob"}
        self.run("Add-DhcpServerv4Reservation", **SCOPE, **entry)
        self.before = self.scope()

    def run(self, name, **parameters):
        return nestlab.connect(self.address).run(Cmdlet(name, parameters)).records

    def lab(self, last, *faults):
        query = "".join(f"&fault={fault}" for fault in faults)
        text = LAB.replace("LAST", str(last))
        return nestlab.Lab(nestlab.loads(text), nestlab.connect(self.address + query))

    def scope(self):
        """The last address, the options and the reservations of each scope."""
        reserved = self.run("Get-DhcpServerv4Reservation", **SCOPE)
        options = self.run("Get-DhcpServerv4OptionValue", **SCOPE)
        return (
            [str(each["EndRange"]) for each in self.run("Get-DhcpServerv4Scope")],
            {each["OptionId"]: [*each["Value"]] for each in options},
            {str(each["IPAddress"]): (each["ClientId"], each["Name"]) for each in reserved},
        )

    def journal(self):
        return Journal(max((self.folder / "journals").glob("*.jsonl")))


@pytest.fixture
def host(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    return Host(tmp_path)


def change(lab):
    (result,) = [each for each in lab.apply() if str(each.step.action) == "serve-addresses"]
    return result


@pytest.mark.parametrize("cmdlet", ["Add-DhcpServerv4Scope", "Set-DhcpServerv4OptionValue"])
def test_the_earlier_scope_is_restored_with_its_options_and_reservations(host, cmdlet):
    result = change(host.lab(110, f"fail:{cmdlet}:1"))
    assert result.status is StepState.FAILED
    assert result.message.endswith(RESTORED)
    assert host.scope() == host.before
    assert undo_steps(host.journal().entries()) == ()
    assert change(host.lab(110)).status is StepState.DONE
    assert host.scope()[0] == ["10.9.0.110"]


def test_a_removal_that_fails_changes_nothing_and_restores_nothing(host):
    result = change(host.lab(110, "fail:Remove-DhcpServerv4Scope:1"))
    assert (result.status, "restored" in result.message) == (StepState.FAILED, False)
    assert host.scope() == host.before


def test_where_restoring_fails_as_well_it_is_said_and_undo_restores_it(host):
    result = change(host.lab(110, "fail:Add-DhcpServerv4Scope:0"))
    assert "Restoring the earlier DHCP scope nestlab.rg.N failed as well: " in result.message
    assert "undo" in result.hint
    nestlab.connect(host.address).simulated_host.clear_faults()
    assert all(each.ok for each in host.lab(120).undo())
    assert host.scope() == host.before


def test_a_router_that_cannot_be_changed_restores_no_scope(host):
    router = LAB.replace("LAST", "120").replace("dns_servers", "router: 10.9.0.2, dns_servers")
    connected = nestlab.connect(f"{host.address}&fault=fail:Set-DhcpServerv4OptionValue:1")
    result = change(nestlab.Lab(nestlab.loads(router), connected))
    assert (result.status, "restored" in result.message) == (StepState.FAILED, False)
    assert host.scope() == host.before
