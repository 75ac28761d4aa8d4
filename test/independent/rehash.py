#!/usr/bin/env python3
"""A ledger hashed again from scratch, with Python's standard library and no code of the project.

Reads a folder laid out as C2SP tlog-tiles serves it (a mirror): `checkpoint`, `tile/<L>/<N>[.p/<W>]`,
`tile/entries/<N>[.p/<W>]`. Checks every entry against its leaf, every tile against the leaves, the chain of every
stream, every recorded root of heads, and the checkpoint's root. Signatures it does not check: the standard library has
no Ed25519.

usage: rehash.py FOLDER        exit 0: all agree, 1: something does not, 2: could not read it
"""
import base64
import hashlib
import json
import os
import sys

WIDTH = 256


def sha256(data):
    return hashlib.sha256(data).digest()


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def leaf_hash(data):
    return sha256(b"\x00" + data)


def merkle_root(hashes):
    """MTH of RFC 6962, section 2.1, by its definition."""
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha256(b"\x01" + merkle_root(hashes[:k]) + merkle_root(hashes[k:]))


def number_path(n):
    groups = ["%03d" % (n % 1000)]
    n //= 1000
    while n > 0:
        groups.insert(0, "x%03d" % (n % 1000))
        n //= 1000
    return "/".join(groups)


def tile_path(place, n, width):
    return "tile/%s/%s%s" % (place, number_path(n), "" if width == WIDTH else ".p/%d" % width)


def read(folder, path):
    with open(os.path.join(folder, path), "rb") as file:
        return file.read()


def read_checkpoint(folder):
    text, separator, signatures = read(folder, "checkpoint").decode("utf-8").rpartition("\n\n")
    lines = (text + "\n").split("\n")
    if not separator or not signatures or len(lines) != 4 or lines[3] != "":
        raise ValueError("not a checkpoint")
    if lines[1] != str(int(lines[1])):
        raise ValueError("not a plain decimal")
    root = base64.b64decode(lines[2], validate=True)
    if len(root) != 32 or base64.b64encode(root).decode() != lines[2]:
        raise ValueError("not the base64 of a root")
    return lines[0], int(lines[1]), root


def read_bundle(data, width):
    entries, at = [], 0
    for _ in range(width):
        if at + 2 > len(data):
            raise ValueError("a bundle breaks off")
        length = int.from_bytes(data[at : at + 2], "big")
        at += 2 + length
        if at > len(data):
            raise ValueError("a bundle breaks off")
        entries.append(data[at - length : at])
    if at != len(data):
        raise ValueError("a bundle goes on after its end")
    return entries


def check_tiles(folder, leaves, say):
    """Every full tile, and each level's partial one at this size."""
    level, hashes, tiles = 0, leaves, 0
    while hashes:
        above = []
        for n in range(0, (len(hashes) + WIDTH - 1) // WIDTH):
            row = hashes[n * WIDTH : (n + 1) * WIDTH]
            tiles += 1
            if read(folder, tile_path(level, n, len(row))) != b"".join(row):
                say("tile %d/%d of %d hashes is another" % (level, n, len(row)))
            if len(row) == WIDTH:
                above.append(merkle_root(row))
        level, hashes = level + 1, above
    return tiles


def heads_root(history, size):
    """Where every stream ended when there were `size` entries."""
    heads = {}
    for stream, seq, leaf in history[:size]:
        heads[stream] = (seq, leaf)
    rows = [
        json.dumps([stream, heads[stream][0], b64url(heads[stream][1])], separators=(",", ":")).encode()
        for stream in sorted(heads)
    ]
    return b64url(merkle_root([leaf_hash(row) for row in rows])), len(rows)


def check(folder):
    wrong = []
    say = wrong.append
    origin, size, root = read_checkpoint(folder)
    leaves, history, ends, heads, time = [], [], {}, 0, 0
    for n in range(0, (size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, size - n * WIDTH)
        for data in read_bundle(read(folder, tile_path("entries", n, width)), width):
            index = len(leaves)
            leaf = leaf_hash(data)
            entry = json.loads(data.decode("utf-8"))
            stream, seq = entry["stream"], entry["seq"]
            want_seq, want_prev = ends.get(stream, (0, None))
            if (seq, entry["prev"]) != (want_seq, want_prev):
                say("entry %d does not follow in its stream" % index)
            if entry["log"] != origin or entry["time"] < time:
                say("entry %d is of another log, or goes back in time" % index)
            if entry["type"] == "heads.recorded":
                heads += 1
                body = entry["body"]
                if body["size"] > index or heads_root(history, body["size"]) != (body["root"], body["streams"]):
                    say("entry %d records other heads" % index)
            time = entry["time"]
            ends[stream] = (seq + 1, b64url(leaf))
            leaves.append(leaf)
            history.append((stream, seq, leaf))
    tiles = check_tiles(folder, leaves, say)
    if len(leaves) != size or merkle_root(leaves) != root:
        say("the checkpoint's root is not that of the entries")
    return {"origin": origin, "size": size, "root": b64url(root), "streams": len(ends), "tiles": tiles, "heads": heads, "wrong": wrong}


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    sys.setrecursionlimit(10000)
    try:
        found = check(arguments[0])
    except (OSError, ValueError, KeyError, TypeError) as error:
        print("rehash: %s" % error, file=sys.stderr)
        return 2
    print(json.dumps(found))
    return 1 if found["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
