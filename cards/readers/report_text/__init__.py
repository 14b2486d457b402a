"""Grammars of reports: BI-RADS, lesions, sites, examinations."""
