"""Names go through the script unharmed, and its text keeps the rules of PSScriptAnalyzer."""

import re
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_pwsh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.errors import UsageError
from nestlab.export import PlannedRun
from nestlab.export.powershell import script_files
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.plan import Action, Step, StepTarget, TargetKind
from tests.export.documents import texts

pytest.importorskip("tree_sitter_powershell", reason="the grammar of the engine is not installed")
from tests.export.engine import syntax  # it needs the grammar
from tests.export.engine.commands import _require_data
from tests.export.engine.interpreter import Interpreter

EVERY_STEP = Path(__file__).with_name("every_step.yml")
# tree-sitter ends a text at its first NUL; PowerShell does not.
names = st.one_of(
    texts,
    st.text(
        st.sampled_from("ab'\u2018\u2019\u201a\u201b\"\u201c$(){}[]`#<>@;,|&%\r\n\t-\u2013 "),
        max_size=20,
    ),
).filter(lambda text: "\0" not in text)


def planned(name, title, why):
    """A run of one step with these texts."""
    new = {
        "Name": name,
        "Generation": 2,
        "MemoryStartupBytes": Size.parse("1536MB"),
        "VHDPath": f"D:\\{name}.vhdx",
    }
    notes = {"Notes": f"{name}\nnestlab:lab", "Passthru": SwitchParameter.ON}
    step = Step(
        id="host:create-vm:x",
        machine=(),
        action=Action.CREATE_VM,
        title=title,
        why=why,
        cmdlets=(Cmdlet("New-VM", new, Cmdlet("Set-VM", notes)),),
        target=StepTarget(TargetKind.VM, name),
    )
    return PlannedRun("sim", (step,))


def data_of(text):
    root = syntax.parsed(text)
    _require_data(root)
    (data,) = Interpreter(None).statements(root)
    return data


def code_of(text):
    """The source without its comments."""
    root = syntax.parsed(text)
    return [syntax.text_of(node) for node in leaves(root) if node.type != "comment"]


def leaves(node):
    return (
        [node] if not node.children else [leaf for each in node.children for leaf in leaves(each)]
    )


def files(name, title, why, description=""):
    topology = nestlab.Topology(name="lab", description=description)
    return script_files(topology, planned(name, title, why), "lab.ps1", "lab.psd1")


PLAIN = code_of(files("web1", "Create", "none", "A lab").script)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(names, names, names, names)
def test_any_text_reads_back_from_the_data_and_changes_no_code(name, title, why, description):
    made = files(name, title, why, description)
    step = data_of(made.data)["Steps"]["Step001"]
    assert (step["Title"], step["Why"]) == (title, why)
    values = step["Data"]
    assert values["VMName"] == name
    assert values["Notes"] == f"{name}\nnestlab:lab"
    assert values["VHDPath"] == f"D:\\{name}.vhdx"
    assert values["MemoryStartupBytes"] == 1536 << 20
    assert code_of(made.script) == PLAIN
    for text in (made.script, made.data):
        parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_pwsh.language()))
        assert not parser.parse(text.encode()).root_node.has_error


def test_a_step_of_a_kind_without_code_is_refused_by_its_name():
    run = planned("web1", "Suspend web1", "it runs")
    step = run.steps[0].undo_step
    unknown = Step(**{**vars(step), "action": Action.SUSPEND_VM, "id": "host:suspend-vm:web1"})
    with pytest.raises(
        UsageError, match=r"host:suspend-vm:web1 \(Undo: Suspend web1\) cannot be in a script"
    ):
        script_files(nestlab.Topology(name="lab"), PlannedRun("sim", (unknown,)), "a.ps1", "a.psd1")


@pytest.fixture(scope="module")
def script():
    topology = nestlab.load(EVERY_STEP)
    from nestlab.lab.simulated_run import simulated_run

    return script_files(
        topology, simulated_run(topology, nestlab.Lab), "lab.ps1", "lab.psd1"
    ).script


def found(node, kind):
    return ([node] if node.type == kind else []) + [
        item for each in node.named_children for item in found(each, kind)
    ]


def text(node):
    return syntax.text_of(node)


def test_commands_have_their_full_names_and_no_positional_arguments(script):
    own = {text(name) for name in found(syntax.parsed(script), "function_name")}
    for command in found(syntax.parsed(script), "command"):
        if text(command.named_children[0]) == "&" or syntax.is_number(command):
            continue
        name = text(command.named_children[0])
        assert re.fullmatch(r"[A-Z]\w+-\w+", name), name  # PSAvoidUsingCmdletAliases
        assert name not in ("Write-Host", "Invoke-Expression")
        waiting = False
        for part in [p for group in command.named_children[1:] for p in group.named_children]:
            if part.type == "command_argument_sep":
                continue
            if part.type == "command_parameter":
                waiting = True
            elif not text(part).startswith("@") or text(part)[1] in "({":
                assert waiting, f"PSAvoidUsingPositionalParameters: {text(command)}"
                waiting = False
        assert name.partition("-")[0] in {*_VERBS} or name not in own


_VERBS = ("Get", "Invoke", "Wait", "Test")  # those of its functions: none of them changes something


def test_functions_have_approved_verbs_help_and_use_their_parameters(script):
    for function in found(syntax.parsed(script), "function_statement"):
        name = text(function.named_children[0])
        assert name.startswith(
            _VERBS
        )  # PSUseApprovedVerbs, PSUseShouldProcessForStateChangingFunctions
        assert not name.endswith("s")  # PSUseSingularNouns
        assert ".SYNOPSIS" in text(function)  # PSProvideCommentHelp
    for block in [*found(syntax.parsed(script), "script_block"), syntax.parsed(script)]:
        given = syntax.child(block, "param_block")
        for parameter in found(given, "script_parameter") if given else ():
            name = text(syntax.child(parameter, "variable"))[1:]
            uses = re.findall(rf"[$@]{name}\b", text(block), re.IGNORECASE)
            assert len(uses) > 1, f"PSReviewUnusedParameter: {name} in {text(block)[:80]}"


def test_variables_are_used_and_no_catch_block_is_empty(script):
    for assignment in found(syntax.parsed(script), "left_assignment_expression"):
        name = text(assignment)
        if re.fullmatch(r"\$\w+", name) and name not in ("$null", "$ErrorActionPreference"):
            uses = re.findall(rf"[$@]{name[1:]}\b", script, re.IGNORECASE)
            assert len(uses) > 1, f"PSUseDeclaredVarsMoreThanAssignments: {name}"
    for clause in found(syntax.parsed(script), "catch_clause"):
        assert found(clause, "statement_list")  # PSAvoidUsingEmptyCatchBlock


def test_the_layout_has_no_trailing_blanks_and_no_tabs(script):
    assert not re.search(r"[ \t]+$", script, re.MULTILINE)  # PSAvoidTrailingWhitespace
    assert "\t" not in script


def test_the_head_declares_what_it_needs(script):
    assert script.startswith("<#\n.SYNOPSIS")
    for line in (
        "#Requires -Version 5.1",
        "#Requires -Modules Hyper-V, NetNat, NetTCPIP, DnsClient".replace(
            ", NetNat, NetTCPIP, DnsClient", ", DnsClient, NetNat, NetTCPIP"
        ),
        "#Requires -RunAsAdministrator",
        "[CmdletBinding(SupportsShouldProcess)]",
        "Set-StrictMode -Version Latest",
        "$ErrorActionPreference = 'Stop'",
    ):
        assert f"\n{line}\n" in script, line
