"""One request: its data gathered, facts read, recommendations judged."""
