// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/peer_gateway.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/diagnostics/log_event.hpp"
#include "actors/diagnostics/wait_times.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace sandbase {

namespace {

/// The other end is told once so much more was taken in, and with each beat.
constexpr std::uint64_t taken_step = frame_writer::window / 8;
/// For so long behind a link's end what clients have taken may still be told: by then it is noticed at both
/// ends and made again, if it can be. So long a retry waits whose first try came from a node that is gone.
constexpr std::chrono::seconds receipts_wait{5};

template <class... Handlers>
struct overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
overloaded(Handlers...) -> overloaded<Handlers...>;

}  // namespace

peer_gateway::peer_gateway(caf::actor_config& cfg, gateway_options options)
    : gateway_actor::base(cfg), options_(std::move(options)) {
  harden(this);
  set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) {
    if (remote_ && down.source == remote_.address()) return end_link("its end is gone");
    session_down(down.source);
  });
}

gateway_actor::behavior_type peer_gateway::make_behavior() {
  // Another gateway to the same node, after this one, must not mean this one's appends by its numbers.
  next_number_ += static_cast<std::uint64_t>(now().time_since_epoch().count());
  delayed_send(this, options_.beat_interval, gateway_tick{});
  return {
      [this](const published& p) { publish(p); },
      [this](const previewed& p) { preview(p); },
      [this](const board_moved& r) { board_has_moved(r); },
      [this](const describe_actor&) { return describe(); },
      [this](const receipt_query& q) { return tell_receipt(q); },
      [this](const watched_workspaces& r) { watch_there(r); },
      [this](const forward_append& r) { return forward(r); },
      [this](const ask_core& r) { return ask(r); },
      [this](const change_session& r) { return change(r); },
      [this](const mirror_session& r) { mirror(r); },
      [this](const unmirror_session& r) { unmirror(r.key); },
      [this](const mirror_taken& r) {
        send_record(peer::push_taken{r.key, r.of_previews});
      },
      [this](const tell_claimed& r) { send_record(peer::claimed{r.session}); },
      [this](const peer_frame& f) { frame_came(f); },
      [this](const sandbase::link_made& r) { link_made(r); },
      [this](const leave_cluster&) { begin_leaving(); },
      [this](const cluster_view& r) { tell_view(r); },
      [this](const gateway_flush&) { flush(); },
      [this](const gateway_tick&) {
        tick();
        delayed_send(this, options_.beat_interval, gateway_tick{});
      },
  };
}

void peer_gateway::on_exit() {
  end_link("this node stops");
  receipts_.lose_all();
  clients_.clear();
  // CAF's network layer may keep whoever has sent to another node until the end, and who is kept here would
  // stay with it: the system waits for the threads of those that block.
  options_.directory = nullptr;
  options_.ends = nullptr;
  options_.board = nullptr;
  options_.membership = nullptr;
  options_.core = nullptr;
}

// --- how a link begins ----------------------------------------------------------------------------

void peer_gateway::begin_link(const peer_actor& remote) {
  ++link_;
  phase_ = phase::greeting;
  heard_at_ = now();
  remote_ = remote;
  monitor(remote_);
}

void peer_gateway::link_made(const sandbase::link_made& r) {
  if (phase_ != phase::down) end_link("another one was made");
  begin_link(r.remote);
  const auto& me = options_.self;
  send(remote_, peer_frame{urgent_frame(peer::hello{peer::protocol, me.node, me.name, me.is_edge})});
  if (r.has_greeted)
    greeted({peer::protocol, r.from.node, r.from.name, r.from.is_edge},
            caf::actor_cast<caf::strong_actor_ptr>(remote_));
}

/// `by`: the other end.
void peer_gateway::greeted(const peer::hello& r, const caf::strong_actor_ptr& by) {
  if (options_.peer == 0) options_.peer = r.node;
  if (r.node != options_.peer) return end_link("it is another node's by now");
  const auto other = caf::actor_cast<peer_actor>(by);
  if (other != remote_) {
    demonitor(remote_.address());
    remote_ = other;
    monitor(remote_);
  }
  peer_name_ = r.name;
  peer_is_edge_ = r.is_edge;
  peer_is_leaving_ = false;
  phase_ = phase::up;
  log_event(spdlog::level::info, "link to another node is up", field("node", peer_name_),
            field("node_id", options_.peer));
  tell_membership(true, false);
  options_.seed = 0;  // it is that node's from now on
  for (const auto number : receipts_.awaited()) send_record(peer::look_at_client{number});
}

