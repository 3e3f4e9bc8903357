# SPDX-License-Identifier: Apache-2.0
"""Runs every operation against a large store and judges the plan of each statement that PostgreSQL had to do, by what
it really read (auto_explain): whole tables, more pages than the rows that were asked for explain, and lists that are
gone through again and again, which costs no page."""
import json
import os
import re
import sys

import operations
import place
import statements

#: Read everything, as is their task: what belongs to no session, how many sessions there are.
READS_ALL = {"check_strays", "list_workspaces"}
#: Not reached by a script: they come behind a race.
RARE = {"claim_free", "why_not_stored"}
SOURCES = os.path.join(os.path.dirname(os.path.dirname(place.HERE)), "persistence", "postgres")
NAMED = re.compile(r'\bstatement\s+\w+\{\s*"(\w+)"')
PLAN = re.compile(r"duration: ([\d.]+) ms  plan:\n(.*)", re.DOTALL)
#: A table of so many pages or less is read as a whole more quickly than by a key.
SMALL_PAGES = 8
#: For what operations.py does, three quarters of them sealed.
LEAST_SESSIONS = 200
UNSEALED_EVENTS = 20  # in a session that has some, on average and at least: far from what is sealed at once

#: Pages: for a call, for a row of it, and for one of `segments` that is written, whose frames are 33 rows of their own.
PER_CALL, PER_ROW, PER_SEGMENT = 64, 24, 400
#: More for a call: a walk along the journal's key passes entries of what was sealed since the last vacuum.
PASSES_DEAD = {"walk_unsealed": 4096}
#: Rows of lists that a call looks at again, at all and for each of its rows.
AGAIN_PER_CALL, AGAIN_PER_ROW = 4096, 2


def walk(node):
    yield node
    for child in node.get("Plans", ()):
        yield from walk(child)


def pages(node):
    return sum(node.get(f"{where} {what} Blocks", 0) for where in ("Shared", "Temp") for what in ("Hit", "Read"))


def count(node):
    return node.get("Actual Rows", 0) * node.get("Actual Loops", 1)


def is_scan(node):
    return "Scan" in node["Node Type"] and ("Relation Name" in node or "Index Name" in node)


def is_whole(node):
    """Reads a table from its beginning: by no key."""
    return "Relation Name" in node and is_scan(node) and not any(
        name in node for name in ("Index Cond", "Recheck Cond", "TID Cond"))


class Call:
    """One execution."""

    def __init__(self, name, milliseconds, plan):
        self.ms, self.plan = milliseconds, plan
        nodes = list(walk(plan))
        self.pages = pages(plan)
        written = [(child, node) for node in nodes if node["Node Type"] == "ModifyTable"
                   for child in node.get("Plans", ()) if child.get("Parent Relationship") == "Outer"]
        arrays = [node.get("Actual Rows", 0) for node in nodes if node["Node Type"] == "Function Scan"]
        self.rows = max(count(plan), max(arrays, default=0), sum(count(child) for child, _ in written))
        self.segments = sum(count(child) for child, node in written if node.get("Relation Name") == "segments")
        # What has no key: arrays, the rows of a WITH.
        self.again = sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * (node["Actual Loops"] - 1)
                         for node in nodes if node["Node Type"] in ("CTE Scan", "Function Scan", "Materialize")
                         and node.get("Actual Loops", 0) > 1)
        self.allowed = PER_CALL + PASSES_DEAD.get(name, 0) + PER_ROW * self.rows + PER_SEGMENT * self.segments
        self.by = sorted({node.get("Index Name") or f"{node['Node Type']} on {node['Relation Name']}"
                          for node in nodes if is_scan(node)})

    def faults(self, large):
        """(kind, what to say)"""
        under_limit = {id(n) for limit in walk(self.plan) if limit["Node Type"] == "Limit" for n in walk(limit)}
        for node in walk(self.plan):
            table = node.get("Relation Name")
            if node["Node Type"] == "Seq Scan" and table in large and node.get("Actual Loops"):
                yield table, f"Seq Scan on {table}"
            elif table in large and is_whole(node) and node.get("Actual Loops") and id(node) not in under_limit:
                yield table, f"{node['Node Type']} on {table} by no key"
            if node["Node Type"] in ("Hash Join", "Merge Join"):
                for input_node in walk(node):
                    if input_node.get("Relation Name") in large and is_whole(input_node):
                        yield "join", f"{node['Node Type']} over the whole of {input_node['Relation Name']}"
        if self.pages > self.allowed:
            yield "pages", f"{self.pages} pages for {self.rows} rows"
        if self.again > AGAIN_PER_CALL + AGAIN_PER_ROW * self.rows:
            yield "again", f"{self.again} rows of lists gone through again for {self.rows} rows"


def declared():
    """The names of all statements in the sources."""
    names = set()
    for folder, _, files in os.walk(SOURCES):
        for file in files:
            with open(os.path.join(folder, file), encoding="utf-8") as source:
                names |= set(NAMED.findall(source.read()))
    return names


