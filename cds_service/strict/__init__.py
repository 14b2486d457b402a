"""Strict readers of JSON, YAML and the shape of files that people write."""
