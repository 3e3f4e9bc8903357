// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/core_client.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/diagnostics/wait_times.hpp"

#include <algorithm>
#include <utility>

namespace sandbase {

namespace {

failure no_core() { return {errc::unavailable, "no server that has the store can be reached, try again"}; }

failure unknown(const failure& why) {
  return {errc::unknown_outcome, "whether it was done is not known: " + why.message};
}

session_key session_of(const find_session&) { return 0; }
session_key session_of(const find_deletion&) { return 0; }
session_key session_of(const find_key&) { return 0; }
session_key session_of(const list_sessions&) { return 0; }
session_key session_of(const find_ends&) { return 0; }
template <class Question>
session_key session_of(const Question& q) {
  return q.session;
}

std::chrono::milliseconds& patience_of(forward_append& r) { return r.what.patience; }
std::chrono::milliseconds& patience_of(change_session& r) { return r.patience; }

}  // namespace

core_client::core_client(caf::actor_config& cfg, std::shared_ptr<const placement> nodes)
    : core_actor::base(cfg), nodes_(std::move(nodes)) {
  harden(this);
}

core_actor::behavior_type core_client::make_behavior() {
  linked_at_ = now();
  look();
  return {
      [this](const find_session& r) { return ask(r); },
      [this](const find_log& r) { return ask(r); },
      [this](const read_request& r) { return ask(r); },
      [this](const search_segments& r) { return ask(r); },
      [this](const find_event& r) { return ask(r); },
      [this](const find_deletion& r) { return ask(r); },
      [this](const find_idempotency& r) { return ask(r); },
      [this](const find_key& r) { return ask(r); },
      [this](const list_sessions& r) { return ask(r); },
      [this](const describe_actor&) { return describe(); },
      [](const read_list&) {},
      [this](const reader_tick&) { look(); },
      [this](const find_ends& r) { return ask(r); },
      [this](const forward_append& r) {
        return have_done<append_answer>(r, r.session, r.what.patience, !r.what.idempotency_key.empty());
      },
      [this](const change_session& r) {
        return have_done<session_changed>(r, r.session, r.patience, !r.idempotency_key.empty());
      },
  };
}

void core_client::on_exit() {
  waiting_.clear();
  nodes_.reset();
}

// --- links -----------------------------------------------------------------------------------------------

void core_client::when_linked(waiting w) {
  if (const auto link = nodes_->link_to_owner(w.session)) return w.go(link);
  wait(std::move(w));
}

void core_client::wait(waiting w) {
  if (now() >= linked_at_ + patience || waiting_.size() >= max_waiting) return w.fail(no_core());
  w.since = now();
  waiting_.push_back(std::move(w));
}

/// Also while nobody waits: so it is known since when there is no link.
void core_client::look() {
  delayed_send(this, look_interval, reader_tick{});
  if (nodes_->link_to_owner(0)) linked_at_ = now();
  const bool is_gone = now() >= linked_at_ + patience;
  for (auto& w : std::exchange(waiting_, {})) {
    if (is_gone || now() >= w.deadline)
      w.fail(no_core());
    else
      when_linked(std::move(w));
  }
}

template <class Answer, class Call>
void core_client::hand_on(const errand& e, Call call, const sure_promise<Answer>& promise) {
  const auto fail = [promise, may_be_done = e.may_be_done](const failure& why) {
    promise.fail(may_be_done && leaves_open(why) ? unknown(why) : why);
  };
  const auto go = [=, this](const gateway_actor& link) {
    const auto failed = [=, this](const caf::error& err) {
      const bool is_unknown = to_failure(err).code == errc::unknown_outcome;
      if (!is_receiver_down(err) && !(is_unknown && e.may_be_done_again)) return fail(to_failure(err));
      auto again = e;
      again.may_be_done = e.may_be_done || is_unknown;
      // Who looks next may know that the link has ended.
      wait({e.session, [=, this](const gateway_actor&) { hand_on(again, call, promise); },
            [promise, again](const failure& why) { promise.fail(again.may_be_done ? unknown(why) : why); },
            e.deadline});
    };
    call(
        link, [promise](Answer answer) { promise.deliver(std::move(answer)); }, failed);
  };
  when_linked({e.session, go, fail, e.deadline});
}

// --- questions -------------------------------------------------------------------------------------------

template <class Question>
caf::result<typename answer_to<Question>::type> core_client::ask(const Question& question) {
  using answer = typename answer_to<Question>::type;
  const sure_promise<answer> promise{this};
  const auto call = [this, q = std::make_shared<const ask_core>(ask_core{question})](
                        const gateway_actor& link, auto then, auto failed) {
    request(link, caf::infinite, *q)
        .then(
            [then, failed](const core_told& told) {
              if (const auto* a = std::get_if<answer>(&told.what)) return then(*a);
              failed(to_error({errc::unavailable, "another server has answered something else"}));
            },
            failed);
  };
  hand_on({session_of(question), now() + read_timeout}, call, promise);
  return promise;
}

// --- what changes something --------------------------------------------------------------------------------

template <class Answer, class Message>
caf::result<Answer> core_client::have_done(const Message& message, session_key session,
                                           std::chrono::milliseconds for_so_long, bool has_key) {
  const sure_promise<Answer> promise{this};
  const auto deadline = now() + for_so_long;
  const auto call = [this, deadline, m = std::make_shared<const Message>(message)](const gateway_actor& link,
                                                                                   auto then, auto failed) {
    auto left = *m;
    patience_of(left) = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - now());
    request(link, caf::infinite, std::move(left))
        .then([then](const Answer& answer) { then(answer); }, failed);
  };
  hand_on({session, deadline, has_key}, call, promise);
  return promise;
}

actor_status core_client::describe() const {
  const auto at = now();
  const bool is_linked = static_cast<bool>(nodes_->link_to_owner(0));
  return {is_linked ? "linked" : "alone",
          {{"waiting", static_cast<std::int64_t>(waiting_.size())},
           {"linked_ms_ago", wait_ms(linked_at_, at)},
           {"oldest_wait_ms", waiting_.empty() ? 0 : wait_ms(waiting_.front().since, at)}}};
}

}  // namespace sandbase
