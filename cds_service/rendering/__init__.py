"""From judged recommendations to cards, draft orders and the trace of /explain."""
