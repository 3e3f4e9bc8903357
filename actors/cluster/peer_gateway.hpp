// SPDX-License-Identifier: Apache-2.0
// This node's end of its link to one other node: the one actor that the other end sees, and the only messages
// that cross are frames of records. Takes all that its mailbox holds into one frame.
//
//   down ──link_made──▶ greeting ──hello──▶ up ──nothing heard, gone, damaged──▶ down
//
// What was not sent when a link ends was not begun by the other end; of what was nobody knows.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/cluster/client_receipts.hpp"
#include "actors/cluster/frame_stream.hpp"
#include "actors/diagnostics/node_counts.hpp"
#include "actors/messages/all.hpp"
#include "actors/session/known_sessions.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace sandbase {

/// Where a node with a store looks for what edges ask.
struct core_parts {
  /// At least one.
  std::vector<reader_actor> readers;
  reader_actor lister;
};

struct gateway_options {
  peer_name self;
  /// 0: whoever is met, as by a node that knows only an address.
  node_id peer = 0;
  /// For who has it made: which address it is for, until it is known whose that is.
  std::size_t seed = 0;
  directory_actor directory;
  /// Null: this process alone writes the store.
  ends_actor ends;
  board_actor board;
  membership_actor membership;
  /// Null: this node has no store.
  std::shared_ptr<const core_parts> core;
  /// For the bodies that others forward.
  send_limits limits;
  std::shared_ptr<node_counts> counts = std::make_shared<node_counts>();
  std::chrono::milliseconds beat_interval{500};
  /// Of silence.
  std::chrono::milliseconds dead_after{2000};
};

class peer_gateway final : public gateway_actor::base {
 public:
  peer_gateway(caf::actor_config& cfg, gateway_options options);

