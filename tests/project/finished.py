"""What the project is held to, and where.

======  ==============================================  =========================================
list    held to                                         tool
======  ==============================================  =========================================
WORDS   plain English in the field's terms              python tests/project/words.py nestlab/plan
SIZE    functions of 50 lines and 25 statements,        python tests/project/sizes.py nestlab/plan
        modules of 300 lines and 220 statements
WIDTH   comments and docstrings within 100 columns      python tests/project/sizes.py nestlab/plan
======  ==============================================  =========================================
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
