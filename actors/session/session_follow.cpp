// SPDX-License-Identifier: Apache-2.0
// How the session actor tells its followers: new events once per io thread, after their commit; previews
// behind the commits that were in flight when they came.
#include "actors/session/session.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace sandbase {

namespace {

/// Previews that wait for one commit; more are dropped.
constexpr std::size_t max_waiting_previews = 64;

}  // namespace

log_state session::durable_state() const {
  if (durable_header_->progress.status == session_status::terminated) return log_state::terminated;
  if (durable_header_->definition->archived_at) return log_state::archived;
  return log_state::open;
}

/// New events, or a state without any, with the previews that stand between and behind them.
void session::publish(log_slice slice, const std::vector<waiting_preview>& previews) {
  std::span<const waiting_preview> left{previews};
  auto from = slice.empty() ? durable_tip_.last_seq + 1 : slice.first_seq();
  bool continues = false;
  while (!left.empty() && left.front().behind < durable_tip_.last_seq) {
    // Up to the previews, as if nothing came behind them yet: streams are then where the previews are.
    const auto behind = left.front().behind;
    publish_piece(slice.part(from, behind), behind, log_state::open, std::exchange(continues, true));
    const auto group =
        std::find_if(left.begin(), left.end(), [&](const waiting_preview& p) { return p.behind != behind; });
    const auto count = static_cast<std::size_t>(group - left.begin());
    publish_previews(left.first(count));
    left = left.subspan(count);
    from = behind + 1;
  }
  publish_piece(continues ? slice.part(from, durable_tip_.last_seq) : std::move(slice), durable_tip_.last_seq,
                durable_state(), continues);
  publish_previews(left);
}

void session::publish_piece(log_slice slice, seq_t end, log_state state, bool continues) {
  const published p{key_, std::move(slice), end, state, nullptr, known_epoch_, tail_.sealed_seq()};
  followers_.publish([&](const fan_out_actor& to) { send(to, p); }, continues);
}

/// Previews that all come behind the same event.
void session::publish_previews(std::span<const waiting_preview> previews) {
  previewed message{key_, 0, false, {}};
  for (const auto& [behind, what, lease] : previews) {
    message.end = behind;
    if (what) message.what.push_back(what);
  }
  if (!message.what.empty())
    followers_.offer([&](const fan_out_actor& to, bool gap) {
      message.gap = gap;
      send(to, message);
    });
  if (!previews.empty() && !previews.back().what) followers_.lose_previews();
}

void session::publish_deletion() {
  const auto time = env_->clock->now();
  event_draft draft;
  draft.type = event_type::session_deleted;
  draft.type_name = name_of(draft.type);
  const auto id = make_event_id(time, durable_tip_.last_seq + 1, random_bits());
  const auto farewell = std::make_shared<const std::string>(render_event(draft, id, format_timestamp(time)));
  // The last message there is: it goes out whatever is unacknowledged.
  const published p{key_,     {},           durable_tip_.last_seq, log_state::deleted,
                    farewell, known_epoch_, tail_.sealed_seq()};
  followers_.publish_last([&](const fan_out_actor& to) { send(to, p); });
  if (env_->tells_board())
    caf::anon_send(env_->board,
                   session_news{workspace_,
                                key_,
                                {},
                                true,
                                true,
                                summarize(*durable_header_->definition, durable_header_->progress.status,
                                          durable_tip_, durable_pending_)});
}

/// What it is by now, for those who watch all sessions of the workspace. To be called when what is durable
/// has changed; while the board has the last news that is noted and told later.
void session::tell_board() {
  if (gone_ || !env_->tells_board()) return;
  news_due_ = news_out_;
  if (std::exchange(news_out_, true)) return;
  send(env_->board, session_news{workspace_, key_, session_actor{this}, is_writer(), false,
                                 summarize(*durable_header_->definition, durable_header_->progress.status,
                                           durable_tip_, durable_pending_)});
}

void session::news_taken() {
  news_out_ = false;
  if (std::exchange(news_due_, false)) tell_board();
}

void session::acknowledged(const published_ack& r) {
  if (gone_) return;  // the last message is out
  if (r.of_previews) return followers_.previews_acknowledged(r.from);
  if (!followers_.acknowledged(r.from)) return;
  send(
      r.from,
      published{key_, {}, durable_tip_.last_seq, durable_state(), nullptr, known_epoch_, tail_.sealed_seq()});
}

void session::unfollowed(const unfollow& r) {
  followers_.remove(r.from);
  tell_sizes();
  keep_watch();
}

/// Takes the previews of a request that stand before all of its events.
void session::take_first_previews(const send_request& request, const request_lease_ptr& lease) {
  std::vector<waiting_preview> now;
  for (const auto& p : request.previews) {
    if (p.after != 0) break;
    if (in_flight_.empty())
      now.push_back({durable_tip_.last_seq, p.what, nullptr});
    else
      wait_for_last_commit(in_flight_.back().tip.last_seq, p.what, lease);
  }
  publish_previews(now);
}

/// Takes the others, once its events, from `first_seq` on, are in flight.
void session::take_further_previews(const send_request& request, seq_t first_seq) {
  for (const auto& p : request.previews)
    if (p.after != 0) wait_for_last_commit(first_seq - 1 + p.after, p.what, nullptr);
}

void session::wait_for_last_commit(seq_t behind, const std::shared_ptr<const preview>& what,
                                   const request_lease_ptr& lease) {
  auto& waiting = in_flight_.back().previews;
  if (waiting.size() < max_waiting_previews)
    waiting.push_back({behind, what, lease});
  else if (waiting.back().what)
    waiting.push_back({waiting.back().behind, nullptr, nullptr});
}

}  // namespace sandbase
