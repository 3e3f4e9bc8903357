# SPDX-License-Identifier: Apache-2.0
"""What must hold of any log, computed from its events alone: ids that tell their places without a gap, times that do
not decrease, and, where an export tells their salts, the hash chain that ends in the session's head."""
import hashlib
import json
import re

LINE = re.compile(r'\{"event":(\{.*\})(?:,"(salt|leaf)":"([0-9a-f]+)")?\}')

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def told_place(event_id):
    """The place in the log that an id made by the service tells: the high 40 of the ULID's low 80 bits."""
    value = 0
    for letter in event_id.removeprefix("sevt_"):
        value = value * 32 + CROCKFORD.index(letter)
    return value >> 40 & (1 << 40) - 1


def parts(line):
    """The JSON bytes of an event in a line of an export, and its salt or leaf; None if the line has neither."""
    event, _, proof = LINE.fullmatch(line).groups()
    return event.encode(), bytes.fromhex(proof) if proof else None


def leaf(event, proof):
    return proof if len(proof) == 32 else hashlib.sha256(proof + event).digest()


def unsalted_head(events):
    """`sha256:…` of the chain over the JSON bytes of `events`."""
    chain = bytes(32)
    for event in events:
        chain = hashlib.sha256(chain + event).digest()
    return "sha256:" + chain.hex()


def head(events, proofs):
    """The same with their salts or leaves."""
    return unsalted_head(leaf(e, p) for e, p in zip(events, proofs, strict=True))


def assert_exported(lines):
    """The lines of an export of one session."""
    split = [parts(line) for line in lines[1:]]
    assert_whole(json.loads(lines[0])["session"], [e for e, _ in split], proofs=[p for _, p in split])


def assert_whole(session, events, places=True, proofs=None):
    """`session` is the session object, `events` are all its events as bytes, `proofs` their salts or leaves if they
    are known."""
    parsed = [json.loads(e) for e in events]
    if places:
        told = [told_place(e["id"]) for e in parsed]
        if told != list(range(1, len(told) + 1)):
            raise AssertionError(f"a gap or a repetition in {session['id']}: {told}")
    times = [e["processed_at"] for e in parsed]
    if times != sorted(times):
        raise AssertionError(f"times decrease in {session['id']}")
    expected = {"events": len(events), "last_event_id": parsed[-1]["id"] if parsed else None,
                "head": session["log"]["head"]}
    if proofs is not None or not events:
        expected["head"] = head(events, proofs or [])
    if session["log"] != expected:
        raise AssertionError(f"the log of {session['id']} is {session['log']}, its events say {expected}")
