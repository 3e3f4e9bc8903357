// SPDX-License-Identifier: Apache-2.0
// The session actor: owner of one session's log. Assigns place, id and time,
// renders each event once, hands it to the journal, and answers and publishes
// only after commit. Appends are pipelined; checks run against the pending state.
//
//   reader ──first append──▶ claiming ──claim_answer──▶ writer ──retire_now──▶ retiring ──all sealed──▶ gone
//                               ▲                          │
//                               └────── failed commit ─────┘
//
// What reads is served from the durable state in every one of these, and waits for no commit.
#pragma once

#include "actors/bounds/byte_account.hpp"
#include "actors/caf/errors.hpp"
#include "actors/caf/sure_promise.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/diagnostics/wait_times.hpp"
#include "actors/log/log_appender.hpp"
#include "actors/log/log_tail.hpp"
#include "actors/messages/all.hpp"
#include "actors/session/append_pipeline.hpp"
#include "actors/session/followers.hpp"
#include "actors/session/handed_over.hpp"
#include "actors/session/session_environment.hpp"
#include "actors/session/session_sizes.hpp"
#include "actors/session/session_work.hpp"

#include <boost/container/deque.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sandbase {

/// So often what another process has got in between of is done again.
inline constexpr int max_lost_fences = 3;

class session final : public session_actor::base, private append_log, private session_work {
 public:
  /// Whether it becomes the writer with its first append, or before it answers anything: what an earlier
  /// actor gave the journal is then decided.
  enum class claims : std::uint8_t { to_write, at_first };

  /// `log`: as the store has it. `sizes`: where it tells how large it is.
  session(caf::actor_config& cfg, const std::shared_ptr<const opened_log>& log, directory_actor directory,
          std::shared_ptr<const session_environment> environment, claims when,
          std::shared_ptr<session_sizes> sizes);

