"""Laws of binding, over all commands of the table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nestlab.model import EnumValue, Secret, Size, SwitchParameter
from nestlab.simulator.powershell.binding.bound import Bound, bind
from nestlab.simulator.powershell.binding.parameter_lookup import match_parameter
from nestlab.simulator.powershell.binding.parameters import Parameter, Signature
from nestlab.simulator.powershell.binding.signatures import command_names, signature
from nestlab.simulator.powershell.call import Call, PowerShellError
from nestlab.simulator.powershell.objects import make_record

COMMANDS = [command for name in command_names() if (command := signature(name))]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        ["8GB", "On", "off", "1.2.3.4", "00:10:00", "9.0", "-1", "0x1F", "1e999", "٣", "²"]
    ),
    st.sampled_from(
        [
            SwitchParameter.ON,
            SwitchParameter.OFF,
            Secret("x"),
            Size.parse("4GB"),
            EnumValue("On", 0),
            UUID(int=1),
            timedelta(seconds=1),
        ]
    ),
    st.sampled_from(
        [
            datetime(2026, 1, 1, tzinfo=UTC),
            make_record("VirtualMachine", Name="x"),
            make_record("MSFT_NetNat", Name="n"),
        ]
    ),
)
values = st.one_of(
    scalars,
    st.lists(scalars, max_size=3),
    st.dictionaries(st.text(max_size=3), scalars, max_size=2),
)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    command = draw(st.sampled_from(COMMANDS))
    known = st.sampled_from(sorted(command.parameters))
    names = st.one_of(
        known, known, known.map(lambda name: name[:4]), st.none(), st.text(max_size=5)
    )
    return Call(command.name, tuple(draw(st.lists(st.tuples(names, values), max_size=5))))


def outcome(call: Call, pipeline_object: object = None) -> tuple[str, object, object]:
    """What binding gives: the bound call, or the error; nothing else may happen."""
    try:
        result = bind(call, pipeline_object)
    except PowerShellError as error:
        record = error.record
    else:
        return result.parameter_set, dict(result.arguments), result.error_action
    assert record.message
    assert record.category
    assert record.fully_qualified_error_id
    return "error", record.fully_qualified_error_id, None


@given(
    calls(),
    st.sampled_from(
        [
            None,
            make_record("VirtualMachine", Name="x"),
            make_record("MSFT_NetIPAddress", IPAddress="10.0.0.1"),
        ]
    ),
)
def test_binding_gives_a_bound_call_or_a_powershell_error(call, pipeline_object):
    outcome(call, pipeline_object)


@given(
    st.text(max_size=20), st.lists(st.tuples(st.none() | st.text(max_size=5), values), max_size=3)
)
def test_any_name_is_a_command_or_not_recognized(name, arguments):
    outcome(Call(name, tuple(arguments)))


def sample(parameter: Parameter) -> object:
    """A value that the parameter takes, or None where only a live object will do."""
    if parameter.values:
        return parameter.values[0] if parameter.element_type != "Boolean" else True
    return {
        "SwitchParameter": SwitchParameter.ON,
        "Boolean": True,
        "String": "x",
        "Guid": str(UUID(int=1)),
        "IPAddress": "10.0.0.1",
        "TimeSpan": "00:01:00",
        "Version": "9.0",
        "Object": "x",
        "PSObject": "x",
        "ActionPreference": "Stop",
        **dict.fromkeys(
            ("Byte", "Int16", "Int32", "Int64", "UInt16", "UInt32", "UInt64", "Double"), 1
        ),
    }.get(parameter.element_type)


def complete_call(command: Signature, parameter_set: str) -> dict[str, object] | None:
    """Every mandatory parameter of a set, with a value; None where one takes live objects only."""
    mandatory = [
        p
        for p in command.parameters.values()
        if parameter_set in p.roles and p.roles[parameter_set].mandatory
    ]
    arguments = {parameter.name: sample(parameter) for parameter in mandatory}
    return None if None in arguments.values() else arguments


def sets() -> list[tuple[Signature, str]]:
    return [(command, name) for command in COMMANDS for name in command.sets]


@given(st.sampled_from(sets()), st.data())
def test_spelling_does_not_matter(chosen, data):
    command, parameter_set = chosen
    arguments = complete_call(command, parameter_set)
    assume(arguments is not None)
    plain = Call(command.name, tuple(arguments.items()))
    respelled = tuple(
        (data.draw(spellings(command, command.parameters[name])), value)
        for name, value in arguments.items()
    )
    name = data.draw(
        st.sampled_from(
            [
                command.name.lower(),
                command.name.upper(),
                f"{command.module}\\{command.name}",
                *command.aliases,
            ]
        )
    )
    assert outcome(Call(name, respelled)) == outcome(plain)


def spellings(command: Signature, parameter: Parameter) -> st.SearchStrategy[str]:
    """Other ways to write the parameter's name: its case, its aliases, every beginning that is not ambiguous."""
    beginnings = [
        known[:length] for known in parameter.names() for length in range(1, len(known) + 1)
    ]
    unambiguous = [
        beginning for beginning in beginnings if leads_to(command, beginning) == parameter.name
    ]
    return st.sampled_from(
        [
            *unambiguous,
            *(name.upper() for name in parameter.names()),
            *(name.lower() for name in parameter.names()),
        ]
    )


def leads_to(command: Signature, name: str) -> str | None:
    try:
        parameter = match_parameter(command, name)
    except PowerShellError:
        return None
    return parameter.name if parameter else None


@given(st.sampled_from(sets()), st.randoms(use_true_random=False))
def test_the_order_of_named_parameters_does_not_matter(chosen, random):
    command, parameter_set = chosen
    arguments = complete_call(command, parameter_set)
    assume(arguments is not None)
    shuffled = list(arguments.items())
    random.shuffle(shuffled)
    assert outcome(Call(command.name, tuple(shuffled))) == outcome(
        Call(command.name, tuple(arguments.items()))
    )


def callable_default_sets() -> list[tuple[Signature, dict[str, object]]]:
    """The commands whose default set takes no script block and no live object, with a call of it."""
    chosen = (
        (command, complete_call(command, command.default_set))
        for command in COMMANDS
        if command.default_set
    )
    return [(command, arguments) for command, arguments in chosen if arguments is not None]


@pytest.mark.parametrize(
    ("command", "arguments"), callable_default_sets(), ids=lambda value: getattr(value, "name", "")
)
def test_every_default_set_can_be_called(command, arguments):
    bound: Bound = bind(Call(command.name, tuple(arguments.items())))
    assert bound.parameter_set == command.default_set
    assert set(bound.arguments) == set(arguments)


def test_each_place_is_in_a_known_set_and_positions_do_not_collide():
    for command in COMMANDS:
        for parameter in command.parameters.values():
            assert set(parameter.roles) <= set(command.sets), (command.name, parameter.name)
        for parameter_set in command.sets:
            roles = (
                parameter.roles.get(parameter_set) for parameter in command.parameters.values()
            )
            positions = [
                role.position for role in roles if role is not None and role.position is not None
            ]
            assert len(positions) == len(set(positions)), (command.name, parameter_set)
