"""Benchmarks: the service beside a floor, in one run. `make bench` writes docs/performance.md."""
