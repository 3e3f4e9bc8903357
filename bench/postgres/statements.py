# SPDX-License-Identifier: Apache-2.0
"""The statements that the service prepares, as PostgreSQL's log has them: what is measured beside the service is
what the service sends, not a copy of it."""
import re

import place

CALL = re.compile(r"duration: (?P<ms>[\d.]+) ms  (?P<step>parse|bind|execute) (?P<name>[^:]+): (?P<sql>.*)", re.DOTALL)


def log_all(at):
    """From now on, of new connections to this database."""
    at.sql(f"ALTER DATABASE {at.database} SET log_min_duration_statement = 0")


def texts_in(messages):
    """name → text"""
    found = {}
    for message in messages:
        call = CALL.match(message.get("message", ""))
        if call and call["step"] == "parse":
            found[call["name"]] = call["sql"]
    return found


def learn(server):
    """The texts of what appends and replays take: name → text."""
    at = place.Place(server)
    try:
        sealed, appended = at.make_sessions(2, events=200)
        log_all(at)
        begin = server.log_end()
        at.serve()
        at.load("POST", "/events", [appended], 1, 1, place.append_body(1))
        at.load("GET", "/events/stream", [sealed], 1, 1)
        at.stop()
        return texts_in(server.logged(begin))
    finally:
        at.close()
