# SPDX-License-Identifier: Apache-2.0
"""What must hold of any log, computed from its events alone: ids that tell their places without a gap, times that do
not decrease, and the hash chain that ends in the session's head."""
import hashlib
import json

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def told_place(event_id):
    """The place in the log that an id made by the service tells: the high 40 of the ULID's low 80 bits."""
    value = 0
    for letter in event_id.removeprefix("sevt_"):
        value = value * 32 + CROCKFORD.index(letter)
    return value >> 40 & (1 << 40) - 1


def head(events):
    """`sha256:…` of the chain over the JSON bytes of `events`."""
    chain = bytes(32)
    for event in events:
        chain = hashlib.sha256(chain + event).digest()
    return "sha256:" + chain.hex()


def assert_whole(session, events, places=True):
    """`session` is the session object, `events` are all its events as bytes."""
    parsed = [json.loads(e) for e in events]
    if places:
        told = [told_place(e["id"]) for e in parsed]
        if told != list(range(1, len(told) + 1)):
            raise AssertionError(f"a gap or a repetition in {session['id']}: {told}")
    times = [e["processed_at"] for e in parsed]
    if times != sorted(times):
        raise AssertionError(f"times decrease in {session['id']}")
    expected = {"events": len(events), "last_event_id": parsed[-1]["id"] if parsed else None, "head": head(events)}
    if session["log"] != expected:
        raise AssertionError(f"the log of {session['id']} is {session['log']}, its events say {expected}")
