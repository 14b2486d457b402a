"""The same patient in five dialects: nl-core/zib 2020, ICD-10, mCODE, ICPC-1 and words alone.

`cases.py` tells what a resource of a case says, each dialect says that again with codes and words of its own (which stand here, with
their source, not in the readers' value sets), `comparing.py` holds the two trees of verdicts side by side.
"""
