// SPDX-License-Identifier: Apache-2.0
#include "persistence/transfer/session_comparison.hpp"

#include "events/json/json_text.hpp"
#include "persistence/transfer/definition_comparison.hpp"

#include <fmt/core.h>
#include <utility>

namespace sandbase {

session_comparison::session_comparison(header_line given, session_header stored)
    : given_(std::move(given)), stored_(std::move(stored)), end_(stored_.progress.tip.last_seq) {}

result<void> session_comparison::compare_headers() {
  const auto text = std::exchange(given_.text, {});
  const auto session = json::value{text}.find("session");
  return compare_definition(session->text(), stored_);
}

result<void> session_comparison::give(log_slice stored) {
  if (stored.empty() || stored.first_seq() != compared_ + 1)
    return {errc::corrupt, fmt::format("the stored log does not go on behind event {}", compared_)};
  held_ = std::move(stored);
  return {};
}

result<void> session_comparison::compare(const event_line& event) {
  if (compared_ == end_) return {errc::conflict, "event: the stored session ends before this event"};
  auto& span = held_.spans.front();
  const auto json = span.block->json(span.first);
  if (!renders_to(event.draft, json)) return {errc::conflict, "event: differs from what is stored"};
  has_salts_ = event.proof.has_value();
  if (event.proof && *event.proof != span.block->proof(span.first))
    return {errc::conflict,
            fmt::format("{}: differs from what is stored", event.proof->is_leaf() ? "leaf" : "salt")};
  if (!has_salts_) unsalted_head_ = next_unsalted_head(unsalted_head_, json);
  ++compared_;
  if (span.first++ == span.last) held_.spans.erase(held_.spans.begin());
  return {};
}

result<void> session_comparison::finish() const {
  if (compared_ < end_)
    return {errc::conflict,
            fmt::format("session: the stored one has more than the {} events that follow here", compared_)};
  const auto& header = given_.header;
  if (header.expected_events && !is_complete())
    return {errc::conflict, "session.log.events: differs from what is stored"};
  const auto& head = has_salts_ ? stored_.progress.tip.head : unsalted_head_;
  if (header.expected_head && *header.expected_head != head)
    return {errc::conflict, "session.log.head: differs from what is stored"};
  if (header.expected_last_id && *header.expected_last_id != stored_.progress.tip.last_id)
    return {errc::conflict, "session.log.last_event_id: differs from what is stored"};
  return {};
}

}  // namespace sandbase
