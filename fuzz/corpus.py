#!/usr/bin/env python3
"""Writes what the fuzzer begins with: fuzz/seeds, and the protocol's golden vectors, into fuzz/corpus."""
import json, pathlib, shutil

root = pathlib.Path(__file__).parent
vectors = root.parent / "wire" / "vectors"


def put(target, name, content):
    folder = root / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


for file, target in [("reports", "report"), ("downlinks", "downlink")]:
    for number, frame in enumerate(json.loads((vectors / f"{file}.json").read_text())["frames"]):
        put(target, f"vector-{number}", bytes.fromhex(frame["inner"]))
        put("frame", f"{target}-{number}", bytes.fromhex(frame["frame"]))
for seed in (root / "seeds").glob("*/*"):
    put(seed.parent.name, seed.name, seed.read_bytes())
