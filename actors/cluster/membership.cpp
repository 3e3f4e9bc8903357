// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/membership.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/diagnostics/log_event.hpp"
#include "actors/diagnostics/wait_times.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <fmt/core.h>
#include <optional>
#include <utility>
#include <vector>

namespace sandbase {

membership::membership(caf::actor_config& cfg, membership_options options)
    : membership_actor::base(cfg), options_(std::move(options)) {
  harden(this);
  set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) { went_down(down.source); });
}

membership_actor::behavior_type membership::make_behavior() {
  // In the log from the start, not a minute later.
  refused_told_at_ = now() - told_again;
  renewed_at_ = now();
  for (const auto& address : options_.seeds) seeds_.push_back({address, {}, 0, now(), now() - told_again});
  is_listed_ = options_.core && !options_.registrar;
  tell_placement();
  tick();
  return {
      [this](const peer_knocks& k) { knocked(k); },
      [this](const link_changed& c) { c.seed == 0 ? changed(c) : seed_changed(c); },
      [this](const cluster_view& v) { told(v); },
      [this](const leave_cluster&) { leave(); },
      [this](const list_links&) { return list(); },
      [this](const describe_actor&) { return describe(); },
      [this](const membership_tick&) { tick(); },
  };
}

void membership::on_exit() {
  for (auto& [id, p] : peers_)
    if (p.gateway) caf::anon_send_exit(p.gateway, caf::exit_reason::user_shutdown);
  for (auto& s : seeds_)
    if (s.gateway) caf::anon_send_exit(s.gateway, caf::exit_reason::user_shutdown);
  seeds_.clear();
  peers_.clear();
  options_.core = nullptr;
  options_.secret_told = nullptr;
  options_.nodes->set({});
  options_.registrar = nullptr;
  options_.transport = nullptr;
  options_.directory = nullptr;
  options_.ends = nullptr;
  options_.board = nullptr;
}

void membership::tick() {
  delayed_send(this, options_.interval, membership_tick{});
  if (!is_leaving_ && options_.gate && options_.gate->why_closed()) leave();
  forget_edges();
  dial_those_due();
  dial_seeds();
  if (!options_.registrar || is_leaving_ || std::exchange(is_renewing_, true)) return;
  request(options_.registrar, caf::duration{read_timeout}, renew_node{report()})
      .then(
          [this](const known_nodes& all) {
            is_renewing_ = false;
            renewed_at_ = now();
            seen(all);
          },
          [this](const caf::error&) { is_renewing_ = false; });  // what is known stays: the links tell
}

/// By the database's view.
void membership::seen(const known_nodes& all) {
  listed_ = all.nodes;
  is_listed_ = false;
  for (auto& [id, p] : peers_) p.is_listed = false;
  for (const auto& n : all.nodes) {
    if (n.id == options_.self.node) {
      is_listed_ = true;
      continue;
    }
    if (n.address.empty()) continue;  // it wants no links
    auto& p = peer_of(n.id);
    p.is_listed = true;
    p.name = n.name;
    p.address = n.address;
  }
  for (auto i = peers_.begin(); i != peers_.end();) {
    if (i->second.is_listed || i->second.is_up || now() < i->second.kept_until) {
      ++i;
      continue;
    }
    caf::anon_send_exit(i->second.gateway, caf::exit_reason::user_shutdown);
    i = peers_.erase(i);
  }
  tell_placement();
  tell_edges();
  dial_those_due();
}

membership::peer& membership::peer_of(node_id id) {
  auto& p = peers_[id];
  if (p.gateway) return p;
  p.gateway = make_gateway(id, 0);
  p.next_dial = now();
  p.told_at = now() - told_again;
  return p;
}

gateway_actor membership::make_gateway(node_id peer, std::size_t seed_number) {
  gateway_options o;
  o.self = options_.self;
  o.peer = peer;
  o.seed = seed_number;
  o.directory = options_.directory;
  o.ends = options_.ends;
  o.board = options_.board;
  o.membership = membership_actor{this};
  o.core = options_.core;
  o.limits = options_.limits;
  o.counts = options_.counts;
  auto gateway = spawn<peer_gateway>(std::move(o));
  monitor(gateway);
  return gateway;
}

// --- links --------------------------------------------------------------------------------------------

void membership::dial_those_due() {
  if (is_leaving_ || !options_.transport) return;
  for (auto& [id, p] : peers_)
    if ((options_.self.is_edge || options_.self.node < id) && p.is_listed && !p.is_up && !p.is_dialed &&
        now() >= p.next_dial)
      dial(id, p);
}

void membership::dial(node_id id, peer& p) {
  p.is_dialed = true;
  request(options_.transport, caf::duration{answer_timeout}, dial_peer{p.address})
      .then(
          [this, id](const peer_dialed& d) {
            const auto i = peers_.find(id);
            if (i == peers_.end()) return;
            // Whether it answers is told by the gateway, which waits for that no longer than for any other.
            i->second.next_dial = now() + options_.max_redial;
            caf::anon_send(i->second.gateway, link_made{d.peer, false, {}});
          },
          [this, id](const caf::error& e) { not_reached(id, to_failure(e)); });
}

