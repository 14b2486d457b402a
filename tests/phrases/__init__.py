"""Sentences of reports, notes and problem lists, labelled before the rules that read them were written."""
