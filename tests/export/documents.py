"""Documents of texts that have a meaning in Markdown, HTML or PowerShell; import with `from tests.export.documents import …`."""

from __future__ import annotations

from hypothesis import strategies as st

from nestlab.export.document import (
    BulletList,
    CaptionedTable,
    Document,
    DocumentSection,
    FindingList,
    NumberedStep,
    StepListing,
    TextParagraph,
)
from nestlab.model import Cmdlet, Finding
from nestlab.plan import Action, Step, StepTarget, TargetKind

TRICKY = (
    "web1",
    "\u3000web\xa01\u2003",
    'it\'s "quoted"',
    "$(Remove-Item x)",
    "$x$ and $$y$$",
    "two\nlines",
    "two\n\nparagraphs",
    "<script>alert(1)</script>",
    "</style></pre></code></svg>",
    "<!-- x -->",
    "snake_case_name",
    "__bold__ **bold** *i* ~~s~~",
    "&lt;b&gt; &amp; &#36;",
    "a | b \\| c",
    "`code` ``` ~~~ ````",
    "# heading",
    "- item",
    "1. item",
    "12) item",
    "===",
    "---",
    "> quote",
    "| a | b |",
    "    indented",
    "\ttab",
    "[link](https://x.invalid) ![img](x)",
    "[ref]: https://x.invalid",
    "https://x.invalid/?a=1&b=2",
    "D:\\images\\ws2022.vhdx",
    "\\(x\\) \\[y\\] \\begin{x} \\end{x}",
    "ends with \\",
    "\\*",
    "trailing #",
    "]]>",
    "{{ x }} {: #id }",
    "web\x1b]0;gone\x07",
    "a\u202egnp",
    "é ü 日本",
    "!",
    "+",
    "|",
    "\\",
    "&",
)
texts = st.one_of(
    st.sampled_from(TRICKY),
    st.text(st.sampled_from("ab1 \\`*_{}[]()#+-.!|<>&$~^=:'\"\n\t"), min_size=1, max_size=12),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=12),
    st.lists(st.sampled_from(TRICKY), min_size=2, max_size=3).map(" ".join),
).filter(lambda text: bool(text.strip()))

findings = st.builds(
    Finding,
    code=st.just("a-code"),
    severity=st.sampled_from(["error", "warning", "info"]),
    subject=texts,
    message=texts,
    hint=texts,
)
steps = st.builds(
    Step,
    id=st.just("host:create-vm:x"),
    machine=st.just(()),
    action=st.just(Action.CREATE_VM),
    title=texts,
    why=texts,
    cmdlets=texts.map(lambda text: (Cmdlet("New-VM", {"Name": text}),)),
    target=st.just(StepTarget(TargetKind.VM, "x")),
)


@st.composite
def documents(draw):
    """A document with every kind of block; all its texts are tricky."""
    width = draw(st.integers(1, 4))
    row = st.tuples(*[texts] * width)
    blocks = (
        TextParagraph(draw(texts)),
        BulletList(tuple(draw(st.lists(texts, min_size=1, max_size=3)))),
        CaptionedTable(draw(texts), draw(row), tuple(draw(st.lists(row, max_size=3)))),
        FindingList(tuple(draw(st.lists(findings, min_size=1, max_size=2)))),
        StepListing(tuple(NumberedStep(n, draw(steps)) for n in (1, 2))),
    )
    inner = DocumentSection(draw(texts), (TextParagraph(draw(texts)),))
    return Document(
        draw(texts), draw(texts), (DocumentSection(draw(texts), blocks, (inner,)),), draw(texts)
    )
