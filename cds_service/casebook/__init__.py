"""Cases of cards/*/cases.yaml: read, rendered as FHIR R4, played through the service, written out as examples."""
