"""Frames of a centre's SQLite database with the keys of their devices, for check.py: python3 capture.py DATA_DIR > capture.json"""

import json
import pathlib
import sqlite3
import sys


def main(data_dir):
    path = pathlib.Path(data_dir) / "lenke.db"
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    devices = []
    for number, key, public_key in database.execute("SELECT id, key, public_key FROM device ORDER BY id"):
        # In the order of arrival, as a decoder meets them.
        rows = database.execute(
            "SELECT bytes FROM frame WHERE device = ? ORDER BY received_at, epoch, seq", (number,)
        )
        frames = [row[0].hex() for row in rows]
        if frames:
            unsigned = number & (2**64 - 1)
            devices.append({"device": unsigned, "key": key.hex(), "public_key": public_key.hex(), "frames": frames})
    json.dump({"devices": devices}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
