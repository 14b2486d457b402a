"""`make bench-population`: patients per second against cores, on an export that is made for the purpose.

The export: every patient of the cases under as many ids as it takes, each with the bulk of a hospital record around what matters
(laboratory results, visits, diagnoses of other organs, medicines), and many patients who have nothing of the breast at all. The same
every time. Peak memory is the largest of all processes, as the kernel counts it.
"""

import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

from cds_service.casebook.cases import all_cases
from cds_service.casebook.render import render
from cds_service.fhir.resource_types import KEYS

DAY = date(2026, 6, 15)
_LABORATORY = (
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL"),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL"),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L"),
    ("6690-2", "Leukocytes [#/volume] in Blood", "10*9/L"),
)
_OTHER = (
    ("38341003", "Hypertensive disorder"),
    ("73211009", "Diabetes mellitus"),
    ("195967001", "Asthma"),
    ("396275006", "Osteoarthritis"),
)
_FEWEST, _BULK = 200_000, 16  # resources in all; of the bulk around each patient
_WITHOUT = 3  # patients without anything of the breast for each one of a case


def _bulk(patient: str, chance: random.Random) -> Iterator[dict]:
    """What fills a record and concerns no guideline."""
    subject = {"reference": f"Patient/{patient}"}
    for number in range(_BULK):
        day, name = (
            (DAY - timedelta(days=chance.randrange(2000))).isoformat(),
            f"{patient}-b{number}",
        )
        if number % 4:
            code, display, unit = chance.choice(_LABORATORY)
            yield {
                "resourceType": "Observation",
                "id": name,
                "status": "final",
                "subject": subject,
                "effectiveDateTime": f"{day}T08:30:00+01:00",
                "category": [
                    {
                        "coding": [
                            {
                                "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                                "code": "laboratory",
                            }
                        ]
                    }
                ],
                "code": {
                    "coding": [{"system": "http://loinc.org", "code": code, "display": display}]
                },
                "valueQuantity": {"value": round(chance.uniform(1, 150), 1), "unit": unit},
            }
        elif number % 8:
            yield {
                "resourceType": "Encounter",
                "id": name,
                "status": "finished",
                "class": {"code": "AMB"},
                "subject": subject,
                "period": {"start": day, "end": day},
                "type": [{"text": "Poliklinisch consult"}],
            }
        else:
            code, display = chance.choice(_OTHER)
            yield {
                "resourceType": "Condition",
                "id": name,
                "subject": subject,
                "onsetDateTime": day,
                "code": {
                    "coding": [
                        {"system": "http://snomed.info/sct", "code": code, "display": display}
                    ]
                },
                "clinicalStatus": {
                    "coding": [
                        {
                            "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                            "code": "active",
                        }
                    ]
                },
            }


def make(folder: Path, fewest: int = _FEWEST) -> tuple[int, int]:
    """(patients, resources) of the export that was written."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(7)
    records = [render(case, DAY) for case in all_cases() if not case.day_of_month]
    patients = written = 0
    with ExitStack() as stack:
        files = {
            kind: stack.enter_context((folder / f"{kind}.ndjson").open("w", encoding="utf-8"))
            for kind in (*KEYS, "Medication", "Substance", "FamilyMemberHistory")
        }
        while written < fewest:
            for record in records:
                name = f"p{patients}"
                mine = [
                    json.dumps(r).replace(f'Patient/{record.patient_id}"', f'Patient/{name}"')
                    for r in record.resources
                ]
                mine = [
                    line.replace(f'"id": "{record.patient_id}"', f'"id": "{name}"', 1)
                    if '"resourceType": "Patient"' in line
                    else line
                    for line in mine
                ]
                lines = [(json.loads(line)["resourceType"], line) for line in mine]
                lines += [(r["resourceType"], json.dumps(r)) for r in _bulk(name, chance)]
                for number in range(_WITHOUT):
                    other = f"{name}-{number}"
                    born = f"{chance.randrange(1930, 2005)}-03-0{chance.randrange(1, 10)}"
                    about = {
                        "resourceType": "Patient",
                        "id": other,
                        "gender": chance.choice(("female", "male")),
                        "birthDate": born,
                    }
                    lines += [
                        (r["resourceType"], json.dumps(r)) for r in (about, *_bulk(other, chance))
                    ]
                for kind, line in lines:
                    files[kind].write(line + "\n")
                patients, written = patients + 1 + _WITHOUT, written + len(lines)
                if written >= fewest:
                    break
    return patients, written


def measure(
    folder: Path, into: Path, workers: int, memory: str
) -> tuple[float, float, float, dict]:
    """(seconds, seconds of processor time, megabytes of the largest process, the summary) of one run."""
    command = [
        sys.executable,
        "-m",
        "cds_service",
        "evaluate",
        str(folder),
        "--into",
        str(into),
        "--workers",
        str(workers),
        "--memory",
        memory,
        "--today",
        DAY.isoformat(),
    ]
    begin = time.perf_counter()
    # A process of its own that waits for the run: what it counts of its children is this run's alone.
    code = (
        "import json,resource,subprocess,sys; c=subprocess.run(sys.argv[1:]).returncode; u=resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(json.dumps([c, u.ru_utime + u.ru_stime, u.ru_maxrss]))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    exit_code, processor, kilobytes = json.loads(told.stdout.splitlines()[-1])
    assert exit_code == 0, told.stdout
    return (
        time.perf_counter() - begin,
        processor,
        kilobytes / 1024,
        json.loads((into / "summary.json").read_text(encoding="utf-8")),
    )


def main() -> None:
    """Make the export, run it with one worker and with more, print a table in Markdown."""
    memory = os.environ.get("BENCH_MEMORY", "800MB")
    fewest = int(os.environ.get("BENCH_RESOURCES", _FEWEST))
    workers = [int(number) for number in os.environ.get("BENCH_WORKERS", "1 2").split()]
    with tempfile.TemporaryDirectory() as scratch:
        patients, resources = make(Path(scratch) / "export", fewest)
        size = sum(path.stat().st_size for path in (Path(scratch) / "export").iterdir()) / 1e6
        print(
            f"{patients:,} patients, {resources:,} resources, {size:,.0f} MB; Python {platform.python_version()}, {os.cpu_count()} cores, "
            f"load {os.getloadavg()[0]:.1f} at the start; --memory {memory}\n"
        )
        print(
            "| Workers | Seconds | Patients/s | Resources/s | Processor seconds | Patients per processor second | Largest process |\n| --- | --- | --- | --- | --- | --- | --- |"
        )
        for number in workers:
            seconds, processor, peak, summary = measure(
                Path(scratch) / "export", Path(scratch) / f"out{number}", number, memory
            )
            assert summary["patients"] == patients, "nobody was lost"
            print(
                f"| {number} | {seconds:.0f} | {patients / seconds:,.0f} | {resources / seconds:,.0f} | {processor:.0f} | {patients / processor:,.0f} | {peak:,.0f} MB |",
                flush=True,
            )


if __name__ == "__main__":
    main()