void peer_gateway::tell_membership(bool is_up, bool is_leaving) {
  send(options_.membership, link_changed{options_.peer, is_up, is_leaving, options_.seed, peer_is_edge_});
}

/// Of what was not answered nobody knows more than whether it was sent.
void peer_gateway::end_link(const std::string& why) {
  if (phase_ == phase::down) return;
  const bool was_up = std::exchange(phase_, phase::down) == phase::up;
  demonitor(remote_.address());
  remote_ = nullptr;
  if (was_up) {
    ended_at_ = now();
    log_event(spdlog::level::warn, "link to another node has ended", field("node", peer_name_),
              field("node_id", options_.peer), field("why", why));
  }
  fail_forwarded();
  fail_changes();
  fail_asked(not_handed_on());  // whatever became of them
  waiting_questions_.clear();
  answering_ = 0;
  for (const auto& [number, e] : executed_) receipts_.lose(number);  // their answers go nowhere
  executed_.clear();
  executed_bytes_ = 0;
  written_.clear();
  while (!followed_.empty()) unfollow(followed_.begin()->first);
  forget_boards();
  wanted_.clear();  // the board tells again who is linked
  for (const auto& [session, handle] : std::exchange(mirrors_, {}))
    caf::anon_send(handle, mirror_lost{options_.peer});
  out_ = frame_writer{};
  in_ = frame_reader{};
  told_taken_ = 0;
  tell_membership(false, false);
}

void peer_gateway::begin_leaving() {
  if (phase_ == phase::up) send_urgent(peer::leaving{});
}

// --- frames ---------------------------------------------------------------------------------------

void peer_gateway::frame_came(const peer_frame& f) {
  const auto by = current_sender();
  if (phase_ == phase::down || !by) return;
  const bool is_its = caf::actor_cast<caf::actor_addr>(by) == remote_.address();
  if (phase_ == phase::up && !is_its) return;  // of a link before this one
  heard_at_ = now();
  if (phase_ == phase::greeting) {
    frame_reader first;
    std::optional<peer::hello> hello;
    const auto read = first.read(f.bytes, [&hello](peer::record r) {
      if (auto* h = std::get_if<peer::hello>(&r); h && !hello) hello = std::move(*h);
    });
    if (read && hello) return greeted(*hello, caf::strong_actor_ptr{by});
    return end_link("its other end does not greet");
  }
  const auto link = link_;
  const auto read = in_.read(f.bytes, [this, link](peer::record r) {
    if (is_up(link)) take(std::move(r));
  });
  if (!is_up(link)) return;
  if (!read) return end_link(read.error().message);
  if (in_.received() - executed_bytes_ >= told_taken_ + taken_step) tell_taken();
}

