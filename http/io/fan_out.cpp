#include "http/io/fan_out.hpp"

#include <caf/actor_cast.hpp>

namespace sandbase {

fan_out::fan_out(caf::actor_config& cfg, io_shard& worker) : asio_actor(cfg, worker.io), worker_(worker) {
  set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) { went_down(down.source); });
}

fan_out::behavior_type fan_out::make_behavior() {
  io().watch(*this);
  deadline = io().now() + key_check_interval;
  return {
      [this](const published& p) { publish(p); },
      [this](const previewed& p) { preview(p); },
  };
}

void fan_out::on_exit() {
  io_thread::watched::unlink();
  for (auto& [id, f] : sessions_) f.members.clear();
  sessions_.clear();
  strays_.clear();
}

void fan_out::join(live_stream& s, const session_actor& session) {
  auto& f = sessions_[session.id()];
  if (!f.session) {
    f.session = session;
    context(&io().sending_unit());
    monitor(session);
  }
  if (s.is_linked()) s.unlink();
  f.members.push_back(s);
}

void fan_out::leave(live_stream& s, const session_actor& session, bool told) {
  if (s.is_linked()) s.unlink();
  if (told) caf::anon_send(session, unfollow{fan_out_actor{this}});
  const auto i = sessions_.find(session.id());
  if (i == sessions_.end() || !i->second.members.empty()) return;
  context(&io().sending_unit());
  demonitor(session.address());
  sessions_.erase(i);
}

// --- keys ---------------------------------------------------------------------------

void fan_out::release_key(api_key_id key) {
  if (const auto k = keys_.find(key); k != keys_.end() && --k->second == 0) keys_.erase(k);
}

void fan_out::deadline_passed() {
  enter([this] {
    check_keys();
    deadline = io().now() + key_check_interval;
  });
}

void fan_out::check_keys() {
  for (const auto& [key, streams] : keys_)
    request(worker_.shared.reader(static_cast<std::size_t>(key)), caf::infinite, find_key{{}, key})
        .then(
            [this, key = key](const found_key& found) {
              if (!found.key || found.key->revoked_at) end_streams_of(key);
            },
            [](const caf::error&) {});  // the store does not answer: the next look decides
}

void fan_out::end_streams_of(api_key_id key) {
  // A stream that ends takes itself out, and with the last one the map's entry: walk over what is there now.
  std::vector<live_stream*> all;
  for (auto& [id, f] : sessions_)
    for (auto& s : f.members) all.push_back(&s);
  for (auto& s : strays_) all.push_back(&s);
  for (auto* s : all) s->on_key_revoked(key);
}

// --- what sessions say ------------------------------------------------------------------

fan_out::followed* fan_out::sender() {
  const auto i = sessions_.find(current_sender()->id());
  return i == sessions_.end() ? nullptr : &i->second;
}

/// Calls f on every stream that follows the sender, also if that ends it: the entry goes with its last one.
template <class F>
void fan_out::for_all_members(F f) {
  auto* from = sender();
  if (!from) return;
  auto left = from->members.size();
  for (auto i = from->members.begin(); left > 0; --left) {
    auto& s = *i++;
    f(s);
  }
}

void fan_out::publish(const published& p) {
  const auto from = caf::actor_cast<session_actor>(current_sender());
  if (sender()) {
    const publication ready{p};
    for_all_members([&](live_stream& s) { s.on_published(ready); });
  }
  send(from, published_ack{fan_out_actor{this}, false});
}

void fan_out::preview(const previewed& p) {
  const auto from = caf::actor_cast<session_actor>(current_sender());
  for_all_members([&](live_stream& s) { s.on_previewed(p); });
  send(from, published_ack{fan_out_actor{this}, true});
}

void fan_out::went_down(const caf::actor_addr& session) {
  const auto i = sessions_.find(session.id());
  if (i == sessions_.end()) return;
  // They join the next incarnation one by one, under another actor id.
  streams left;
  left.swap(i->second.members);
  sessions_.erase(i);
  while (!left.empty()) {
    auto& s = left.front();
    left.pop_front();
    strays_.push_back(s);
    s.on_session_down();
  }
}

}  // namespace sandbase
