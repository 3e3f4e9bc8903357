# SPDX-License-Identifier: Apache-2.0
"""Appends by the service beside pgbench, which runs the service's own fenced statement. Both write into tables of the
same kind on the same server, in turns."""
import os
import re
import subprocess

import cpu
import place
import statements

CLIENTS = 64
AIM = 0.5
PARAMETER = re.compile(r"\$(\d+)(?=::)")


class Reference:
    """The statement `append` with the service out of the way. Each client of pgbench has sessions of its own and so
    knows their tips without a look: the head is a function of the place in the log."""

    def __init__(self, server, text):
        self.server, self.text = server, text
        self.at = place.Place(server)

    def close(self):
        self.at.close()

    def _fill(self, sessions):
        self.at.sql(
            "TRUNCATE sandbase.journal, sandbase.tips; "
            "INSERT INTO sandbase.tips(session, epoch, last_seq, head, tip, sealed_head) "
            "SELECT i, 1, 0, sha256(int8send(0)), sha256('tip'), sha256('') "
            f"FROM generate_series(1, {sessions}) i")
        self.at.sql("VACUUM ANALYZE sandbase.tips")

    def _script(self, groups, rows, blocks, own):
        """A call appends `rows` events to each of `groups` sessions; `blocks` of these take turns."""
        def each(count, of):
            """An array of what `of` says of i, from 0 on."""
            if count == 1:
                return f"ARRAY[{of('0')}]"
            return f"ARRAY(SELECT {of('i')} FROM generate_series(0, {count - 1}) i)"

        def same(count, value):
            return f"array_fill({value}, ARRAY[{count}])"

        last = ":last::bigint"
        end = f"{last} + {rows}"
        tip = "sha256('tip')"
        arguments = [each(groups, lambda i: f":first::bigint + {i}"), same(groups, "1::bigint"), same(groups, last),
                     same(groups, f"sha256(int8send({last}))"), same(groups, end),
                     same(groups, f"sha256(int8send({end}))"), same(groups, tip),
                     each(groups * rows, lambda i: f":first::bigint + {i} / {rows}"),
                     each(groups * rows, lambda i: f"{last} + 1 + {i} % {rows}"), same(groups * rows, "1::bigint"),
                     same(groups * rows, tip), same(groups * rows, "substr(sha256('salt'), 1, 16)"),
                     same(groups * rows, ":json::bytea")]
        sql = PARAMETER.sub(lambda found: f"({arguments[int(found[1]) - 1]})", self.text)
        return (f"\\set n :n + 1\n\\set first 1 + :client_id * {own} + :n % {blocks} * {groups}\n"
                f"\\set last :n / {blocks} * {rows}\n{sql};\n")

    def run(self, clients, sessions, groups, rows, seconds):
        """Events a second, milliseconds a call, Usage. Fails if the fence kept an event out."""
        own = max(sessions // clients, groups)
        self._fill(own * clients)
        self.server.settle()
        script = os.path.join(self.at.store.directory, "append.sql")
        with open(script, "w", encoding="ascii") as file:
            file.write(self._script(groups, rows, own // groups, own))
        command = ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(2, clients)),
                   "-T", str(seconds), "-f", script, "-D", "n=-1", "-D", "json=" + "x" * place.EVENT_BYTES,
                   "-h", self.server.socket_folder, "-U", "postgres", self.at.database]
        with cpu.Usage(self.server.pid) as used:
            done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False,
                                  env={**self.at.store.environment(), "PGOPTIONS": place.PLANS})
        if done.returncode != 0:
            raise AssertionError(f"pgbench exited {done.returncode}: {done.stdout}{done.stderr}")
        calls = int(re.search(r"actually processed: (\d+)", done.stdout)[1])
        rate = float(re.search(r"tps = ([\d.]+)", done.stdout)[1]) * groups * rows
        latency = float(re.search(r"latency average = ([\d.]+)", done.stdout)[1])
        stored = int(self.at.sql("SELECT count(*) FROM sandbase.journal"))
        if stored != calls * groups * rows:
            raise AssertionError(f"{calls} calls with {groups * rows} events each have stored {stored}")
        return rate, latency, used


def run_service(at, sessions, events, seconds):
    """Events a second, what wrk told, Usage, events a commit, journals."""
    at.server.settle()
    before = at.journal_commits()
    with at.use() as used:
        told = at.load("POST", "/events", sessions, seconds, CLIENTS, place.append_body(events))
    stored = told["requests"] * events
    after = at.journal_commits()
    return stored / told["seconds"], told, used, stored / max(1, sum(after) - sum(before)), len(after)


def main(options):
    server = place.Server()
    try:
        text = statements.learn(server)["append"]
        reference = Reference(server, text)
        at = place.Place(server)
        print(place.machine())
        print(f"{CLIENTS} clients, events of {place.EVENT_BYTES} B, {options.seconds} s each, in turns; CPU seconds: "
              "PostgreSQL / service / clients")
        all_sessions = {count: at.make_sessions(count, prefix=f"sess_bench{count}x") for count in options.sessions}
        at.serve()
        rows, reached = [], True
        for count in options.sessions:
            for events in options.events:
                at.load("POST", "/events", all_sessions[count], 1, CLIENTS, place.append_body(events))  # claims
                reached &= compare(at, reference, all_sessions[count], events, options, rows)
        print(place.table(("sessions × events a request", "who", "clients", "events a call", "events/s", "service is",
                           "ms", "CPU s"), rows))
        at.stop()
        print(f"the aim, {AIM} of pgbench with as many clients and events a call, is "
              f"{'reached' if reached else 'missed'}")
        return 0 if reached else 1
    finally:
        server.close()


def compare(at, reference, sessions, events, options, rows):
    """One kind of load, in rounds. @returns whether the aim is reached in the middle of them."""
    name = f"{len(sessions)} × {events}"
    ratios = []
    for _ in range(options.rounds):
        rate, told, used, batch, journals = run_service(at, sessions, events, options.seconds)
        rows.append((name, "service", CLIENTS, f"{batch:.0f} a commit", f"{rate:,.0f}", "",
                     f"{told['p50_ms']} (99 %: {told['p99_ms']})", used))
        groups = max(1, min(round(batch / events), len(sessions)))
        for who, clients, at_once in (("pgbench", CLIENTS, 1), ("pgbench, as the service groups", journals, groups)):
            other, latency, other_used = reference.run(clients, len(sessions), at_once, events, options.seconds)
            rows.append((name, who, clients, at_once * events, f"{other:,.0f}", f"{rate / other:.2f}",
                         f"{latency:.2f}", other_used))
            if clients == CLIENTS:
                ratios.append(rate / other)
    return sorted(ratios)[len(ratios) // 2] >= AIM
