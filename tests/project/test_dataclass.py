"""nestlab's `dataclass` makes the same classes as that of the standard library."""

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestlab import dataclass as nestlab_dataclass
from nestlab.dataclass import MISSING, dataclass, fields, is_dataclass, replace

SAMPLES = '''
from __future__ import annotations
from typing import ClassVar

@dataclass(frozen=True)
class Nothing:
    """No field."""

@dataclass(frozen=True)
class One:
    """One field, which is required."""
    a: object

@dataclass(frozen=True)
class Many(One):
    """Inherited, with defaults, a factory and hidden fields."""
    kind: ClassVar[str] = "many"
    b: object = 2
    c: list[object] = field(default_factory=list, compare=False)
    d: object = field(default=None, repr=False)
    e: object = field(init=False, default=5)
    f: list[object] = field(init=False, repr=False, compare=False, default_factory=list)

@dataclass(frozen=True, kw_only=True)
class Keywords:
    """Keyword-only, derived in `__post_init__`."""
    a: object
    b: object = 2
    both: tuple[object, ...] = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "both", (self.a, self.b))

@dataclass(frozen=True)
class Mixed:
    """One keyword-only field before another one."""
    a: object = field(default=1, kw_only=True)
    b: object = 2

@dataclass(frozen=True, eq=False)
class ById:
    """Compared by identity."""
    a: object = 1

@dataclass(frozen=True, repr=False)
class Own:
    """With methods of its own."""
    a: object = 1
    b: object = 2

    def __repr__(self):
        return "own"

    def __eq__(self, other):
        return self.a == getattr(other, "a", None)

@dataclass(frozen=True)
class OwnHash:
    """With a hash of its own."""
    a: object = 1

    def __hash__(self):
        return 7

@dataclass
class Mutable:
    """Neither frozen nor hashable."""
    a: object
    b: list[object] = field(default_factory=list)

@dataclass(slots=True)
class Slots:
    """With slots, one of them with a default that `__init__` does not take."""
    a: object
    b: object = 2
    c: object = field(init=False, default=3)

@dataclass(slots=True, eq=False)
class SlotsById:
    """With slots, compared by identity."""
    a: object = 1
'''


def made_by(library, name):
    module = types.ModuleType(name)
    module.dataclass, module.field = library.dataclass, library.field
    sys.modules[name] = module
    exec(SAMPLES, vars(module))  # noqa: S102  # the text above
    return module


OURS = made_by(nestlab_dataclass, "samples_of_nestlab")
STANDARD = made_by(dataclasses, "samples_of_the_standard_library")
NAMES = [name for name, value in vars(OURS).items() if dataclasses.is_dataclass(value)]
# From Python 3.13 on, the standard library compares field by field: a NaN differs from itself.
NAN = [float("nan")] if sys.version_info < (3, 13) else []
VALUES = st.one_of(st.integers(0, 2), st.sampled_from(["", "x", (1, 2), *NAN]))


def arguments(data):
    return (
        data.draw(st.lists(VALUES, max_size=4)),
        data.draw(st.dictionaries(st.sampled_from("abcdef"), VALUES, max_size=4)),
    )


def outcome(function, *args, **kwargs):
    """What a call returns, or the type and text of its error."""
    try:
        return function(*args, **kwargs)
    except (AttributeError, TypeError, ValueError) as error:
        return type(error), str(error)


