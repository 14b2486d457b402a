"""Facts: single clinical statements, read from the record as facts.yaml defines them."""
