"""Pages for people: guidelines, recommendations, value sets."""
