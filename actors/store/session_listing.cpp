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
  query.limit -= answer_.size();
  query.max_bytes = slice_bytes;
  return query;
}

bool session_listing::add(const session_row& row) {
  std::string text;
  listed_summary summary;
  if (request_.as == listed_as::session)
    text = render_session(row.header, request_.now, request_.shows);
  else
    summary = {row.key, summarize(row.header)};
  const auto bytes = text.size() + memory_of(summary.summary);
  if (answer_.size() > 0 && bytes_ + bytes > request_.max_bytes) return false;
  bytes_ += bytes;
  if (answer_.size() == 0) answer_.first = place_of(row);
  answer_.last = place_of(row);
  if (request_.as == listed_as::session)
    answer_.items.push_back(std::make_shared<const std::string>(std::move(text)));
  else
    answer_.summaries.push_back(std::move(summary));
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
  const bool enough = answer_.size() == request_.query.limit || (slices_ >= max_slices && answer_.size() > 0);
  finished_ = enough || !slice.more;
}

}  // namespace sandbase
