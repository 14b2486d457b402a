"""What `make demo` adds to the service: the playground, and the sandbox FHIR server's HTTP. Production never imports it."""
