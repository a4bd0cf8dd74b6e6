"""What the project is held to, and the few places that are not there yet.

======  ==============================================  =========================================
list    held to                                         tool
======  ==============================================  =========================================
WORDS   plain English in the field's terms              python tests/project/words.py nestlab/plan
SIZE    functions of 50 lines and 25 statements,        python tests/project/sizes.py nestlab/plan
        modules of 300 lines and 220 statements
WIDTH   comments and docstrings within 100 columns      python tests/project/sizes.py nestlab/plan
======  ==============================================  =========================================

A place leaves `LARGE` or `WIDE` when its tool prints nothing for it, and nothing comes back: a test
holds that everything in these lists still needs to be there.
"""

WORDS = (
    "nestlab",
    "docs",
    "notebooks",
    "tools",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
)
SIZE = ("nestlab", "tools")
WIDTH = ("nestlab", "tools")

LARGE = (
    "nestlab/observe/hyper_v.py",
    "nestlab/observe/identity.py",
)
WIDE = ("nestlab/observe",)
