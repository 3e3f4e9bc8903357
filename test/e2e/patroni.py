# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL that fails over by itself: members under Patroni, of which one is the synchronous standby of the other,
and an etcd that they agree in. All on this machine, all ends with the process that made it."""
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.request

import binary
from nodes import steady_port

START_TIMEOUT = 120.0
PATRONI_LINE = re.compile(r"^\S+ \S+ (INFO|WARNING|ERROR|CRITICAL):")


def as_postgres(*command):
    """PostgreSQL refuses to run as root. Ends in order when this process ends, however that does."""
    user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    return ["setpriv", *user, "--pdeathsig", "TERM", *command]


class Member:
    """One PostgreSQL and the Patroni that runs it."""

    def __init__(self, number, folder, etcd_port):
        self.name, self.folder = f"pg{number}", os.path.join(folder, f"pg{number}")
        self.port, self.api_port = steady_port(), steady_port()
        self.process = None
        os.mkdir(self.folder)
        os.chmod(self.folder, 0o700)
        self.config = os.path.join(self.folder, "patroni.json")
        with open(self.config, "w", encoding="ascii") as file:
            json.dump(self._settings(etcd_port), file, indent=1)  # which is YAML too
        if os.getuid() == 0:
            for path in (self.folder, self.config):
                shutil.chown(path, "postgres", "postgres")

    def _settings(self, etcd_port):
        api = f"127.0.0.1:{self.api_port}"
        return {
            "scope": "sandbase", "name": self.name,
            "restapi": {"listen": api, "connect_address": api},
            "etcd3": {"hosts": f"127.0.0.1:{etcd_port}"},
            "bootstrap": {
                "dcs": {"ttl": 10, "loop_wait": 2, "retry_timeout": 4, "synchronous_mode": True,
                        "postgresql": {"use_pg_rewind": True, "parameters": {"max_connections": 200}}},
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}]},
            "postgresql": {
                "listen": f"127.0.0.1:{self.port}", "connect_address": f"127.0.0.1:{self.port}",
                "bin_dir": sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1],
                "data_dir": os.path.join(self.folder, "data"), "pgpass": os.path.join(self.folder, "pgpass"),
                "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust",
                           "host replication all 127.0.0.1/32 trust"],
                "authentication": {"superuser": {"username": "postgres", "password": "unused"},
                                   "replication": {"username": "replicator", "password": "unused"}},
                "parameters": {"unix_socket_directories": self.folder}},
            "watchdog": {"mode": "off"}}

    def start(self):
        with open(os.path.join(self.folder, "patroni.log"), "ab") as log:
            self.process = subprocess.Popen(as_postgres("patroni", self.config), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, cwd="/", start_new_session=True)

    def told(self, what="patroni"):
        """What it says of itself, or of the whole `cluster`; empty while it says nothing."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.api_port}/{what}", timeout=3) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return {}

    def roles(self):
        """Of those that it knows to be running."""
        return [member["role"] for member in self.told("cluster").get("members", [])
                if member["state"] in ("running", "streaming")]

    def takes_writes(self):
        return self.told().get("role") in ("master", "primary") and self.told().get("state") == "running"

    def sql(self, text, database="postgres", timeout=30):
        """The answer as psql prints it; fails as it does."""
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port),
                   "-U", "postgres", "-d", database, "-c", text]
        return subprocess.run(command, text=True, capture_output=True, timeout=timeout, check=True).stdout.strip()

    def _postmaster(self):
        with open(os.path.join(self.folder, "data", "postmaster.pid"), encoding="ascii") as file:
            return int(file.readline())

    def die(self):
        """As if its machine had lost power: Patroni and PostgreSQL, by kill -9."""
        postmaster = self._postmaster()
        os.kill(postmaster, signal.SIGSTOP)  # so that it sees nothing of what comes
        self.process.kill()
        self.process.wait()
        os.kill(postmaster, signal.SIGKILL)

    def close(self):
        """At once: nobody needs what it has, and in order it takes Patroni a quarter of a minute."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.kill()
        self.process.wait()
        try:
            postmaster = self._postmaster()
            os.kill(postmaster, signal.SIGQUIT)
        except (OSError, ValueError):
            return
        binary.poll(lambda: not os.path.exists(f"/proc/{postmaster}"), 30, "PostgreSQL to end")

    def log(self):
        """What Patroni says; PostgreSQL writes into the same file."""
        with open(os.path.join(self.folder, "patroni.log"), encoding="utf-8", errors="replace") as file:
            return "".join(line for line in file if PATRONI_LINE.search(line))


class HighlyAvailable:
    """A primary, its standby and etcd."""

    def __init__(self, members=2):
        for program in ("patroni", "etcd"):
            if not shutil.which(program):
                raise AssertionError(f"{program} is not installed: ./dev setup ha")
        self.folder = tempfile.mkdtemp(prefix="sandbase-ha-")
        os.chmod(self.folder, 0o711)
        self.members, self.etcd = [], None
        try:
            self._start(members)
        except BaseException:
            self.close()
            raise

    def _start(self, members):
        port, peers = steady_port(), steady_port()
        etcd = os.path.join(self.folder, "etcd")
        os.mkdir(etcd)
        if os.getuid() == 0:
            shutil.chown(etcd, "postgres", "postgres")
        with open(os.path.join(self.folder, "etcd.log"), "wb") as log:
            self.etcd = subprocess.Popen(
                as_postgres("etcd", "--data-dir", os.path.join(etcd, "data"),
                            "--listen-client-urls", f"http://127.0.0.1:{port}",
                            "--advertise-client-urls", f"http://127.0.0.1:{port}",
                            "--listen-peer-urls", f"http://127.0.0.1:{peers}",
                            "--initial-advertise-peer-urls", f"http://127.0.0.1:{peers}",
                            "--initial-cluster", f"default=http://127.0.0.1:{peers}"),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True)
        for number in range(1, members + 1):
            member = Member(number, self.folder, port)
            self.members.append(member)
            member.start()
            if number == 1:
                binary.poll(member.takes_writes, START_TIMEOUT, "the primary")
        self.wait_until_synchronous()

    def primary(self):
        """The member that takes writes, or None."""
        return next((member for member in self.members if member.takes_writes()), None)

    def wait_until_synchronous(self):
        """Until Patroni would let the standby take over: it has noted in etcd that this one lacks nothing."""
        binary.poll(lambda: any("sync_standby" in member.roles() for member in self.members), START_TIMEOUT,
                    "the synchronous standby")

    def url(self, database):
        return f"postgres://postgres@{','.join(f'127.0.0.1:{m.port}' for m in self.members)}/{database}"

    def new_database(self, name="events"):
        self.primary().sql(f"CREATE DATABASE {name}")
        return name

    def close(self):
        for member in self.members:
            member.close()
        if self.etcd:
            self.etcd.terminate()
            self.etcd.wait(30)
        subprocess.run(["rm", "-rf", self.folder], check=False)
