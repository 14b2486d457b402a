"""FHIR resources as they come: types, elements, dates, versions, the record. No network."""
