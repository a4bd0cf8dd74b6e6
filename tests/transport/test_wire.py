"""What leaves is what arrives: parameters through pypsrp's writer and psrpcore's reader, as the endpoint takes them."""

from __future__ import annotations

import logging
from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psrpcore.types import deserialize
from pypsrp.serializer import Serializer

from nestlab.errors import UsageError
from nestlab.model import Cmdlet, Secret, Size, Switch
from nestlab.simulator.endpoint.language import plain
from nestlab.transport.names import refuse_wildcards
from nestlab.transport.redaction import MASK, Redaction
from nestlab.transport.wire import wire_value

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.builds(Size, st.integers(0, 1 << 50)),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\ufffe\uffff")),
    st.uuids(),
    st.datetimes(timezones=st.just(UTC)),
    st.timedeltas(timedelta(days=-9_000), timedelta(days=9_000)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text("abc_x", min_size=1), inner, max_size=3)),
    max_leaves=6,
)


def arrived(value):
    return plain(deserialize(Serializer().serialize(wire_value(value)), None))


@given(VALUES)
def test_a_value_arrives_as_it_left(value):
    assert arrived(value) == value


@pytest.mark.parametrize(("value", "tag"), [(5, "I32"), (1 << 31, "I64"), (Size(5), "I64"), (-(1 << 31), "I32"), (0.5, "Db"), (True, "B")])
def test_numbers_have_their_own_types(value, tag):
    assert Serializer().serialize(wire_value(value)).tag == tag


def test_a_switch_is_a_parameter_without_a_value():
    assert wire_value(Switch.ON) is None
    assert wire_value(Switch.OFF) is False


@pytest.mark.parametrize(
    "cmdlet",
    [
        Cmdlet("Remove-VM", {"Name": "web*"}),
        Cmdlet("Stop-VM", {"Name": ["fine", "w?b"]}),
        Cmdlet("Get-VM", {"Name": "web[1]"}),
        Cmdlet("New-VM", {"Name": "fine", "SwitchName": "Lab*"}),
        Cmdlet("Remove-NetNat", {"Name": "*"}),
        Cmdlet("Add-VMNetworkAdapter", {"VMName": "*", "Name": "fine"}),
    ],
    ids=str,
)
def test_patterns_do_not_leave(cmdlet):
    with pytest.raises(UsageError, match="pattern"):
        refuse_wildcards([cmdlet])


@pytest.mark.parametrize(
    "cmdlet",
    [
        Cmdlet("Get-VMProcessor", {"VMName": "*"}),
        Cmdlet("New-VM", {"Name": "web[1]"}),
        Cmdlet("Set-VM", {"Name": "web", "Notes": "why? [because] *"}),
        Cmdlet("Get-Command", {"Name": "Get-VM*"}),
    ],
    ids=str,
)
def test_what_is_no_pattern_leaves(cmdlet):
    refuse_wildcards([cmdlet])


def test_a_log_record_is_cleaned_in_every_form_of_the_secret(caplog):
    redaction = Redaction()
    redaction.add(["pass<word>&"])
    logger = logging.getLogger("pypsrp.wsman")
    logger.addFilter(redaction)
    try:
        with caplog.at_level(logging.DEBUG, logger="pypsrp.wsman"):
            logger.debug("sent %s and pass&lt;word&gt;&amp; and cGFzczx3b3JkPiY=", "pass<word>&")
            logger.error("failed", exc_info=ValueError("with pass<word>&"))
    finally:
        logger.removeFilter(redaction)
    assert caplog.text.count(MASK) == 4
    assert "word" not in caplog.text
    redaction.discard(["pass<word>&"])
    assert redaction.clean("pass<word>&") == "pass<word>&"


def test_a_secret_needs_no_user_to_be_a_secure_string():
    assert wire_value(Secret("x", value="y")).tag == "SS"
