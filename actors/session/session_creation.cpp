// SPDX-License-Identifier: Apache-2.0
#include "actors/session/session_creation.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/log/log_appender.hpp"
#include "actors/session/describe_session.hpp"
#include "events/session/session_resources.hpp"

namespace sandbase {

session_creation::session_creation(caf::actor_config& cfg, directory_actor directory,
                                   std::shared_ptr<const session_environment> environment)
    : creation_actor::base(cfg), directory_(std::move(directory)), env_(std::move(environment)) {
  harden(this);
}

creation_actor::behavior_type session_creation::make_behavior() {
  return {[this](const create_session& r) { return create(r); }};
}

void session_creation::on_exit() {
  // After a fault.
  if (may_be_made_)
    promise_.fail(errc::unknown_outcome, "the service failed while the session was being made");
  promise_ = {};
  directory_ = nullptr;
}

void session_creation::fail(const failure& why) {
  promise_.fail(why);
  quit();
}

caf::result<session_created> session_creation::create(const create_session& r) {
  request_ = r;
  promise_ = sure_promise<session_created>{this};
  const auto answer = promise_;
  const auto now = env_->clock->now();
  session_header header;
  auto definition = request_.request->definition;
  definition.id = make_id("sess", now);
  definition.created_at = now;
  definition.resources = complete_resources(definition.resources, now);
  header.progress.tip.updated_at = now;
  if (auto fits = check_size(definition); !fits) {
    fail(fits.error());
    return answer;
  }
  header.definition = std::move(definition);
  log_appender appender{std::move(header)};
  auto op = std::make_shared<create_op>();
  op->workspace = request_.workspace;
  if (!request_.request->initial_events.empty()) {
    auto built = appender.append(request_.request->initial_events, "initial_events", request_.author, now);
    if (!built) {
      fail(built.error());
      return answer;
    }
    op->events = std::move(built->op->events);
    op->foreign_ids = std::move(built->op->foreign_ids);
  }
  auto made = appender.header();
  made.progress.recent_appends.clear();  // no Send Events has sent them
  header_ = std::make_shared<const session_header>(std::move(made));
  op->header = header_;
  if (!request_.idempotency_key.empty())
    op->idempotency = idempotency_record{request_.idempotency_key, request_.body, 0, 0, now};
  may_be_made_ = true;
  request(env_->journal, commit_timeout, journal_create{std::move(op), request_.lease, clock().now()})
      .then([this](const journal_created& answer) { stored(answer); },
            [this](const caf::error& e) { fail(to_failure(e)); });
  return answer;
}

void session_creation::stored(const journal_created& answer) {
  if (answer.existed) {
    may_be_made_ = false;
    return answer_existing(answer.existing_id);
  }
  promise_.deliver({header_});
  quit();
}

void session_creation::answer_existing(const std::string& id) {
  describe_session(
      this, directory_, request_.workspace, id,
      [this](const session_view& view) {
        promise_.deliver({view.header});
        quit();
      },
      [this](const caf::error& e) { fail(to_failure(e)); });
}

}  // namespace sandbase
