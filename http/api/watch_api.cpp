// SPDX-License-Identifier: Apache-2.0
// The stream of all sessions of a workspace.
#include "http/api/api.hpp"
#include "http/api/session_list.hpp"

namespace sandbase {

namespace {

constexpr std::uint64_t max_listed = 1000;
constexpr std::uint64_t usually_listed = 100;

}  // namespace

void watch_sessions_call(call& c) {
  const auto& e = c.current();
  const auto limit = e.parameters.number("limit", 0, max_listed, usually_listed);
  if (!limit) return c.fail(limit.error());
  auto query = read_session_filters(e.parameters, e.key->workspace);
  if (!query) return c.fail(query.error());
  query->limit = *limit;
  stream_job job;
  if (auto good = take_place(c, job); !good) return c.fail(good.error());
  job.follow = true;
  job.watched = *std::move(query);
  job.plan.wire.reader = stream_reader::of(e.head);
  c.stream(std::move(job));
}

}  // namespace sandbase
