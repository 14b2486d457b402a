"""Reading words of reports and notes: terms, context (denial, doubt, history), laterality."""
