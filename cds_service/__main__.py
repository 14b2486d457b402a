"""`python -m cds_service`, and what `cds-service` runs."""

from cds_service.cli import main

if __name__ == "__main__":
    main(prog_name="cds-service")
