// SPDX-License-Identifier: Apache-2.0
// Nodes that have real links: an actor system each, with CAF's network layer, a port and a thread.
#pragma once

#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/cluster/link_transport.hpp"
#include "actors/messages/all.hpp"
#include "actors/messages/link_protocol.hpp"
#include "actors/node/cluster_config.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase::test {

/// Longer than anything takes that happens at all.
constexpr std::chrono::seconds patience{20};

/// What threads say, for one that waits.
template <class T>
class gathering {
 public:
  void add(T value) {
    const std::scoped_lock lock{mutex_};
    all_.push_back(std::move(value));
    changed_.notify_all();
  }
  /// Waits until `is_it` holds of all that was said, or for `patience`. @returns whether it does
  bool wait(const std::function<bool(const std::vector<T>&)>& is_it) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return is_it(all_); });
  }
  std::vector<T> all() {
    const std::scoped_lock lock{mutex_};
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<T> all_;
};

/// Lines of the log, whichever thread writes them. One at a time.
class gathered_log {
 public:
  gathered_log();
  ~gathered_log() { spdlog::set_default_logger(before_); }
  gathered_log(const gathered_log&) = delete;
  gathered_log& operator=(const gathered_log&) = delete;

  /// Waits for a line that begins and ends so.
  bool has(std::string_view begin, std::string_view end);
  std::size_t count(std::string_view end);

 private:
  std::shared_ptr<spdlog::logger> before_;
  std::shared_ptr<gathering<std::string>> lines_ = std::make_shared<gathering<std::string>>();
};

struct link_node_options {
  std::string secret = "a secret of more than thirty-two characters";
  std::string cluster = "test";
  std::string protocol{link_protocol};
  /// When its certificate was made.
  std::chrono::system_clock::time_point made = std::chrono::system_clock::now();
  std::uint16_t port = 0;
  /// Whether it lets others in.
  bool greets = true;
};

/// As such a node has it.
tls_context make_tls(const link_node_options& options);

class link_node {
 public:
  explicit link_node(const link_node_options& options = {});
  ~link_node();
  link_node(const link_node&) = delete;
  link_node& operator=(const link_node&) = delete;

  std::uint16_t port() const { return transport_->port(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port()); }
  /// Closes the port; links stay.
  void stop() { transport_->stop(); }
  /// What its greeter has got.
  gathering<std::string>& frames() { return *frames_; }

  /// Any thread.
  result<peer_actor> dial(const std::string& address);
  /// The same; fails the test if there is no link.
  peer_actor link_to(const std::string& address);
  /// Why there is none.
  std::string refusal(const std::string& address);
  /// Sends from here. Waits for nothing.
  void send(const peer_actor& to, std::string bytes);
  /// Waits until the actor is gone.
  bool goes_down(const peer_actor& peer);
  std::int64_t status(std::string_view count);
  /// Waits until a count of the transport's status is so.
  bool comes_to(std::string_view count, std::int64_t value);

  cluster_config config;
  caf::actor_system system{config};

 private:
  caf::scoped_actor self_{system, true};
  std::shared_ptr<gathering<std::string>> frames_ = std::make_shared<gathering<std::string>>();
  peer_actor greeter_;
  std::unique_ptr<link_transport> transport_;
};

}  // namespace sandbase::test
