# a script that people run by hand is not a package
"""Make the simulated host's signature and type tables; run by hand.

::

    python tools/make_signatures.py cmdlets.json

reads the collected documentation facts and `tools/signatures_supplement.json`, and writes
`signatures.json` and `types.json` into the folders `binding` and `values` of the simulator's
PowerShell. The output is one cmdlet or type a line, so that a change reads well in a diff.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SUPPLEMENT = HERE / "signatures_supplement.json"
OUTPUT = HERE.parent / "nestlab" / "simulator" / "powershell"

ALL_SETS = "__AllParameterSets"
SHOULD_PROCESS_PARAMETERS = ("WhatIf", "Confirm")


def main(arguments: list[str]) -> int:
    """Write both tables; return the exit code."""
    if len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    facts = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    supplement = json.loads(SUPPLEMENT.read_text(encoding="utf-8"))
    source = {
        key: facts["source"][key]
        for key in ("repo", "commit", "commit_date", "folder", "license", "also", "notes")
    }
    cmdlets = _cmdlets(facts, supplement)
    aliases = {
        alias.lower(): name for name, row in cmdlets.items() for alias in row.get("aliases", ())
    }
    _write(
        OUTPUT / "binding" / "signatures.json",
        {"source": source},
        {"aliases": aliases, "cmdlets": cmdlets},
    )
    types = {
        "enums": {**facts["enums"], **supplement["enums"]},
        "objects": _objects(facts, supplement),
    }
    _write(OUTPUT / "values" / "types.json", {"source": source}, types)
    return 0


def _cmdlets(facts: dict[str, Any], supplement: dict[str, Any]) -> dict[str, Any]:
    cmdlets = {name: _cmdlet(fact) for name, fact in facts["cmdlets"].items()}
    cmdlets |= {name: {"supplement": True, **data} for name, data in supplement["cmdlets"].items()}
    for name, changes in supplement["amendments"].items():
        _amend(cmdlets[name], changes)
    return cmdlets


def _cmdlet(fact: dict[str, Any]) -> dict[str, Any]:
    sets = fact["parameter_sets"]
    default = next((name for name, data in sets.items() if data["default"]), None)
    data: dict[str, Any] = {
        "module": fact["module"],
        "type": fact["command_type"],
        "page": fact["doc_path"],
    }
    if fact.get("aliases"):
        data["aliases"] = fact["aliases"]
    if fact["supports_should_process"]:
        data["impact"] = fact.get("reflection", {}).get("confirm_impact", "Medium")
    data |= {"output": fact["output"], "sets": list(sets), "default": default}
    hidden = SHOULD_PROCESS_PARAMETERS if fact["supports_should_process"] else ()
    data["parameters"] = {
        name: _parameter(name, fact) for name in fact["parameters"] if name not in hidden
    }
    return data


def _parameter(name: str, fact: dict[str, Any]) -> dict[str, Any]:
    sets = fact["parameter_sets"]
    places = {
        set_name: _place(data["parameters"][name])
        for set_name, data in sets.items()
        if name in data["parameters"]
    }
    described = fact["parameters"][name]
    types = {
        data["parameters"][name]["type"] for data in sets.values() if name in data["parameters"]
    }
    data: dict[str, Any] = {"type": types.pop() if len(types) == 1 else described["type"]}
    if "." in described["type"]:
        data["net"] = described["type"].removesuffix("[]")
    if len(places) == len(sets) and len(set(places.values())) == 1:
        place = next(iter(places.values()))
        data |= {"in": place} if place else {}
    else:
        data["in"] = places
    for key, short in (
        ("aliases", "aliases"),
        ("accepted_values", "values"),
        ("pipeline", "pipeline"),
        ("wildcards", "wildcards"),
    ):
        if described.get(key):
            data[short] = described[key]
    if (
        data.get("net")
        in {f"System.{data['type']}", f"System.Management.Automation.{data['type']}"}
        or data["type"] == "SwitchParameter"
    ):
        data.pop("net", None)
    return data


def _place(data: dict[str, Any]) -> str:
    """A parameter's place in a set.

    ``!0`` is mandatory at position 0, ``1`` optional at 1, empty optional by name only.
    """
    position = "" if data["position"] is None else str(data["position"])
    return ("!" if data["mandatory"] else "") + position


def _amend(cmdlet: dict[str, Any], changes: dict[str, Any]) -> None:
    for name, change in changes.get("parameters", {}).items():
        cmdlet["parameters"].setdefault(name, {}).update(change)
    cmdlet.update({key: value for key, value in changes.items() if key != "parameters"})


def _objects(facts: dict[str, Any], supplement: dict[str, Any]) -> dict[str, Any]:
    objects = {name: {"properties": data["properties"]} for name, data in facts["objects"].items()}
    for name, data in supplement["objects"].items():
        known = objects.setdefault(name, {"properties": {}})
        known["properties"] = {**known["properties"], **data.get("properties", {})}
        known.update({key: value for key, value in data.items() if key != "properties"})
    return objects


def _write(path: Path, head: dict[str, Any], tables: dict[str, dict[str, Any]]) -> None:
    parts = [
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()
    ]
    for key, table in tables.items():
        rows = [
            f"{json.dumps(name)}: {json.dumps(row, ensure_ascii=False, separators=(',', ':'))}"
            for name, row in sorted(table.items())
        ]
        parts.append(f"{json.dumps(key)}: {{\n" + ",\n".join(rows) + "\n}")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
