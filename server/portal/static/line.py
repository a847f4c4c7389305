"""Compute a place in the line again: python3 line.py draw.json NUMBER [the secret's hash], as you noted it."""

import hashlib
import json
import pathlib
import sys


def sha256(told: bytes) -> bytes:
    return hashlib.sha256(told).digest()


draw, number = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")), int(sys.argv[2])
secret, first, last = bytes.fromhex(draw["secret"]), draw["line"]["first"], draw["line"]["last"]
if {sha256(secret).hex()} != {draw["secret_hash"], *sys.argv[3:4]}:
    sys.exit("DIFFERS: secret_hash")
if not first < number <= last:
    sys.exit(f"{number} was not drawn: the numbers from {first + 1} to {last} were")
seed = sha256(secret + sha256(f"line {draw['draw']} {first} {last}".encode()))
drawn = int.from_bytes(sha256(seed + number.to_bytes(8, "big"))[:8], "big")
print(f"OK: number {number} has place {(drawn * (last - first) >> 64) + 1} of {last - first}")
