"""How facts of breast care are read from FHIR resources. Programmers' room, reviewed with clinicians."""
