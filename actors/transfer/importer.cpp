// SPDX-License-Identifier: Apache-2.0
#include "actors/transfer/importer.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/caf/timeouts.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace sandbase {

namespace {

/// How often a session that goes away in between is looked for.
constexpr int max_tries = 5;
constexpr std::size_t compared_bytes = 512 * 1024;

import_options options_of(const importer_arguments& with) {
  import_options options;
  options.slice_bytes = importer::slice_bytes;
  options.max_line = with.max_line;
  options.max_line_name = with.max_line_name;
  return options;
}

/// Nothing internal.
std::string text_for_client(const failure& why) {
  switch (why.code) {
    case errc::unavailable:
    case errc::rate_limited:
      return why.message;
    case errc::unknown_outcome:
      return "no answer in time, so whether this session was stored is unknown";
    default:
      return "internal error";
  }
}

}  // namespace

importer::importer(caf::actor_config& cfg, importer_arguments arguments)
    : importer_actor::base(cfg), with_(std::move(arguments)), machine_(options_of(with_)) {
  harden(this);
  set_down_handler([this](caf::down_msg&) { quit(); });
}

importer_actor::behavior_type importer::make_behavior() {
  return {[this](const import_piece& piece) { return take(piece); }};
}

void importer::on_exit() {
  // What is staged goes when the journal sees that this is gone.
  promise_ = {};
  session_ = nullptr;
  with_ = {};
}

caf::result<import_progress> importer::take(const import_piece& piece) {
  if (!std::exchange(watches_, true)) monitor(caf::actor_cast<caf::actor>(current_sender()));
  promise_ = sure_promise<import_progress>{this};
  const auto answer = promise_;
  if (piece.broken_off.code != errc::none) {
    give_up(piece.broken_off);
    return answer;
  }
  machine_.feed(*piece.bytes);
  if (piece.is_last) machine_.end();
  work();
  return answer;
}

void importer::work() {
  for (;;) {
    switch (machine_.next()) {
      case import_action::read:
        return std::exchange(promise_, {}).deliver({machine_.held_bytes(), nullptr});
      case import_action::done:
        return report();
      case import_action::open:
        tries_ = 0;
        return open();
      case import_action::write:
        return write();
      case import_action::publish:
        return publish();
      case import_action::load:
        return load();
      case import_action::drop:
        drop();
        machine_.dropped();
        break;
    }
  }
}

bool importer::concerns_session(const failure& why, bool is_written) {
  if (concerns_one_session(why)) return true;
  give_up(why, is_written);
  return false;
}

/// What was imported before stays: only if that is nothing it is certain that nothing was written.
void importer::give_up(const failure& why, bool is_written) {
  if (machine_.report().sessions == 0 && !is_written) {
    const bool no_answer = why.code == errc::unknown_outcome;  // what is staged nobody sees
    std::exchange(promise_, {})
        .fail(no_answer ? failure{errc::unavailable, "the store does not answer in time, try again"} : why);
    return quit();
  }
  spdlog::warn("an import broke off: {}", why.message);
  machine_.broke_off(text_for_client(why));
  report();
}

void importer::report() {
  std::exchange(promise_, {}).deliver({0, std::make_shared<const import_report>(machine_.report())});
  quit();
}

// --- a session that may be there already ------------------------------------------------------------

void importer::open() {
  session_ = nullptr;
  if (++tries_ > max_tries) return give_up({errc::unavailable, "a session's owner is gone, try again"});
  request(with_.directory, answer_timeout, lookup_request{with_.workspace, machine_.session()})
      .then(
          [this](const lookup_answer& found) {
            session_ = found.session;
            describe();
          },
          [this](const caf::error& e) {
            const auto why = to_failure(of_read(e));
            if (why.code == errc::not_found)
              machine_.opened(std::nullopt, with_.clock->now());
            else if (!concerns_session(why))
              return;
            else
              machine_.not_opened(why);
            work();
          });
}

void importer::describe() {
  request(session_, commit_timeout, describe_request{})
      .then(
          [this](const session_view& view) {
            log_ = view.log;
            stored_end_ = view.header->progress.tip.last_seq;
            machine_.opened(*view.header, with_.clock->now());
            work();
          },
          [this](const caf::error& e) {
            const auto why = to_failure(of_read(e));
            // It went, or was deleted in between: the directory knows.
            if (is_receiver_down(e) || why.code == errc::not_found) return open();
            if (!concerns_session(why)) return;
            machine_.not_opened(why);
            work();
          });
}

void importer::load() {
  if (!session_) {
    if (++tries_ > max_tries) return give_up({errc::unavailable, "a session's owner is gone, try again"});
    request(with_.directory, answer_timeout, lookup_request{with_.workspace, machine_.session()})
        .then(
            [this](const lookup_answer& found) {
              session_ = found.session;
              load();
            },
            [this](const caf::error& e) {
              const auto why = to_failure(of_read(e));
              if (!concerns_session(why)) return;
              machine_.loaded(why);
              work();
            });
    return;
  }
  request(session_, commit_timeout,
          pull_request{machine_.loaded_to(), stored_end_, compared_bytes, false, log_})
      .then(
          [this](const pull_answer& got) {
            tries_ = 0;
            machine_.loaded(got.slice);
            work();
          },
          [this](const caf::error& e) {
            if (is_receiver_down(e)) {
              session_ = nullptr;
              return load();
            }
            const auto why = to_failure(of_read(e));
            if (!concerns_session(why)) return;
            machine_.loaded(why);
            work();
          });
}

// --- one that is new ----------------------------------------------------------------------------------

void importer::write() {
  auto op = std::make_shared<stage_op>();
  op->session = staged_;
  op->blocks = machine_.slice().blocks;
  for (const auto& [id, seq, line] : machine_.slice().foreign_ids) op->foreign_ids.emplace_back(id, seq);
  request(with_.journal, commit_timeout, stage_slice{std::move(op)})
      .then(
          [this](const slice_staged& done) {
            staged_ = done.session;
            machine_.written({}, done.repeated_id);
            work();
          },
          [this](const caf::error& e) {
            const auto why = to_failure(e);
            if (!concerns_session(why)) return;
            machine_.written(why);
            work();
          });
}

void importer::publish() {
  auto op = std::make_shared<publish_op>();
  op->session = staged_;
  op->workspace = with_.workspace;
  op->header = std::make_shared<const session_header>(machine_.header());
  request(with_.journal, commit_timeout, publish_session{std::move(op)})
      .then(
          [this](const session_published&) {
            if (with_.board)
              send(with_.board,
                   session_news{with_.workspace, staged_, {}, true, false, summarize(machine_.header())});
            staged_ = 0;
            machine_.published({});
            work();
          },
          [this](const caf::error& e) {
            auto why = to_failure(e);
            if (!concerns_session(why, why.code == errc::unknown_outcome)) return;
            if (why.code == errc::conflict)
              why.message =
                  "session.id: a session of this id was made while this one was imported; sent again it is "
                  "compared with that";
            machine_.published(why);
            work();
          });
}

void importer::drop() {
  if (const auto staged = std::exchange(staged_, 0); staged != 0) send(with_.journal, drop_staged{staged});
}

}  // namespace sandbase
