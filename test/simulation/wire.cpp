// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/wire.hpp"

#include "actors/node/cluster_config.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

namespace sandbase::sim {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t longest_delay_ms = 1'000;
constexpr auto heartbeat_ms = static_cast<std::size_t>(cluster_config::heartbeat_interval.count());

/// Stands for an actor at the other half.
peer_actor::behavior_type stand_in(peer_actor::pointer self, const std::weak_ptr<wire>& by, std::size_t half,
                                   caf::actor_id whom) {
  return {
      [=](const peer_frame& f) {
        const auto w = by.lock();
        if (w && self->current_sender()) w->put(half, caf::strong_actor_ptr{self->current_sender()}, whom, f);
      },
  };
}

}  // namespace

std::size_t wire::half_of(const wire_end& who) const {
  return halves_[0].of == who ? 0 : halves_[1].of == who ? 1 : 2;
}

bool wire::carries() const {
  return std::ranges::all_of(halves_,
                             [this](const half& h) { return h.is_open && h.silent_until <= run_.elapsed(); });
}

peer_actor wire::show(std::size_t half, const caf::strong_actor_ptr& other) {
  auto& h = halves_[half];
  if (is_open(1 - half)) halves_[1 - half].own[other->id()] = other;
  auto& shown = h.shown[other->id()];
  if (!shown) shown = h.of.system->spawn(stand_in, weak_from_this(), half, other->id());
  return shown;
}

void wire::put(std::size_t half, const caf::strong_actor_ptr& from, caf::actor_id to,
               const peer_frame& frame) {
  if (!is_open(half)) return;
  halves_[half].own[from->id()] = from;
  item i;
  i.from = from->id();
  i.to = to;
  i.frame = frame;
  send(1 - half, std::move(i));
}

void wire::send(std::size_t to_half, item i) {
  auto& h = halves_[to_half];
  if (!h.is_open) return;
  auto delay = run_.elapsed() < slow_until_ ? each_takes_ : milliseconds{0};
  if (run_.strikes(fault::frame_late)) delay += milliseconds{run_.random.between(1, longest_delay_ms)};
  i.due = run_.elapsed() + delay;
  if (!h.coming.empty()) i.due = std::max(i.due, h.coming.back().due);
  h.coming.push_back(std::move(i));
}

bool wire::has_due(std::size_t half) const {
  const auto& h = halves_[half];
  return h.is_open && !h.coming.empty() && h.coming.front().due <= run_.elapsed() &&
         h.silent_until <= run_.elapsed();
}

void wire::deliver(std::size_t half) {
  auto& here = halves_[half];
  const auto next = std::move(here.coming.front());
  here.coming.pop_front();
  const auto& there = halves_[1 - half];
  if (next.is_end) {
    run_.note("server ", here.of.server, " sees its link to server ", there.of.server, " closed");
    return close(half);
  }
  run_.note("server ", here.of.server, " gets ", next.frame.bytes.size(), " bytes of server ",
            there.of.server);
  const auto to = here.own.find(next.to);
  if (to == here.own.end()) return;
  auto& from = here.shown[next.from];
  if (!from) from = here.of.system->spawn(stand_in, weak_from_this(), half, next.from);
  to->second->enqueue(caf::actor_cast<caf::strong_actor_ptr>(from), caf::make_message_id(),
                      caf::make_message(next.frame), nullptr);
}

// --- what befalls it -------------------------------------------------------------------------

void wire::close(std::size_t half) {
  auto& h = halves_[half];
  h.is_open = false;
  h.coming.clear();
  h.own.clear();
  for (const auto& [id, actor] : std::exchange(h.shown, {}))
    caf::anon_send_exit(actor, caf::exit_reason::remote_link_unreachable);
}

void wire::cut() {
  close(0);
  close(1);
}

void wire::silence(std::size_t half, milliseconds time) {
  auto& h = halves_[half];
  if (!h.is_open || h.silent_until > run_.elapsed()) return;
  h.silent_until = run_.elapsed() + time;
  h.given_up_at =
      run_.elapsed() + cluster_config::silence_limit + milliseconds{run_.random.below(heartbeat_ms)};
}

void wire::slow_down(milliseconds each, milliseconds time) {
  each_takes_ = each;
  slow_until_ = run_.elapsed() + time;
}

void wire::leave(std::size_t half, bool in_silence) {
  if (!is_open(half)) return;
  const auto other = 1 - half;
  close(half);
  if (!in_silence) {
    item last;
    last.is_end = true;
    send(other, std::move(last));
    return;
  }
  auto& left = halves_[other];
  silence(other, milliseconds{1});
  left.silent_until = milliseconds::max();
}

void wire::calm() {
  slow_until_ = {};
  for (std::size_t half : {0, 1}) {
    auto& h = halves_[half];
    for (auto& i : h.coming) i.due = std::min(i.due, run_.elapsed());
    // Whose other half is gone in silence is given up all the same.
    if (is_open(1 - half)) h.silent_until = {};
  }
}

/// A half that is given up is closed, which the other one learns if its way is open.
void wire::follow_clock() {
  for (std::size_t half : {0, 1}) {
    auto& h = halves_[half];
    if (h.silent_until <= run_.elapsed()) h.given_up_at = milliseconds::max();
    if (!h.is_open || run_.elapsed() < h.given_up_at) continue;
    run_.note("server ", h.of.server, " gives up its link to server ", halves_[1 - half].of.server);
    leave(half, false);
  }
}

}  // namespace sandbase::sim
