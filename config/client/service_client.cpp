// SPDX-License-Identifier: Apache-2.0
#include "config/client/service_client.hpp"

#include "config/client/backoff.hpp"
#include "config/terminal/printable.hpp"
#include "events/base/hex.hpp"
#include "events/base/random_bytes.hpp"
#include "events/json/json_members.hpp"
#include "http/wire/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/core.h>

namespace sandbase {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_tries = 4;
/// A page of either list has less; an event alone may have 64 MiB.
constexpr std::size_t max_answer_bytes = std::size_t{256} * 1024 * 1024;

enum status_code : unsigned {
  no_content = 204,
  first_refusal = 400,
  unauthorized = 401,
  forbidden = 403,
  not_found = 404,
  conflict = 409,
  too_large = 413,
  too_many = 429,
  fault = 500,
  unavailable = 503,
};

errc code_of(unsigned status) {
  switch (status) {
    case unauthorized:
      return errc::unauthorized;
    case forbidden:
      return errc::forbidden;
    case not_found:
      return errc::not_found;
    case conflict:
      return errc::conflict;
    case too_large:
      return errc::too_large;
    case too_many:
      return errc::rate_limited;
    case unavailable:
      return errc::unavailable;
    default:
      return status >= fault ? errc::internal : errc::invalid;
  }
}

/// What the service says, out of the envelope of an error; empty if that is none.
std::string told_message(const std::string& body) {
  if (!json::validate(body)) return "";
  return printable(json::text_member(json::value{body}, "error", "message"));
}

std::string advice_for(unsigned status) {
  switch (status) {
    case unauthorized:
      return ": the key is unknown or revoked; give another one by --key-file, SANDBASE_KEY or a profile";
    case forbidden:
      return "; another key has the role for it";
    case not_found:
      return "; `sandbase-events sessions list` shows the sessions of this key";
    default:
      return "";
  }
}

/// The session of a path that has one; empty: none.
std::string session_in(std::string_view target) {
  constexpr std::string_view before = "/v1/sessions/";
  if (!target.starts_with(before)) return "";
  target.remove_prefix(before.size());
  return printable(percent_decode(target.substr(0, target.find_first_of("/?")), false).value_or(""));
}

/// The service does not repeat what it was asked for.
failure refusal_of(const http_answer& answer, std::string_view target) {
  auto refused = refusal_of(answer);
  if (const auto session = session_in(target); refused.code == errc::not_found && !session.empty())
    refused.message = fmt::format("{}: {}", session, refused.message);
  return refused;
}

bool passes_by_itself(unsigned status) {
  return status == too_many || status == fault || status == unavailable;
}

std::string random_key() {
  std::array<std::uint8_t, 16> bytes{};
  random_bytes(bytes);
  std::string text;
  for (const auto byte : bytes) append_hex(text, static_cast<char>(byte));
  return text;
}

const answer_head& head_of(const http_answer& answer) { return answer.head; }
const answer_head& head_of(const answer_head& head) { return head; }

}  // namespace

std::string with_query(std::string path, const query_parameters& parameters) {
  char between = '?';
  for (const auto& [name, value] : parameters) {
    path += fmt::format("{}{}={}", between, percent_encode(name), percent_encode(value));
    between = '&';
  }
  return path;
}

std::string session_path(std::string_view session, std::string_view rest) {
  return fmt::format("/v1/sessions/{}{}", percent_encode(session), rest);
}

std::chrono::milliseconds retry_delay(std::size_t tries, std::optional<std::chrono::seconds> asked,
                                      double share) {
  const auto delay = doubled(250ms, tries);
  const std::chrono::milliseconds wanted = asked.value_or(0s);
  return spread(std::max(delay, std::min(wanted, longest_backoff)), share);
}

failure refusal_of(const http_answer& answer) {
  const auto status = answer.head.status;
  auto said = told_message(answer.body);
  if (said.empty()) said = fmt::format("the answer is {} without a reason", status);
  said += advice_for(status);
  if (status >= fault && !answer.head.request_id.empty())
    said += fmt::format(" (request {})", printable(answer.head.request_id));
  return {code_of(status), std::move(said)};
}

