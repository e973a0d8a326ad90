"""Reads and writes files in the original Ion's form: lists of {"key", "value"}, all values strings."""

import hashlib
import json
import os
import shutil
from pathlib import Path

BASE = Path(os.environ.get("HANDLER_BASE_DIR", "/ion"))
INPUT_FILES = BASE / "in" / "data"
OUTPUT_FILES = BASE / "out" / "data"


def read_pairs(path: Path) -> dict[str, str]:
    return {pair["key"]: pair["value"] for pair in json.loads(path.read_text(encoding="utf-8"))}


def write_pairs(path: Path, values: dict[str, str]) -> None:
    pairs = [{"key": key, "value": value} for key, value in values.items()]
    path.write_text(json.dumps(pairs), encoding="utf-8")


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep(path: Path) -> str:
    """Copies an input file to the output, sub-folders kept, and returns its name there."""
    name = path.relative_to(INPUT_FILES)
    target = OUTPUT_FILES / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    return name.as_posix()


def main() -> None:
    picture = read_pairs(BASE / "in" / "eventmeta.json").get("picture", "")
    insights = {}
    for number, path in enumerate(sorted(p for p in INPUT_FILES.rglob("*") if p.is_file())):
        name, digest, size = keep(path), checksum(path), str(path.stat().st_size)
        insights[f"{name} sha256"] = digest
        insights[f"{name} bytes"] = size
        event = {"eventType": "checksummed", "files": name, "picture": picture, "sha256": digest, "bytes": size}
        write_pairs(BASE / "out" / "events" / f"{number:05}.json", event)
    write_pairs(BASE / "out" / "insights.json", insights)


if __name__ == "__main__":
    main()