  const char* name() const override { return "session"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  using time_point = session_work::time_point;

  template <class Answer, class Message>
  auto if_taken(caf::result<Answer> (session::*handle)(const Message&));

  // --- appending (session_append.cpp) ----------------------------------------------

  caf::result<append_answer> append(const append_request& r);
  void append_here(const append_request& r, const append_promise& promise);
  /// Carries out what comes of the appends now.
  void drive();
  void carry_out(const append_action& action);
  void look_up_key(const append_action& action);
  void look_up_ids(const append_action& action);
  void look_up_failed(const append_action& action, const failure& why);
  void compare_sealed(const append_action& action);
  void look_at_receipts(const append_action& action);
  void come_again();
  void ticked(retry_tick::what of);
  void pass_previews(const pipelined_append_ptr& a);
  void store(const pipelined_append_ptr& a);
  void keep_key(const pipelined_append_ptr& a, const std::vector<event_range>& events);
  result<void> check_end(const send_request& r) const;
  void answer_again(const append_action& action);
  void show_again(const append_action& action);
  void fail(const append_action& action);
  void gather(const std::shared_ptr<gathering>& g);
  in_flight& hand_over(log_appender::built built, const pipelined_append_ptr& append, view_promise view,
                       request_lease_ptr lease);
  void committed(const commit_done& r);
  void end_epoch();
  static void fail(const in_flight& f, const failure& why);
  void commit_failed(const failure& why, bool may_be_stored = false);
  bool begin_again(const unknown_commit& u);
  void refuse(const append_action& action);
  const log_block* find_block(seq_t seq) const;
  located locate(const std::vector<event_draft>& drafts, seq_t first, seq_t last,
                 const log_slice& sealed) const;
  static const append_promise& promise_of(const pipelined_append_ptr& a);
  static const request_lease_ptr& lease_of(const pipelined_append_ptr& a);

  // append_log
  const session_progress& pending() const override { return appender_->header().progress; }
  seq_t durable_end() const override { return durable_tip_.last_seq; }
  timestamp now() const override { return env_->clock->now(); }
  bool shows_id(std::string_view id) const override;
  try_book::time_point steady_now() const override { return clock().now(); }
  located locate(const std::vector<event_draft>& drafts, seq_t first, seq_t last) const override {
    return locate(drafts, first, last, {});
  }

  // --- appends that another node owns (session_forward.cpp) ----------------------------

  gateway_actor owner_elsewhere(const append_request& r) const;
  void forward(const append_request& r, const gateway_actor& owner, const append_promise& promise);
  void append_again(const append_request& r, const append_promise& promise);
  void written_at(const gateway_actor& owner);

  // --- what an edge has done (session_forward.cpp) --------------------------------------

  void append_at_core(const append_request& r, const append_promise& promise);
  /// Calls then(session_changed) once it is done and shows here, or failed(caf::error).
  void have_changed(change_session r, const std::function<void(const session_changed&)>& then,
                    const std::function<void(const failure&)>& failed);
  caf::result<session_view> update_at_core(const update_session& r);
  caf::result<session_view> archive_at_core(const archive_session& r);
  caf::result<event_redacted> redact_at_core(const redact_event& r);
  caf::result<session_deleted> remove_at_core(const delete_session& r);

  // --- reading (session_read.cpp) -----------------------------------------------------

  caf::result<pull_answer> open(const open_request& r);
  caf::result<pull_answer> pull(const pull_request& r);
  caf::result<search_answer> search(const search_request& r);
  std::optional<failure> why_not(session_key log) const;
  void resolve(const open_request& r, sure_promise<pull_answer> promise);
  void start_reading(const open_request& r, seq_t after, seq_t end, sure_promise<pull_answer> promise);
  void answer(const pull_request& r, seq_t end, sure_promise<pull_answer> promise,
              std::optional<block_span> at_cursor = std::nullopt);
  void look_for(const search_request& r, sure_promise<search_answer> promise);
  /// Calls then(Answer) or failed(failure). The session does not end before that, not even a deleted one.
  template <class Answer, class Question, class Then, class Failed>
  void ask_reader(Question question, Then then, Failed failed) {
    const auto look_up = look_ups_.begin(steady_now());
    request(env_->reader_of(key_), read_timeout, std::move(question))
        .then(
            [this, look_up, then = std::move(then)](const Answer& answer) mutable {
              look_ups_.end(look_up);
              then(answer);
              retire_if_done();
            },
            [this, look_up, failed = std::move(failed)](const caf::error& e) {
              look_ups_.end(look_up);
              failed(to_failure(of_read(e)));
              retire_if_done();
            });
  }
  void keep_cache_share();

  // --- following (session_follow.cpp) ---------------------------------------------------

  log_state durable_state() const;
  void publish(log_slice slice, const std::vector<waiting_preview>& previews);
  void publish_piece(log_slice slice, seq_t end, log_state state, bool continues);
  void publish_previews(std::span<const waiting_preview> previews);
  void publish_deletion();
  void tell_board();
  void news_taken();
  void acknowledged(const published_ack& r);
  void unfollowed(const unfollow& r);
  void take_first_previews(const send_request& request, const request_lease_ptr& lease);
  void take_further_previews(const send_request& request, seq_t first_seq);
  void wait_for_last_commit(seq_t behind, const std::shared_ptr<const preview>& what,
                            const request_lease_ptr& lease);

  // --- erasing (session_redact.cpp) -------------------------------------------------------

  caf::result<event_redacted> redact(const redact_event& r);
  void redact_next();
  void refuse_redaction(std::uint64_t number, const failure& why);
  void redact_at(seq_t seq);
  void redact_shown(block_span shown);
  void erased(const erasing& what);
  void answer_redacted(const erasing& what);
  void redaction_failed(const failure& why);
  void end_redaction();
  void begin_redaction_again();

  // --- claiming (session_claim.cpp) ---------------------------------------------------------

  void claim();
  void claimed(const claimed_session& claimed);
  void claim_again();
  void build_on(epoch_t epoch, seq_t sealed, const std::shared_ptr<const recovered_log>& log);
  void take_claim(epoch_t epoch, seq_t sealed, const recovered_log& log);
  void claim_failed(const failure& why);
  void adopt(seq_t sealed_seq, const recovered_log& log);
  void know(const session_header& durable);
  void settle_unknown();
  void answer_unknown(const unknown_commit& u, const failure& why);
  void answer_all_unknown(const failure& why);
  void end(const failure& why, const deleted_promise& remover = {});

  // --- what other processes write (session_ends.cpp) -----------------------------------------

  log_mark known() const;
  bool knows(const log_mark& end) const;
  bool is_under_way(const log_mark& end) const;
  void note_writer(const written_end& end);
  void when_current(const std::function<void()>& f, const std::function<void(const failure&)>& failed);
  void catch_up(const std::optional<written_end>& found, const log_mark& was, const std::function<void()>& f,
                const std::function<void(const failure&)>& failed);
  void load_news(const std::function<void()>& f, const std::function<void(const failure&)>& failed);
  void take_over(const std::shared_ptr<const opened_log>& log, const log_mark& was,
                 const std::function<void()>& f, const std::function<void(const failure&)>& failed);
  void look_whether_it_follows(const std::vector<log_block_ptr>& unsealed, const std::function<void(bool)>& f,
                               const std::function<void(const failure&)>& failed);
  void adopt_news(const opened_log& log, const std::function<void()>& f);
  void end_of_lost(seq_t found);
  void lose_log();
  void end_has_moved(const end_moved& r);
  void keep_watch();
  void keep_pace();
  void watch_again();

  // --- what the node pushes that writes it (session_mirror.cpp) --------------------------------

  void keep_mirror();
  void mirror_lost(node_id from);
  void mirrored(const sandbase::mirrored& r);
  void mirrored(const mirrored_previews& r);
  bool extend(const published& p);

  // --- life (session.cpp) ----------------------------------------------------------------

  caf::result<session_view> describe(const describe_request& r);
  caf::result<session_view> update(const update_session& r);
  void update(const update_session& r, const view_promise& promise, int lost_fences);
  caf::result<session_view> archive(const archive_session& r);
  void archive(const archive_session& r, const view_promise& promise, int lost_fences);
  caf::result<session_deleted> remove(const delete_session& r);
  void remove_when_settled();
  void seal_if_due(bool all);
  void sealed(const seal_done& r);
  void seal_refused(const failure& why);
  static failure others_write();
  void retire_if_done();
  void go_if_idle();
  void leave();
  bool has_work() const;
  bool is_writer() const { return appender_ != nullptr; }
  /// Another actor is the session by now.
  bool is_to_be_opened_again() const { return gone_ && why_gone_.code == errc::unavailable; }
  /// Runs `f` now, or when the durable state is known. Everything that reads goes through it.
  void when_open(const std::function<void()>& f);
  /// The same, but no end of the log is told: only what is stale has to be looked up first.
  void when_shown(const std::function<void()>& f, const std::function<void(const failure&)>& failed);
  /// Runs `f` as the writer, now or once the claim is through; if that fails, `fail` instead.
  void when_writer(std::function<void()> f, std::function<void(const failure&)> fail);
  void when_writer(deferred what);
  /// The same as its writer by what any process knows.
  void when_current_writer(std::function<void()> f, const std::function<void(const failure&)>& fail);
  std::shared_ptr<const session_header> view_header() const;

  // --- telling (session_status.cpp) --------------------------------------------------------

  std::string_view phase() const;
  time_point oldest_wait() const;
  actor_status describe_itself() const;
  /// To be called when any of them may have changed.
  void tell_sizes();

  session_key key_;
  directory_actor directory_;
  std::shared_ptr<const session_environment> env_;

  /// 0: not the writer.
  epoch_t epoch_ = 0;
  /// Of the durable state; a writer's own.
  epoch_t known_epoch_ = 0;
  /// Who writes the log, by what was found last; 0: nobody, or it is not known.
  node_id writer_ = 0;
  /// Pushes what its node writes; null: it is polled for.
  gateway_actor mirror_;
  /// As whoever looks for ends was told.
  watch_pace watched_ = watch_pace::seldom;
  /// What is in memory must not be shown before it is known to be the log's.
  bool is_stale_ = false;
  workspace_key workspace_ = 0;
  /// Pending state; none but for the writer.
  std::unique_ptr<log_appender> appender_;
  bool claiming_ = false;
  time_point claiming_since_{};
  /// The durable state is not known before a claim.
  bool opening_ = false;
  /// As of its last change.
  std::shared_ptr<const session_header> durable_header_;
  log_tip durable_tip_;
  /// The tool uses that wait as of durable_tip_.
  std::vector<pending_tool_use> durable_pending_;
  log_tail tail_;

  boost::container::deque<in_flight> in_flight_;
  std::uint64_t next_number_ = 1;
  /// Commits of unknown outcome, which the next claim tells.
  std::vector<unknown_commit> unknown_;
  /// Requests that wait for the claim; one a connection at most.
  std::vector<deferred> deferred_;
  append_pipeline pipeline_;
  /// Ticks on their way.
  bool receipts_tick_ = false;
  bool tries_tick_ = false;
  /// Requests that wait for a reader.
  wait_times look_ups_;
  /// To other nodes.
  handed_over handed_over_;

  // One redaction at a time; the first of these is under way unless `idle`.
  enum class redacting : std::uint8_t { idle, looking, behind_a_seal, storing };
  boost::container::deque<waiting_redaction> redactions_;
  redacting redacting_ = redacting::idle;
  /// What is to be erased once the seal is through.
  block_span found_;
  /// Look-ups of another redaction than the one at hand are void.
  std::uint64_t redaction_number_ = 0;
  /// Events erased by this actor: what was read before the last of them must not be kept.
  std::uint64_t erasures_ = 0;

  followers followers_;
  /// The board has not taken what it was told last; and there is more.
  bool news_out_ = false;
  bool news_due_ = false;
  /// Last event of the seal that is out; 0: none.
  seq_t sealing_ = 0;
  byte_lease cache_;
  /// Used since it was last asked to go; whoever has just been given its handle is about to.
  bool active_ = true;
  bool retiring_ = false;
  bool seal_all_ = false;
  bool can_be_sealed_ = true;
  /// Deleted, or never there, or not to be gone on with.
  bool gone_ = false;
  failure why_gone_;
  std::vector<removal> removals_;
  const std::shared_ptr<session_sizes> sizes_;
  counted_session counted_;
};

}  // namespace sandbase
