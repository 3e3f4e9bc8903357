# SPDX-License-Identifier: Apache-2.0
"""Whether the tables that every append changes stay as small as what is in them, at full rate for many minutes: the
server's vacuum and the service's own have to keep up."""
import threading
import time

import place

CLIENTS = 64
PAUSE = 5
#: The largest of the last third beside the largest of the second.
GROWTH = 1.25
MIB = 1024 * 1024
SAMPLE = """SELECT pg_table_size('sandbase.journal'), pg_indexes_size('sandbase.journal'),
 pg_table_size('sandbase.tips'), pg_indexes_size('sandbase.tips'),
 j.n_dead_tup, t.n_dead_tup, j.autovacuum_count, j.vacuum_count, t.autovacuum_count, t.vacuum_count,
 (SELECT sum(last_seq) FROM sandbase.tips), (SELECT sum(last_seq - sealed_seq) FROM sandbase.tips)
 FROM pg_stat_user_tables j, pg_stat_user_tables t WHERE j.relname = 'journal' AND t.relname = 'tips'"""


class Sample:
    def __init__(self, at, begin):
        (journal, journal_index, tips, tips_index, self.journal_dead, self.tips_dead, auto_journal, own_journal,
         auto_tips, own_tips, self.events, self.unsealed) = at.server.numbers(SAMPLE, at.database)
        self.at = time.monotonic() - begin
        self.journal, self.tips = journal + journal_index, tips + tips_index
        self.sizes = [f"{size / MIB:.1f}" for size in (journal, journal_index, tips, tips_index)]
        self.vacuums = f"{auto_journal:.0f}+{own_journal:.0f}, {auto_tips:.0f}+{own_tips:.0f}"


def bounds(sessions, most_unsealed):
    """Bytes. Journal: what was unsealed at the most, with heads and keys, and as much again for what is dead or not
    used yet. Tips: a row is about 200 B, and all of them may stand there eight times."""
    row = place.EVENT_BYTES + 200
    return {"journal": 64 * MIB + 2 * row * most_unsealed, "tips": 4 * MIB + 8 * 200 * sessions}


def judge(samples, sessions):
    """What is not flat, a line each."""
    third = len(samples) // 3
    second, last = samples[third:2 * third], samples[2 * third:]
    for name, most in bounds(sessions, max(s.unsealed for s in samples)).items():
        before, after = (max(getattr(s, name) for s in part) for part in (second, last))
        print(f"{name}: at most {before / MIB:.1f} MiB in the second third, {after / MIB:.1f} MiB in the last "
              f"({after / before:.2f}); the bound is {most / MIB:.0f} MiB")
        if after > GROWTH * before:
            yield f"{name} grows: the last third has {after / before:.2f} times the most of the second"
        if after > most:
            yield f"{name} is larger than what is in it explains"


def main(options):
    server = place.Server()
    try:
        at = place.Place(server)
        sessions = at.make_sessions(options.sessions)
        at.serve()
        print(place.machine())
        print(f"{CLIENTS} clients, {options.events} events a request, {len(sessions)} sessions, "
              f"{options.minutes:g} minutes; sizes in MiB; vacuums: the server's + the service's")
        print("seconds  events/s  unsealed  journal + indexes  tips + indexes  dead in journal + tips  "
              "vacuums of journal, tips")
        failed = []

        def load():
            try:
                at.load("POST", "/events", sessions, int(options.minutes * 60), CLIENTS,
                        place.append_body(options.events))
            except AssertionError as e:
                failed.append(str(e))
        work = threading.Thread(target=load)
        begin = time.monotonic()
        samples = [Sample(at, begin)]
        with at.use() as used:
            work.start()
            while work.is_alive():
                work.join(PAUSE)
                if work.is_alive():
                    samples.append(show(Sample(at, begin), samples[-1]))
        at.stop()
        if failed:
            raise AssertionError(failed[0])
        if len(samples) < 10:
            raise AssertionError("too short to tell")
        print(f"CPU seconds: PostgreSQL / service / clients {used}, of {used.seconds:.0f} on the clock")
        wrong = list(judge(samples[1:], len(sessions)))
        print("\n".join(wrong) if wrong else "flat")
        return 1 if wrong else 0
    finally:
        server.close()


def show(sample, before):
    rate = (sample.events - before.events) / (sample.at - before.at)
    print(f"{sample.at:7.0f}  {rate:8,.0f}  {sample.unsealed:8,.0f}  {sample.sizes[0]:>8} + {sample.sizes[1]:<6}"
          f"  {sample.sizes[2]:>6} + {sample.sizes[3]:<5}  {sample.journal_dead:13,.0f} + {sample.tips_dead:<6,.0f}"
          f"  {sample.vacuums}", flush=True)
    return sample
