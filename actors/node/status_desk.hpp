// SPDX-License-Identifier: Apache-2.0
// Asks the actors of a node what they are at, all at once, and puts the answers on one page. Who hangs holds
// up nobody: the page then says so.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/messages/all.hpp"
#include "actors/node/status_page.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sandbase {

class status_desk final : public status_actor::base {
 public:
  /// Both together stay below a second.
  static constexpr std::chrono::milliseconds part_patience{500};
  static constexpr std::chrono::milliseconds session_patience{300};
  /// Of those that have actors: the largest of all, and the ones used last.
  static constexpr std::size_t max_sessions_asked = 512;
  /// Pages in work; more are refused.
  static constexpr std::size_t max_pages = 4;

  /// Asks these, the links that membership knows (null: there are none), and the sessions that the directory
  /// knows.
  status_desk(caf::actor_config& cfg, std::vector<show_part> parts, directory_actor directory,
              membership_actor membership = {});

  const char* name() const override { return "status_desk"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// A page in work.
  struct page {
    sure_promise<collected_status> promise;
    std::string session;
    std::vector<told_status> parts;
    std::vector<told_session> sessions;
    std::optional<std::size_t> active;
    /// Answers that are waited for.
    std::size_t left = 0;
  };
  using page_ptr = std::shared_ptr<page>;

  caf::result<collected_status> collect(const collect_status& r);
  void ask_part(const page_ptr& p, const show_part& part);
  void ask_sessions(const page_ptr& p, const active_sessions& active);
  template <class Told>
  void ask(const page_ptr& p, const described_actor& whom, std::chrono::milliseconds patience,
           std::vector<Told> page::*where, std::size_t index);
  void one_less(const page_ptr& p);

  std::vector<show_part> parts_;
  directory_actor directory_;
  membership_actor membership_;
  std::size_t pages_ = 0;
};

}  // namespace sandbase
