"""Imported labs are built on a simulated host: every step succeeds, and nothing is left to do."""

from pathlib import Path

import pytest

import nestlab

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("tool", "file", "scenario"),
    [
        ("lability", "lability/edge-lab.psd1", "ws2022-intel"),
        ("mslab", "mslab/storage-cluster.json", "win11-ryzen"),  # it needs the Default Switch
        ("automatedlab", "automatedlab/box/Lab.xml", "win11-ryzen"),
        ("automatedlab", "automatedlab/penguins/Lab.xml", "ws2022-intel"),
    ],
    ids=lambda value: Path(value).parent.name or value,
)
def test_an_imported_lab_is_built(tool, file, scenario):
    topology = nestlab.import_definition(HERE / file, tool)
    host = nestlab.connect(f"sim:{scenario}", prepared_for=topology)
    lab = nestlab.Lab(topology, host)
    results = list(lab.apply())
    assert results
    assert [str(result) for result in results if not result.ok] == []
    assert lab.plan().steps == ()
