"""Population runs."""
