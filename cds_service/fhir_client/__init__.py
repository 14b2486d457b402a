"""Reading a client's FHIR server: searches, pages, and what their answers add up to."""
