// SPDX-License-Identifier: Apache-2.0
#include "test/unit/http/support/http_bench.hpp"

namespace sandbase::test {

client_end http_bench::dial(http_surface surface, int send_buffer, connection::admission how) {
  open_shard();
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) CAF_FAIL("no socket pair");
  if (send_buffer > 0) ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
  stream_socket socket{io.context()};
  socket.assign(boost::asio::generic::stream_protocol{AF_UNIX, 0}, ends[0]);
  connections.push_back(system_.spawn<connection>(*shard, std::move(socket), surface, how));
  return client_end{ends[1]};
}

client_end http_bench::connect(http_surface surface, int send_buffer) {
  auto client = dial(surface, send_buffer);
  pump();
  return client;
}

bool http_bench::step_io() {
  io.context().restart();
  return io.context().poll_one() > 0;
}

void http_bench::pump() {
  for (;;) {
    const bool ran = jobs_.run() > 0;
    io.context().restart();
    if (io.context().poll() == 0 && !ran) return;
  }
}

void http_bench::look_at_deadlines(std::chrono::milliseconds later) {
  clock += later;
  io.sweep(clock);
}

std::string http_bench::exchange(client_end& client, std::string_view text) {
  while (!text.empty()) {
    text.remove_prefix(client.send(text));
    pump();
  }
  return receive_all(client);
}

std::string http_bench::receive_all(client_end& client) {
  std::string all_bytes;
  for (auto part = client.receive(); !part.empty(); part = client.receive()) {
    all_bytes += part;
    pump();
  }
  return all_bytes;
}

void http_bench::ask(client_end& client, std::string_view path) {
  client.send(get_request(path, key_header));
  pump();
}

std::string http_bench::post(client_end& client, std::string_view path, std::string_view body,
                             std::string_view headers) {
  return exchange(client, "POST " + std::string{path} +
                              " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                              "\r\n" + std::string{headers} + "\r\n" + std::string{body});
}

http_bench::http_bench(caf::actor_system& system)
    : io(system),
      system_(system),
      jobs_(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())) {
  options.access = access_log::off;
}

http_bench::~http_bench() { close(); }

void http_bench::open_shard() {
  if (all) return;
  all = make_service();
  shard = std::make_unique<io_shard>(io, *all);
  streams_ = system_.spawn<fan_out>(*shard);
}

void http_bench::close() {
  if (!all) return;
  for (auto& c : connections) caf::anon_send(c, abort_now{});
  pump();
  connections.clear();
  caf::anon_send_exit(streams_, caf::exit_reason::user_shutdown);
  pump();
  streams_ = nullptr;
  shard.reset();
  all.reset();
}

}  // namespace sandbase::test
