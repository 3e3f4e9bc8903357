// Connections driven through socket pairs on one thread: the actors by CAF's test coordinator, sockets by
// poll(), deadlines by sweep() with times of the test's own.
#pragma once

#include "test/unit/http/support/http_client.hpp"
// The framework's header comes first.
#include "http/io/fan_out.hpp"
#include "http/server/connection.hpp"

namespace sandbase::test {

/// The HTTP side of a fixture: one io thread that is stepped by hand, and its connections.
class http_bench {
 public:
  /// Options may be changed before the first connection.
  http_options options;

  /// A connection with nothing done on it yet.
  /// `send_buffer`: bytes that the server's end of the socket takes; 0: as the system likes
  client_end dial(http_surface surface = http_surface::api, int send_buffer = 0,
                  connection::admission how = connection::admission::served) {
    open_shard();
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) CAF_FAIL("no socket pair");
    if (send_buffer > 0) ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    stream_socket socket{io.context()};
    socket.assign(boost::asio::generic::stream_protocol{AF_UNIX, 0}, ends[0]);
    connections.push_back(system_.spawn<connection>(*shard, std::move(socket), surface, how));
    return client_end{ends[1]};
  }
  client_end connect(http_surface surface = http_surface::api, int send_buffer = 0) {
    auto client = dial(surface, send_buffer);
    pump();
    return client;
  }

  // --- one step, or all that can run now ----------------------------------------------

  /// One message of one actor of the scheduler. @returns whether there was one
  bool step_job() { return jobs_.try_run_once(); }
  /// One handler of the io thread. @returns whether there was one
  bool step_io() {
    io.context().restart();
    return io.context().poll_one() > 0;
  }
  void pump() {
    for (;;) {
      const bool ran = jobs_.run() > 0;
      io.context().restart();
      if (io.context().poll() == 0 && !ran) return;
    }
  }
  /// Time passes for the deadlines.
  void pass(std::chrono::milliseconds d) {
    look_at_deadlines(d);
    pump();
  }
  /// The same, but what is to be done then waits for its turn.
  void look_at_deadlines(std::chrono::milliseconds later) {
    clock += later;
    io.sweep(clock);
  }

  // --- requests -------------------------------------------------------------------------

  /// Sends a request and gives back everything that comes.
  std::string exchange(client_end& client, std::string_view text) {
    while (!text.empty()) {
      text.remove_prefix(client.send(text));
      pump();
    }
    return receive_all(client);
  }
  /// Everything that comes as long as the client takes it at once.
  std::string receive_all(client_end& client) {
    std::string all_bytes;
    for (auto part = client.receive(); !part.empty(); part = client.receive()) {
      all_bytes += part;
      pump();
    }
    return all_bytes;
  }
  static std::string get_request(std::string_view path, std::string_view headers) {
    return "GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n" + std::string{headers} + "\r\n";
  }
  /// Sends a GET and reads nothing.
  void ask(client_end& client, std::string_view path) {
    client.send(get_request(path, key_header));
    pump();
  }
  std::string get(client_end& client, std::string_view path) { return get(client, path, key_header); }
  std::string get(client_end& client, std::string_view path, std::string_view headers) {
    return exchange(client, get_request(path, headers));
  }
  std::string post(client_end& client, std::string_view path, std::string_view body) {
    return post(client, path, body, key_header);
  }
  std::string post(client_end& client, std::string_view path, std::string_view body,
                   std::string_view headers) {
    return exchange(client, "POST " + std::string{path} +
                                " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                                "\r\n" + std::string{headers} + "\r\n" + std::string{body});
  }

  io_thread io;
  io_thread::clock::time_point clock = io.now();
  /// What requests come with unless they say otherwise; a whole line.
  std::string key_header;
  std::unique_ptr<server_state> all;
  std::unique_ptr<io_shard> shard;
  std::vector<connection_actor> connections;

 protected:
  explicit http_bench(caf::actor_system& system)
      : io(system),
        system_(system),
        jobs_(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())) {}
  virtual ~http_bench() { close(); }

  /// What connections share, with these options and the actors that the fixture has.
  virtual std::unique_ptr<server_state> make_service() = 0;

  void open_shard() {
    if (all) return;
    all = make_service();
    shard = std::make_unique<io_shard>(io, *all);
    streams_ = system_.spawn<fan_out>(*shard);
  }
  /// Ends all connections and lets go of the actors behind.
  void close() {
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

 private:
  caf::actor_system& system_;
  caf::scheduler::test_coordinator& jobs_;
  fan_out_actor streams_;
};

}  // namespace sandbase::test
