"""Which cmdlets are simulated, that these are all that nestlab sends, and that the others say so."""

import ast
import re
from pathlib import Path

import pytest

import nestlab
from nestlab.constants.commands import COMMANDS
from nestlab.errors import CmdletError
from nestlab.simulator.cmdlets.registry import handlers
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.binding.bound import BoundArguments
from nestlab.simulator.powershell.binding.signatures import command_names, signature
from nestlab.simulator.powershell.call import Call, PowerShellError
from nestlab.simulator.powershell.pipeline_processor import run_call
from nestlab.simulator.powershell.session_state import SessionState
from nestlab.transport import connect
from tests.simulator.facts.document import PATH, SIMULATED, page
from tests.simulator.facts.typed import typed

PACKAGE = Path(nestlab.__file__).parent
CASES = Path(__file__).parents[2] / "cases"
_NAME = re.compile(r"[A-Z][a-z]+-[A-Z]\w+")
_COMMAND = re.compile(r"^\s+(?:> )?([A-Z][a-z]+-[A-Z]\w+ .*)$", re.MULTILINE)


def sent_names():
    """Every name of a known command that stands as a constant where nestlab observes, plans and applies."""
    for folder in ("observe", "plan", "apply", "lab"):
        for path in (PACKAGE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and _NAME.fullmatch(node.value)
                ):
                    yield node.value


def golden_commands():
    for folder in ("plan", "apply"):
        for path in sorted((CASES / folder).glob("*.txt")):
            yield from _COMMAND.findall(path.read_text(encoding="utf-8"))


def test_at_least_110_cmdlets_are_simulated():
    assert len(set(handlers()) & set(command_names())) >= 110


def test_every_cmdlet_that_nestlab_sends_is_simulated():
    names = {name for name in sent_names() if signature(name) is not None}
    assert len(names) > 60
    assert names <= SIMULATED


def test_every_command_of_the_role_is_simulated():
    names = {known.name if (known := signature(name)) else name for name in COMMANDS}
    assert names - SIMULATED == set()


@pytest.mark.parametrize("line", sorted(set(golden_commands())))
def test_what_nestlab_sends_binds(line):
    call = Call.from_cmdlet(typed(line)[1])
    piped = False
    while call is not None:
        command = signature(call.name)
        assert command.name in SIMULATED
        parameters = {name for name, _ in call.arguments}
        assert parameters <= set(command.parameters), "parameters are sent by their own names"
        BoundArguments(
            call, command, piped=piped
        )  # raises where something is missing that no object can give
        call, piped = call.pipe_to, True


class NoOutput:
    """A sink for cmdlets that are not simulated, which never write."""

    def output(self, record):
        raise AssertionError(record)

    error = warning = verbose = progress = output


@pytest.mark.parametrize("name", sorted(set(command_names()) - SIMULATED))
def test_every_other_cmdlet_says_that_it_is_not_simulated(name):
    host = SimulatedHost.from_scenario("ws2022-intel")
    host.machine.features |= {"DHCP": "Installed", "RSAT-DHCP": "Installed"}
    before = host.world.to_dict()
    with pytest.raises(PowerShellError) as caught:
        run_call(Call(name), SessionState(host.machine, handlers()), NoOutput())
    assert caught.value.record.fully_qualified_error_id == f"NotSimulated,{name}"
    assert caught.value.record.category == "NotImplemented"
    assert host.world.to_dict() == before


def test_an_unknown_cmdlet_is_not_recognized():
    with pytest.raises(CmdletError) as caught:
        connect().run(typed("Get-VMUnicorn -Name a")[1])
    assert caught.value.record.error_id == "CommandNotFoundException"


def test_the_page_says_what_is_simulated(update_cases):
    if update_cases:
        PATH.write_text(page(), encoding="utf-8", newline="\n")
    assert PATH.read_text(encoding="utf-8") == page(), (
        "make it again with --update-cases, then read what changed"
    )


def test_the_readme_links_the_page():
    readme = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    assert "(docs/simulated-host.md)" in readme
