// SPDX-License-Identifier: Apache-2.0
// What an edge asks a node that has the store, and what that answers: slices, sessions, keys and ends.
#include "actors/caf/errors.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/cluster/core_questions.hpp"
#include "actors/cluster/peer_gateway.hpp"

#include <caf/send.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sandbase {

namespace {

/// Of one edge that are being answered at once; more wait, and so do their bytes in the link's window.
constexpr std::size_t max_answering = 64;

/// Whom a question is of, so that the same ones come to the same reader.
std::size_t hint_of(const core_question& q) {
  return std::visit(
      [](const auto& one) -> std::size_t {
        if constexpr (requires { one.session; })
          return static_cast<std::size_t>(one.session);
        else if constexpr (requires {
                             one.id;
                             one.workspace;
                           })
          return std::hash<std::string>{}(one.id);
        else
          return 0;
      },
      q);
}

}  // namespace

// --- of this node, an edge ---------------------------------------------------------------------------

caf::result<core_told> peer_gateway::ask(const ask_core& r) {
  if (phase_ != phase::up) return not_handed_on();
  asked a{sure_promise<core_told>{this}, now() + read_timeout};
  auto promise = a.promise;
  const auto number = next_number_++;
  asked_.emplace(number, std::move(a));
  send_record(peer::question{number, read_timeout, peer::encode(r.what)});
  return promise;
}

void peer_gateway::replied(const peer::reply& r) {
  const auto i = asked_.find(r.number);
  if (i == asked_.end()) return;  // nobody waits for it any more
  const auto promise = std::move(i->second.promise);
  asked_.erase(i);
  if (r.error.code != errc::none) return promise.fail(r.error);
  auto answer = peer::decode_answer(r.what);
  if (!answer) return promise.fail(answer.error());
  promise.deliver(core_told{*std::move(answer)});
}

void peer_gateway::fail_asked(const caf::error& why, time_point up_to) {
  for (auto i = asked_.begin(); i != asked_.end();) {
    if (i->second.deadline > up_to) {
      ++i;
      continue;
    }
    i->second.promise.fail(why);
    i = asked_.erase(i);
  }
}

// --- of an edge at the other end -----------------------------------------------------------------------

void peer_gateway::questioned(peer::question& r) {
  executed_bytes_ += r.what.size();
  waiting_questions_.push_back({std::move(r), now()});
  answer_next();
}

/// What was answered and is not read by the other end yet takes room here.
void peer_gateway::answer_next() {
  while (!waiting_questions_.empty() && answering_ < max_answering && out_.waiting() < frame_writer::window) {
    const auto [r, since] = std::move(waiting_questions_.front());
    waiting_questions_.pop_front();
    executed_bytes_ -= r.what.size();
    if (now() < since + r.patience) answer_question(r);
  }
}

void peer_gateway::answer_question(const peer::question& r) {
  auto question = peer::decode_question(r.what);
  if (!question) return reply(r.number, question.error());
  if (!options_.core) return reply(r.number, failure{errc::unavailable, "that node has no store"});
  ++answering_;
  const auto number = r.number;
  if (const auto* ends = std::get_if<find_ends>(&*question)) return answer_ends(number, *ends);
  const auto& core = *options_.core;
  const auto& reader = std::holds_alternative<list_sessions>(*question)
                           ? core.lister
                           : core.readers[hint_of(*question) % core.readers.size()];
  std::visit([&](const auto& one) { answer_by(reader, number, one); }, *question);
}

template <class Question>
void peer_gateway::answer_by(const reader_actor& reader, std::uint64_t number, const Question& question) {
  if constexpr (!std::is_same_v<Question, find_ends>) {
    const auto link = link_;
    request(reader, caf::duration{read_timeout}, question)
        .then(
            [this, link, number](const typename answer_to<Question>::type& answer) {
              if (is_up(link)) answered(number, core_answer{as_shared(answer)});
            },
            [this, link, number](const caf::error& e) {
              if (is_up(link)) answered(number, to_failure(of_read(e)));
            });
  }
}

void peer_gateway::answered(std::uint64_t number, const result<core_answer>& what) {
  --answering_;
  reply(number, what);
  answer_next();
}

void peer_gateway::reply(std::uint64_t number, const result<core_answer>& what) {
  if (what)
    send_record(peer::reply{number, {}, peer::encode(*what)});
  else
    send_record(peer::reply{number, what.error(), {}});
}

// --- ends ------------------------------------------------------------------------------------------------

/// One look-up for all of them, of whoever looks for ends; where this process alone writes the store, of a
/// reader.
void peer_gateway::answer_ends(std::uint64_t number, const find_ends& question) {
  struct gathered {
    std::vector<std::optional<written_end>> ends;
    std::size_t missing = 0;
    failure why;
  };
  const auto all = std::make_shared<gathered>();
  all->missing = question.sessions.size();
  all->ends.resize(question.sessions.size());
  const auto link = link_;
  const auto one_less = [this, link, number, all] {
    if (--all->missing > 0 || !is_up(link)) return;
    if (all->why.code != errc::none) return answered(number, all->why);
    answered(number, core_answer{found_ends{std::move(all->ends)}});
  };
  if (question.sessions.empty()) return answered(number, core_answer{found_ends{}});
  const auto failed = [all, one_less](const caf::error& e) {
    all->why = to_failure(of_read(e));
    one_less();
  };
  const auto& core = *options_.core;
  for (std::size_t i = 0; i < question.sessions.size(); ++i) {
    const auto session = question.sessions[i];
    if (options_.ends) {
      request(options_.ends, caf::duration{read_timeout}, find_end{session})
          .then(
              [all, i, one_less](const found_end& found) {
                all->ends[i] = found.end;
                one_less();
              },
              failed);
      continue;
    }
    const auto& reader = core.readers[static_cast<std::size_t>(session) % core.readers.size()];
    request(reader, caf::duration{read_timeout}, find_log{session})
        .then(
            [this, all, i, one_less](const found_session& found) {
              if (const auto log = as_shared(found).log) {
                const auto& tip = log->log.header.progress.tip;
                all->ends[i] =
                    written_end{{log->epoch, tip.last_seq, tip.head, log->sealed_seq}, log->writer};
              }
              one_less();
            },
            failed);
  }
}

/// As others see a log that this process alone writes: there is no epoch in its store, but what changes it
/// without an event, which is to archive it, must show.
epoch_t peer_gateway::epoch_of_own(log_state state) { return state == log_state::archived ? 1 : 0; }

found_session peer_gateway::as_shared(found_session found) const {
  if (!found.log || options_.ends) return found;
  auto log = *found.log;
  log.epoch = epoch_of_own(log.log.header.definition->archived_at ? log_state::archived : log_state::open);
  log.writer = options_.self.node;
  return {std::make_shared<const opened_log>(std::move(log))};
}

// --- which nodes there are -----------------------------------------------------------------------------

void peer_gateway::tell_view(const cluster_view& v) {
  peer::view out;
  out.token_secret = v.token_secret;
  for (const auto& n : v.nodes) out.nodes.push_back({n.id, n.name, n.address});
  send_record(std::move(out));
}

void peer_gateway::view_came(const peer::view& v) {
  cluster_view in;
  in.token_secret = v.token_secret;
  for (const auto& n : v.nodes) {
    node_record& node = in.nodes.emplace_back();
    node.id = n.id;
    node.name = n.name;
    node.address = n.address;
  }
  caf::anon_send(options_.membership, std::move(in));
}

}  // namespace sandbase
