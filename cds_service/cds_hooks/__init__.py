"""The words and limits of CDS Hooks 2.0.1."""
