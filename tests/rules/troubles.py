"""A trouble is planted in a simulated world, found by its name, mended as the finding says, and gone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import nestlab
from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, Finding, Size, SwitchParameter
from nestlab.model.topology import Topology
from nestlab.observe import observe_all
from nestlab.transport.session import Session

CREDENTIAL = "lab-admin"
EXPOSE = {"ExposeVirtualizationExtensions": True}


@dataclass
class Scene:
    """A host, and a topology where the trouble is about one."""

    host: Session
    topology: Topology | None = None

    def found(self, code):
        """What nestlab finds of this name, right now."""
        lab = nestlab.Lab(self.topology, self.host) if self.topology else None
        return [
            finding
            for finding in (lab.check() if lab else nestlab.check(self.host))
            if finding.code == code
        ]

    def machine(self, name):
        """The session to a machine, by the name that findings give it."""
        states = observe_all(self.host, self.topology or nestlab.loads("name: empty"))
        if name == states[()].computer.name:
            return self.host
        return self.inside(*name.split("/"))

    def inside(self, *path):
        """The session to a guest."""
        session = self.host
        for name in path:
            session = session.guest(name, CREDENTIAL)
        return session

    @property
    def world(self):
        """What the simulated host is made of."""
        return self.host.simulated_host.world


def by_its_cmdlets(scene: Scene, finding: Finding) -> None:
    """Run the finding's own cmdlets on the machine that it names."""
    assert finding.fix
    scene.machine(finding.runs_on).run(*finding.fix)
    scene.host.wait(900)


@dataclass(frozen=True)
class Row:
    """One trouble of people: how it comes about, its finding's name, and the way out."""

    trouble: str
    code: str
    plant: Callable[[], Scene]
    mend: Callable[[Scene, Finding], None] = by_its_cmdlets
    because: str = ""  # why no cmdlet on the machine mends it
    refused: Callable[[Scene], str] | None = (
        None  # what people see meanwhile: the code of its explanation
    )
    explained: str = ""
    then: Callable[[Scene], object] | None = None  # what works afterwards

    def play(self) -> None:
        """Plant, find, mend, and look again."""
        scene = self.plant()
        findings = scene.found(self.code)
        assert findings, f"{self.code} is not found"
        if self.refused:
            assert self.refused(scene) == self.explained
        assert (self.mend is by_its_cmdlets) == (not self.because)
        for finding in findings:
            assert finding.evidence or finding.location
            assert finding.source.startswith("https://")
            assert finding.fix or finding.hint or self.because
            self.mend(scene, finding)
        assert not scene.found(self.code)
        if self.then:
            self.then(scene)


def explained(session: Session, *cmdlets: Cmdlet) -> str:
    """Run cmdlets of which one is refused, and return what nestlab says that its error is."""
    with pytest.raises(CmdletError) as caught:
        session.run(*cmdlets)
    known = nestlab.explain(caught.value.record)
    return known.code if known else "not known"


def stop(name):
    return Cmdlet("Stop-VM", {"Name": name, "Force": SwitchParameter.ON})


def start(name):
    return Cmdlet("Start-VM", {"Name": name})


def processor(name, **settings):
    return Cmdlet("Set-VMProcessor", {"VMName": name, **settings})


def memory(name, text, **settings):
    return Cmdlet("Set-VMMemory", {"VMName": name, "StartupBytes": Size.parse(text), **settings})


def on(address: str, *cmdlets: Cmdlet, topology: str = "") -> Scene:
    """A scenario after some cmdlets."""
    scene = Scene(nestlab.connect(address), nestlab.loads(topology) if topology else None)
    scene.host.run(*cmdlets)
    return scene


def redesigned(*changes: tuple[str, str]) -> Callable[[Scene, Finding], None]:
    """Change the topology's file as the finding's hint says; `{network}` in a change is the network that it offers."""

    def mend(scene: Scene, finding: Finding) -> None:
        offered = next(
            (
                word.strip(",.;")
                for word in finding.hint.split()
                if "/" in word and word[0].isdigit()
            ),
            "",
        )
        text = scene.topology.origin.text if scene.topology.origin else ""
        for old, new in changes:
            assert old in text
            text = text.replace(old, new.format(network=offered, first=offered.rpartition(".")[0]))
        scene.topology = nestlab.loads(text)

    return mend


def applied(scene: Scene) -> None:
    """The topology can be made now."""
    with tempfile.TemporaryDirectory() as folder:
        lab = nestlab.Lab(scene.topology, scene.host, journal=Path(folder, "journal.jsonl"))
        assert [result.message for result in lab.apply() if not result.ok] == []
