"""From the folders of cards/ to a checked Library; every fault with its place."""
