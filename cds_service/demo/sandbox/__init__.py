"""A FHIR R4 server in memory, without its HTTP (that stands in web/sandbox*.py). For the demo and tests only: production never imports it."""
