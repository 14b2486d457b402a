"""gunicorn reads this file from the folder in which it starts; the settings stand in the package."""

from cds_service.serving import *  # noqa: F403
