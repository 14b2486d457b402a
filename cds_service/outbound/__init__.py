"""The one way out to the network, with a deadline that is kept."""
