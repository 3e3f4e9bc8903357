# SPDX-License-Identifier: Apache-2.0
"""What must hold of a cluster whatever happened to it: one log of each session on all nodes, each acknowledged append
in it once, those of unknown outcome at most once, and every follower has seen it."""
import contextlib
import json

import appenders
import harness
import logs


def texts(events):
    return [json.loads(e)["content"][0]["text"] for e in events]


def shown_by_all(nodes, key, sessions):
    """Session → its events as bytes, which every node shows the same."""
    shown = {}
    with contextlib.ExitStack() as stack:
        apis = [stack.enter_context(harness.Api(node, key)) for node in nodes]
        for session in sessions:
            first, *others = [api.events(session) for api in apis]
            if any(other != first for other in others):
                raise AssertionError(f"the nodes show other logs of {session}")
            logs.assert_whole(apis[0].session(session), first)
            shown[session] = first
    return shown


def assert_kept(shown, acknowledged, unknown):
    appenders.assert_kept({session: texts(events) for session, events in shown.items()}, acknowledged, unknown)


def seen(listeners, shown, timeout=120):
    """Of all followers together: how many events they have not seen, have seen twice, have seen behind a later one.
    Fails if one has not come to its end, or has seen what is not in the log."""
    lost = doubled = out_of_order = 0
    for listener in listeners:
        listener.join(timeout)
        if not listener.is_complete:
            raise AssertionError(f"a follower did not come to the end: {listener.ended[-3:]}")
        events = shown[listener.session]
        place = {json.loads(e)["id"]: i for i, e in enumerate(events)}
        places = [place[event] for event, _ in listener.events]
        if [data.encode() for _, data in listener.events] != [events[i] for i in places]:
            raise AssertionError(f"a follower of {listener.session} was shown other bytes")
        lost += len(events) - len(set(places))
        doubled += len(places) - len(set(places))
        out_of_order += sum(a > b for a, b in zip(places, places[1:]))
    return lost, doubled, out_of_order
