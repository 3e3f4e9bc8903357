// SPDX-License-Identifier: Apache-2.0
#include "actors/store/session_listing.hpp"

namespace sandbase {

namespace {

/// Of headers: reading and rendering them takes some milliseconds.
constexpr std::size_t slice_bytes = std::size_t{256} * 1024;
/// A page that shows something does not go on looking for ever.
constexpr int max_slices = 64;

}  // namespace

session_query session_listing::next_query() const {
  auto query = request_.query;
  query.limit -= answer_.items.size();
  query.max_bytes = slice_bytes;
  return query;
}

bool session_listing::add(const session_row& row) {
  const bool is_summary = request_.as == listed_as::summary;
  auto summary = is_summary ? summarize(row.header) : session_summary{};
  auto text = is_summary ? render_summary(summary) : render_session(row.header, request_.now, request_.shows);
  if (!answer_.items.empty() && bytes_ + text.size() > request_.max_bytes) return false;
  bytes_ += text.size();
  if (answer_.items.empty()) answer_.first = place_of(row);
  answer_.last = place_of(row);
  answer_.items.push_back(std::make_shared<const std::string>(std::move(text)));
  if (is_summary) answer_.summaries.push_back({row.key, std::move(summary)});
  return true;
}

void session_listing::take(const session_page& slice) {
  ++slices_;
  answer_.more = slice.more;
  for (const auto& row : slice.rows)
    if (!add(row)) {
      answer_.more = finished_ = true;
      return;
    }
  if (slice.reached) request_.query.after = slice.reached, answer_.last = *slice.reached;
  const bool enough =
      answer_.items.size() == request_.query.limit || (slices_ >= max_slices && !answer_.items.empty());
  finished_ = enough || !slice.more;
}

}  // namespace sandbase
