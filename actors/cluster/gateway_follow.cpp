// SPDX-License-Identifier: Apache-2.0
// What sessions publish, across a link: once a node, with the credit that a session gives an io thread.
#include "actors/caf/errors.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/cluster/peer_gateway.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace sandbase {

// --- of sessions here --------------------------------------------------------------------------------

void peer_gateway::publish(const published& p) {
  const auto i = followed_.find(p.session);
  if (i == followed_.end() || phase_ != phase::up) return;
  ++pushes_out_;
  const auto epoch = options_.ends ? p.epoch : epoch_of_own(p.state);
  send_record(peer::push{p.session, epoch, p.end, p.sealed_seq, p.state, p.slice});
}

void peer_gateway::preview(const previewed& p) {
  if (followed_.contains(p.session)) send_record(peer::push_previews{p.session, p.end, p.gap, p.what});
}

void peer_gateway::follow(const peer::follow& r) {
  if (followed_.contains(r.session)) unfollow(r.session);  // by who followed there before
  const auto number = next_number_++;
  followed_[r.session] = followed{session_actor{}, number};
  request(options_.directory, caf::duration{answer_timeout}, lookup_request{r.workspace, r.id})
      .then([this, number, session = r.session](
                const lookup_answer& found) { followed_at(session, number, found.session); },
            [this, number, session = r.session](const caf::error&) { follow_failed(session, number); });
}

void peer_gateway::followed_at(session_key session, std::uint64_t number, const session_actor& handle) {
  const auto i = followed_.find(session);
  if (i == followed_.end() || i->second.number != number) return;
  i->second.session = handle;
  ++options_.counts->followers_elsewhere;
  monitor(handle);
  open_request r;
  r.from_end = r.place_only = true;
  r.follower = self();
  r.log = session;
  request(handle, caf::infinite, std::move(r))
      .then(
          [this, session, number](const pull_answer& now) {
            const auto found = followed_.find(session);
            if (found == followed_.end() || found->second.number != number) return;
            // What came between the other end's last look and this is to be pulled.
            send_record(peer::push{session, 0, now.end, 0, now.state, {}});
          },
          [this, session, number](const caf::error&) { follow_failed(session, number); });
}

void peer_gateway::follow_failed(session_key session, std::uint64_t number) {
  const auto i = followed_.find(session);
  if (i == followed_.end() || i->second.number != number) return;
  unfollow(session);
  send_record(peer::unfollowed{session});
}

void peer_gateway::unfollow(session_key session) {
  const auto i = followed_.find(session);
  if (i == followed_.end()) return;
  if (const auto& handle = i->second.session) {
    --options_.counts->followers_elsewhere;
    demonitor(handle.address());
    caf::anon_send(handle, sandbase::unfollow{self()});
  }
  followed_.erase(i);
}

void peer_gateway::push_taken(const peer::push_taken& r) {
  const auto i = followed_.find(r.session);
  if (i != followed_.end() && i->second.session)
    send(i->second.session, published_ack{self(), r.of_previews});
}

void peer_gateway::session_down(const caf::actor_addr& who) {
  const auto i = std::ranges::find_if(
      followed_, [&who](const auto& f) { return f.second.session && f.second.session.address() == who; });
  if (i == followed_.end()) return;
  const auto session = i->first;
  --options_.counts->followers_elsewhere;
  followed_.erase(i);
  send_record(peer::unfollowed{session});
}

// --- of sessions at the other end ----------------------------------------------------------------------

void peer_gateway::mirror(const mirror_session& r) {
  if (phase_ != phase::up) {
    caf::anon_send(r.session, mirror_lost{options_.peer});
    return;
  }
  mirrors_[r.key] = r.session;
  send_record(peer::follow{r.key, r.workspace, r.id});
}

void peer_gateway::unmirror(session_key session) {
  if (mirrors_.erase(session) > 0) send_record(peer::unfollow{session});
}

void peer_gateway::push_came(peer::push& r) {
  ++pushes_in_;
  const auto i = mirrors_.find(r.session);
  if (i == mirrors_.end()) return;  // it is told that nobody follows any more
  published p;
  p.session = r.session;
  p.slice = std::move(r.slice);
  p.end = r.end;
  p.state = r.state;
  p.epoch = r.epoch;
  p.sealed_seq = r.sealed_seq;
  send(i->second, mirrored{options_.peer, std::move(p)});
}

void peer_gateway::previews_came(peer::push_previews& r) {
  const auto i = mirrors_.find(r.session);
  if (i != mirrors_.end()) send(i->second, mirrored_previews{{r.session, r.end, r.gap, std::move(r.what)}});
}

}  // namespace sandbase
