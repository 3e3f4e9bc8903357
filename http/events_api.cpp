// Send Events and Stream Events.
#include "http/api.hpp"

namespace sandbase {

namespace {

/// Ids that one request may give as its starting point.
constexpr std::size_t max_after_ids = 16;

/// Where a replay starts.
struct starting_point {
  std::vector<std::string> after_ids;
  bool from_end = false;
};

result<void> add_id(starting_point& start, std::string_view parameter, const std::string& id) {
  if (id == "start") return {};  // the empty cursor is behind every other
  if (!is_valid_id(id)) return {errc::invalid, std::string{parameter} + ": not an event id"};
  if (start.after_ids.size() >= max_after_ids)
    return {errc::invalid, std::string{parameter} + ": too many ids"};
  start.after_ids.push_back(id);
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
  if (auto good = add_all(e.head.last_event_id, "Last-Event-ID"); !good) return good.error();
  start.from_end = latest && !any;
  return start;
}

result<void> refuse_live(const query& q) {
  constexpr std::string_view why = ": live streams are not available on this server yet";
  auto follow = q.flag("follow", false);
  if (!follow) return follow.error();
  if (*follow) return {errc::invalid, "follow" + std::string{why}};
  for (const std::string name : {"until", "event_deltas"})
    if (!q.all(name).empty()) return {errc::invalid, name + std::string{why}};
  return {};
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

void send_events_call(connection& c) {
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

void stream_events_call(connection& c) {
  const auto& e = c.current();
  if (auto good = refuse_live(e.parameters); !good) return c.fail(good.error());
  auto filter = type_filter::parse(e.parameters);
  if (!filter) return c.fail(filter.error());
  auto start = read_start(e);
  if (!start) return c.fail(start.error());
  c.stream(std::move(start->after_ids), start->from_end, std::move(*filter));
}

}  // namespace sandbase