def texts(value):
    return (
        repr(value).replace("samples_of_nestlab", "").replace("samples_of_the_standard_library", "")
    )


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_instances_behave_the_same(name, data):
    ours, standard = getattr(OURS, name), getattr(STANDARD, name)
    first, second = arguments(data), arguments(data)
    here = [outcome(ours, *positional, **named) for positional, named in (first, second)]
    there = [outcome(standard, *positional, **named) for positional, named in (first, second)]
    if isinstance(here[0], tuple) or isinstance(here[1], tuple):
        assert [texts(value) for value in here if isinstance(value, tuple)] == [
            texts(value) for value in there if isinstance(value, tuple)
        ]
        return
    by_identity = "ById" in name
    assert by_identity or outcome(hash, here[0]) == outcome(hash, there[0])
    for change, its_standard in (
        (lambda value: value, None),
        (copy.copy, None),
        (copy.deepcopy, None),
        (_pickled, None),
        (dataclasses.replace, None),
        (replace, dataclasses.replace),
    ):
        changed, expected = (
            outcome(change, here[0]),
            outcome(its_standard or change, there[0]),
        )
        if isinstance(changed, tuple):
            assert texts(changed) == texts(expected)
            continue
        if not by_identity:
            assert repr(changed) == repr(expected)
            assert (outcome(hash, changed) == outcome(hash, here[0])) is (
                outcome(hash, expected) == outcome(hash, there[0])
            )
        assert (changed == here[0]) is (expected == there[0])
        assert (changed == here[1]) is (expected == there[1])
    assert (here[0] == here[1]) is (there[0] == there[1])
    assert (here[0] != 1) is (there[0] != 1)


def _pickled(value):
    return pickle.loads(pickle.dumps(value))  # noqa: S301  # our own


@pytest.mark.parametrize("name", NAMES)
def test_classes_look_the_same(name):
    ours, standard = getattr(OURS, name), getattr(STANDARD, name)
    assert str(inspect.signature(ours)) == str(inspect.signature(standard))
    assert ours.__init__.__annotations__ == standard.__init__.__annotations__
    assert ours.__match_args__ == standard.__match_args__
    assert texts(dataclasses.fields(ours)) == texts(dataclasses.fields(standard))
    assert (ours.__hash__ is None) is (standard.__hash__ is None)


@pytest.mark.parametrize("name", NAMES)
def test_frozen_instances_cannot_be_changed(name):
    for attribute in ("a", "b", "unknown"):
        results = []
        for module in (OURS, STANDARD):
            kind = getattr(module, name)
            value = kind(a=1) if "a" in inspect.signature(kind).parameters else kind()
            results.append(
                [outcome(setattr, value, attribute, 3), outcome(delattr, value, attribute)]
            )
        assert results[0] == results[1]


def test_a_value_that_contains_itself_can_be_shown():
    value = OURS.Mutable(1)
    value.b.append(value)
    assert repr(value) == "Mutable(a=1, b=[...])"


def test_frozen_classes_with_slots_are_refused():
    with pytest.raises(TypeError, match="slots"):
        dataclass(frozen=True, slots=True)


def test_replace_is_that_of_the_standard_library():
    changes = [{}, {"b": 3}, {"e": 3}, {"unknown": 3}]
    for change in changes:
        results = [outcome(function, module.Many(1), **change) for function, module in SIDES]
        # From Python 3.13 on, the standard library raises TypeError where it raised ValueError.
        assert texts(results[0]) == texts(results[1]).replace(*TYPE_OF_REFUSAL)


TYPE_OF_REFUSAL = ("TypeError'>, 'field", "ValueError'>, 'field")
SIDES = ((replace, OURS), (dataclasses.replace, STANDARD))


def test_fields_are_those_of_the_standard_library():
    for name in NAMES:
        ours, standard = getattr(OURS, name), getattr(STANDARD, name)
        found, expected = fields(ours), dataclasses.fields(standard)
        for part in ("name", "type", "init", "repr", "compare", "kw_only", "metadata"):
            assert [getattr(each, part) for each in found] == [
                getattr(each, part) for each in expected
            ]
        assert [each.default for each in found if each.default is not MISSING] == [
            each.default for each in expected if each.default is not dataclasses.MISSING
        ]
        assert [each.default_factory for each in found if each.default_factory is not MISSING] == [
            each.default_factory
            for each in expected
            if each.default_factory is not dataclasses.MISSING
        ]
    with pytest.raises(TypeError, match="dataclass"):
        fields(int)


