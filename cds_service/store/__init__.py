"""What is kept: feedback, given cards, used token ids."""
