"""The endpoint as unmodified pypsrp sees it."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
import uuid
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pypsrp.complex_objects import PSInvocationState, RunspacePoolState
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.serializer import TaggedValue
from pypsrp.wsman import WSMan

from nestlab.simulator.endpoint.psrp.statements import GUEST_SCRIPT_SHA256
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.transport.scripts import guest_script

GRACEFUL = "powershell/signal/crtl_c"


@pytest.fixture(scope="module")
def endpoint():
    with serve(SimulatedHost.from_scenario("ws2022-intel", time_scale=0.05), tls=True) as running:
        yield running


def client(endpoint, **options):
    given = {
        "port": endpoint.port,
        "username": endpoint.user,
        "password": endpoint.password,
        "cert_validation": endpoint.certificate,
    }
    return WSMan("localhost", auth="basic", no_proxy=True, **given, **options)


@pytest.fixture
def pool(endpoint):
    with RunspacePool(client(endpoint)) as opened:
        yield opened


@pytest.fixture
def jea(endpoint):
    with RunspacePool(client(endpoint), configuration_name="NestLab") as opened:
        yield opened


def command(pool, name, **parameters):
    return PowerShell(pool).add_cmdlet(name).add_parameters(parameters)


def test_a_short_script_that_knows_nothing_of_nestlab(endpoint):
    script = Path(__file__).with_name("raw_client.py")
    words = [
        sys.executable,
        script,
        str(endpoint.port),
        endpoint.user,
        endpoint.password,
        endpoint.certificate,
        "RawVM",
        "RawNet",
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 8
    assert all(line.endswith("4 []") for line in lines), (
        done.stdout
    )  # completed, and no error beside
    assert "('RawVM', 'Running', None)" in lines[3]
    assert "'RawNet')" in lines[4]
    source = script.read_text(encoding="utf-8")
    assert re.search(r"(import|from) nestlab", source) is None
    statements = [item for item in ast.walk(ast.parse(source)) if isinstance(item, ast.stmt)]
    assert sum(not isinstance(item, ast.Import | ast.ImportFrom) for item in statements) <= 16


def test_without_an_error_action_errors_are_beside_the_output(pool):
    shell = command(pool, "Get-VM", Name="nobody")
    assert shell.invoke() == []
    assert (shell.state, shell.had_errors, len(shell.streams.error)) == (
        PSInvocationState.COMPLETED,
        False,
        1,
    )
    assert (
        shell.streams.error[0].fq_error
        == "InvalidParameter,Microsoft.HyperV.PowerShell.Commands.GetVM"
    )


def test_with_stop_the_pipeline_fails(pool):
    shell = command(pool, "Get-VM", Name="nobody", ErrorAction="Stop")
    shell.invoke()
    assert (shell.state, shell.had_errors, len(shell.streams.error)) == (
        PSInvocationState.FAILED,
        True,
        1,
    )


def test_positional_arguments_and_statements(pool):
    shell = (
        PowerShell(pool)
        .add_cmdlet("Get-VM")
        .add_argument("sql-test")
        .add_statement()
        .add_cmdlet("Get-VMHost")
        .add_statement()
    )
    assert [item.types[0].rsplit(".", 1)[1] for item in shell.invoke()] == [
        "VirtualMachine",
        "VMHost",
    ]


def test_scripts_do_not_run_and_the_statements_before_them_do(pool, jea):
    for runspaces, words in ((pool, "not scripts"), (jea, "no-language mode")):
        shell = (
            PowerShell(runspaces)
            .add_cmdlet("Get-VMHost")
            .add_statement()
            .add_script("Remove-VM * -Force")
        )
        assert len(shell.invoke()) == 1
        assert shell.state == PSInvocationState.FAILED
        assert words in str(shell.streams.error[-1])
        assert shell.streams.error[-1].fq_error == "ScriptsNotAllowed"


def test_a_script_block_arrives_as_text_and_text_is_none(pool):
    block = TaggedValue("SBK", "Get-VM")
    shell = command(pool, "Invoke-Command", VMName="sql-test", ScriptBlock=block)
    shell.invoke()
    assert (
        shell.streams.error[0].fq_error
        == "CannotConvertArgumentNoMessage,Microsoft.PowerShell.Commands.InvokeCommandCommand"
    )
    assert 'Cannot convert the "Get-VM" value of type "System.String"' in str(
        shell.streams.error[0]
    )
    # Without a name the text binds as -ComputerName, and a block is missing then.
    shell = command(pool, "Invoke-Command").add_argument(block)
    shell.invoke()
    assert (
        shell.streams.error[0].fq_error
        == "AmbiguousParameterSet,Microsoft.PowerShell.Commands.InvokeCommandCommand"
    )


@pytest.mark.parametrize(
    "hidden",
    ["Invoke-Command", "Invoke-Expression", "Enter-PSSession", "Start-Sleep", "notepad.exe"],
)
def test_a_command_outside_the_role_does_not_exist(jea, hidden):
    shell = command(jea, hidden)
    shell.invoke()
    assert shell.streams.error[0].fq_error == "CommandNotFoundException"
    assert command(jea, "Get-VM").invoke()


def test_secure_strings_and_credentials_need_and_get_the_session_key(endpoint, pool):
    pool.exchange_keys()
    shell = command(pool, "Get-VMHost", Credential=TaggedValue("SS", "Pässwörd 😀"))
    shell.invoke()
    assert "Pässwörd" not in str(shell.streams.error)
    assert endpoint.password not in str(shell.streams.error)


def test_the_long_poll_ends_with_the_time_out_that_pypsrp_swallows(pool, endpoint):
    shell = command(pool, "Start-Sleep", Seconds=30)
    shell.begin_invoke()
    shell.poll_invoke(timeout=1)
    assert shell.state == PSInvocationState.RUNNING
    assert shell.end_invoke() == []
    assert shell.state == PSInvocationState.COMPLETED


def test_the_graceful_signal_stops_and_pypsrps_own_closes(pool):
    shell = command(pool, "Start-Sleep", Seconds=600)
    shell.begin_invoke()
    pool.shell.signal(GRACEFUL, shell._command_id)
    shell.end_invoke()
    assert shell.state == PSInvocationState.STOPPED
    assert shell.streams.error[0].fq_error == "PipelineStopped"
    other = command(pool, "Start-Sleep", Seconds=600)
    other.begin_invoke()
    other.stop()
    with pytest.raises(WSManFaultError) as gone:
        pool.shell.receive("stdout", command_id=other._command_id, timeout=1)
    assert gone.value.code == 2150858843
    assert command(pool, "Get-VMHost").invoke()


def test_a_finished_command_that_is_drained_faults(pool):
    shell = command(pool, "Get-VMHost")
    shell.invoke()
    with pytest.raises(WSManFaultError) as drained:
        shell.poll_invoke(timeout=1)
    assert drained.value.code == 2150858843


def test_an_equal_message_id_gets_the_same_answer_again(pool, endpoint):
    shell = command(pool, "Get-VM")
    shell.begin_invoke()
    while not all(
        outbox.done
        for held in endpoint.listener.service._shells.values()
        for outbox in held._outboxes()[1:]
    ):
        pass
    sent = []
    transport = pool.connection.transport
    send = transport.send
    transport.send = lambda message, **options: sent.append(message) or send(message, **options)
    shell.end_invoke()
    (receive,) = sent
    strip = re.compile(rb"<a:MessageID>[^<]*</a:MessageID>")
    assert strip.sub(b"", send(receive)) == strip.sub(b"", send(receive))
    assert len(shell.output) > 1


def test_disconnect_reconnect_and_connect_from_another_client(endpoint):
    pool = RunspacePool(client(endpoint))
    pool.open()
    pool.disconnect()
    pool.connect()
    with command(pool, "Get-VMHost") as first:
        assert first.invoke()
    running = command(pool, "Start-Sleep", Seconds=20)
    running.begin_invoke()
    pool.disconnect()
    (found,) = [
        item for item in RunspacePool.get_runspace_pools(client(endpoint)) if item.id == pool.id
    ]
    assert found.state == RunspacePoolState.DISCONNECTED
    found.connect()
    (pipeline,) = found.create_disconnected_power_shells()
    assert pipeline.connect() == []
    assert pipeline.state == PSInvocationState.COMPLETED
    assert command(found, "Get-VMHost").invoke()
    found.close()


def test_the_pool_answers_for_itself(pool):
    assert pool.is_alive(timeout=5)
    pool.max_runspaces = 3
    assert (pool.max_runspaces, pool.get_available_runspaces()) == (3, 3)
    pool.connection.update_max_payload_size()
    assert pool.connection.max_envelope_size == 512_000
    version = pool.application_private_data.data["PSVersionTable"]["PSVersion"]
    assert str(version).startswith("5.1")


def test_a_closed_pool_is_known_no_more(endpoint):
    pool = RunspacePool(client(endpoint))
    pool.open()
    pool.close()
    pool.shell.id = pool.id
    assert not pool.is_alive(timeout=5)


def test_shells_of_others_are_out_of_reach_and_unknown_ones_are_named(endpoint):
    pool = RunspacePool(client(endpoint))
    pool.open()
    pool.shell._selector_set.values[0] = ("ShellId", str(uuid.uuid4()), {})
    with pytest.raises(WSManFaultError, match="shell was not found"):
        command(pool, "Get-VM").invoke()


def test_an_argument_of_900_kib_arrives_whole(pool):
    notes = "".join(chr(0x20 + number % 90) for number in range(900 * 1024))
    shell = command(pool, "Set-VM", Name="sql-test", Notes=notes)
    shell.invoke()
    assert [str(error) for error in shell.streams.error] == []
    (vm,) = command(pool, "Get-VM", Name="sql-test").invoke()
    assert vm.adapted_properties["Notes"] == notes
    command(pool, "Set-VM", Name="sql-test", Notes="").invoke()


def test_commands_that_are_never_closed_fill_the_shell():
    with (
        serve(SimulatedHost.from_scenario("ws2022-intel"), tls=True, max_commands=2) as small,
        RunspacePool(client(small)) as pool,
    ):
        first = command(pool, "Get-VMHost")
        first.invoke()
        command(pool, "Get-VMHost").invoke()
        with pytest.raises(WSManFaultError, match="exceeded the maximum"):
            command(pool, "Get-VMHost").invoke()
        first.close()
        assert command(pool, "Get-VMHost").invoke()


def test_the_shipped_script_is_the_one_that_is_let_through():
    assert hashlib.sha256(guest_script().encode()).hexdigest() == GUEST_SCRIPT_SHA256


def _element(tag, text):
    element = ET.Element(tag)
    element.text = text
    return element


@pytest.mark.parametrize(
    "value",
    [
        TaggedValue("TS", "PT2147483648S"),
        TaggedValue("I64", 1 << 63),
        1 << 31,  # pypsrp writes every integer as Int32
        TaggedValue("Db", "inf"),
        TaggedValue("S", "\ufffe"),
        _element("DT", "2026-01-05T09:00:00+01:00:01"),
    ],
    ids=["span", "int64", "int32", "inf", "no character", "offset"],
)
def test_a_value_that_net_does_not_read_gets_no_answer_at_all(pool, value):
    shell = command(pool, "Set-VM", Name="sql-test", Notes=value)
    shell.begin_invoke()
    shell.poll_invoke(timeout=1)
    assert (shell.state, shell.output, shell.streams.error) == (PSInvocationState.RUNNING, [], [])
    assert pool.get_available_runspaces() == 1  # nothing runs
    assert command(pool, "Get-VM", Name="sql-test").invoke()
