// SPDX-License-Identifier: Apache-2.0
// One client program: a key, a connection, one thing after another that it wants.
#pragma once

#include "test/simulation/client_socket.hpp"
#include "test/simulation/server.hpp"
#include "test/simulation/task.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sandbase::sim {

enum class habit : std::uint8_t {
  /// Sends events, makes sessions.
  produces,
  /// Says the same things over and over.
  speaks,
  /// Asks for what there is.
  reads,
  /// Stays with one session.
  follows,
};

class user {
 public:
  user(context& run, model& facts, caller who, habit does, bool large);

  /// Sends, receives or begins something, with the server that it is connected to or picks.
  /// @returns whether anything happened
  bool turn(const fleet& servers);
  /// A server has died: what was sent so far can still be read.
  void cut(std::size_t server) const {
    if (server == server_) socket_.cut();
  }
  /// From now on it asks this server. @pre !is_busy()
  void go_to(const fleet& servers, std::size_t server);
  /// Gives it this to do next. @pre !is_busy()
  void give(task_ptr t) { task_ = std::move(t); }
  void hang_up(const fleet& servers);

  bool is_busy() const { return task_ != nullptr; }
  task* doing() { return task_.get(); }
  bool awaits_answer() const { return sent_; }
  /// In calm times: nothing is left to come.
  bool is_settled() const { return !task_ || (task_->is_endless() && sent_ && task_->is_satisfied()); }
  caller& who() { return who_; }
  void set_send_buffer(int bytes) { send_buffer_ = bytes; }

 private:
  task_ptr choose();
  task_ptr choose_for_producer();
  session_facts* some_session();
  bool begin_request(const fleet& servers);
  service_life* pick_server(const fleet& servers);
  bool send_some(service_life& life);
  bool receive_some(service_life* life);
  void finish_reply();
  void lose();
  void then(task::next what);
  void check_revocation();

  context& run_;
  model& facts_;
  caller who_;
  const habit does_;
  const bool large_;
  int send_buffer_ = 0;

  task_ptr task_;
  client_socket socket_;
  /// At its other end.
  std::size_t server_ = 0;
  /// The only one that it may ask.
  std::optional<std::size_t> bound_to_;
  /// A request is begun.
  bool sent_ = false;
  std::chrono::milliseconds began_at_{0};
  std::string out_, in_;
  reply reply_;
  std::chrono::milliseconds stalled_until_{0};
};

}  // namespace sandbase::sim