  const char* name() const override { return "peer_gateway"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  using time_point = caf::actor_clock::time_point;
  enum class phase : std::uint8_t { down, greeting, up };

  // --- the link (peer_gateway.cpp) -------------------------------------------------------

  /// Whether what came over this link, of which there may have been others since, can be answered.
  bool is_up(std::uint64_t link) const { return link == link_ && phase_ == phase::up; }
  void begin_link(const peer_actor& remote);
  void link_made(const sandbase::link_made& r);
  void greeted(const peer::hello& r, const caf::strong_actor_ptr& by);
  void frame_came(const peer_frame& f);
  void take(peer::record r);
  void send_record(const peer::record& r);
  void send_urgent(const peer::record& r);
  void flush();
  void tick();
  void tell_taken();
  void begin_leaving();
  void end_link(const std::string& why);
  void tell_membership(bool is_up, bool is_leaving);

  // --- appends for the other end to do (gateway_appends.cpp) -------------------------------

  struct forwarded {
    sure_promise<append_answer> promise;
    /// Where in the stream it begins.
    std::uint64_t begin = 0;
    time_point since{};
    time_point deadline{};
    receipt_ptr client;
  };
  caf::result<append_answer> forward(const forward_append& r);
  void settled(peer::outcome& r);
  void look_at_client(std::uint64_t number);
  void fail_forwarded();
  void fail_overdue();

  // --- appends that the other end has sent (gateway_appends.cpp) ----------------------------

  struct executed {
    std::size_t bytes = 0;
    time_point since{};
  };
  void execute(peer::append& r);
  void answer(std::uint64_t number, const failure& error, const append_answer& answer);
  void end_executed(std::uint64_t number);
  caf::result<receipt_told> tell_receipt(const receipt_query& q);

  // --- what edges ask (gateway_questions.cpp) ------------------------------------------------

  struct asked {
    sure_promise<core_told> promise;
    time_point deadline{};
  };
  struct waiting_question {
    peer::question what;
    time_point since{};
  };
  caf::result<core_told> ask(const ask_core& r);
  void replied(const peer::reply& r);
  void fail_asked(const caf::error& why, time_point up_to = time_point::max());
  void questioned(peer::question& r);
  void answer_next();
  void answer_question(const peer::question& r);
  template <class Question>
  void answer_by(const reader_actor& reader, std::uint64_t number, const Question& question);
  void answer_ends(std::uint64_t number, const find_ends& question);
  void answered(std::uint64_t number, const result<core_answer>& what);
  void reply(std::uint64_t number, const result<core_answer>& what);
  static epoch_t epoch_of_own(log_state state);
  void tell_view(const cluster_view& v);
  void view_came(const peer::view& v);
  found_session as_shared(found_session found) const;
  template <class Answer>
  static const Answer& as_shared(const Answer& a) {
    return a;
  }

  // --- what edges have done (gateway_changes.cpp) ---------------------------------------------

  struct change_sent {
    sure_promise<session_changed> promise;
    /// Where in the stream it begins.
    std::uint64_t begin = 0;
    time_point deadline{};
    receipt_ptr client;
    request_lease_ptr lease;
  };
  caf::result<session_changed> change(const change_session& r);
  void was_changed(peer::changed& r);
  void fail_changes();
  void fail_overdue_changes();
  void carry_out(peer::change& r);
  void create(const peer::change& r);
  template <class Answer, class Message>
  void have_changed(const peer::change& r, const Message& what);
  void changed_here(std::uint64_t link, std::uint64_t number, const result<session_changed>& done);
  void tell_changed(std::uint64_t number, const failure& why, const session_changed& what);

  // --- what sessions publish (gateway_follow.cpp) -------------------------------------------

  struct followed {
    /// Null: it is being looked up.
    session_actor session;
    /// Of the question that is out.
    std::uint64_t number = 0;
  };
  void publish(const published& p);
  void preview(const previewed& p);
  void follow(const peer::follow& r);
  void followed_at(session_key session, std::uint64_t number, const session_actor& handle);
  void follow_failed(session_key session, std::uint64_t number);
  void unfollow(session_key session);
  void push_taken(const peer::push_taken& r);
  void session_down(const caf::actor_addr& who);
  void mirror(const mirror_session& r);
  void unmirror(session_key session);
  void push_came(peer::push& r);
  void previews_came(peer::push_previews& r);

  // --- workspaces that are watched (gateway_board.cpp) -----------------------------------------

  struct watched_board {
    /// Of the question that began it.
    std::uint64_t number = 0;
    change_number told = 0;
    /// Something is on its way, or it has not begun.
    bool is_out = true;
  };
  void watch_there(const watched_workspaces& r);
  void watch_here(const peer::watched& r);
  void board_push_came(peer::board_push& r);
  void board_has_moved(const board_moved& r);
  void push_board(workspace_key workspace);
  void board_push_taken(workspace_key workspace);
  watched_board* board_of(workspace_key workspace, std::uint64_t number);
  void forget_boards();

  actor_status describe() const;
  gateway_actor self() { return gateway_actor{this}; }
  time_point now() const { return home_system().clock().now(); }

  gateway_options options_;
  phase phase_ = phase::down;
  peer_actor remote_;
  /// Links so far: what was begun under another is not answered.
  std::uint64_t link_ = 0;
  std::string peer_name_;
  bool peer_is_edge_ = false;
  bool peer_is_leaving_ = false;
  frame_writer out_;
  frame_reader in_;
  bool flush_scheduled_ = false;
  time_point heard_at_{};
  /// When it was up last, unless it is now.
  time_point ended_at_{};
  /// Of the stream, as the other end was told.
  std::uint64_t told_taken_ = 0;

  /// Of what is sent, over all links: clients are asked for by it.
  std::uint64_t next_number_ = 1;
  std::map<std::uint64_t, forwarded> forwarded_;
  answered_clients clients_;
  std::map<std::uint64_t, executed> executed_;
  /// Of these, and of questions that wait.
  std::size_t executed_bytes_ = 0;
  /// Where the other end has appended.
  known_sessions written_;
  std::map<std::uint64_t, asked> asked_;
  std::map<std::uint64_t, change_sent> changes_;
  std::deque<waiting_question> waiting_questions_;
  std::size_t answering_ = 0;
  remote_clients receipts_;
  std::unordered_map<session_key, followed> followed_;
  std::unordered_map<session_key, session_actor> mirrors_;

  /// By the other end.
  std::unordered_map<workspace_key, watched_board> boards_;
  /// From the other end.
  std::vector<workspace_key> wanted_;

  /// Over the link's life, for the status page and tests.
  std::uint64_t appends_out_ = 0;
  std::uint64_t appends_in_ = 0;
  std::uint64_t pushes_out_ = 0;
  std::uint64_t pushes_in_ = 0;
};

}  // namespace sandbase
