"""Every hint, followed by its own words, and the finding is gone.

Hints about a file are edits of the rule's example; others are cmdlets or edits of a planted
situation. `UNFOLLOWED` lists the hints that nothing can follow here, each with the reason.
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import TopologyFileError
from nestlab.rules import all_rules, validate
from nestlab.rules.rule import NOTHING_TO_DO, Scope
from tests.rules import test_problems, test_problems_of_accounts, test_problems_of_networks
from tests.rules.hint_edits import EDITS
from tests.rules.hint_rows import ROWS, UNFOLLOWED

RULES = {rule.code: rule for rule in all_rules()}
HINTED = {code for code, rule in RULES.items() if rule.fix != NOTHING_TO_DO}
PLAYED = {
    row.code for table in (test_problems, test_problems_of_networks) for row in table.ROWS.values()
} | {test_problems_of_accounts.DENIED.code}
"""Codes whose fix is carried out in the tests of what people run into."""


def findings(text):
    try:
        return validate(nestlab.loads(text))
    except TopologyFileError as error:
        return error.findings


def example(code):
    text = RULES[code].example
    return text if code == "not-yaml" else f"name: example\n{text}"


@pytest.mark.parametrize("code", EDITS)
def test_the_hint_of_a_file_followed_by_its_own_words_ends_the_finding(code):
    before = findings(example(code))
    hints = [finding.hint or finding.message for finding in before if finding.code == code]
    assert hints
    after = findings(EDITS[code].made(example(code), hints[0]))
    assert code not in after.codes, str(after)
    new = {finding.code for finding in after if finding.severity == "error"}
    assert new <= set(before.codes), f"the hint leads to another error: {after}"


@pytest.mark.parametrize("name", ROWS)
def test_the_hint_of_a_host_followed_by_its_own_words_ends_the_finding(name):
    ROWS[name].play()


def test_every_hint_is_followed_or_has_a_reason():
    followed = {*EDITS, *(row.code for row in ROWS.values()), *PLAYED}
    assert HINTED - followed - UNFOLLOWED.keys() == set(), "follow them, or say why nothing can"
    assert UNFOLLOWED.keys() & followed == set(), "these are followed now"
    assert (followed | UNFOLLOWED.keys()) - RULES.keys() == set()
    assert all(len(reason) > 20 for reason in UNFOLLOWED.values())


def test_every_hint_of_a_topology_is_followed():
    of_files = {code for code in HINTED if {Scope.TOPOLOGY} & set(RULES[code].looks_at)}
    assert of_files - EDITS.keys() - UNFOLLOWED.keys() == set()
