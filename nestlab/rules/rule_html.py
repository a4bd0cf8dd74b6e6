"""A rule as HTML: what its findings mean in one line, then the table of all that is known of it."""

from __future__ import annotations

from nestlab.html import Html, headline, linked, preformatted, prose, table, unbroken
from nestlab.rules.rule import Rule
from nestlab.texts import tr


def as_html(rule: Rule) -> Html:
    """Return the code with its meaning, and a table with linked sources."""
    said = {rule.code, rule.meaning_text}
    rows = [
        (unbroken(label), _shown(text, is_source=text == rule.sources))
        for label, text in rule.rows()
        if text not in said
    ]
    top = headline("", rule.code, rule.meaning_text)
    return Html(f"{top}{table((tr('rule'), ''), rows)}")


def _shown(text: str, *, is_source: bool) -> Html:
    if is_source:
        return Html("<br>".join(map(_source, text.split(", "))))
    return preformatted(text) if "\n" in text else prose(text)


def _source(page: str) -> Html:
    found = linked(page)
    return found if isinstance(found, Html) else prose(found)
