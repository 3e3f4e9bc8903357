// SPDX-License-Identifier: Apache-2.0
// Calls of the API, with the retries that are safe, and refusals as sentences that say what to do.
#pragma once

#include "config/client/http_link.hpp"
#include "config/service_target.hpp"
#include "events/base/result.hpp"
#include "events/json/json_document.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbase {

/// Names and values, in their order.
using query_parameters = std::vector<std::pair<std::string, std::string>>;

/// `/v1/sessions?limit=20&order=asc`, escaped.
std::string with_query(std::string path, const query_parameters& parameters);
/// `/v1/sessions/ID` and what follows.
std::string session_path(std::string_view session, std::string_view rest = {});

/// How long to wait before try number `tries` + 1: what the service asked for, else twice as long each time;
/// at most 30 s. `share`: 0 to 1, so that not all come at once.
std::chrono::milliseconds retry_delay(std::size_t tries, std::optional<std::chrono::seconds> asked,
                                      double share);

/// What an answer that is no success says, in a sentence for people; nothing in it can harm a terminal.
failure refusal_of(const http_answer& answer);

/// A JSON text that was checked.
class json_answer {
 public:
  static result<json_answer> read(std::string text);
  const std::string& text() const { return text_; }
  json::value root() const { return json::value{text_}; }

 private:
  explicit json_answer(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// One thread at a time, but for abort().
class service_client {
 public:
  /// `invalid` if the address is bad or the key cannot be read.
  static result<service_client> make(const service_target& target);

  service_client(service_client&&) = default;
  service_client& operator=(service_client&&) = delete;

  /// Tried again where that cannot do harm: at a connection that fails, and at 429, 500, 503 or a lost answer
  /// of a GET or of a request with an Idempotency-Key.
  result<json_answer> get(const std::string& target);
  /// With a key of its own, so that it is stored once however often it is tried.
  result<json_answer> post_once(const std::string& target, std::string body);
  /// Tried once.
  result<json_answer> post(const std::string& target, std::string body);
  result<json_answer> erase(const std::string& target);

  /// The head of an answer that is read piece by piece; tried as get() is. Refusals are failures.
  result<answer_head> open_stream(const std::string& target, std::string_view accept,
                                  std::string_view last_event_id = {});
  http_link& link() { return *link_; }
  /// Ends whatever is in work. From any thread.
  void abort() { link_->abort(); }
  /// Another one for the same service, with a connection of its own.
  service_client another() const;

 private:
  service_client(service_url url, std::string key, std::string ca_file);

  /// Calls `once` until it succeeds or nothing speaks for another try.
  template <class Answer>
  result<Answer> insist(bool is_safe, const std::function<result<Answer>()>& once);
  result<json_answer> ask(const http_request& request, bool is_safe);

  service_url url_;
  std::string key_;
  std::string ca_file_;
  std::unique_ptr<http_link> link_;
};

}  // namespace sandbase
