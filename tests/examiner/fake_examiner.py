"""A child that does what its pictures say: `fake_examiner.py [WORD…] WIRE_FD PARENT_PID`.

A picture with b"die" in it ends the child, b"hang" makes it sleep, b"babble" and b"wrong" make it answer
nonsense, b"fail" makes it give up. The word `broken` keeps it from getting ready, `slow` makes that last.
"""

import json
import os
import socket
import sys
import time

from edge.die_with import die_with

VERDICT = {"outcome": "refused", "code": "no_face", "sentence": "nobody"}


def main() -> None:
    *words, wire_fd, parent = sys.argv[1:]
    die_with(int(parent))
    wire = socket.socket(fileno=int(wire_fd))
    requests = wire.makefile("rb")
    requests.readline()
    if "broken" in words:
        os._exit(3)
    if "slow" in words:
        time.sleep(0.5)
    wire.sendall(b'{"kind": "ready"}\n')
    while line := requests.readline():
        heads = json.loads(line)["pictures"]
        data = b"".join(requests.read(head["size"]) for head in heads)
        if b"die" in data:
            os._exit(9)
        if b"hang" in data:
            time.sleep(60)
        if b"fail" in data:
            wire.sendall(b'{"kind": "failure", "line": "no more"}\n')
            os._exit(1)
        if b"babble" in data:
            wire.sendall(b"{}\n")
            continue
        verdicts = [VERDICT] * (len(heads) + (b"wrong" in data))
        answer = {"kind": "answer", "verdicts": verdicts, "references": [], "look_alikes": []}
        wire.sendall(json.dumps({**answer, "generation": os.getpid()}).encode() + b"\n")


main()
