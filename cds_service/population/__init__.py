"""Population runs: how often each card would fire over a whole FHIR Bulk Data export, before anybody sees one.

export.py    which files, which types were read at all
grouping.py  DuckDB brings the lines of one patient together, on disk
judging.py   one patient: lines in, a row out (a pure function, for any engine)
tally.py     rows counted; counts add up, in any order
run.py       all cores, and where an interrupted run goes on
summary.py   the counts as JSON and as a page, without patients
"""
