// SPDX-License-Identifier: Apache-2.0
// An edge's way to the nodes that have the store. A session's owner is asked first, so that what it keeps in
// memory serves all edges. While no node is linked, who asks waits, for five seconds from the moment the last
// link went; from then on everybody is refused at once, until a link is there.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/messages/all.hpp"
#include "actors/placement/placement.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>

namespace sandbase {

class core_client final : public core_actor::base {
 public:
  /// Of requests that wait for a link: more are refused at once.
  static constexpr std::size_t max_waiting = 10'000;
  /// For how long nobody is refused behind the last link.
  static constexpr std::chrono::seconds patience{5};
  /// Between two looks for a link, by who waits for one.
  static constexpr std::chrono::milliseconds look_interval{50};

  core_client(caf::actor_config& cfg, std::shared_ptr<const placement> nodes);

  const char* name() const override { return "core_client"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  using time_point = caf::actor_clock::time_point;
  struct waiting {
    /// Whose owner is wanted; 0: any node.
    session_key session = 0;
    std::function<void(const gateway_actor&)> go;
    std::function<void(const failure&)> fail;
    time_point deadline{};
    time_point since{};
  };

  template <class Question>
  caf::result<typename answer_to<Question>::type> ask(const Question& question);
  template <class Answer, class Message>
  caf::result<Answer> have_done(const Message& message, session_key session,
                                std::chrono::milliseconds patience, bool has_key);
  struct errand {
    session_key session = 0;
    time_point deadline{};
    /// Whatever became of it before.
    bool may_be_done_again = false;
    /// It was begun before, and nobody knows what became of it.
    bool may_be_done = false;
  };
  /// Hands on what call(link, then, failed) asks of a link; to another one if that has not begun it.
  template <class Answer, class Call>
  void hand_on(const errand& e, Call call, const sure_promise<Answer>& promise);

  void when_linked(waiting w);
  void wait(waiting w);
  void look();
  actor_status describe() const;
  time_point now() const { return home_system().clock().now(); }

  std::shared_ptr<const placement> nodes_;
  std::deque<waiting> waiting_;
  /// When there was a link last.
  time_point linked_at_{};
};

}  // namespace sandbase
