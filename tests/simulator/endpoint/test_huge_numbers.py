"""Numbers of a request with more digits than Python converts (4300 by default)."""

import pytest

from nestlab.simulator.endpoint.messages.client_values import UnreadableValue, read_message
from nestlab.simulator.endpoint.winrm import soap

DIGITS = "9" * 5000


def request_with(size="153600", timeout="PT60S"):
    names = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in soap.NAMESPACES.items())
    header = (
        "<a:Action>x</a:Action><a:MessageID>y</a:MessageID>"
        f"<w:MaxEnvelopeSize>{size}</w:MaxEnvelopeSize>"
        f"<w:OperationTimeout>{timeout}</w:OperationTimeout>"
    )
    return soap.parse(
        f"<s:Envelope {names}><s:Header>{header}</s:Header><s:Body/></s:Envelope>".encode()
    )


def test_a_size_and_a_time_out_are_read():
    request = request_with("512000", "PT1M20S")
    assert (request.max_envelope, request.timeout) == (512000, 80)


def test_huge_ones_are_replaced_by_the_defaults():
    request = request_with(DIGITS, f"PT{DIGITS}S")
    assert (request.max_envelope, request.timeout) == (153_600, 60)


@pytest.mark.parametrize(
    "xml", [f"<I32>{DIGITS}</I32>", f"<U64>{DIGITS}</U64>", f"<TS>PT{DIGITS}S</TS>"]
)
def test_a_huge_number_in_a_message_is_not_readable(xml):
    with pytest.raises(UnreadableValue):
        read_message(xml.encode(), str)
