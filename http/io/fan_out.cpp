// SPDX-License-Identifier: Apache-2.0
#include "http/io/fan_out.hpp"

#include "actors/caf/timeouts.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

namespace sandbase {

fan_out::fan_out(caf::actor_config& cfg, io_shard& shard) : asio_actor(cfg, shard.io), shard_(shard) {
  set_down_handler(
      [this](caf::scheduled_actor*, caf::down_msg& down) { shard_.hub.session_down(down.source.id()); });
  shard_.hub.attach(this);
}

fan_out::behavior_type fan_out::make_behavior() {
  io().watch(*this);
  next_check_ = io().now() + key_check_interval;
  deadline = io().now() + key_age_interval;
  return {
      [this](const published& p) { publish(p); },
      [this](const previewed& p) { preview(p); },
      [this](const board_moved& r) {
        shard_.hub.board_moved(r.workspace, r.number);
        send(shard_.shared.actors.board, board_seen{r.workspace, follower()});
      },
      [this](const describe_actor&) { return describe(); },
      [](const receipt_query& q) { return receipt_told{q.of->look()}; },
  };
}

actor_status fan_out::describe() const {
  const auto now = shard_.io.now();
  return {"serving",
          {{"followed_sessions", static_cast<std::int64_t>(shard_.hub.followed_sessions())},
           {"watched_workspaces", static_cast<std::int64_t>(shard_.hub.watched_workspaces())},
           {"watched_keys", static_cast<std::int64_t>(shard_.hub.watched_keys())},
           {"waiting_for_room", !shard_.room.nobody_waits()},
           {"stalling", static_cast<std::int64_t>(shard_.room.stalling())},
           {"cached_keys", static_cast<std::int64_t>(shard_.keys.size())},
           {"cached_handles", static_cast<std::int64_t>(shard_.sessions.size())},
           {"key_look_ups", static_cast<std::int64_t>(asked_.size())},
           {"oldest_wait_ms", wait_ms(asked_.oldest(now), now)}}};
}

void fan_out::on_exit() {
  io_thread::watched::unlink();
  shard_.hub.attach(nullptr);
}

void fan_out::begin(const session_actor& session) {
  context(&io().sending_unit());
  monitor(session);
}

void fan_out::end(const session_actor& session) {
  context(&io().sending_unit());
  demonitor(session.address());
}

void fan_out::left(const session_actor& session) { caf::anon_send(session, unfollow{follower()}); }

void fan_out::left_workspace(workspace_key workspace) {
  caf::anon_send(shard_.shared.actors.board, unwatch_board{workspace, follower()});
}

void fan_out::publish(const published& p) {
  const auto from = caf::actor_cast<session_actor>(current_sender());
  if (shard_.hub.follows(from.id())) shard_.hub.published(from.id(), publication{p});
  send(from, published_ack{follower(), false});
}

void fan_out::preview(const previewed& p) {
  const auto from = caf::actor_cast<session_actor>(current_sender());
  shard_.hub.previewed_by(from.id(), p);
  send(from, published_ack{follower(), true});
}

// --- keys ---------------------------------------------------------------------------

void fan_out::deadline_passed() {
  enter([this] {
    deadline = io().now() + key_age_interval;
    if (shard_.shared.actors.gate->why_closed()) return shard_.hub.lose_store();
    if (io().now() >= next_check_) {
      check_keys();
      next_check_ = io().now() + key_check_interval;
    }
    shard_.hub.look_at_keys(io().now());
  });
}

void fan_out::check_keys() {
  for (const auto key : shard_.hub.keys_to_ask()) {
    const auto look_up = asked_.begin(io().now());
    request(shard_.shared.reader(static_cast<std::size_t>(key)), read_timeout, find_key{{}, key})
        .then(
            [this, key, look_up](const found_key& found) {
              asked_.end(look_up);
              const bool good = found.key && !found.key->revoked_at;
              shard_.hub.key_found(key, good, io().now());
            },
            [this, key, look_up](const caf::error&) {
              asked_.end(look_up);
              shard_.hub.key_missed(key);
            });
  }
}

}  // namespace sandbase
