// SPDX-License-Identifier: Apache-2.0
#include "http/io/stream_hub.hpp"

#include <utility>

namespace sandbase {

namespace {

/// Calls f on all streams of the list. Any call may take any of them out, itself or one that gives way to it,
/// and with the last one the list goes. None is destroyed meanwhile: that takes a message.
template <class Hook, class List, class F>
void for_all(const List& streams, F f) {
  std::vector<hub_stream*> all;
  all.reserve(streams.size());
  for (const auto& s : streams) all.push_back(const_cast<hub_stream*>(&s));
  for (auto* s : all)
    if (static_cast<Hook*>(s)->is_linked()) f(*s);
}

}  // namespace

void stream_hub::attach(hub_feed* feed) {
  feed_ = feed;
  if (feed) return;
  for (auto& [id, streams] : sessions_) streams.clear();
  for (auto& [key, watched] : keys_) watched.streams.clear();
  for (auto& [workspace, streams] : workspaces_) streams.clear();
  sessions_.clear();
  workspaces_.clear();
  keys_.clear();
}

void stream_hub::join(hub_stream& s, const session_actor& session) {
  if (!feed_) return;
  const auto [entry, is_first] = sessions_.try_emplace(session.id());
  if (is_first) feed_->begin(session);
  if (s.followed_hook::is_linked()) s.followed_hook::unlink();
  entry->second.push_back(s);
}

void stream_hub::leave(hub_stream& s, const session_actor& session, bool told) {
  if (s.followed_hook::is_linked()) s.followed_hook::unlink();
  if (!feed_) return;
  if (told) feed_->left(session);
  const auto entry = sessions_.find(session.id());
  if (entry == sessions_.end() || !entry->second.empty()) return;
  feed_->end(session);
  sessions_.erase(entry);
}

void stream_hub::watch_workspace(hub_stream& s, workspace_key workspace) {
  if (!feed_) return;
  if (s.followed_hook::is_linked()) s.followed_hook::unlink();
  workspaces_[workspace].push_back(s);
}

void stream_hub::unwatch_workspace(hub_stream& s, workspace_key workspace, bool told) {
  if (s.followed_hook::is_linked()) s.followed_hook::unlink();
  if (!feed_) return;
  if (told) feed_->left_workspace(workspace);
  const auto entry = workspaces_.find(workspace);
  if (entry != workspaces_.end() && entry->second.empty()) workspaces_.erase(entry);
}

void stream_hub::watch_key(hub_stream& s, api_key_id key, time_point now) {
  if (s.keyed_hook::is_linked()) s.keyed_hook::unlink();
  const auto [entry, is_first] = keys_.try_emplace(key);
  if (is_first) entry->second.good_at = now;
  entry->second.streams.push_back(s);
}

void stream_hub::unwatch_key(hub_stream& s, api_key_id key) {
  if (s.keyed_hook::is_linked()) s.keyed_hook::unlink();
  const auto entry = keys_.find(key);
  if (entry != keys_.end() && entry->second.streams.empty()) keys_.erase(entry);
}

void stream_hub::published(caf::actor_id session, const publication& p) {
  if (const auto entry = sessions_.find(session); entry != sessions_.end())
    for_all<followed_hook>(entry->second, [&](hub_stream& s) { s.on_published(p); });
}

void stream_hub::previewed_by(caf::actor_id session, const previewed& p) {
  if (const auto entry = sessions_.find(session); entry != sessions_.end())
    for_all<followed_hook>(entry->second, [&](hub_stream& s) { s.on_previewed(p); });
}

void stream_hub::session_down(caf::actor_id session) {
  const auto entry = sessions_.find(session);
  if (entry == sessions_.end()) return;
  // They join the next incarnation one by one, under another actor id.
  followers left;
  left.swap(entry->second);
  sessions_.erase(entry);
  while (!left.empty()) {
    auto& s = left.front();
    left.pop_front();
    s.on_session_down();
  }
}

void stream_hub::board_moved(workspace_key workspace, change_number number) {
  if (const auto entry = workspaces_.find(workspace); entry != workspaces_.end())
    for_all<followed_hook>(entry->second, [number](hub_stream& s) { s.on_board_moved(number); });
}

// --- keys ---------------------------------------------------------------------------

std::vector<api_key_id> stream_hub::keys_to_ask() {
  std::vector<api_key_id> all;
  for (auto& [key, watched] : keys_)
    if (!std::exchange(watched.asked, true)) all.push_back(key);
  return all;
}

void stream_hub::key_found(api_key_id key, bool good, time_point now) {
  const auto entry = keys_.find(key);
  if (entry == keys_.end()) return;
  auto& watched = entry->second;
  watched.asked = false;
  if (!good) return tell(key, key_news::revoked);
  watched.good_at = now;
  if (std::exchange(watched.state, key_news::known) != key_news::known) tell(key, key_news::known);
}

void stream_hub::key_missed(api_key_id key) {
  if (const auto entry = keys_.find(key); entry != keys_.end()) entry->second.asked = false;
}

void stream_hub::look_at_keys(time_point now) {
  std::vector<std::pair<api_key_id, key_news>> news;
  for (auto& [key, watched] : keys_) {
    const auto age = now - watched.good_at;
    const auto state = age > store_patience ? key_news::lost
                       : age > key_patience ? key_news::unknown
                                            : key_news::known;
    if (state != key_news::known && std::exchange(watched.state, state) != state)
      news.emplace_back(key, state);
  }
  for (const auto& [key, what] : news) tell(key, what);
}

void stream_hub::lose_store() {
  std::vector<api_key_id> all;
  for (const auto& [key, watched] : keys_) all.push_back(key);
  for (const auto key : all) tell(key, key_news::lost);
}

void stream_hub::tell(api_key_id key, key_news what) {
  if (const auto entry = keys_.find(key); entry != keys_.end())
    for_all<keyed_hook>(entry->second.streams, [what](hub_stream& s) { s.on_key(what); });
}

}  // namespace sandbase
