// Send Events and Stream Events.
#include "http/api/api.hpp"

namespace sandbase {

namespace {

/// Ids that one request may give as its starting point.
constexpr std::size_t max_after = 16;

/// Where a replay starts.
struct starting_point {
  std::vector<named_id> after;
  bool from_end = false;
  /// A place was named, be it the very start.
  bool given = false;
  /// Last-Event-ID named one.
  bool by_header = false;
};

result<void> add_id(starting_point& start, std::string_view parameter, const std::string& id) {
  if (id == "start") return {};  // the empty cursor is behind every other
  if (!is_valid_id(id)) return {errc::invalid, std::string{parameter} + ": not an event id"};
  if (start.after.size() >= max_after) return {errc::invalid, std::string{parameter} + ": too many ids"};
  start.after.push_back({parameter, id});
  return {};
}

result<starting_point> read_start(const exchange& e) {
  starting_point start;
  bool latest = false;
  bool any = false;
  for (const auto& id : e.parameters.all("after")) {
    if (id == "latest") {
      latest = true;
      continue;
    }
    any = true;
    if (auto good = add_id(start, "after", id); !good) return good.error();
  }
  // A browser that has seen no id sends an empty one.
  const auto add_all = [&](const std::vector<std::string>& ids, std::string_view name) -> result<void> {
    for (const auto& id : ids) {
      if (id.empty()) continue;
      any = true;
      if (auto good = add_id(start, name, id); !good) return good;
    }
    return {};
  };
  if (auto good = add_all(e.parameters.all("lastEventId"), "lastEventId"); !good) return good.error();
  const auto before = start.after.size();
  if (auto good = add_all(e.head.last_event_id, "Last-Event-ID"); !good) return good.error();
  start.by_header = start.after.size() > before;
  start.from_end = latest && !any;
  start.given = latest || any;
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

result<live_wish> read_live_wish(const query& q, stream_mode otherwise) {
  live_wish wish;
  auto follow = q.flag("follow", otherwise != stream_mode::replay);
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
  for (const auto& kind : q.list("event_deltas")) {
    if (kind == "agent.message")
      wish.message_previews = true;
    else if (kind == "agent.thinking")
      wish.thinking_previews = true;
    else
      return {errc::invalid, "event_deltas: must be \"agent.message\" or \"agent.thinking\""};
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

}  // namespace

void send_events_call(call& c) {
  const auto& e = c.current();
  auto key = idempotency_key_of(e);
  if (!key) return c.fail(key.error());
  auto parsed = parse_send_request(e.body, e.key->may, c.shared().options.limits);
  if (!parsed) return c.fail(parsed.error());
  append_request message;
  message.request = std::make_shared<const send_request>(std::move(*parsed));
  message.author = e.key->id;
  message.is_retry = e.head.retry_count >= 1;
  if (!key->empty()) message.body = sha256(e.body);
  message.idempotency_key = std::move(*key);
  c.ask_current_session<append_answer>(message, [&c](const result<append_answer>& answer) {
    if (!answer) return c.fail(answer.error());
    c.answer(render_events(answer->stored));
  });
}

void stream_events_call(call& c) {
  const auto& e = c.current();
  const auto wish = read_live_wish(e.parameters, c.shared().options.stream_default);
  if (!wish) return c.fail(wish.error());
  auto filter = type_filter::parse(e.parameters);
  if (!filter) return c.fail(filter.error());
  auto start = read_start(e);
  if (!start) return c.fail(start.error());
  if (!wish->follow) return c.stream(std::move(start->after), start->from_end, std::move(*filter));
  follow_plan plan;
  plan.wire.filter = std::move(*filter);
  plan.until_idle = wish->until_idle;
  plan.reconnects = start->by_header;
  plan.message_previews = wish->message_previews;
  plan.thinking_previews = wish->thinking_previews;
  const bool from_end = start->from_end || (wish->from_end && !start->given);
  c.follow(std::move(start->after), from_end, std::move(plan));
}

}  // namespace sandbase
