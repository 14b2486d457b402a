"""The generated parts of README files, and docs/data.md."""
