// SPDX-License-Identifier: Apache-2.0
// What an edge has done to sessions at the node that owns them, beside appends: to make, update, archive,
// redact and delete them.
#include "actors/caf/errors.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/cluster/peer_gateway.hpp"
#include "actors/session/ask_session.hpp"
#include "events/session/session.hpp"

#include <algorithm>
#include <utility>

namespace sandbase {

// --- of this node, an edge ---------------------------------------------------------------------------

caf::result<session_changed> peer_gateway::change(const change_session& r) {
  if (phase_ != phase::up || peer_is_leaving_) return not_handed_on();
  change_sent c{sure_promise<session_changed>{this}, out_.sent() + out_.waiting(), now() + commit_timeout,
                r.client, r.lease};
  auto promise = c.promise;
  const auto number = next_number_++;
  peer::change out;
  out.number = number;
  out.patience = std::min<std::chrono::milliseconds>(r.patience, commit_timeout);
  out.what = static_cast<std::uint8_t>(r.what);
  out.workspace = r.workspace;
  out.id = r.id;
  out.author = r.author;
  out.may = r.may;
  out.is_retry = r.is_retry;
  out.idempotency_key = r.idempotency_key;
  out.event_id = r.event_id;
  out.reason = r.reason;
  if (r.text) out.body = *r.text;
  changes_.emplace(number, std::move(c));
  send_record(std::move(out));
  return promise;
}

void peer_gateway::was_changed(peer::changed& r) {
  const auto i = changes_.find(r.number);
  if (i == changes_.end()) return;  // nobody waits for it any more
  auto c = std::move(i->second);
  changes_.erase(i);
  clients_.keep(r.number, std::move(c.client));
  if (r.error.code != errc::none) return c.promise.fail(r.error);
  session_changed what;
  what.shown = std::move(r.shown);
  if (!r.definition.empty()) {
    auto definition = session_definition::decode(r.definition);
    auto progress = session_progress::decode(r.progress);
    if (!definition || !progress)
      return c.promise.fail(errc::unknown_outcome, "the session was changed, its node's answer is damaged");
    what.header =
        std::make_shared<const session_header>(session_header{*std::move(definition), *std::move(progress)});
  }
  c.promise.deliver(std::move(what));
}

/// What was not sent was not begun.
void peer_gateway::fail_changes() {
  for (auto& [number, c] : std::exchange(changes_, {})) {
    if (c.begin >= out_.sent())
      c.promise.fail(not_handed_on());
    else
      c.promise.fail(errc::unknown_outcome,
                     "the link to the session's owner has ended: whether it was done is not known");
  }
}

void peer_gateway::fail_overdue_changes() {
  const auto at = now();
  for (auto i = changes_.begin(); i != changes_.end();) {
    if (at < i->second.deadline) {
      ++i;
      continue;
    }
    i->second.promise.fail(errc::unknown_outcome, "the session's owner did not answer in time");
    i = changes_.erase(i);
  }
}

// --- of an edge at the other end -----------------------------------------------------------------------

void peer_gateway::carry_out(peer::change& r) {
  const auto number = r.number;
  const bool may_even_if_running = r.may == role::runtime;
  executed_[number] = {r.body.size(), now()};
  executed_bytes_ += r.body.size();
  using kind = change_session::kind;
  switch (static_cast<kind>(r.what)) {
    case kind::create:
      return create(r);
    case kind::update: {
      auto update = parse_update_request(r.body);
      if (!update) return tell_changed(number, update.error(), {});
      return have_changed<session_view>(
          r, update_session{std::make_shared<const update_request>(*std::move(update))});
    }
    case kind::archive:
      return have_changed<session_view>(r, archive_session{may_even_if_running});
    case kind::redact:
      return have_changed<event_redacted>(r, redact_event{r.event_id, r.reason});
    case kind::remove:
      return have_changed<session_deleted>(r, delete_session{may_even_if_running, r.author});
  }
  tell_changed(number, {errc::invalid, "that node does not know such a change"}, {});
}

void peer_gateway::create(const peer::change& r) {
  create_session message;
  message.workspace = r.workspace;
  message.author = r.author;
  message.is_retry = r.is_retry;
  message.idempotency_key = r.idempotency_key;
  auto parsed = parse_create_request(r.body, r.may, options_.limits);
  if (!parsed && r.idempotency_key.empty()) return tell_changed(r.number, parsed.error(), {});
  message.unfit = parsed ? failure{} : parsed.error();
  message.request = std::make_shared<const create_request>(parsed ? std::move(*parsed) : create_request{});
  if (r.idempotency_key.empty())
    message.print = fingerprint_of(*message.request);
  else
    message.body = sha256(r.body);
  message.client = receipts_.make(r.number, self());
  request(options_.directory, caf::duration{creation_timeout}, message)
      .then(
          [this, link = link_, number = r.number](const session_created& made) {
            changed_here(link, number, session_changed{made.header, {}});
          },
          [this, link = link_, number = r.number](const caf::error& e) {
            changed_here(link, number, to_failure(e));
          });
}

template <class Answer, class Message>
void peer_gateway::have_changed(const peer::change& r, const Message& what) {
  ask_session_by_id<Answer>(
      this, options_.directory, lookup_request{r.workspace, r.id}, caf::duration{commit_timeout}, what,
      [this, link = link_, number = r.number](const Answer& a) {
        session_changed done;
        if constexpr (requires { a.header; }) done.header = a.header;
        if constexpr (requires { a.shown; }) done.shown.spans.push_back(a.shown);
        changed_here(link, number, std::move(done));
      },
      [this, link = link_, number = r.number](const caf::error& e) {
        changed_here(link, number, to_failure(e));
      });
}

void peer_gateway::changed_here(std::uint64_t link, std::uint64_t number,
                                const result<session_changed>& done) {
  if (!is_up(link)) return;
  if (done)
    tell_changed(number, {}, *done);
  else
    tell_changed(number, done.error(), {});
}

void peer_gateway::tell_changed(std::uint64_t number, const failure& why, const session_changed& what) {
  end_executed(number);
  peer::changed out;
  out.number = number;
  out.error = why;
  out.shown = what.shown;
  if (what.header) {
    out.definition = what.header->definition->encode();
    out.progress = what.header->progress.encode();
  }
  send_record(std::move(out));
}

}  // namespace sandbase
