// SPDX-License-Identifier: Apache-2.0
#include "actors/session/session_creation.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/log/log_appender.hpp"
#include "actors/session/ask_session.hpp"
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
  auto op = make(now);
  if (!op && r.idempotency_key.empty()) {
    fail(op.error());
    return answer;
  }
  auto asked = std::make_shared<create_op>(op ? std::move(*op) : create_op{});
  if (!op) asked->unfit = op.error();
  asked->workspace = r.workspace;
  if (!r.idempotency_key.empty())
    asked->idempotency = idempotency_record{r.idempotency_key, r.body, 0, 0, now};
  header_ = asked->header;
  may_be_made_ = true;
  // Those with the same key meet in one transaction rather than wait for each other's.
  const auto& name = r.idempotency_key.empty() ? header_->definition->id : r.idempotency_key;
  request(env_->journal_for(name), commit_timeout,
          journal_create{std::move(asked), request_.lease, clock().now()})
      .then([this](const journal_created& done) { stored(done); },
            [this](const caf::error& e) { fail(to_failure(e)); });
  return answer;
}

result<create_op> session_creation::make(timestamp now) const {
  if (request_.unfit.code != errc::none) return request_.unfit;
  session_header header;
  auto definition = request_.request->definition;
  definition.id = make_id("sess", now);
  definition.created_at = now;
  definition.resources = complete_resources(definition.resources, now);
  header.progress.tip.updated_at = now;
  if (auto fits = check_size(definition); !fits) return fits.error();
  header.definition = std::move(definition);
  log_appender appender{std::move(header)};
  create_op op;
  if (!request_.request->initial_events.empty()) {
    auto built = appender.append(request_.request->initial_events, "initial_events", request_.author, now);
    if (!built) return built.error();
    op.events = std::move(built->op->events);
    op.foreign_ids = std::move(built->op->foreign_ids);
  }
  auto made = appender.header();
  made.progress.recent_appends.clear();  // no Send Events has sent them
  op.header = std::make_shared<const session_header>(std::move(made));
  return op;
}

void session_creation::stored(const journal_created& answer) {
  if (answer.existed) {
    may_be_made_ = false;
    return answer_existing(answer.existing_id);
  }
  promise_.deliver({header_});
  if (env_->tells_board())
    send(env_->board, session_news{request_.workspace, answer.session, {}, true, false, summarize(*header_)});
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
