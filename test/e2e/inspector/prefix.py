# SPDX-License-Identifier: Apache-2.0
"""A proxy that has the service below a path of its own, as a company's gateway does."""
import http.client
import http.server
import threading

HOP_BY_HOP = ("connection", "host", "transfer-encoding", "content-length")


class Gateway(http.server.ThreadingHTTPServer):
    """Serves `/PREFIX/…` with what the service has at `/…`, streams as they come; nothing else."""

    daemon_threads = True

    def __init__(self, port, prefix):
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream, self.prefix = port, f"/{prefix}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_address[1]}{self.prefix}{path}"

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass

    def do_GET(self):
        if not self.path.startswith(self.server.prefix + "/"):
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        service = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=60)
        try:
            service.request(self.command, self.path.removeprefix(self.server.prefix), body or None,
                            {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP})
            answer = service.getresponse()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.end_headers()
            while piece := answer.read1(65536):
                self.wfile.write(piece)
        except (OSError, http.client.HTTPException):
            self.close_connection = True  # one of the two has gone
        finally:
            service.close()

    do_POST = do_GET
