// SPDX-License-Identifier: Apache-2.0
// Membership of edges, which have no store, at both ends.
#include "actors/caf/errors.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/cluster/membership.hpp"
#include "actors/diagnostics/log_event.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sandbase {

// --- of an edge ----------------------------------------------------------------------------------------

/// To a node that does something: one that leaves may stay for long, and tells of others no more.
bool membership::has_link() const {
  return std::ranges::any_of(peers_, [](const auto& p) { return p.second.is_up && !p.second.is_leaving; });
}

/// Only while nobody is linked, as one node tells of all others; and one at a time: two addresses may be of
/// the same node.
void membership::dial_seeds() {
  if (is_leaving_ || seeds_.empty() || !options_.transport) return;
  if (has_link()) linked_at_ = now();
  const bool knows_others = std::ranges::any_of(peers_, [](const auto& p) { return p.second.is_listed; });
  if (has_link() || (knows_others && now() < linked_at_ + options_.seeds_after)) return;
  if (std::ranges::any_of(seeds_, [](const seed& s) { return s.gateway != nullptr; })) return;
  for (std::size_t number = 1; number <= seeds_.size(); ++number) {
    auto& s = seeds_[number - 1];
    if (now() < s.next_dial) continue;
    s.gateway = make_gateway(0, number);
    request(options_.transport, caf::duration{answer_timeout}, dial_peer{s.address})
        .then(
            [this, number](const peer_dialed& d) {
              if (const auto& gateway = seeds_[number - 1].gateway)
                caf::anon_send(gateway, link_made{d.peer, false, {}});
            },
            [this, number](const caf::error& e) { seed_not_reached(number, to_failure(e)); });
    return;
  }
}

void membership::seed_went_down(const caf::actor_addr& who) {
  for (std::size_t number = 1; number <= seeds_.size(); ++number)
    if (const auto& gateway = seeds_[number - 1].gateway; gateway && gateway.address() == who)
      seed_not_reached(number, {errc::internal, "the link has failed"});
}

void membership::seed_not_reached(std::size_t number, const failure& why) {
  auto& s = seeds_[number - 1];
  if (s.gateway) caf::anon_send_exit(std::exchange(s.gateway, nullptr), caf::exit_reason::user_shutdown);
  const auto times = std::min(s.failures++, 10);
  s.next_dial = now() + std::min(options_.max_redial, options_.redial * (1 << times));
  if (now() - s.told_at < told_again) return;
  s.told_at = now();
  log_event(spdlog::level::warn, "no link to the server that was given", field("address", s.address),
            field("why", why.message));
}

/// Whose address it is is known once it has greeted: from then on the gateway is that node's.
void membership::seed_changed(const link_changed& c) {
  auto& s = seeds_[c.seed - 1];
  if (!s.gateway) return changed(c);  // it became a node's
  if (!c.is_up) return seed_not_reached(c.seed, {errc::unavailable, "it was reached, but does not answer"});
  auto gateway = std::exchange(s.gateway, nullptr);
  s.failures = 0;
  s.told_at = now() - told_again;
  s.next_dial = now() + options_.redial;
  auto& p = peers_[c.node];
  // The other end goes by who has greeted last.
  if (p.gateway) caf::anon_send_exit(p.gateway, caf::exit_reason::user_shutdown);
  p.gateway = std::move(gateway);
  p.is_up = false;
  p.told_at = s.told_at;
  changed(c);
}

void membership::told(const cluster_view& v) {
  if (!options_.self.is_edge) return;
  renewed_at_ = now();
  if (options_.secret_told) options_.secret_told(v.token_secret);
  seen({v.nodes});
}

// --- of a node that edges are linked to ----------------------------------------------------------------

cluster_view membership::view() const {
  cluster_view v{options_.token_secret, listed_};
  if (!options_.registrar) {
    node_record self;
    self.id = options_.self.node;
    self.name = options_.self.name;
    self.address = options_.address;
    v.nodes.push_back(std::move(self));
  }
  return v;
}

/// Those that have not come back.
void membership::forget_edges() {
  std::erase_if(peers_, [this](const auto& known) {
    const auto& p = known.second;
    const bool is_gone = p.is_edge && !p.is_up && now() >= p.kept_until;
    if (is_gone) caf::anon_send_exit(p.gateway, caf::exit_reason::user_shutdown);
    return is_gone;
  });
}

void membership::tell_edges() {
  for (const auto& [id, p] : peers_)
    if (p.is_edge && p.is_up) caf::anon_send(p.gateway, view());
}

}  // namespace sandbase
