// How the session actor tells its followers: new events once per io thread, after their commit; previews
// behind the commits that were in flight when they came.
#include "actors/session.hpp"

#include <caf/send.hpp>

namespace sandbase {

namespace {

/// Previews that wait for one commit; more are dropped.
constexpr std::size_t max_waiting_previews = 64;

}  // namespace

log_state session::durable_state() const {
  if (durable_header_->progress.status == session_status::terminated) return log_state::terminated;
  if (durable_header_->definition.archived_at) return log_state::archived;
  return log_state::open;
}

void session::publish(log_slice slice) {
  const published p{key_, std::move(slice), durable_tip_.last_seq, durable_state(), nullptr};
  followers_.publish([&](const fan_out_actor& to) { send(to, p); });
}

void session::publish_previews(const std::vector<std::shared_ptr<const preview>>& previews) {
  if (previews.empty()) return;
  followers_.offer([&](const fan_out_actor& to, bool gap) {
    send(to, previewed{key_, durable_tip_.last_seq, gap, previews});
  });
}

void session::publish_deletion() {
  const auto time = env_->now();
  event_draft draft;
  draft.type = event_type::session_deleted;
  draft.type_name = name_of(draft.type);
  const auto id = make_event_id(time, durable_tip_.last_seq + 1, random_bits());
  const auto farewell = std::make_shared<const std::string>(render_event(draft, id, format_timestamp(time)));
  // The last message there is: it goes out whatever is unacknowledged.
  const published p{key_, {}, durable_tip_.last_seq, log_state::deleted, farewell};
  followers_.publish_last([&](const fan_out_actor& to) { send(to, p); });
}

void session::acknowledged(const published_ack& r) {
  if (r.of_previews) return followers_.previews_acknowledged(r.from);
  if (!followers_.acknowledged(r.from)) return;
  send(r.from, published{key_, {}, durable_tip_.last_seq, durable_state(), nullptr});
}

/// Takes the previews of a request: those behind `stored` of its events.
void session::take_previews(const send_request& request, std::size_t stored) {
  std::vector<std::shared_ptr<const preview>> now;
  for (const auto& p : request.previews) {
    if ((p.after == 0) != (stored == 0)) continue;
    if (in_flight_.empty())
      now.push_back(p.what);
    else if (in_flight_.back().previews.size() < max_waiting_previews)
      in_flight_.back().previews.push_back(p.what);
  }
  publish_previews(now);
}

}  // namespace sandbase
