"""Several statements in one pipeline, as a real remoting server runs them, and what nestlab's client makes of it."""

from __future__ import annotations

import pytest
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

import nestlab
from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.observe import observe
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from tests.transport.doors import options

MISSING = ("Get-Nonsense", {})
UNKNOWN = ("Get-VM", {"Colour": "red"})
STOPPED = ("Get-VM", {"Name": "nobody", "ErrorAction": "Stop"})
TOLERATED = ("Get-VM", {"Name": "nobody", "ErrorAction": "Continue"})
HOST = ("Get-VMHost", {})
MEMORY = ("Get-VMMemory", {"VMName": "sql-test"})
MARK = ("Set-VM", {"Name": "sql-test", "Notes": "ran on"})


@pytest.fixture(scope="module")
def host():
    return SimulatedHost.from_scenario("ws2022-intel")


@pytest.fixture(scope="module")
def endpoint(host):
    with serve(host, tls=True) as running:
        yield running


@pytest.fixture(scope="module")
def pool(endpoint):
    given = {
        "username": endpoint.user,
        "password": endpoint.password,
        "cert_validation": endpoint.certificate,
    }
    with RunspacePool(WSMan("localhost", port=endpoint.port, no_proxy=True, **given)) as opened:
        yield opened


@pytest.fixture
def notes(host):
    (vm,) = (vm for vm in host.machine.hyper_v.vms if vm.name == "sql-test")
    vm.settings.notes = ""
    return lambda: vm.settings.notes


def invoke(pool, *statements):
    with PowerShell(pool) as shell:
        for name, parameters in statements:
            shell.add_cmdlet(name).add_parameters(parameters).add_statement()
        types = [item.types[0].rsplit(".", 1)[-1] for item in shell.invoke()]
        return (
            types,
            len(shell.streams.error) - shell.had_errors,
            "Failed" if shell.had_errors else "Completed",
        )


@pytest.mark.parametrize("first", [MISSING, UNKNOWN], ids=["missing", "unknown parameter"])
def test_behind_a_first_statement_that_fails_all_answers_but_one_are_lost(pool, first, notes):
    assert invoke(pool, first, HOST, MEMORY, MARK) == (["VMHost"], 1, "Completed")
    assert notes() == "ran on"


def test_where_the_second_fails_too_the_pipeline_failed(pool):
    assert invoke(pool, MISSING, MISSING, HOST) == ([], 1, "Failed")


def test_behind_a_later_statement_that_fails_the_rest_runs_unheard(pool, notes):
    assert invoke(pool, HOST, MISSING, MEMORY, MARK) == (["VMHost"], 0, "Failed")
    assert notes() == "ran on"


@pytest.mark.parametrize("before", [[], [HOST]], ids=["first", "later"])
def test_an_error_that_only_its_error_action_makes_terminating_ends_everything(pool, before, notes):
    answered, _, state = invoke(pool, *before, STOPPED, MARK)
    assert (answered, state) == (["VMHost"] * len(before), "Failed")
    assert notes() == ""


def test_a_tolerated_error_ends_nothing(pool, notes):
    assert invoke(pool, TOLERATED, HOST, MARK, MEMORY) == (["VMHost", "VMMemory"], 1, "Completed")
    assert notes() == "ran on"


@pytest.fixture
def session(endpoint):
    opened = nestlab.connect(endpoint.address, **options(endpoint, "basic"))
    endpoint.faults.restart()
    yield opened
    opened.close()


def names(outcome):
    return [record.type_name.rsplit(".", 1)[-1] for record in outcome]


def test_nestlab_has_every_answer_of_a_group_whose_first_statement_fails(session):
    outcome = session.run(
        Cmdlet("Get-Nonsense", {"ErrorAction": "Continue"}), Cmdlet("Get-VMHost"), Cmdlet(*MEMORY)
    )
    assert names(outcome) == ["VMHost", "VMMemory"]
    assert [error.error_id for error in outcome.errors] == ["CommandNotFoundException"]


def test_nestlab_says_which_statement_of_a_group_failed(session):
    with pytest.raises(CmdletError) as caught:
        session.run(Cmdlet("Get-VMHost"), Cmdlet("Get-Nonsense"), Cmdlet(*MEMORY))
    assert caught.value.cmdlet.name == "Get-Nonsense"


MISSING_VM = Cmdlet("Get-VM", {"Name": "nobody", "ErrorAction": "Continue"})


def test_an_error_that_names_a_later_command_costs_no_question(session, endpoint):
    outcome = session.run(Cmdlet("Get-VMHost"), MISSING_VM, Cmdlet(*MEMORY))
    assert names(outcome) == ["VMHost", "VMMemory"]
    assert len(outcome.errors) == 1
    assert endpoint.faults.served.count("Command") == 1


def test_an_error_that_may_be_of_the_first_command_costs_one_more_question(session, endpoint):
    outcome = session.run(Cmdlet("Get-VM"), MISSING_VM, Cmdlet(*MEMORY))
    assert names(outcome)[-1] == "VMMemory"
    assert len(outcome.errors) == 1
    assert endpoint.faults.served.count("Command") == 2


def test_observing_vms_of_generation_1_costs_no_question(session, endpoint):
    old = {"Name": "old", "Generation": 1, "MemoryStartupBytes": Size(1 << 29)}
    session.run(Cmdlet("New-VM", {**old, "NoVHD": SwitchParameter.ON}))
    endpoint.faults.restart()
    state = observe(session)
    assert {vm.generation for vm in state.hyper_v.vms} == {1, 2}
    assert endpoint.faults.served.count("Command") == 3
    session.run(Cmdlet("Remove-VM", {"Name": "old", "Force": SwitchParameter.ON}))


def test_what_failed_may_still_run_in_its_shell_so_the_questions_go_to_a_fresh_one(
    session, endpoint
):
    before = endpoint.shells
    session.run(
        Cmdlet("Get-VMHost"), Cmdlet("Get-Nonsense", {"ErrorAction": "Continue"}), Cmdlet(*MEMORY)
    )
    assert endpoint.faults.served.count("Create") == 1  # one more than the session was opened with
    assert endpoint.shells == before  # and the other one is closed


@pytest.mark.parametrize(
    ("value", "servers"), [(None, ["192.0.2.53"]), (True, [])], ids=["null", "true"]
)
def test_a_null_is_off_for_a_switch_of_a_function(pool, host, value, servers):
    adapter = host.machine.adapters[0]
    adapter.ip.dns_servers = ["192.0.2.53"]
    reset = {"InterfaceAlias": adapter.name, "ResetServerAddresses": value}
    assert invoke(pool, ("Set-DnsClientServerAddress", reset))[2] == "Completed"
    assert adapter.ip.dns_servers == servers


def test_nestlabs_switches_are_on_for_functions_too(session, host):
    adapter = host.machine.adapters[0]
    adapter.ip.dns_servers = ["192.0.2.53"]
    session.run(
        Cmdlet(
            "Set-DnsClientServerAddress",
            {"InterfaceAlias": adapter.name, "ResetServerAddresses": SwitchParameter.ON},
        )
    )
    assert adapter.ip.dns_servers == []


def test_a_null_is_on_for_a_switch_of_a_compiled_cmdlet(pool, host):
    invoke(pool, ("Start-VM", {"Name": "sql-test"}))
    assert (
        invoke(pool, ("Stop-VM", {"Name": "sql-test", "TurnOff": None, "Force": None}))[2]
        == "Completed"
    )
    (vm,) = (vm for vm in host.machine.hyper_v.vms if vm.name == "sql-test")
    assert vm.state == "Off"
