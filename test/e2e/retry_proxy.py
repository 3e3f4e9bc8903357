# SPDX-License-Identifier: Apache-2.0
"""A proxy that passes requests on, but loses the answer of the first POST: the service did the work, the client never
hears of it and tries again."""
import contextlib
import http.client
import http.server
import threading


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _pass_on(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=20)
        try:
            upstream.request(self.command, self.path, body, dict(self.headers.items()))
            answer = upstream.getresponse()
            content = answer.read()
        finally:
            upstream.close()
        with self.server.lock:
            self.server.seen.append((self.command, self.path, self.headers.get("x-stainless-retry-count"),
                                     answer.status))
            lose = self.command == "POST" and not self.server.lost
            if lose:
                self.server.lost.append(content)
        if lose:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "date", "server"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _pass_on

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def losing_the_first_answer(server):
    """Yields the proxy: .url, .seen (method, path, retry count, status) and .lost (the answers that went missing)."""
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    proxy.daemon_threads = True
    proxy.target, proxy.seen, proxy.lost, proxy.lock = server.port, [], [], threading.Lock()
    proxy.url = f"http://127.0.0.1:{proxy.server_address[1]}"
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()
