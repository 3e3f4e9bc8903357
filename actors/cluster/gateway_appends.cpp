// SPDX-License-Identifier: Apache-2.0
// The appends that cross a link: those of this node that the other end owns, and those of the other end that
// this node owns.
#include "actors/caf/errors.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/cluster/peer_gateway.hpp"
#include "events/event/event_draft.hpp"
#include "events/log/hash_chain.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace sandbase {

namespace {

/// An answer may come so much later than somebody waits.
constexpr std::chrono::seconds grace{2};

}  // namespace

// --- for the other end to do -----------------------------------------------------------------------

caf::result<append_answer> peer_gateway::forward(const forward_append& r) {
  if (phase_ != phase::up || peer_is_leaving_) return not_handed_on();
  peer::append a;
  a.number = next_number_++;
  a.session = r.session;
  a.workspace = r.workspace;
  a.id = r.id;
  a.author = r.what.author;
  a.may = r.what.may;
  a.is_retry = r.what.is_retry;
  a.idempotency_key = r.what.idempotency_key;
  a.patience = r.what.patience;
  a.body = *r.what.text;
  forwarded f;
  f.promise = sure_promise<append_answer>{this};
  auto promise = f.promise;
  f.since = now();
  f.deadline = f.since + r.what.patience + grace;
  f.client = r.what.client;
  f.begin = out_.sent() + out_.waiting();
  const auto number = a.number;
  send_record(std::move(a));
  forwarded_.emplace(number, std::move(f));
  ++appends_out_;
  return promise;
}

void peer_gateway::settled(peer::outcome& r) {
  const auto i = forwarded_.find(r.number);
  if (i == forwarded_.end()) return;  // nobody waits for it any more
  auto f = std::move(i->second);
  forwarded_.erase(i);
  clients_.keep(r.number, std::move(f.client));
  if (r.error.code != errc::none) return f.promise.fail(r.error);
  f.promise.deliver({std::move(r.stored), r.replayed});
}

void peer_gateway::look_at_client(std::uint64_t number) {
  const auto tell = [this, number, link = link_](receipt::state now) {
    if (is_up(link)) send_record(peer::client_seen{number, static_cast<std::uint8_t>(now)});
  };
  const auto forwarded = forwarded_.find(number);
  const auto change = changes_.find(number);
  const auto client = forwarded != forwarded_.end() ? forwarded->second.client
                      : change != changes_.end()    ? change->second.client
                                                    : clients_.find(number);
  if (!client) return tell(receipt::state::lost);
  if (client->known() != receipt::state::open || !client->thread()) return tell(client->known());
  request(client->thread(), caf::duration{answer_timeout}, receipt_query{client})
      .then([tell](const receipt_told& r) { tell(r.now); },
            [tell, client](const caf::error&) { tell(client->known()); });
}

void peer_gateway::fail_forwarded() {
  for (auto& [number, f] : std::exchange(forwarded_, {})) {
    if (f.begin >= out_.sent())
      f.promise.fail(not_handed_on());
    else
      f.promise.fail(
          errc::unknown_outcome,
          "the link to the session's owner has ended: whether the events were stored is not known");
  }
}

void peer_gateway::fail_overdue() {
  const auto at = now();
  for (auto i = forwarded_.begin(); i != forwarded_.end();) {
    if (at < i->second.deadline) {
      ++i;
      continue;
    }
    i->second.promise.fail(errc::unknown_outcome, "the session's owner did not answer in time");
    i = forwarded_.erase(i);
  }
}

// --- of the other end ------------------------------------------------------------------------------

/// Whoever gets a forwarded append does it, whatever its own view of who owns the session: one hop.
void peer_gateway::execute(peer::append& r) {
  ++appends_in_;
  append_request a;
  a.author = r.author;
  a.is_retry = r.is_retry;
  a.patience = r.patience;
  auto parsed = parse_send_request(r.body, r.may, options_.limits);
  if (!parsed && r.idempotency_key.empty()) return answer(r.number, parsed.error(), {});
  a.unfit = parsed ? failure{} : parsed.error();
  a.request = std::make_shared<send_request>(parsed ? std::move(*parsed) : send_request{});
  if (r.idempotency_key.empty())
    a.print = fingerprint_of(*a.request);
  else
    a.body = sha256(r.body);
  a.idempotency_key = std::move(r.idempotency_key);
  a.client = receipts_.make(r.number, self());
  executed_[r.number] = {r.body.size(), now()};
  executed_bytes_ += r.body.size();
  ask_known_session<append_answer>(
      this, written_, r.session, options_.directory, lookup_request{r.workspace, std::move(r.id)},
      caf::infinite, a,
      [this, link = link_, number = r.number](const append_answer& stored) {
        if (is_up(link)) answer(number, {}, stored);
      },
      [this, link = link_, number = r.number](const caf::error& e) {
        if (is_up(link)) answer(number, to_failure(e), {});
      });
}

void peer_gateway::answer(std::uint64_t number, const failure& error, const append_answer& answer) {
  end_executed(number);
  send_record(peer::outcome{number, error, answer.replayed, answer.stored});
}

void peer_gateway::end_executed(std::uint64_t number) {
  const auto i = executed_.find(number);
  if (i == executed_.end()) return;
  executed_bytes_ -= i->second.bytes;
  executed_.erase(i);
}

caf::result<receipt_told> peer_gateway::tell_receipt(const receipt_query& q) {
  const auto number = receipts_.number_of(q.of);
  if (number == 0) return receipt_told{q.of->known()};
  sure_promise<receipt_told> promise{this};
  if (receipts_.wait(number, promise)) send_record(peer::look_at_client{number});
  return promise;
}

}  // namespace sandbase
