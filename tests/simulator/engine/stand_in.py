"""Answers as ask.ps1 does, with the simulated host's own rules: what the protocol is tried with where there is no PowerShell."""

import json
import sys
from pathlib import Path

from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.powershell.values.operators import compare
from nestlab.simulator.powershell.values.wildcard import escape, has_wildcard, matches


def answer(question):
    match question["kind"]:
        case "matches":
            return matches(
                question["pattern"], question["text"], case_sensitive=question["case_sensitive"]
            )
        case "has_wildcard":
            return has_wildcard(question["pattern"])
        case "escape":
            return escape(question["pattern"])
        case "compare":
            return compare(question["operator"], question["left"], question["right"])
    return " ".join(
        "RedirectionNotSupported"
        for part in question["text"].split("'")[::2]
        for char in part
        if char == "<"
    )


def main(questions, answers):
    with Path(answers).open("w", encoding="utf-8") as out:
        for line in Path(questions).read_text(encoding="utf-8").splitlines():
            question = json.loads(line)
            try:
                row = {"id": question["id"], "answer": answer(question)}
            except PowerShellError as error:
                row = {
                    "id": question["id"],
                    "error": error.record.exception_type.rsplit(".", 1)[-1],
                }
            out.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("-Questions") + 1], sys.argv[sys.argv.index("-Answers") + 1])
