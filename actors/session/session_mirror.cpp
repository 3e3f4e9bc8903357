// SPDX-License-Identifier: Apache-2.0
// How a session that others follow here hears from the node that writes it: what is pushed makes it faster,
// and nothing rests on it. It is taken only if it continues the log as it is known here; where it does not,
// and where it tells of more than events, the database is asked as without any link.
#include "actors/session/session.hpp"
#include "events/session/log_fold.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>

namespace sandbase {

namespace {

/// These change what stands beside the log, or before them in it.
bool tells_of_more(event_type type) {
  return type == event_type::session_updated || type == event_type::session_event_redacted;
}

}  // namespace

/// Has the node that writes it push to this one, if somebody follows it here and there is a link.
void session::keep_mirror() {
  if (!env_->placement) return;
  const bool is_wanted = !gone_ && !followers_.empty() && !is_writer() && writer_ != 0;
  const auto wanted = is_wanted ? env_->placement->link_to(writer_) : gateway_actor{};
  if (wanted == mirror_) return;
  if (mirror_) caf::anon_send(mirror_, unmirror_session{key_});
  mirror_ = wanted;
  if (!mirror_) return;
  followers_.lose_previews();
  send(mirror_, mirror_session{key_, workspace_, durable_header_->definition->id, session_actor{this}});
}

/// It is not asked for again at once: who cannot push now may not be able to for long, and each would ask the
/// other without end. The polls that are as close as without a link bring the next news, and it comes with
/// them.
void session::mirror_lost(node_id from) {
  if (!mirror_ || from != writer_) return;
  mirror_ = nullptr;
  followers_.lose_previews();
  keep_pace();
}

void session::mirrored(const sandbase::mirrored& r) {
  send(caf::actor_cast<gateway_actor>(current_sender()), mirror_taken{key_, false});
  if (gone_ || opening_ || claiming_ || is_writer() || r.from != writer_) return;
  const auto& p = r.what;
  const auto nothing = [] {};
  const auto watch = [this](const failure&) { watch_again(); };
  if (p.state == log_state::deleted) return when_current(nothing, watch);
  if ((p.epoch != 0 && p.epoch < known_epoch_) || p.end < durable_tip_.last_seq) return;
  if (!extend(p) || p.state != durable_state()) load_news(nothing, watch);
}

/// @returns whether all that is pushed is known now
bool session::extend(const published& p) {
  const auto last = durable_tip_.last_seq;
  if (p.end == last) return true;
  const auto slice = p.slice.part(last + 1, p.end);
  if (slice.empty() || slice.first_seq() != last + 1 || slice.last_seq() != p.end) return false;
  auto known = durable_header_->progress;
  known.tip = durable_tip_;
  known.pending = durable_pending_;
  log_fold fold{last, durable_tip_.head, std::move(known)};
  for (const auto& [block, first, end] : slice.spans) {
    if (first != block->first_seq() || end != block->last_seq()) return false;
    for (auto seq = first; seq <= end; ++seq)
      if (tells_of_more(block->mark(seq).type) || !fold.take(seq, block->json(seq), block->proof(seq)))
        return false;
    if (fold.head() != block->head()) return false;
  }
  auto header = std::make_shared<session_header>(*durable_header_);
  header->progress = std::move(fold.progress());
  durable_tip_ = header->progress.tip;
  durable_pending_ = header->progress.pending;
  durable_header_ = std::move(header);
  known_epoch_ = std::max(known_epoch_, p.epoch);
  for (const auto& span : slice.spans) tail_.push(span.block);
  tail_.mark_sealed_up_to(p.sealed_seq);
  keep_cache_share();
  tell_sizes();
  publish(slice, {});
  tell_board();
  return true;
}

void session::mirrored(const mirrored_previews& r) {
  send(caf::actor_cast<gateway_actor>(current_sender()), mirror_taken{key_, true});
  if (gone_ || is_writer()) return;
  auto message = r.what;
  followers_.offer([&](const fan_out_actor& to, bool gap) {
    message.gap = r.what.gap || gap;
    send(to, message);
  });
}

}  // namespace sandbase