void membership::not_reached(node_id id, const failure& why) {
  const auto i = peers_.find(id);
  if (i == peers_.end()) return;
  auto& p = i->second;
  p.is_dialed = false;
  const auto times = std::min(p.failures++, 10);
  p.next_dial = now() + std::min(options_.max_redial, options_.redial * (1 << times));
  if (now() - p.told_at < told_again) return;
  p.told_at = now();
  log_event(spdlog::level::warn, "no link to another node", field("node", p.name), field("node_id", id),
            field("address", p.address), field("why", why.message));
}

void membership::knocked(const peer_knocks& k) {
  if (is_leaving_) return;
  std::optional<sandbase::peer::hello> hello;
  frame_reader first;
  const auto read = first.read(k.frame.bytes, [&hello](sandbase::peer::record r) {
    if (auto* h = std::get_if<sandbase::peer::hello>(&r); h && !hello) hello = std::move(*h);
  });
  if (!read || !hello || hello->protocol == 0 || hello->node == options_.self.node) {
    if (now() - refused_told_at_ < told_again) return;
    refused_told_at_ = now();
    spdlog::warn("somebody at the cluster's port has proven its secret but does not speak this protocol");
    return;
  }
  auto& p = peer_of(hello->node);
  p.is_edge = hello->is_edge;
  p.kept_until = now() + unlisted_kept;
  if (p.name.empty()) p.name = hello->name;
  caf::anon_send(
      p.gateway,
      link_made{caf::actor_cast<peer_actor>(k.from), true, {hello->node, hello->name, hello->is_edge}});
}

void membership::changed(const link_changed& c) {
  const auto i = peers_.find(c.node);
  if (i == peers_.end() || current_sender() != i->second.gateway) return;  // one that was replaced
  auto& p = i->second;
  p.is_dialed = false;
  linked_at_ = now();
  const bool was_up = std::exchange(p.is_up, c.is_up);
  p.is_leaving = c.is_up && c.is_leaving;
  if (c.is_up) {
    p.failures = 0;
    p.told_at = now() - told_again;
    p.is_edge = c.is_edge;
    if (p.is_edge && !was_up) caf::anon_send(p.gateway, view());
  } else if (p.is_edge) {  // it dials again, or goes for good
    p.kept_until = now() + unlisted_kept;
    return;
  } else if (was_up) {
    p.next_dial = now() + options_.redial;
  } else {
    not_reached(c.node, {errc::unavailable, "it was reached, but does not answer"});
  }
  tell_placement();
}

/// A gateway that has failed: the next look at the list makes another.
void membership::went_down(const caf::actor_addr& who) {
  const auto i = std::ranges::find_if(
      peers_, [&who](const auto& p) { return p.second.gateway && p.second.gateway.address() == who; });
  if (i == peers_.end()) return seed_went_down(who);
  spdlog::error("the gateway to node {} has failed", i->second.name);
  peers_.erase(i);
  tell_placement();
}

/// Those that the database lists and that do not leave. One without a link owns nothing, seen from here, but
/// there is not a link to all then: what is followed is polled for as closely as without any.
void membership::tell_placement() {
  std::vector<placement::node> nodes;
  if (!is_leaving_ && options_.core) nodes.push_back({options_.self.node, {}});
  for (const auto& [id, p] : peers_)
    if (!p.is_edge && (p.is_listed || p.is_up) && !p.is_leaving)
      nodes.push_back({id, p.is_up ? p.gateway : gateway_actor{}});
  options_.nodes->set(std::move(nodes));
}

void membership::leave() {
  is_leaving_ = true;
  for (const auto& [id, p] : peers_) caf::anon_send(p.gateway, leave_cluster{});
  tell_placement();
}

known_links membership::list() const {
  known_links all;
  for (const auto& [id, p] : peers_)
    if (p.is_up || !p.is_edge)
      all.links.push_back(
          {fmt::format("peer_gateway {}", p.name.empty() ? std::to_string(id) : p.name), p.gateway});
  return all;
}

node_report membership::report() const {
  const auto& all = *options_.counts;
  const auto up = std::ranges::count_if(peers_, [](const auto& p) { return p.second.is_up; });
  return {all.written, all.followed, all.mirrored,
          std::max<std::int64_t>(0, all.followers - all.followers_elsewhere), up};
}

actor_status membership::describe() const {
  const auto up = std::ranges::count_if(peers_, [](const auto& p) { return p.second.is_up; });
  const auto listed = std::ranges::count_if(peers_, [](const auto& p) { return p.second.is_listed; });
  return {is_leaving_ ? "leaving" : "keeping",
          {{"nodes", listed + (is_listed_ ? 1 : 0)},
           {"links_up", up},
           {"renewed_ms_ago", wait_ms(renewed_at_, now())}}};
}

// --- the door -----------------------------------------------------------------------------------------

peer_actor::behavior_type peer_door(peer_actor::pointer self, const membership_actor& membership) {
  harden(self);
  return {
      [=](const peer_frame& f) {
        caf::anon_send(membership, peer_knocks{f, caf::strong_actor_ptr{self->current_sender()}});
      },
  };
}

}  // namespace sandbase