def collect(messages, large):
    """text → name, text → its calls, and the names that were executed"""
    names, found, executed = {}, {}, set()
    for message in messages:
        text = message.get("message", "")
        if not message.get("application_name", "").startswith("sandbase-events"):
            continue
        if call := statements.CALL.match(text):
            names[call["sql"]] = call["name"]
            executed.add(call["name"])
        elif plan := PLAN.match(text):
            told = json.loads(plan[2])
            sql = told["Query Text"]
            name = names.get(sql, "<")
            if name.startswith("<"):  # made for the call: those that differ in numbers are one
                sql = re.sub(r"\b\d+\b", "N", sql)
            found.setdefault(sql, []).append(Call(name, float(plan[1]), told["Plan"]))
    return names, found, executed


def make_store(at, sessions, events):
    """Sealed sessions of two sizes, and some that a killed service has left unsealed: a tenth has half of all events,
    and a quarter, of the others, is left unsealed."""
    longs = sessions // 10
    long = max(1, events // 2 // longs)
    short = max(1, (events - longs * long) // (sessions - longs))
    ids = at.make_sessions(longs, long, "sess_long") + at.make_sessions(sessions - longs, short, "sess_short")
    first_unsealed = len(ids) - sessions // 4
    sealed, unsealed = ids[:first_unsealed], ids[first_unsealed:]
    at.serve()
    while int(at.sql("SELECT count(*) FROM sandbase.journal")) < UNSEALED_EVENTS * len(unsealed):
        at.load("POST", "/events", unsealed, 2, 64, place.append_body(20))
    at.service.kill()
    at.sql("VACUUM ANALYZE")
    return sealed, unsealed


def main(options):
    if options.sessions < LEAST_SESSIONS:
        sys.exit(f"--sessions must be at least {LEAST_SESSIONS}: the operations go to so many of them")
    server = place.Server()
    try:
        at = place.Place(server)
        sealed, unsealed = make_store(at, options.sessions, options.events)
        large = set(at.sql("SELECT relname FROM pg_class WHERE relnamespace = 'sandbase'::regnamespace "
                           f"AND relkind = 'r' AND relpages > {SMALL_PAGES}").split("\n"))
        print(place.machine())
        print(f"{options.sessions} sessions; large tables: {', '.join(sorted(large))}; "
              f"{at.sql('SELECT count(*) FROM sandbase.journal')} events unsealed")
        explain(at)
        begin = server.log_end()
        failed = operations.Operations(at, sealed, unsealed).run_all()
        wrong = report(server.logged(begin), large)
        print("\n".join(failed))
        return 1 if failed or wrong else 0
    finally:
        server.close()


def explain(at):
    statements.log_all(at)
    for name, value in (("session_preload_libraries", "auto_explain"), ("auto_explain.log_min_duration", "0"),
                        ("auto_explain.log_analyze", "on"), ("auto_explain.log_buffers", "on"),
                        ("auto_explain.log_timing", "off"), ("auto_explain.log_format", "json")):
        at.sql(f"ALTER DATABASE {at.database} SET {name} = '{value}'")


def tree(node, depth=0):
    """A plan as people read it, a line a node."""
    what = " ".join(str(node[name]) for name in ("Node Type", "Subplan Name", "Relation Name", "Index Name", "CTE Name")
                    if name in node)
    yield f"{'  ' * depth}{what}: {node.get('Actual Rows')} rows × {node.get('Actual Loops')}, {pages(node)} pages"
    for child in node.get("Plans", ()):
        yield from tree(child, depth + 1)


def report(messages, large):
    """@returns whether something is wrong"""
    names, found, executed = collect(messages, large)
    rows, wrong = [], []
    for sql, calls in found.items():
        name = names.get(sql, "<unnamed>")
        shown = name if not name.startswith("<") else "…" + sql[max(0, sql.find("WHERE")):][:60]
        worst = max(calls, key=lambda call: call.pages / call.allowed)
        slow = sorted(call.ms for call in calls)
        rows.append((shown, len(calls), f"{slow[len(slow) // 2]:.2f}", f"{slow[-1]:.1f}", f"{worst.rows:.0f}",
                     worst.pages, worst.allowed, ", ".join(worst.by)[:70]))
        if name not in READS_ALL:
            # Of each kind the worst.
            faults = {kind: (text, call) for call in sorted(calls, key=lambda call: call.pages)
                      for kind, text in call.faults(large)}
            wrong += [(shown, text, call) for text, call in faults.values()]
    print(place.table(("statement", "calls", "ms", "most ms", "worst: rows", "pages", "allowed", "by"), sorted(rows)))
    unseen = declared() - executed - RARE
    for name in sorted(unseen):
        print(f"{name} was not reached: bench/postgres/operations.py lacks an operation")
    for shown, fault, call in wrong:
        print(f"{shown}: {fault}", *tree(call.plan, 1), sep="\n")
    print("every plan goes by keys" if not wrong else f"{len(wrong)} faults")
    return wrong or unseen
