from ipaddress import IPv4Interface

import nestlab
from nestlab.errors import CmdletError
from nestlab.model import ErrorRecord
from nestlab.model.topology import Switch, SwitchType, Topology

LAB = Topology(
    name="lab",
    switches=(
        Switch(name="S", switch_type=SwitchType.INTERNAL, ip_address=IPv4Interface("10.0.0.1/24")),
    ),
)
NOT_YET = ErrorRecord(
    "Element not found.", "ObjectNotFound", "Windows System Error 1168,New-NetIPAddress"
)


class Late:
    """A session on which the adapter of a new switch appears late."""

    def __init__(self, inner, failures):
        self._inner, self.failures = inner, failures

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def run(self, *statements, **options):
        if statements[-1].name == "New-NetIPAddress" and self.failures:
            self.failures -= 1
            raise CmdletError(statements[-1], NOT_YET)
        return self._inner.run(*statements, **options)


def test_an_adapter_that_appears_late_is_waited_for(tmp_path):
    host = nestlab.connect()
    before = host.simulated_host.clock.now
    results = list(nestlab.Lab(LAB, Late(host, 3), tmp_path / "j.jsonl").apply())
    assert [result.status for result in results] == ["done", "done"]
    assert host.simulated_host.clock.now >= before + 15


def test_an_adapter_that_never_appears_fails_the_step(tmp_path):
    results = list(nestlab.Lab(LAB, Late(nestlab.connect(), 100), tmp_path / "j.jsonl").apply())
    assert [result.status for result in results] == ["done", "failed"]
    assert results[-1].message == "Element not found."
