"""What `cds-service demo` starts: playground and sandbox FHIR server. Production never loads it."""
