// SPDX-License-Identifier: Apache-2.0
// Send Events and Stream Events.
#include "http/api/api.hpp"
#include "http/wire/stream_token.hpp"
#include "http/wire/text.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

/// Ids that one request may give as its starting point.
constexpr std::size_t max_after = 16;
/// Events before the end that a stream may start at.
constexpr std::uint64_t max_tail = 10'000;
/// What the SDKs' session tool runner calls itself in x-stainless-helper.
constexpr std::string_view tool_runner = "session-tool-runner";

/// Where a stream starts.
struct starting_point {
  stream_start at;
  /// A place was named, be it the very start.
  bool given = false;
  /// Last-Event-ID named one.
  bool by_header = false;
};

result<void> add_id(stream_start& start, std::string_view parameter, const std::string& id) {
  if (id == "start") return {};  // the empty cursor is behind every other
  if (!is_valid_id(id)) return {errc::invalid, fmt::format("{}: not an event id", parameter)};
  if (start.after.size() >= max_after)
    return {errc::invalid, fmt::format("{}: more than {} ids to start from", parameter, max_after)};
  start.after.push_back({parameter, id});
  return {};
}

result<starting_point> read_start(const exchange& e) {
  starting_point start;
  bool latest = false;
  // A browser that has seen no id sends an empty one.
  const auto add_all = [&](const std::vector<std::string>& ids, std::string_view name,
                           bool& any) -> result<void> {
    for (const auto& id : ids) {
      if (id.empty()) continue;
      if (name == "after" && id == "latest") {
        latest = true;
        continue;
      }
      any = true;
      if (auto good = add_id(start.at, name, id); !good) return good;
    }
    return {};
  };
  bool by_query = false;
  for (const std::string_view name : {"after", "lastEventId", "last_event_id"})
    if (auto good = add_all(e.parameters.all(name), name, by_query); !good) return good.error();
  if (auto good = add_all(e.head.last_event_id, "Last-Event-ID", start.by_header); !good) return good.error();
  const auto tail = e.parameters.number("tail", 0, max_tail, 0);
  if (!tail) return tail.error();
  const bool has_tail = e.parameters.has("tail");
  if (has_tail && (by_query || latest)) return {errc::invalid, "tail: not beside `after` or another id"};
  // An EventSource that comes again repeats its query: then its last id counts.
  start.at.from_end = (latest || has_tail) && !by_query && !start.by_header;
  start.at.tail = start.at.from_end ? *tail : 0;
  start.given = latest || has_tail || by_query || start.by_header;
  return start;
}

/// Whether and how a request wants to go on behind the log's end.
struct live_wish {
  bool follow = false;
  /// Stream.default = live.
  bool from_end = false;
  bool until_idle = false;
  bool message_previews = false;
  bool thinking_previews = false;
};

result<live_wish> read_live_wish(const exchange& e, stream_mode otherwise) {
  const auto& q = e.parameters;
  live_wish wish;
  for (const auto& kind : q.list("event_deltas")) {
    if (kind == "agent.message")
      wish.message_previews = true;
    else if (kind == "agent.thinking")
      wish.thinking_previews = true;
    else
      return {errc::invalid, "event_deltas: must be \"agent.message\" or \"agent.thinking\""};
  }
  const auto helpers = split(e.head.sdk_helper, ',');
  const bool implied = wish.message_previews || wish.thinking_previews ||
                       std::find(helpers.begin(), helpers.end(), tool_runner) != helpers.end();
  auto follow = q.flag("follow", implied || otherwise != stream_mode::replay);
  if (!follow) return follow.error();
  wish.follow = *follow;
  wish.from_end = otherwise == stream_mode::live && !q.has("follow");
  auto until = q.single("until");
  if (!until) return until.error();
  if (*until) {
    if (**until != "idle") return {errc::invalid, "until: must be \"idle\""};
    if (q.has("follow") && !*follow) return {errc::invalid, "until: needs follow"};
    wish.follow = wish.until_idle = true;
  }
  return wish;
}

