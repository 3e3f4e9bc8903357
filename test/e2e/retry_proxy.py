# SPDX-License-Identifier: Apache-2.0
"""A proxy that passes requests on, but loses the answer of the first POST: the service did the work, the client never
hears of it and tries again. It takes the answer and loses it, or it goes without having read it, as a client does that
gives up."""
import contextlib
import http.client
import http.server
import threading

import raw


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _pass_on(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.command == "POST" and not self.server.takes and self._is_first():
            return self._leave_unread(body)
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

    def _is_first(self):
        with self.server.lock:
            if self.server.left:
                return False
            self.server.left = True
            return True

    def _leave_unread(self, body):
        with raw.wire(self.server) as wire:
            headers = [(n, v) for n, v in self.headers.items() if n.lower() not in ("host", "content-length",
                                                                                    "connection")]
            wire.send(raw.request(self.command, self.path, None, headers, body))
            answer = wire.wait_for_answer()
        with self.server.lock:
            self.server.seen.append((self.command, self.path, self.headers.get("x-stainless-retry-count"),
                                     int(answer.split(b" ", 2)[1])))
            self.server.lost.append(answer.partition(b"\r\n\r\n")[2])
        self.close_connection = True

    do_GET = do_POST = do_DELETE = _pass_on

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def losing_the_first_answer(server, takes=False):
    """`takes`: it reads the answer that it loses. Yields the proxy: .url, .seen (method, path, retry count, status) and
    .lost (the answers that went missing)."""
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    proxy.daemon_threads = True
    proxy.port = proxy.target = server.port
    proxy.seen, proxy.lost, proxy.lock = [], [], threading.Lock()
    proxy.takes, proxy.left = takes, False
    proxy.url = f"http://127.0.0.1:{proxy.server_address[1]}"
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()
