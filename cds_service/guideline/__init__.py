"""Guidelines: criteria, recommendations, and how a verdict comes from answers."""
