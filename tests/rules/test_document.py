"""docs/findings.md says what the registry of rules says."""

from nestlab.rules import all_rules
from tests.rules.document import PATH, page


def test_the_page_of_findings_is_written_from_the_registry(update_cases):
    if update_cases:
        PATH.write_text(page(), encoding="utf-8", newline="\n")
    assert PATH.read_text(encoding="utf-8") == page()


def test_every_code_has_one_heading():
    headings = [line for line in page().splitlines() if line.startswith("### ")]
    assert sorted(headings) == [f"### {rule.code}" for rule in all_rules()]
