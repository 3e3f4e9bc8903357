# SPDX-License-Identifier: Apache-2.0
"""Where the measurements take place: a PostgreSQL server of their own with fsync, databases of the service's tables
there, sessions in them, and the service."""
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

TEST = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "test", "e2e")
sys.path.insert(0, TEST)
import binary  # noqa: E402
import postgres  # noqa: E402

import cpu  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
EVENT_BYTES = 500
#: As the service asks for its own connections.
PLANS = ("-c search_path=sandbase -c plan_cache_mode=force_generic_plan -c jit=off -c enable_seqscan=off "
         "-c enable_hashjoin=off -c enable_mergejoin=off")
#: Beyond these PostgreSQL's defaults hold. The log in JSON is where the texts and plans of statements are read.
SETTINGS = ("shared_buffers=1GB", "max_wal_size=4GB", "logging_collector=on", "log_destination=jsonlog",
            "log_filename=postgres.log", "log_rotation_size=0", "log_rotation_age=0", "log_checkpoints=off",
            "log_parameter_max_length=0")


class Server(postgres.PostgresServer):
    """A real one: what is committed is on the disk."""

    def __init__(self, *more):
        super().__init__(*SETTINGS, *more)
        kind = subprocess.run(["stat", "-f", "-c", "%T", self.folder], capture_output=True, text=True, check=True)
        if kind.stdout.strip() == "tmpfs":
            self.close()
            sys.exit(f"{self.folder} is in memory, where fsync costs nothing: name a folder on a disk by TMPDIR")

    @property
    def log(self):
        """Of this server, a JSON object a line."""
        return os.path.join(self.socket_folder, "data", "log", "postgres.json")

    def logged(self, begin=0):
        """Messages from a place in the log on."""
        with open(self.log, encoding="utf-8") as log:
            log.seek(begin)
            for line in log:
                yield json.loads(line)

    def log_end(self):
        return os.path.getsize(self.log)

    def numbers(self, text, database):
        return [float(field or 0) for field in self.sql(text, database).split("|")]

    def settle(self):
        """Until nothing is at work behind what was done, and all of it is on the disk."""
        deadline = time.monotonic() + 20
        quiet = 0
        while quiet < 3 and time.monotonic() < deadline:
            time.sleep(0.3)
            busy = self.sql("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                            "(state <> 'idle' OR backend_type = 'autovacuum worker')")
            quiet = quiet + 1 if busy == "0" else 0
        self.sql("CHECKPOINT")


class Place:
    """A database with the service's tables."""

    def __init__(self, server):
        self.server = server
        self.database = server.new_database()
        self.store = binary.Store()
        self.store.url = server.url(self.database)
        self.key = self.store.key("runtime")
        self.service = None

    def sql(self, text):
        return self.server.sql(text, self.database)

    def serve(self, *options):
        self.service = self.store.serve("--log.access", "off", *options)
        return self.service

    def stop(self):
        self.service.stop(timeout=60)
        self.service = None

    def close(self):
        self.store.close()

    def use(self):
        """What a piece of work costs."""
        return cpu.Usage(self.server.pid, self.service and self.service.pid)

    def make_sessions(self, count, events=0, prefix="sess_bench", agent="agent_bench"):
        """Their ids. All of their events are sealed."""
        ids = [f"{prefix}{i:07}" for i in range(count)]
        command = [binary.BINARY, "import", "-", "--store.url", self.store.url]
        event = json.dumps({"event": one_event()}) + "\n"
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              env=self.store.environment(), text=True) as tool:
            with contextlib.suppress(BrokenPipeError):
                for i, session in enumerate(ids):
                    tool.stdin.write(json.dumps({"session": {
                        "id": session, "title": f"Session {i}", "environment_id": "env_bench",
                        "agent": {"type": "agent", "id": f"{agent}{i % 7}", "version": 1},
                        "created_at": f"2026-01-{1 + i % 28:02}T10:00:00Z"}, "workspace": "default"}) + "\n")
                    tool.stdin.write(event * events)
            _, said = tool.communicate()
        if tool.returncode != 0:
            raise AssertionError(f"import exited {tool.returncode}: {said[-2000:]}")
        return ids

    def call(self, method, path, body=None, **headers):
        """(status, body)"""
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json",
                   **{name.replace("_", "-"): value for name, value in headers.items()}}
        request = urllib.request.Request(self.service.url + path, method=method, headers=headers,
                                         data=json.dumps(body).encode() if isinstance(body, (dict, list)) else body)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read()

    def journal_commits(self):
        """Of each journal."""
        with urllib.request.urlopen(self.service.admin_url + "/statusz", timeout=10) as page:
            return [part["commits"] for part in json.load(page)["actors"] if part["name"].split()[0] == "journal"]

    def load(self, method, what, sessions, seconds, connections, body=b"", url=None):
        """What wrk tells about such requests to these sessions; fails if one of them did. `url`: another server."""
        mine = threading.get_ident()  # several at once
        paths = {"SESSIONS": f"sessions-{mine}.txt", "BODY": f"body-{mine}.json" if body else ""}
        paths = {name: os.path.join(self.store.directory, path) if path else "" for name, path in paths.items()}
        with open(paths["SESSIONS"], "w", encoding="ascii") as file:
            file.writelines(f"{session}\n" for session in sessions)
        if body:
            with open(paths["BODY"], "wb") as file:
                file.write(body)
        done = subprocess.run(
            ["wrk", "-t", str(min(2, connections)), "-c", str(connections), "-d", f"{seconds}s", "--timeout", "20s",
             "-s", os.path.join(HERE, "sessions.lua"), url or self.service.url],
            env={**self.store.environment(), **paths, "KEY": self.key, "METHOD": method, "WHAT": what},
            capture_output=True, text=True, timeout=seconds + 60, check=False)
        if done.returncode != 0:
            raise AssertionError(f"wrk exited {done.returncode}: {done.stdout}{done.stderr}")
        told = json.loads(done.stdout.splitlines()[-1])
        if told["failed"] or not told["requests"]:
            raise AssertionError(f"requests failed: {done.stdout}\n{self.store.logs()}")
        return told


def one_event(text_bytes=EVENT_BYTES - 145):
    """Of about EVENT_BYTES when it is stored."""
    return {"type": "agent.message", "content": [{"type": "text", "text": "x" * text_bytes}]}


def append_body(events):
    return json.dumps({"events": [one_event()] * events}).encode()


def machine():
    """One line for the head of a table."""
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), "?")
    return f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} × {model}, load {os.getloadavg()[0]:.1f}"


def table(heading, rows):
    """As Markdown has it, but for eyes."""
    cells = [heading, *rows]
    widths = [max(len(str(row[i])) for row in cells) for i in range(len(heading))]
    lines = ["  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip() for row in cells]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])
