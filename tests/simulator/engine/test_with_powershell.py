"""The questions that need no stand-in commands, asked of the PowerShell that is on this computer, where there is one."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulator.engine.notation import questions

HERE = Path(__file__).parent
ENGINES = [name for name in ("pwsh", "powershell") if shutil.which(name)]


def asked():
    """The questions with the answers that the files have."""
    for row in questions("wildcard"):
        kind = row.get("ask", "matches")
        yield (
            {
                "kind": kind,
                **{
                    key: row[key]
                    for key in ("id", "pattern", "text", "case_sensitive")
                    if key in row
                },
            },
            wanted(row),
        )
    for row in questions("comparison"):
        sides = [row.get("left"), row.get("right")]
        if (
            row.get("operator") not in {None, "Is", "IsNot"}
            and all(isinstance(side, str) for side in sides)
            and row["gives"] in (True, False)
        ):
            yield (
                {
                    "kind": "compare",
                    **{key: row[key] for key in ("id", "operator", "left", "right")},
                },
                {"answer": row["gives"]},
            )
    for row in questions("texts"):
        yield (
            {"kind": "parse", "id": row["id"], "text": row["text"]},
            {"answer": " ".join(row["errors"])},
        )


def wanted(row):
    answer = row["gives"]
    return {"error": answer["error"]} if isinstance(answer, dict) else {"answer": answer}


def ask(command, folder):
    """Return the answers by their ids."""
    rows, answers = folder / "questions.jsonl", folder / "answers.jsonl"
    rows.write_text(
        "".join(json.dumps(question) + "\n" for question, _ in asked()), encoding="utf-8"
    )
    done = subprocess.run(
        [*command, "-Questions", str(rows), "-Answers", str(answers)],
        capture_output=True,
        text=True,
        check=False,
        cwd=HERE.parents[2],
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    return {row.pop("id"): row for row in found}


def test_the_protocol_carries_every_question_and_answer(tmp_path):
    answers = ask([sys.executable, "-m", "tests.simulator.engine.stand_in"], tmp_path)
    expected = {question["id"]: answer for question, answer in asked()}
    assert len(expected) > 150
    assert answers == expected


@pytest.mark.parametrize("engine", ENGINES or [None])
def test_a_powershell_on_this_computer_answers_the_same(engine, tmp_path):
    if engine is None:
        pytest.skip("neither pwsh nor powershell is on the PATH")
    answers = ask(
        [
            engine,
            "-NoProfile",
            "-NonInteractive",
            "-ExecutionPolicy",
            "Bypass",
            "-File",
            str(HERE / "ask.ps1"),
        ],
        tmp_path,
    )
    different = {
        question["id"]: (answers.get(question["id"]), answer)
        for question, answer in asked()
        if answers.get(question["id"]) != answer
    }
    assert different == {}
