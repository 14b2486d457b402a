"""Questions that two or more guidelines ask, by subject."""
