// Connections driven through socket pairs on one thread: the actors by CAF's test coordinator, sockets by
// poll(), deadlines by sweep() with times of the test's own.
#pragma once

#include "test/unit/http/fakes.hpp"
// The framework's header comes first.
#include "http/connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace sandbase::test {

struct http_config : caf::actor_system_config {
  http_config() {
    add_message_types<caf::id_block::sandbase>();
    add_message_types<caf::id_block::sandbase_http>();
  }
};

/// The other end of a connection's socket.
class client_end {
 public:
  explicit client_end(int fd) : fd_(fd) {}
  client_end(client_end&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~client_end() { hang_up(); }

  /// @returns how many bytes the kernel took
  std::size_t send(std::string_view text) {
    const auto n = ::send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return n < 0 ? 0 : static_cast<std::size_t>(n);
  }
  /// What has come, at most `at_most` bytes.
  std::string receive(std::size_t at_most = ~std::size_t{0}) {
    std::string all;
    std::vector<char> part(64 * 1024);
    while (all.size() < at_most) {
      const auto n = ::recv(fd_, part.data(), std::min(part.size(), at_most - all.size()), MSG_DONTWAIT);
      if (n > 0) {
        all.append(part.data(), static_cast<std::size_t>(n));
        continue;
      }
      if (n == 0) closed_ = true;
      break;
    }
    return all;
  }
  /// Whether receive() has met the end.
  bool closed() const { return closed_; }
  void hang_up() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
  bool closed_ = false;
};

class http_fixture : public test_coordinator_fixture<http_config> {
 public:
  static constexpr std::string_view key_header = "Authorization: Bearer sk-sb-client\r\n";

  http_fixture() { add_keys(); }
  ~http_fixture() override {
    for (auto& c : connections) caf::anon_send(c, abort_now{});
    pump();
    connections.clear();
    for (auto& [id, s] : world->sessions) caf::anon_send_exit(s, caf::exit_reason::user_shutdown);
    if (all) {
      caf::anon_send_exit(all->directory, caf::exit_reason::user_shutdown);
      caf::anon_send_exit(all->readers.front(), caf::exit_reason::user_shutdown);
    }
    sched.run();
    worker.reset();
    all.reset();
    *world = {};
  }

  /// Options may be changed before the first connection.
  http_options options;

  client_end connect(http_surface surface = http_surface::api, int send_buffer = 0) {
    start();
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) CAF_FAIL("no socket pair");
    if (send_buffer > 0) ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    stream_socket socket{io.context()};
    socket.assign(boost::asio::generic::stream_protocol{AF_UNIX, 0}, ends[0]);
    connections.push_back(sys.spawn<connection>(*worker, std::move(socket), surface));
    pump();
    return client_end{ends[1]};
  }

  /// Runs everything that can run now.
  void pump() {
    for (;;) {
      const bool ran = sched.run() > 0;
      io.context().restart();
      if (io.context().poll() == 0 && !ran) return;
    }
  }
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
  /// Sends a GET and reads nothing.
  void ask(client_end& client, std::string_view path) {
    client.send("GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n" + std::string{key_header} + "\r\n");
    pump();
  }
  std::string get(client_end& client, std::string_view path, std::string_view headers = key_header) {
    return exchange(client,
                    "GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n" + std::string{headers} + "\r\n");
  }
  std::string post(client_end& client, std::string_view path, std::string_view body,
                   std::string_view headers = key_header) {
    return exchange(client, "POST " + std::string{path} +
                                " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                                "\r\n" + std::string{headers} + "\r\n" + std::string{body});
  }
  /// Time passes for the deadlines.
  void pass(std::chrono::milliseconds d) {
    clock += d;
    io.sweep(clock);
    pump();
  }

  std::shared_ptr<fake_log> add_session(const std::string& id) {
    auto log = std::make_shared<fake_log>();
    log->header->definition.id = id;
    world->logs[id] = log;
    world->sessions[id] = sys.spawn(fake_session, log);
    return log;
  }
  void add_key(const std::string& secret, role may, api_key_id id, bool revoked = false) {
    auto key = std::make_shared<api_key>();
    key->id = id;
    key->workspace = 1;
    key->may = may;
    if (revoked) key->revoked_at = test_time;
    world->keys[sha256(secret)] = key;
  }

  std::shared_ptr<fake_world> world = std::make_shared<fake_world>();
  io_thread io{sys};
  io_thread::clock::time_point clock = io.now();
  std::unique_ptr<service> all;
  std::unique_ptr<http_worker> worker;
  std::vector<connection_actor> connections;

 private:
  void add_keys() {
    add_key("sk-sb-client", role::client, 1);
    add_key("sk-sb-runtime", role::runtime, 2);
    add_key("sk-sb-viewer", role::viewer, 3);
    add_key("sk-sb-revoked", role::client, 4, true);
  }
  void start() {
    if (all) return;
    all = std::make_unique<service>(options, sys.spawn(fake_directory, world),
                                    std::vector<reader_actor>{sys.spawn(fake_reader, world)}, now_for_tests);
    worker = std::make_unique<http_worker>(io, *all);
  }
};

// --- taking answers apart ------------------------------------------------------------------------

inline int status_of(std::string_view response) {
  return response.size() < 12 ? 0 : std::atoi(std::string{response.substr(9, 3)}.c_str());
}
inline std::string body_of(std::string_view response) {
  const auto end = response.find("\r\n\r\n");
  return end == response.npos ? "" : std::string{response.substr(end + 4)};
}
/// The value of a header, `(none)` if it is not there.
inline std::string header_of(std::string_view response, std::string_view name) {
  const auto head = response.substr(0, response.find("\r\n\r\n") + 2);
  const auto start = head.find("\r\n" + std::string{name} + ": ");
  if (start == head.npos) return "(none)";
  const auto value = head.substr(start + name.size() + 4);
  return std::string{value.substr(0, value.find("\r\n"))};
}
/// Joins the chunks of a body; fails the test if they are not well-formed and complete.
inline std::string unchunk(std::string_view body) {
  std::string out;
  for (;;) {
    const auto eol = body.find("\r\n");
    if (eol == body.npos) CAF_FAIL("a chunk's size is missing");
    const auto size = std::stoul(std::string{body.substr(0, eol)}, nullptr, 16);
    body.remove_prefix(eol + 2);
    if (body.size() < size + 2) CAF_FAIL("a chunk is cut off");
    out.append(body.substr(0, size));
    if (body.substr(size, 2) != "\r\n") CAF_FAIL("a chunk's end is missing");
    body.remove_prefix(size + 2);
    if (size == 0) {
      if (!body.empty()) CAF_FAIL("bytes behind the last chunk");
      return out;
    }
  }
}
inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace sandbase::test
