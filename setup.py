"""The packages of the distribution, found and not listed. Everything else stands in setup.cfg.

cards/ and fhir_examples/ stand at the top of the checkout, where clinicians find them, and are installed
inside the package, so that no generic name is claimed in site-packages.
"""

from setuptools import find_packages, setup

setup(
    package_dir={
        "cds_service": "cds_service",
        "cds_service.cards": "cards",
        "cds_service.fhir_examples": "fhir_examples",
    },
    packages=[
        *find_packages(include=["cds_service", "cds_service.*"]),
        *(f"cds_service.{package}" for package in find_packages(include=["cards", "cards.*"])),
        "cds_service.fhir_examples",
    ],
)
