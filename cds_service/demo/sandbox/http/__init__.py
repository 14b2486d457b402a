"""The sandbox FHIR server over HTTP."""
