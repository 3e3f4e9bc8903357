# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL servers of a test's own, each in a folder, and databases on them."""
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile

SCRIPT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "postgres", "server.sh")

#: What a test that cuts no power can do without.
UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresServer:
    """One server. It ends with this process, however that ends, and not by a Ctrl-C meant for that. With an `address`
    (host, port) it takes connections there too, from anywhere."""

    def __init__(self, *settings, address=None, primary=None):
        self.folder = tempfile.mkdtemp(prefix="sandbase-pg-")
        os.chmod(self.folder, 0o711)
        self.settings_of_all = self.settings = settings
        self.address = address
        self.databases = 0
        if address:
            self.settings += (f"listen_addresses={address[0]}", f"port={address[1]}", f"hba_file={self._trust()}")
        if primary:
            self._copy(primary)
        self.start()

    def _copy(self, primary):
        """So that it starts as a standby of that one."""
        os.mkdir(self.socket_folder)
        as_postgres = []
        if os.getuid() == 0:
            shutil.chown(self.socket_folder, "postgres", "postgres")
            as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        subprocess.run([*as_postgres, "pg_basebackup", "-D", os.path.join(self.socket_folder, "data"), "-R",
                        "--no-sync", "--checkpoint=fast", "-h", primary.socket_folder, "-U", "postgres"],
                       cwd="/", timeout=120, env=primary.environment, check=True)

    def _trust(self):
        path = os.path.join(self.folder, "hba.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write("local all all trust\nhost all all 0.0.0.0/0 trust\nlocal replication all trust\n"
                       "host replication all 0.0.0.0/0 trust\n")
        os.chmod(path, 0o644)
        return path

    @property
    def environment(self):
        """What the programs of PostgreSQL find it by."""
        return {**os.environ, "PGPORT": str(self.address[1] if self.address else 5432)}

    def new_standby(self, address):
        """A server that replicates this one, asynchronously."""
        return PostgresServer(*self.settings_of_all, address=address, primary=self)

    def start(self):
        self.process = subprocess.Popen([SCRIPT, os.path.join(self.folder, "server"), *self.settings],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=self.environment, start_new_session=True)
        if self.process.stdout.readline().strip() != "ready":
            raise AssertionError("PostgreSQL did not start")

    @property
    def socket_folder(self):
        return os.path.join(self.folder, "server")

    @property
    def pid(self):
        with open(os.path.join(self.socket_folder, "data", "postmaster.pid"), encoding="ascii") as f:
            return int(f.readline())

    def signal_all(self, which):
        """To the server and all of its processes."""
        children = subprocess.run(["pgrep", "-P", str(self.pid)], capture_output=True, text=True, check=False).stdout
        for pid in (self.pid, *map(int, children.split())):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, which)

    def end(self, how=signal.SIGQUIT):
        """SIGQUIT: at once, as a crash does; SIGINT: in order, but cuts connections."""
        os.kill(self.pid, how)
        self.process.communicate(timeout=30)

    def close(self):
        if self.process.poll() is None:
            self.process.communicate(timeout=30)
        subprocess.run(["rm", "-rf", self.folder], check=False)

    def sql(self, text, database="postgres"):
        """The answer as psql prints it, without headings."""
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.socket_folder, "-U", "postgres",
                   "-d", database, "-c", text]
        done = subprocess.run(command, text=True, capture_output=True, timeout=60, check=False, env=self.environment)
        if done.returncode != 0:
            raise AssertionError(f"{text}: {done.stderr}")
        return done.stdout.strip()

    @contextlib.contextmanager
    def transaction(self, text, database="postgres"):
        """Somebody else's, in which this was run; rolled back behind the `with`."""
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.socket_folder, "-U", "postgres",
                   "-d", database]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env=self.environment) as psql:
            psql.stdin.write(f"BEGIN;\n{text};\n\\echo held\n")
            psql.stdin.flush()
            while (line := psql.stdout.readline().strip()) != "held":
                if psql.poll() is not None:
                    raise AssertionError(f"{text}: {line}")
            yield
            psql.stdin.close()

    def new_database(self):
        """The name of an empty one."""
        self.databases += 1
        name = f"store_{self.databases}"
        self.sql(f"CREATE DATABASE {name}")
        return name

    def url(self, database, user="postgres"):
        if self.address:
            return f"postgres://{user}@{self.address[0]}:{self.address[1]}/{database}"
        return f"postgres://{user}@/{database}?host={self.socket_folder}"


_shared = []


def shared_server():
    """One for all stores of this process."""
    if not _shared:
        import atexit
        _shared.append(PostgresServer(*UNSAFE))
        atexit.register(_shared[0].close)
    return _shared[0]