void peer_gateway::take(peer::record r) {
  std::visit(overloaded{
                 [this](const peer::hello& h) {
                   // It was greeted twice, as by this end when the first time was in vain, and has begun
                   // the link anew: what was under way on it is answered by nobody.
                   const auto other = remote_;
                   end_link("its other end has begun it again");
                   begin_link(other);
                   greeted(h, caf::actor_cast<caf::strong_actor_ptr>(remote_));
                 },
                 [](const peer::beat&) {},
                 [this](const peer::taken& t) {
                   if (!out_.taken(t.bytes)) return end_link("it has taken in what was not sent");
                   flush();
                 },
                 [this](const peer::leaving&) {
                   peer_is_leaving_ = true;
                   tell_membership(true, true);
                 },
                 [this](peer::append& a) { execute(a); },
                 [this](peer::outcome& o) { settled(o); },
                 [this](const peer::look_at_client& l) { look_at_client(l.number); },
                 [this](const peer::client_seen& s) {
                   constexpr auto last = static_cast<std::uint8_t>(receipt::state::lost);
                   if (s.state <= last) receipts_.told(s.number, static_cast<receipt::state>(s.state));
                 },
                 [this](const peer::follow& f) { follow(f); },
                 [this](const peer::unfollow& f) { unfollow(f.session); },
                 [this](const peer::unfollowed& f) {
                   const auto i = mirrors_.find(f.session);
                   if (i == mirrors_.end()) return;
                   caf::anon_send(i->second, mirror_lost{options_.peer});
                   mirrors_.erase(i);
                 },
                 [this](peer::push& p) { push_came(p); },
                 [this](peer::push_previews& p) { previews_came(p); },
                 [this](const peer::push_taken& t) { push_taken(t); },
                 [this](peer::question& q) { questioned(q); },
                 [this](const peer::reply& a) { replied(a); },
                 [this](peer::change& c) { carry_out(c); },
                 [this](peer::changed& c) { was_changed(c); },
                 [this](const peer::view& v) { view_came(v); },
                 [this](const peer::watched& w) { watch_here(w); },
                 [this](peer::board_push& p) { board_push_came(p); },
                 [this](const peer::board_push_taken& t) { board_push_taken(t.workspace); },
                 [this](const peer::claimed& c) {
                   if (options_.ends) caf::anon_send(options_.ends, look_at_end{c.session});
                 },
             },
             r);
}

void peer_gateway::send_record(const peer::record& r) {
  if (phase_ != phase::up) return;
  out_.add(r);
  // Behind all that the mailbox holds now: that is one frame.
  if (!std::exchange(flush_scheduled_, true)) send(this, gateway_flush{});
}

void peer_gateway::send_urgent(const peer::record& r) { send(remote_, peer_frame{urgent_frame(r)}); }

void peer_gateway::flush() {
  flush_scheduled_ = false;
  if (phase_ != phase::up) return;
  while (auto frame = out_.next_frame()) send(remote_, peer_frame{*std::move(frame)});
  answer_next();
}

/// What is being carried out counts as not taken in yet, so that the other end waits rather than this one's
/// memory grows.
void peer_gateway::tell_taken() {
  const auto taken = in_.received() - executed_bytes_;
  if (taken <= told_taken_) return;
  told_taken_ = taken;
  send_urgent(peer::taken{taken});
}

void peer_gateway::tick() {
  receipts_.sweep();
  if (phase_ != phase::up && now() - ended_at_ >= receipts_wait) receipts_.lose_all();
  if (phase_ == phase::down) return;
  if (now() - heard_at_ >= options_.dead_after) return end_link("nothing was heard of it");
  if (phase_ != phase::up) return;
  fail_overdue();
  fail_overdue_changes();
  fail_asked(to_error({errc::unavailable, "the server that has the store does not answer"}), now());
  send_urgent(peer::beat{});
  tell_taken();
}

actor_status peer_gateway::describe() const {
  const auto at = now();
  auto oldest = at;
  if (!forwarded_.empty()) oldest = forwarded_.begin()->second.since;
  for (const auto& [number, e] : executed_) oldest = std::min(oldest, e.since);
  const auto phase_name = phase_ == phase::up ? "up" : phase_ == phase::greeting ? "greeting" : "down";
  return {phase_name,
          {{"heard_ms_ago", phase_ == phase::down ? 0 : wait_ms(heard_at_, at)},
           {"links_so_far", static_cast<std::int64_t>(link_)},
           {"appends_out", static_cast<std::int64_t>(appends_out_)},
           {"appends_in", static_cast<std::int64_t>(appends_in_)},
           {"pushes_out", static_cast<std::int64_t>(pushes_out_)},
           {"pushes_in", static_cast<std::int64_t>(pushes_in_)},
           {"followed_sessions", static_cast<std::int64_t>(followed_.size())},
           {"mirrored_sessions", static_cast<std::int64_t>(mirrors_.size())},
           {"bytes_out", static_cast<std::int64_t>(out_.sent())},
           {"bytes_in", static_cast<std::int64_t>(in_.received())},
           {"bytes_waiting", static_cast<std::int64_t>(out_.waiting())},
           {"oldest_wait_ms", wait_ms(oldest, at)}}};
}

}  // namespace sandbase
