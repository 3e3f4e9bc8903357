# SPDX-License-Identifier: Apache-2.0
"""Databases that something has happened to: how they are damaged, and what a service on one may answer at most."""
import hashlib
import os
import random
import shutil
import sqlite3

import harness
import sse

PAGE = 8192
REFUSED = 2  # exit code of a command that cannot begin
# Where another table's page stands in place of one of these, a key may be no longer there, which looks like one that
# never was: the service then knows nobody.
KEY_PAGES = ("workspaces", "api_keys", "sqlite_autoindex_api_keys_1")
# The same of sessions, by the index that finds them.
SESSION_PAGES = ("sqlite_autoindex_sessions_1",)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def folder_of(store):
    """Every file beside the database with its hash; the lock file holds nothing."""
    names = sorted(n for n in os.listdir(store.directory) if not n.endswith(".lock"))
    return {name: digest(os.path.join(store.directory, name)) for name in names}


def alter(store, *statements):
    """Runs SQL and leaves one file."""
    database = sqlite3.connect(store.database, isolation_level=None)
    for statement in statements:
        database.execute(statement)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


class DamageTest(harness.E2eTest):
    serve_options = None

    def new_store(self):
        store = harness.Store()
        self.addCleanup(store.close)
        return store

    def small_store(self):
        """With a key and a session that is sealed."""
        store = self.new_store()
        key = store.key("runtime")
        server = store.serve()
        with harness.Api(server, key) as api:
            session = api.create()
            api.sent(session, [harness.agent_message(f"event {i}") for i in range(20)])
        self.assertEqual(server.stop(), 0)
        return store, key, session


class Witness:
    """A store in one file with a few sessions, and all that it serves while it is whole."""

    def __init__(self, store, killed=False):
        """`killed`: the journal has what is not sealed yet."""
        self.store = store
        self.key = store.key("runtime")
        server = store.serve()
        with harness.Api(server, self.key) as api:
            self.sessions = [self._session(api, number) for number in range(6)]
            self.objects = {s: harness.unclocked(api.session(s)) for s in self.sessions}
            self.events = {s: api.events(s) for s in self.sessions}
            self.streams = {s: api.stream(s).content for s in self.sessions}
        if killed:
            server.kill()
        elif server.stop() != 0:
            raise AssertionError("the store was not closed")
        alter(store)
        self.whole = store.database + ".whole"
        shutil.copyfile(store.database, self.whole)
        self.pages = os.path.getsize(self.whole) // PAGE
        whole = sqlite3.connect(self.whole)
        self.owner = dict(whole.execute("SELECT pageno, name FROM dbstat"))  # page → its table or index
        self.roots = {root for root, in whole.execute("SELECT rootpage FROM sqlite_schema")}
        whole.close()

    @staticmethod
    def _session(api, number):
        session = api.create()
        large = number % 2 == 0
        for batch in range(3):
            api.sent(session, [harness.agent_message(f"{session} {batch} {i} " + "x" * (3000 if large else 30))
                               for i in range(20)])
        return session

    def damage(self, page, how, chance):
        """Puts something else in the place of a page (numbers begin at 1) of the whole database."""
        shutil.copyfile(self.whole, self.store.database)
        for end in ("-wal", "-shm"):
            if os.path.exists(self.store.database + end):
                os.remove(self.store.database + end)
        with open(self.store.database, "rb+") as file:
            content = file.read()
            if how == "garbage":
                new = chance.randbytes(PAGE)
            elif how == "zeros":
                new = bytes(PAGE)
            else:  # "another page": a write that went astray
                other = chance.choice([p for p in range(2, self.pages + 1) if p != page])
                new = content[(other - 1) * PAGE:other * PAGE]
            file.seek((page - 1) * PAGE)
            file.write(new)


def assert_nothing_wrong_is_served(test, witness, page):
    """Serves the damaged store: every answer is the right one or an error. @returns how many were errors; None if the
    store was refused at its start, with a reason."""
    store = witness.store
    refusals = (500, 503)
    if witness.owner.get(page) in KEY_PAGES:
        refusals += (401,)
    if witness.owner.get(page) in SESSION_PAGES:
        refusals += (404,)
    before = digest(store.database)
    server = store.serve(wait=False)
    harness.poll(lambda: not server.running() or "listening on" in server.log(), 20.0, "a start or a refusal")
    if not server.running():
        test.assertIn(server.wait(), (1, REFUSED))
        test.assertIn(store.database, server.log())
        test.assertEqual(digest(store.database), before)
        return None
    server.wait_until_listening()
    errors = 0

    def is_right(answer):
        nonlocal errors
        if answer.status_code == 200:
            return True
        test.assertIn(answer.status_code, refusals, answer.text)
        test.assertNotRegex(answer.text, r"(?i)sqlite|checksum|\.db|/tmp")
        errors += 1
        return False

    def hold(api, session):
        nonlocal errors
        answer = api.get(f"/v1/sessions/{session}")
        if is_right(answer):
            test.assertEqual(harness.unclocked(answer.json()), witness.objects[session])
        answer = api.list(session, limit=1000)
        if is_right(answer):
            test.assertEqual(harness.raw_items(answer.content), witness.events[session])
        answer = api.stream(session)
        if is_right(answer) and answer.content != witness.streams[session]:
            test.assertIn(b"event: error", answer.content)
            right = witness.streams[session]
            test.assertTrue(right.startswith(answer.content[:answer.content.index(b"event: error")]),
                            "other frames than were stored")
            test.assertNotIn(b"[DONE]", answer.content)
            errors += 1
        is_right(api.send(session, [harness.agent_message("one more")]))

    try:
        with harness.Api(server, witness.key) as api:
            for session in witness.sessions:
                hold(api, session)
    finally:  # a page that fails the test is no reason for the next ones to find the store in use
        if server.running():
            server.stop()
    return errors


def sweep(test, witness, choices, seed):
    """Damages one page after the other, and holds what is served against what `check` finds."""
    chance = random.Random(seed)
    seen = {"refused": 0, "errors": 0, "untouched": 0}
    for page, how in choices:
        with test.subTest(page=page, how=how, seed=seed):
            witness.damage(page, how, chance)
            check = witness.store.run("check")
            test.assertIn(check.returncode, (0, 1, REFUSED), check)
            errors = assert_nothing_wrong_is_served(test, witness, page)
            if check.returncode == 0:
                test.assertEqual(errors, 0, "check found nothing of it")
            else:
                test.assertTrue(check.stdout + check.stderr)
            if witness.owner.get(page) == "segments" and page not in witness.roots:
                test.assertIsNotNone(errors,
                                     "what only a part of the logs stands in is no reason not to serve the others")
            seen["refused" if errors is None else "errors" if errors else "untouched"] += 1
    print(f"seed {seed}: {len(choices)} damaged pages of {witness.pages}: {seen}", flush=True)
    return seen
