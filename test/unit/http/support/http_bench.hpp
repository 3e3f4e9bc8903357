// SPDX-License-Identifier: Apache-2.0
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
                  connection::admission how = connection::admission::served);
  client_end connect(http_surface surface = http_surface::api, int send_buffer = 0);

  // --- one step, or all that can run now ----------------------------------------------

  /// One message of one actor of the scheduler. @returns whether there was one
  bool step_job() { return jobs_.try_run_once(); }
  /// One handler of the io thread. @returns whether there was one
  bool step_io();
  void pump();
  /// Time passes for the deadlines.
  void pass(std::chrono::milliseconds d) {
    look_at_deadlines(d);
    pump();
  }
  /// The same, but what is to be done then waits for its turn.
  void look_at_deadlines(std::chrono::milliseconds later);

  // --- requests -------------------------------------------------------------------------

  /// Sends a request and gives back everything that comes.
  std::string exchange(client_end& client, std::string_view text);
  /// Everything that comes as long as the client takes it at once.
  std::string receive_all(client_end& client);
  static std::string get_request(std::string_view path, std::string_view headers) {
    return "GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n" + std::string{headers} + "\r\n";
  }
  /// Sends a GET and reads nothing.
  void ask(client_end& client, std::string_view path);
  std::string get(client_end& client, std::string_view path) { return get(client, path, key_header); }
  std::string get(client_end& client, std::string_view path, std::string_view headers) {
    return exchange(client, get_request(path, headers));
  }
  std::string post(client_end& client, std::string_view path, std::string_view body) {
    return post(client, path, body, key_header);
  }
  std::string post(client_end& client, std::string_view path, std::string_view body,
                   std::string_view headers);

  io_thread io;
  io_thread::clock::time_point clock = io.now();
  /// What requests come with unless they say otherwise; a whole line.
  std::string key_header;
  std::unique_ptr<server_state> all;
  std::unique_ptr<io_shard> shard;
  std::vector<connection_actor> connections;

 protected:
  explicit http_bench(caf::actor_system& system);
  virtual ~http_bench();

  /// What connections share, with these options and the actors that the fixture has.
  virtual std::unique_ptr<server_state> make_service() = 0;

  void open_shard();
  /// Ends all connections and lets go of the actors behind.
  void close();

 private:
  caf::actor_system& system_;
  caf::scheduler::test_coordinator& jobs_;
  fan_out_actor streams_;
};

}  // namespace sandbase::test
