"""Properties run the same way every time: a failure here is one that anybody can repeat."""

from hypothesis import settings

settings.register_profile("spec", deadline=None, derandomize=True)
settings.load_profile("spec")
