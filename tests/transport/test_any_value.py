"""Every value that the model can hold goes through client, packets and simulated server, and back."""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import UTC, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.errors import UsageError
from nestlab.model import Cmdlet, EnumValue, Secret, Size, SwitchParameter
from nestlab.simulator.endpoint.psrp.pipelines import Pipelines
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.transport.process import local
from tests.transport import echoing
from tests.transport.doors import options

EXAMPLES = 3_000 if os.environ.get("NESTLAB_CHAOS") == "all" else 100

ZONES = st.one_of(
    st.none(),
    st.just(UTC),
    st.builds(timezone, st.timedeltas(timedelta(hours=-14), timedelta(hours=14))),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(SwitchParameter),
    st.integers(-(1 << 65), 1 << 66),
    st.builds(Size, st.integers(0, 1 << 64)),
    st.floats(allow_nan=False),
    st.text(),
    st.text(st.sampled_from("_x0041 \x00\r\n\t\ud800\udc00\ufffe'\"<&>")),
    st.binary(max_size=100),
    st.uuids(),
    st.decimals(allow_nan=None),
    st.timedeltas(),
    st.datetimes(timezones=ZONES),
    st.builds(EnumValue, st.just("Running"), st.just(2)),
    st.builds(Secret, st.just("name"), st.text(max_size=20), st.text(min_size=1, max_size=20)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(min_size=1), inner, max_size=3),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module", params=["local", "winrm"])
def session(request):
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
        if request.param == "local":
            patch.setattr(local, "require_hyper_v_access", lambda _session: None)
            opened = nestlab.connect("local:", command=[sys.executable, echoing.__file__])
        else:
            patch.setattr(Pipelines, "runner", echoing.Echo.runner)
            host = SimulatedHost.from_scenario("ws2022-intel")
            endpoint = stack.enter_context(serve(host, tls=True))
            opened = nestlab.connect(endpoint.address, **options(endpoint))
        yield opened
        opened.close()


def as_sent(value):
    """What a value is on the other side: what PowerShell has no type for is what stands for it."""
    match value:
        case SwitchParameter():
            return value is SwitchParameter.ON
        case EnumValue():
            return value.name
        case Secret():
            return f"{value.username}|{value.value}" if value.username else value.value
        case Decimal():
            return str(
                Decimal(format(value, "f"))
            )  # the simulated host takes decimals for their text
        case bool() | None:
            return value
        case int():
            return int(value)
        case str():
            # Two halves of a pair are one character, in UTF-16.
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        case dict():
            return {as_sent(key): as_sent(item) for key, item in value.items()}
        case list() | tuple():
            return [as_sent(item) for item in value]
        case _:
            return value


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=EXAMPLES,
)
@given(value=VALUES)
def test_a_value_comes_back_as_it_was_or_is_refused_before_it_is_sent(session, value):
    statement = Cmdlet("Set-Anything", {"Value": value})
    try:
        (record,) = session.run(statement)
    except UsageError as problem:
        assert "Set-Anything -Value cannot be sent" in problem.message  # noqa: PT017  # either way is right
        return
    assert record["Value"] == as_sent(value)
