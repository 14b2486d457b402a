"""Code systems, value sets, and the index that finds which value sets a resource speaks of."""
