// SPDX-License-Identifier: Apache-2.0
// One HTTP/1.1 connection to a service: a request at a time, its answer whole or piece by piece.
#pragma once

#include "config/client/service_socket.hpp"
#include "events/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbase {

struct http_request {
  /// GET, POST or DELETE.
  std::string method = "GET";
  /// Behind the base of the address: `/v1/sessions?limit=3`.
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// The status line and the header lines of an answer that somebody here asks for.
struct answer_head {
  unsigned status = 0;
  std::string request_id;
  /// In seconds.
  std::optional<std::chrono::seconds> retry_after;
};

struct http_answer {
  answer_head head;
  std::string body;
};

/// Failures are `unavailable`: the connection cannot be made, broke, or took too long; `unknown_outcome` if
/// that was after the request had gone out; `corrupt` for an answer that is not HTTP.
class http_link {
 public:
  /// How long a connection may take to be made, and how long nothing may come of an answer.
  static constexpr std::chrono::seconds connect_patience{10};
  static constexpr std::chrono::seconds answer_patience{60};

  http_link(service_url to, std::string key, std::string ca_file);
  ~http_link();

  /// The answer with its body, which may have `max_bytes`.
  result<http_answer> ask(const http_request& request, std::size_t max_bytes);

  /// The head of the answer; its body is for read() to take.
  result<answer_head> begin(const http_request& request);
  /// What comes next of the body, valid until the next call; empty at its proper end.
  result<std::string_view> read(std::chrono::milliseconds patience);

  /// The head of a request whose body follows in chunks.
  result<void> begin_upload(const http_request& request);
  /// A part of that body. @pre not empty
  result<void> upload(std::string_view bytes);
  result<http_answer> end_upload(std::size_t max_bytes);
  /// What the service said without waiting for all of the body, after a failed upload().
  result<http_answer> early_answer(std::size_t max_bytes);

  /// Whether a request would go out on a connection that has been used before, and so may be dead.
  bool is_used() const { return socket_.is_open() && is_used_; }
  void close();
  /// Ends whatever is in work. From any thread.
  void abort() { socket_.abort(); }
  bool is_aborted() const { return socket_.is_aborted(); }
  /// Waits so long, or until abort().
  void wait(std::chrono::milliseconds time) { socket_.wait(time); }

  const service_url& url() const { return to_; }

 private:
  struct reader;

  result<void> connect();
  result<void> write_head(const http_request& request, bool in_chunks);
  result<void> write(std::string_view bytes);
  result<answer_head> read_head();
  result<http_answer> read_answer(std::size_t max_bytes);
  failure broken(const boost::system::error_code& why, errc code);

  service_url to_;
  std::string key_;
  service_socket socket_;
  std::unique_ptr<reader> reader_;
  bool is_used_ = false;
};

}  // namespace sandbase
