// SPDX-License-Identifier: Apache-2.0
#include "test/unit/actors/support/link_node.hpp"

#include "actors/caf/errors.hpp"
#include "actors/cluster/tls_identity.hpp"

#include <caf/actor_cast.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <csignal>
#include <map>
#include <thread>
#include <utility>

namespace sandbase::test {

namespace {

/// Derived once each: that takes its time.
const cluster_authority& authority(const std::string& secret, const std::string& cluster) {
  static std::map<std::pair<std::string, std::string>, cluster_authority> known;
  const auto key = std::pair{secret, cluster};
  auto at = known.find(key);
  if (at == known.end()) {
    auto made = cluster_authority::derive(secret, cluster);
    if (!made) CAF_FAIL("no authority: " << made.error().message);
    at = known.emplace(key, *std::move(made)).first;
  }
  return at->second;
}

/// Notes each frame, and sends one back that is called `back`.
peer_actor::behavior_type greeter(peer_actor::pointer self, std::shared_ptr<gathering<std::string>> frames) {
  return {[self, frames](const peer_frame& frame) {
    frames->add(frame.bytes);
    if (frame.bytes == "back")
      self->send(caf::actor_cast<peer_actor>(self->current_sender()), peer_frame{"here"});
  }};
}

struct sink : spdlog::sinks::base_sink<std::mutex> {
  explicit sink(std::shared_ptr<gathering<std::string>> lines) : to(std::move(lines)) {}
  void sink_it_(const spdlog::details::log_msg& m) override { to->add({m.payload.data(), m.payload.size()}); }
  void flush_() override {}
  std::shared_ptr<gathering<std::string>> to;
};

}  // namespace

gathered_log::gathered_log() : before_(spdlog::default_logger()) {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("gathered", std::make_shared<sink>(lines_)));
}

bool gathered_log::has(std::string_view begin, std::string_view end) {
  return lines_->wait([&](const std::vector<std::string>& all) {
    return std::any_of(all.begin(), all.end(), [&](const std::string& line) {
      return line.starts_with(begin) && line.ends_with(end);
    });
  });
}

std::size_t gathered_log::count(std::string_view end) {
  const auto all = lines_->all();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const std::string& line) { return line.ends_with(end); }));
}

tls_context make_tls(const link_node_options& options) {
  auto identity = authority(options.secret, options.cluster).issue("node", options.made);
  if (!identity) CAF_FAIL("no identity: " << identity.error().message);
  auto tls = tls_context::make(*identity, options.protocol);
  if (!tls) CAF_FAIL("no TLS: " << tls.error().message);
  return *std::move(tls);
}

link_node::link_node(const link_node_options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  greeter_ = system.spawn(greeter, frames_);
  auto transport = link_transport::start(system, link_address{"127.0.0.1", options.port}, make_tls(options));
  if (!transport) CAF_FAIL("no transport: " << transport.error().message);
  transport_ = *std::move(transport);
  if (options.greets) caf::anon_send(transport_->actor(), greet_with{greeter_});
}

link_node::~link_node() {
  transport_->stop();
  caf::anon_send_exit(greeter_, caf::exit_reason::user_shutdown);
}

result<peer_actor> link_node::dial(const std::string& address) {
  result<peer_actor> answer{errc::internal, "no answer"};
  caf::scoped_actor asks{system, true};
  asks->request(transport_->actor(), patience, dial_peer{address})
      .receive([&](peer_dialed& d) { answer = std::move(d.peer); },
               [&](caf::error& e) { answer = to_failure(e); });
  return answer;
}

peer_actor link_node::link_to(const std::string& address) {
  auto peer = dial(address);
  if (!peer) CAF_FAIL("no link: " << peer.error().message);
  return *std::move(peer);
}

std::string link_node::refusal(const std::string& address) {
  const auto peer = dial(address);
  if (peer) CAF_FAIL("there is a link to " << address);
  CAF_CHECK(peer.error().code == errc::unavailable);
  const auto begin = "there is no link to " + address + ": ";
  CAF_CHECK(peer.error().message.starts_with(begin));
  return peer.error().message.substr(std::min(begin.size(), peer.error().message.size()));
}

void link_node::send(const peer_actor& to, std::string bytes) {
  // From somebody who takes an answer.
  caf::actor_cast<caf::strong_actor_ptr>(to)->enqueue(
      caf::actor_cast<caf::strong_actor_ptr>(greeter_), caf::make_message_id(),
      caf::make_message(peer_frame{std::move(bytes)}), nullptr);
}

bool link_node::goes_down(const peer_actor& peer) {
  self_->monitor(peer);
  bool is_down = false;
  self_->receive([&](const caf::down_msg&) { is_down = true; }, caf::after(patience) >> [] {});
  return is_down;
}

std::int64_t link_node::status(std::string_view count) {
  std::int64_t value = -1;
  self_->request(transport_->actor(), patience, describe_actor{})
      .receive([&](const actor_status& s) { value = s.of(count); },
               [&](caf::error& e) { CAF_FAIL("no status: " << to_failure(e).message); });
  return value;
}

bool link_node::comes_to(std::string_view count, std::int64_t value) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (status(count) != value) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace sandbase::test