outbox render_events(const log_slice& slice) {
  outbox body;
  body.add(R"({"data":[)");
  bool first_one = true;
  for (const auto& [block, first, last] : slice.spans) {
    for (auto seq = first; seq <= last; ++seq) {
      if (!first_one) body.add(",");
      first_one = false;
      body.add(block->json(seq), block);
    }
  }
  body.add("]}");
  return body;
}

/// The same, and if it came with a stream token among those of that.
result<void> admit_stream(call& c, stream_job& job) {
  if (auto place = take_place(c, job); !place) return place;
  auto& all = c.shared();
  const auto& e = c.current();
  const auto given = e.parameters.single("token");
  if (!given || !*given) return {};
  const auto token = stream_token::open(**given, all.options.token_secret);
  if (!token) return {errc::unauthorized, "token: not a stream token of this service"};
  job.places.push_back(all.places.take(sha256(**given), max_streams_per_token));
  if (!job.places.back())
    return {errc::rate_limited,
            fmt::format("this stream token has {} streams open, as many as one may have: mint another",
                        max_streams_per_token)};
  job.expires_at = c.shard().io.now() + (token->expires_at - all.now());
  return {};
}

}  // namespace

result<void> take_place(call& c, stream_job& job) {
  auto& all = c.shared();
  const auto& e = c.current();
  const auto most = all.options.streams_per_key();
  job.places.push_back(all.places.take(e.key->id, most));
  if (!job.places.back())
    return {
        errc::rate_limited,
        fmt::format("this API key has {} streams open, as many as http.max_streams_per_key allows", most)};
  return {};
}

void send_events_call(call& c) {
  const auto& e = c.current();
  auto key = idempotency_key_of(e);
  if (!key) return c.fail(key.error());
  append_request message;
  message.author = e.key->id;
  message.patience = c.shared().options.request_timeout;
  message.is_retry = e.head.retry_count >= 1;
  message.idempotency_key = std::move(*key);
  message.lease = e.lease;
  message.client = e.client;
  message.may = e.key->may;
  const auto parse = [message, keeps_text = c.shared().actors.forwards_appends,
                      limits = c.shared().options.limits](std::string_view body) -> result<append_request> {
    auto parsed = parse_send_request(body, message.may, limits);
    if (!parsed && message.idempotency_key.empty()) return parsed.error();
    auto complete = message;
    complete.unfit = parsed ? failure{} : parsed.error();
    complete.request = std::make_shared<send_request>(parsed ? std::move(*parsed) : send_request{});
    if (message.idempotency_key.empty())
      complete.print = fingerprint_of(*complete.request);
    else
      complete.body = sha256(body);
    if (keeps_text) {
      complete.text = std::make_shared<const std::string>(body);
      if (complete.lease) complete.lease->take(static_cast<std::int64_t>(body.size()));
    }
    return complete;
  };
  c.read_body(parse, [&c](const result<append_request>& complete) {
    if (!complete) return c.fail(complete.error());
    c.ask_current_session<append_answer>(*complete, [&c](const result<append_answer>& answer) {
      if (!answer) return c.fail(answer.error());
      c.answer(render_events(answer->stored));
    });
  });
}

void stream_events_call(call& c) {
  const auto& e = c.current();
  const auto wish = read_live_wish(e, c.shared().options.stream_default);
  if (!wish) return c.fail(wish.error());
  auto filter = type_filter::parse(e.parameters);
  if (!filter) return c.fail(filter.error());
  auto start = read_start(e);
  if (!start) return c.fail(start.error());
  stream_job job;
  if (auto good = admit_stream(c, job); !good) return c.fail(good.error());
  job.start = std::move(start->at);
  job.start.from_end = job.start.from_end || (wish->follow && wish->from_end && !start->given);
  job.follow = wish->follow;
  job.plan.wire.filter = std::move(*filter);
  job.plan.wire.reader = stream_reader::of(e.head);
  job.plan.wire.reconnects = start->by_header;
  job.plan.until_idle = wish->until_idle;
  job.plan.message_previews = wish->message_previews;
  job.plan.thinking_previews = wish->thinking_previews;
  c.stream(std::move(job));
}

}  // namespace sandbase
