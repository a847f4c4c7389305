"""Compute a draw again: python3 draw.py draw.json [the secret's hash] [the list's hash], as you noted them."""

import hashlib
import hmac
import json
import pathlib
import sys

draw = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
secret, terms, lines = bytes.fromhex(draw["secret"]), draw["terms"], sorted(draw["applications"])
body = {"draw": draw["draw"], "secret_hash": draw["secret_hash"], "terms": terms, "applications": lines}
text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
secret_hash, list_hash = hashlib.sha256(secret), hashlib.sha256(text)
seed = hashlib.sha256(secret + list_hash.digest() + draw["public_number"].encode()).digest()
wishes, free, days, given = dict(lines), dict(terms["places"]), dict(terms["day_limits"]), {}
order = sorted(wishes, key=lambda line: hmac.digest(seed, line.encode(), "sha256"))
for line in order:
    for day, _, hours in (wish.partition(" ") for wish in wishes[line] if line not in given):
        first, last = (hours or "00:00-24:00").split("-")
        suits = (at for at in free if day in ("any", at[:10]) and first <= at[11:16] < last)
        at = next((at for at in suits if free[at] > 0 and days.get(at[:10], 1) > 0), None)
        if at is not None and line not in given:
            given[line], free[at], days[at[:10]] = at, free[at] - 1, days.get(at[:10], 10**9) - 1
found = {"secret_hash": secret_hash.hexdigest(), "list_hash": list_hash.hexdigest(), "seed": seed.hex()}
wrong = [name for name, value in (found | {"order": order, "given": given}).items() if draw[name] != value]
wrong += [name for name, noted in zip(found, sys.argv[2:], strict=False) if noted != found[name]]
wrong += ["an entry twice"] if len(wishes) < len(lines) else []
sys.exit("DIFFERS: " + ", ".join(wrong)) if wrong else print(f"OK: {len(order)} entries, {len(given)} places")