result<json_answer> json_answer::read(std::string text) {
  if (const auto valid = json::validate(text); !valid)
    return {errc::corrupt, "the service answers what is no JSON: " + valid.error().message};
  return json_answer{std::move(text)};
}

service_client::service_client(service_url url, std::string key, std::string ca_file)
    : url_(std::move(url)),
      key_(std::move(key)),
      ca_file_(std::move(ca_file)),
      link_(std::make_unique<http_link>(url_, key_, ca_file_)) {}

result<service_client> service_client::make(const service_target& target) {
  auto url = parse_service_url(target.url);
  if (!url) return std::move(url).error();
  auto key = read_key(target);
  if (!key) return std::move(key).error();
  return service_client{*std::move(url), *std::move(key), target.ca_file};
}

service_client service_client::another() const { return {url_, key_, ca_file_}; }

template <class Answer>
result<Answer> service_client::insist(bool is_safe, const std::function<result<Answer>()>& once) {
  for (std::size_t tries = 0;; ++tries) {
    // On one that the service has closed meanwhile, whether it was taken could not be told.
    if (!is_safe && link_->is_used()) link_->close();
    auto answer = once();
    std::optional<std::chrono::seconds> asked;
    bool is_worth_another = false;
    if (answer) {
      is_worth_another = is_safe && passes_by_itself(head_of(*answer).status);
      asked = head_of(*answer).retry_after;
    } else {
      const auto code = answer.error().code;
      is_worth_another = code == errc::unavailable || (is_safe && code == errc::unknown_outcome);
    }
    if (!is_worth_another || tries + 1 == max_tries || link_->is_aborted()) return answer;
    link_->wait(retry_delay(tries, asked, random_share()));
  }
}

result<json_answer> service_client::ask(const http_request& request, bool is_safe) {
  auto answer = insist<http_answer>(is_safe, [&] { return link_->ask(request, max_answer_bytes); });
  if (!answer) return std::move(answer).error();
  if (answer->head.status >= first_refusal) return refusal_of(*answer, request.target);
  return json_answer::read(std::move(answer->body));
}

result<json_answer> service_client::get(const std::string& target) {
  return ask({"GET", target, {{"Accept", "application/json"}}, {}}, true);
}

result<json_answer> service_client::post_once(const std::string& target, std::string body) {
  return ask({"POST",
              target,
              {{"Content-Type", "application/json"}, {"Idempotency-Key", random_key()}},
              std::move(body)},
             true);
}

result<json_answer> service_client::post(const std::string& target, std::string body) {
  return ask({"POST", target, {{"Content-Type", "application/json"}}, std::move(body)}, false);
}

result<json_answer> service_client::erase(const std::string& target) {
  return ask({"DELETE", target, {}, {}}, false);
}

result<answer_head> service_client::open_stream(const std::string& target, std::string_view accept,
                                                std::string_view last_event_id) {
  http_request request{"GET", target, {{"Accept", std::string{accept}}}, {}};
  if (!last_event_id.empty()) request.headers.emplace_back("Last-Event-ID", last_event_id);
  // Where a stream was left before its end the rest of it would come first.
  link_->close();
  std::optional<failure> refused;
  auto head = insist<answer_head>(true, [&]() -> result<answer_head> {
    auto begun = link_->begin(request);
    if (!begun || begun->status < first_refusal) return begun;
    http_answer answer{*begun, {}};
    constexpr std::size_t max_refusal_bytes = 64 * 1024;
    while (answer.body.size() < max_refusal_bytes) {
      const auto part = link_->read(http_link::answer_patience);
      if (!part || part->empty()) break;
      answer.body += *part;
    }
    refused = refusal_of(answer, target);
    link_->close();
    return begun;
  });
  if (head && head->status >= first_refusal) return *std::move(refused);
  return head;
}

}  // namespace sandbase
