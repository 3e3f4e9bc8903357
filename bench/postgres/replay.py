# SPDX-License-Identifier: Apache-2.0
"""Replays of sealed sessions by the service beside segment_reader, which reads the same segments by the same statement
into memory and does no more. In turns, from a database that is in PostgreSQL's memory."""
import json
import os
import subprocess

import cpu
import place
import statements

EVENTS = 1000
#: As a replay asks (http/stream/bounded_writer.hpp).
SLICE_BYTES = 512 * 1024
CLIENTS = 16
AIM = 0.5
TOUCHED = ("SELECT toast_blks_hit + toast_blks_read FROM pg_statio_user_tables WHERE relname = 'segments'")


class Replays:
    def __init__(self, server, text, sessions, readers, binaries):
        self.server, self.readers = server, readers
        self.at = place.Place(server)
        self.ids = self.at.make_sessions(sessions, EVENTS)
        self.at.sql("VACUUM ANALYZE sandbase.segments")
        self.keys = self.at.sql("SELECT key FROM sandbase.sessions ORDER BY id").split("\n")
        total = int(self.at.sql("SELECT sum(octet_length(frames)) FROM sandbase.segments"))
        self.session_bytes = total / sessions
        self.tool = os.path.join(binaries, "segment_reader")
        self.statement = os.path.join(self.at.store.directory, "read.sql")
        with open(self.statement, "w", encoding="ascii") as file:
            file.write(text)

    def close(self):
        self.at.close()

    def _touched(self):
        return int(self.at.sql(TOUCHED))

    def refer(self, count, seconds):
        """Bytes a second, Usage, pages of frames a session."""
        before = self._touched()
        conninfo = (f"host={self.server.socket_folder} user=postgres dbname={self.at.database} "
                    f"options='{place.PLANS}'")
        with cpu.Usage(self.server.pid) as used:
            done = subprocess.run(
                [self.tool, conninfo, str(self.readers), str(seconds), str(SLICE_BYTES), self.statement],
                input="\n".join(self.keys[:count]), capture_output=True, text=True, timeout=seconds + 60, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        told = json.loads(done.stdout)
        return told["bytes"] / told["seconds"], used, (self._touched() - before) / told["sessions"]

    def serve(self, count, seconds, is_warm, pages):
        """Bytes a second, what wrk told, Usage, which part of the bytes came from the database."""
        self.at.serve("--store.readers", str(self.readers))
        if is_warm:
            self.at.load("GET", "/events/stream", self.ids[:count], 2, CLIENTS)
        self.server.settle()
        before = self._touched()
        with self.at.use() as used:
            told = self.at.load("GET", "/events/stream", self.ids[:count], seconds, CLIENTS)
        self.at.stop()  # then PostgreSQL's figures are complete
        from_database = (self._touched() - before) / (told["requests"] * pages)
        return told["requests"] * self.session_bytes / told["seconds"], told, used, from_database


def main(options):
    server = place.Server()
    try:
        text = statements.learn(server)["read_segments"]
        replays = Replays(server, text, options.sessions, options.readers, options.binaries)
        print(place.machine())
        print(f"{options.sessions} sessions of {EVENTS} events, {replays.session_bytes / 1e6:.2f} MB each; service: "
              f"{CLIENTS} clients, store.readers = {options.readers}; {options.seconds} s each, in turns; CPU seconds: "
              "PostgreSQL / service / clients")
        replays.refer(options.sessions, 2)  # all of it is in PostgreSQL's memory from here on
        rows, ratios = [], {}
        for _ in range(options.rounds):
            for name, count, is_warm in (("cold", options.sessions, False), ("warm", options.sessions // 4, True)):
                most, other, pages = replays.refer(count, options.seconds)
                rate, told, used, share = replays.serve(count, options.seconds, is_warm, pages)
                rows.append((name, "segment_reader", options.readers, f"{most / 1e6:,.0f}", "", "", "100 %", other))
                rows.append((name, "service", CLIENTS, f"{rate / 1e6:,.0f}", f"{rate / most:.2f}",
                             f"{told['p50_ms']} (99 %: {told['p99_ms']})", f"{100 * share:.0f} %", used))
                ratios.setdefault(name, []).append(rate / most)
        print(place.table(("caches", "who", "connections", "MB/s", "service is", "ms", "read from the database",
                           "CPU s"), rows))
        reached = all(sorted(r)[len(r) // 2] >= AIM for r in ratios.values())
        print(f"the aim, {AIM} of segment_reader, is {'reached' if reached else 'missed'}")
        return 0 if reached else 1
    finally:
        server.close()
