"""Compute a place in the line again: python3 line.py draw.json NUMBER [the secret's hash], as you noted it."""

import hashlib
import json
import pathlib
import sys

draw, number = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")), int(sys.argv[2])
secret, first, last = bytes.fromhex(draw["secret"]), draw["line"]["first"], draw["line"]["last"]
if {hashlib.sha256(secret).hexdigest()} != {draw["secret_hash"], *sys.argv[3:4]}:
    sys.exit("DIFFERS: secret_hash")
if not first < number <= last:
    sys.exit(f"{number} was not drawn: the numbers from {first + 1} to {last} were")
bounds = hashlib.sha256(f"line {draw['draw']} {first} {last}".encode()).digest()
seed = hashlib.sha256(secret + bounds).digest()
drawn = hashlib.sha256(seed + number.to_bytes(8, "big")).digest()[:8]
place = (int.from_bytes(drawn, "big") * (last - first) >> 64) + 1
print(f"OK: number {number} has place {place} of {last - first}")
