"""Commands: functions of the script, a few of PowerShell itself, and those of the simulated host."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from nestlab.errors import CmdletError, HostError
from nestlab.export.powershell.source import is_read_only
from nestlab.model import Cmdlet
from nestlab.simulator.powershell.binding.signatures import signature
from tests.export.engine.syntax import is_command, is_number, number, parsed, text_of
from tests.export.engine.values import (
    Block,
    Credential,
    PsError,
    PsObject,
    Table,
    as_text,
    copied,
    is_true,
    items,
    member,
    same,
)


def run_stages(engine, stages, flowing):
    """Run the commands of a pipeline; `flowing` are the values before them."""
    position = 0
    while position < len(stages):
        name, arguments = _parts(engine, stages[position])
        if _is_of_host(engine, name):
            assert flowing is None, (
                f"{name} gets objects of the script, which the host does not have"
            )
            cmdlets = [_cmdlet(name, arguments)]
            while position + 1 < len(stages):
                following, given = _parts(engine, stages[position + 1])
                if not (_is_of_host(engine, following) or following == "Where-Object"):
                    break
                cmdlets.append(_cmdlet(following, given))
                position += 1
            flowing = _on_host(engine, cmdlets)
        else:
            flowing = _local(engine, name, arguments, flowing)
        position += 1
    return flowing if flowing is not None else []


def _parts(engine, stage):
    """The name of a command, and its arguments: positional values, and pairs of name and value."""
    children = [each for each in stage.named_children if each.type != "comment"]
    if children[0].type in ("command_invokation_operator", "command_invocation_operator"):
        name, rest = engine.value(children[1]), children[2:]
    else:
        name, rest = text_of(children[0]), children[1:]
    elements = [
        each
        for group in rest
        for each in group.named_children
        if each.type not in ("command_argument_sep", "comment")
    ]
    return name, _arguments(engine, elements)


def _arguments(engine, elements):
    positional, named, waiting = [], [], None
    for each in elements:
        if each.type == "command_parameter":
            if waiting:
                named.append((waiting, True))
            waiting = text_of(each)[1:]
            continue
        text = text_of(each)
        if text.startswith("@") and text[1:2].isalpha():
            named += engine.variable(text[1:]).pairs()
            continue
        value = (
            engine.value(each)
            if each.type != "generic_token"
            else number(text)
            if is_number(each)
            else text
        )
        if waiting:
            named.append((waiting, value))
            waiting = None
        else:
            positional.append(value)
    if waiting:
        named.append((waiting, True))
    twice = {name.casefold() for name, _ in named}
    assert len(twice) == len(named), f"a parameter is there twice: {named}"
    return positional, named


def _is_of_host(engine, name):
    return isinstance(name, str) and name not in LOCAL and name.casefold() not in engine.functions


def _cmdlet(name, arguments):
    positional, named = arguments
    assert not positional, f"{name} has positional arguments: {positional}"
    assert signature(name.rpartition("\\")[2]) is not None, f"there is no command {name}"
    return Cmdlet(name, {key: _sent(value) for key, value in named})


def _sent(value):
    if isinstance(value, Table):
        return {key: _sent(item) for key, item in value.pairs()}
    return [_sent(item) for item in value] if isinstance(value, list) else value


def _on_host(engine, cmdlets):
    result = None
    for cmdlet in reversed(cmdlets):
        result = Cmdlet(cmdlet.name, cmdlet.parameters, result)
    if not all(is_read_only(cmdlet.name) for cmdlet in cmdlets):
        if engine.host.changes_left == 0:
            raise PsError("interrupted")
        engine.host.changes_left = engine.host.changes_left and engine.host.changes_left - 1
    engine.host.cmdlets.append((tuple(engine.session.machine), result))
    try:
        outcome = engine.session.run(result)
    except CmdletError as error:
        raise PsError(error.record.message, error.record) from error
    except HostError as error:
        raise PsError(error.message) from error
    return [_plain(record) for record in outcome]


def _plain(record):
    """A value instead of a record of one."""
    plain = {"System.Boolean", "System.String", "System.Int32", "System.Int64", "System.UInt32"}
    if record.type_names and record.type_names[0] in plain and "Value" in record:
        return record["Value"]
    return record


def _local(engine, name, arguments, flowing):
    if isinstance(name, Block):
        return engine.call(name.node, arguments)
    if name in LOCAL:
        return LOCAL[name](engine, arguments, flowing)
    return engine.call(engine.functions[name.casefold()], arguments)


def _named(arguments):
    return Table(arguments[1])


def _import_data(engine, arguments, flowing):
    given = _named(arguments)
    path = Path(given["BaseDirectory"]) / given["FileName"]
    root = parsed(path.read_text(encoding="utf-8-sig"))
    _require_data(root)
    return engine.statements(root)


def _require_data(node):
    """A data file has no commands, and of the variables only the constants."""
    assert not is_command(node), text_of(node)
    assert node.type not in ("invokation_expression", "cast_expression"), text_of(node)
    if node.type == "variable":
        assert text_of(node).casefold() in ("$true", "$false", "$null")
    for each in node.named_children:
        _require_data(each)


def _get_credential(engine, arguments, flowing):
    message = _named(arguments)["Message"]
    engine.host.prompts.append(message)
    return [] if engine.host.cancels else [Credential(message.rpartition(": ")[2])]


def _invoke_command(engine, arguments, flowing):
    given = _named(arguments)
    found = [
        vm for vm in engine.session.run(Cmdlet("Get-VM")) if str(vm["Id"]) == as_text(given["VMId"])
    ]
    assert len(found) == 1
    inside = type(engine)(
        engine.session.guest(found[0]["Name"], given["Credential"].name), engine.host
    )
    try:  # PowerShell Direct answers where Windows has started, also to a block without any command
        inside.session.run(Cmdlet("Get-CimInstance", {"ClassName": "Win32_OperatingSystem"}))
    except HostError as error:
        raise PsError(error.message) from error
    return [
        copied(value)
        for value in inside.call(given["ScriptBlock"].node, (copied(given["ArgumentList"]), []))
    ]


def _read_host(engine, arguments, flowing):
    engine.host.prompts.append(_named(arguments)["Prompt"])
    return [engine.host.read]


def _start_sleep(engine, arguments, flowing):
    seconds = _named(arguments)["Seconds"]
    engine.host.waited += seconds
    engine.session.wait(seconds)
    return []


def _get_date(engine, arguments, flowing):
    return [datetime.fromtimestamp(engine.session.simulated_host.world.clock.now, UTC)]


def _select(engine, arguments, flowing):
    flowing = flowing or []
    first, given = arguments[1][0], arguments[1][1:]
    if given:
        assert first == ("First", 1), first
        flowing = flowing[:1]
    ((name, value),) = given or [first]
    if name == "First":
        return flowing[:value]
    if name == "Skip":
        return flowing[value:]
    if name == "SkipLast":
        return flowing[: len(flowing) - value]
    assert name == "ExpandProperty", name
    return [item for each in flowing for item in items(member(each, value))]


def _where(engine, arguments, flowing):
    given = _named(arguments)
    name, wanted = given["Property"], given["Value"]
    if "In" in given:
        return [
            each
            for each in flowing or []
            if any(same(member(each, name), item) for item in items(wanted))
        ]
    assert "EQ" in given
    return [each for each in flowing or [] if same(member(each, name), wanted)]


def _for_each(engine, arguments, flowing):
    block, output = _named(arguments)["Process"], []
    for each in flowing or []:
        engine.assign("_", each)
        output += engine.statements(block.node)
    return output


def _silent(engine, arguments, flowing):
    return []


def _verbose(engine, arguments, flowing):
    engine.host.verbose.append(_named(arguments)["Message"])
    return []


def _strict(engine, arguments, flowing):
    assert _named(arguments)["Version"] == "Latest"
    return []


LOCAL = {
    "ForEach-Object": _for_each,
    "Get-Credential": _get_credential,
    "Get-Date": _get_date,
    "Import-LocalizedData": _import_data,
    "Invoke-Command": _invoke_command,
    "Read-Host": _read_host,
    "Select-Object": _select,
    "Set-StrictMode": _strict,
    "Start-Sleep": _start_sleep,
    "Where-Object": _where,
    "Write-Progress": _silent,
    "Write-Verbose": _verbose,
}


def _should_process(engine, caller, target, action):
    if is_true(engine.variable("WhatIfPreference")):
        engine.host.what_if.append(f"{target}: {action}")
        return False
    return engine.host.refused is None or not action.startswith(engine.host.refused)


def _clone(engine, owner):
    return Table(owner.pairs())


def _contains_key(engine, owner, key):
    return key in owner


def _to_string(engine, owner):
    return as_text(owner)


def _trim_end(engine, owner, characters):
    return owner.rstrip(characters)


def _network_credential(engine, owner):
    return PsObject({"UserName": owner.user, "Password": "Geheim-17-x"})


def _to_lower(engine, owner):
    return owner.lower()


def _to_universal_time(engine, owner):
    return owner.astimezone(UTC)


def _escaped(text):
    return escape(text, {'"': "&quot;", "'": "&apos;"})


STATIC_METHODS = {
    ("[Security.SecurityElement]", "Escape"): _escaped,
    ("[Text.Encoding]::Unicode", "GetBytes"): lambda text: text.encode("utf-16-le"),
    ("[Convert]", "ToBase64String"): lambda data: b64encode(data).decode(),
}
METHODS = {
    "GetNetworkCredential": _network_credential,
    "ToLower": _to_lower,
    "Clone": _clone,
    "ContainsKey": _contains_key,
    "ShouldProcess": _should_process,
    "ToString": _to_string,
    "ToUniversalTime": _to_universal_time,
    "TrimEnd": _trim_end,
}
