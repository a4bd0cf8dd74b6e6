"""What leaves is what arrives: parameters as the simulated host reads them, and as psrpcore, another reader, does."""

from __future__ import annotations

import logging
import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psrpcore.types import PSDict, PSListBase, deserialize

from nestlab.errors import UsageError
from nestlab.model import Cmdlet, Secret, Size, SwitchParameter
from nestlab.simulator.endpoint.messages.client_values import plain, read_message
from nestlab.transport.psrp.clixml_values import decoded
from nestlab.transport.psrp.clixml_writer import Writer, encoded, require_sendable, scalar
from nestlab.transport.redaction import MASK, Redaction
from nestlab.transport.statements import Change, ReadGroup, groups
from nestlab.transport.wildcards import refuse_wildcards

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 64) - 1),
    st.builds(Size, st.integers(0, 1 << 50)),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(max_size=8),
    st.uuids(),
    st.datetimes(timezones=st.just(UTC)),
    st.timedeltas(timedelta(days=-10_675_198), timedelta(days=10_675_198)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text("abc_x", min_size=1), inner, max_size=3),
    ),
    max_leaves=6,
)


def written(value):
    return ET.fromstring(Writer(lambda text: f"sealed {text}").value(value))  # noqa: S314  # written above


def arrived(value):
    return plain(read_message(ET.tostring(written(value)), str))


def as_psrpcore_reads(value):
    return untyped(deserialize(written(value), None))


def untyped(value):
    """Return a value of psrpcore as Python's own collections have it."""
    if isinstance(value, PSDict):
        return {untyped(key): untyped(item) for key, item in value.items()}
    return [untyped(item) for item in value] if isinstance(value, PSListBase) else value


@given(VALUES)
def test_a_value_arrives_as_it_left(value):
    assert arrived(value) == value


@given(VALUES)
def test_another_reader_reads_the_same(value):
    assert as_psrpcore_reads(value) == value


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        (5, "I32"),
        (1 << 31, "I64"),
        (Size(5), "I64"),
        (-(1 << 31), "I32"),
        (1 << 63, "U64"),
        (0.5, "Db"),
        (True, "B"),
        (Decimal("1.5"), "D"),
    ],
)
def test_numbers_have_their_own_types(value, tag):
    assert written(value).tag == tag


def test_a_switch_is_true_or_false_and_never_a_null():
    # A function takes a null for "off".
    assert written(SwitchParameter.ON).text == "true"
    assert written(SwitchParameter.OFF).text == "false"
    assert written(None).tag == "Nil"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            timedelta(seconds=1 << 31),
            "P24855DT3H14M8S",
        ),  # .NET reads at most 2147483647 of one unit
        (
            timedelta(days=10675199, hours=2, minutes=48, seconds=5, microseconds=477580),
            "P10675199DT2H48M5.47758S",
        ),
        (math.inf, "INF"),
        (-math.inf, "-INF"),
        (math.nan, "NaN"),
        ((1 << 64) - 1, "18446744073709551615"),
        (
            datetime(2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=1, seconds=1))),
            "2026-01-05T07:59:59+00:00",
        ),
        ("\ufffe\uffff\ud83d\x00", "_xFFFE__xFFFF__xD83D__x0000_"),
    ],
)
def test_what_net_reads_in_one_form_only_is_written_in_that(value, text):
    assert scalar(value)[1] == text


@pytest.mark.parametrize(
    "value",
    [
        1 << 64,
        -(1 << 63) - 1,
        timedelta(days=10675200),
        Decimal(10) ** 29,
        Decimal("NaN"),
        [1, {"a": 1 << 70}],
        Secret("x", "u", "\ud83d"),
        {1, 2},
        date(2026, 1, 5),
        1j,
        [range(3)],
        {"a": Exception("b")},
    ],
    ids=repr,
)
def test_what_net_has_not_is_refused_before_it_is_sent_with_the_parameters_name(value):
    with pytest.raises(UsageError, match="Set-VM -Notes cannot be sent"):
        require_sendable([Cmdlet("Get-VM", pipe_to=Cmdlet("Set-VM", {"Notes": value}))])


@given(st.text())
def test_any_text_is_xml(text):
    assert decoded(encoded(text)) == text
    ET.fromstring(f"<S>{encoded(text)}</S>")  # noqa: S314  # written above


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


def test_a_secret_needs_no_user_to_be_a_secure_string():
    assert written(Secret("x", value="y")).tag == "SS"
    account = written(Secret("x", "ada", "y"))
    assert account.find("Props/S[@N='UserName']").text == "ada"
    assert account.find("Props/SS[@N='Password']").text == "sealed y"


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        (Cmdlet("Get-VM"), True),
        (
            Cmdlet(
                "Get-VM",
                pipe_to=Cmdlet("Microsoft.PowerShell.Utility\\Select-Object", {"Property": "Name"}),
            ),
            True,
        ),
        (Cmdlet("Get-VM", pipe_to=Cmdlet("Stop-VM")), False),
        (Cmdlet("Start-VM", {"Name": "a"}), False),
    ],
    ids=str,
)
def test_only_what_reads_to_its_last_command_shares_a_pipeline(statement, reads):
    (group,) = groups([statement])
    assert isinstance(group, ReadGroup if reads else Change)
    if not reads:
        with pytest.raises(ValueError, match="may change something"):
            ReadGroup((statement,))