def test_what_is_a_dataclass():
    assert is_dataclass(OURS.One)
    assert is_dataclass(OURS.One(1))
    assert not is_dataclass(int)
    assert not is_dataclass(3)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("class C:\n a: int = 1\n b: int", "non-default argument 'b' follows default argument"),
        ("class C:\n a: list = []", "mutable default"),
        ("class C:\n a = field(default=1)", "'a' is a field but has no type annotation"),
        ("class C:\n a: int = field(default=1, default_factory=int)", "both default and"),
        ("class C(Frozen):\n a: int = 1", "cannot inherit non-frozen dataclass from a frozen one"),
    ],
)
def test_classes_that_the_standard_decorator_refuses_are_refused(source, message):
    found = []
    for library in (nestlab_dataclass, dataclasses):
        frozen = library.dataclass(frozen=True)(type("Frozen", (), {"__annotations__": {}}))
        names = {"dataclass": library.dataclass, "field": library.field, "Frozen": frozen}
        found.append(outcome(exec, f"@dataclass\n{source}", names))
    (kind, text), (expected_kind, expected_text) = found
    assert kind is expected_kind
    assert message in text
    assert message in expected_text


@pytest.mark.parametrize(
    "source",
    [
        "a: 'InitVar[int]'",
        "a: 'dataclasses.InitVar[int]'",
        "_: 'KW_ONLY'",
        "a: 'int' = dataclasses.field(default=1)",
    ],
)
def test_what_is_not_supported_is_refused(source):
    names = {"dataclass": dataclass, "dataclasses": dataclasses}
    with pytest.raises(TypeError, match=r"not supported|nestlab\.dataclass"):
        exec(f"@dataclass\nclass C:\n {source}", names)  # noqa: S102  # the text above


def test_a_class_of_the_standard_library_is_no_base():
    base = dataclasses.make_dataclass("Base", ["a"])
    with pytest.raises(TypeError, match="standard library"):
        dataclass(type("Derived", (base,), {"__annotations__": {"b": "int"}}))


def test_a_class_of_the_standard_library_can_derive_from_one_of_nestlab():
    derived = dataclasses.make_dataclass("Derived", ["z"], bases=(OURS.One,), frozen=True)
    assert repr(derived(1, 2)) == "Derived(a=1, z=2)"
    with pytest.raises(TypeError, match="frozen"):
        dataclasses.make_dataclass("Derived", ["z"], bases=(OURS.One,))


def test_an_init_can_be_called_by_a_subclass():
    class Derived(OURS.One):
        def __init__(self, a):
            super().__init__((a, a))

    assert Derived(1).a == (1, 1)


def test_an_init_is_compiled_only_for_a_class_with_some_instances_or_a_reader():
    few, many, read = (made_by(nestlab_dataclass, f"few_{number}") for number in range(3))
    assert few.Many(1, c=[2]) == few.Many(1)
    for number in range(20):
        assert many.Many(number).a == number
    inspect.signature(read.Many)
    compiled = [inspect.isfunction(vars(each.Many)["__init__"]) for each in (few, many, read)]
    assert compiled == [False, True, True]


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_an_init_that_is_not_compiled_does_the_same(name, data):
    positional, named = arguments(data)
    fresh, standard = getattr(made_by(nestlab_dataclass, "fresh"), name), getattr(STANDARD, name)
    here, there = (outcome(kind, *positional, **named) for kind in (fresh, standard))
    assert texts(here) == texts(there)
    if not isinstance(here, tuple):
        attributes = [
            [getattr(value, each.name, None) for each in dataclasses.fields(standard)]
            for value in (here, there)
        ]
        assert texts(attributes[0]) == texts(attributes[1])


def test_the_package_does_without_the_modules_of_the_standard_library():
    script = (
        "import sys, nestlab.model; print(sorted({'dataclasses', 'inspect'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
