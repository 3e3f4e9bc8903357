// SPDX-License-Identifier: Apache-2.0
// Create, read, update, archive and delete sessions.
#include "events/json/field_path.hpp"
#include "events/json/json_document.hpp"
#include "events/json/json_text.hpp"
#include "http/api/api.hpp"

#include <fmt/core.h>

namespace sandbase {

namespace {

std::string session_json(call& c, const session_header& header) {
  return render_session(header, c.shared().now(), secrets_for(c.current().key->may));
}

void answer_session(call& c, const session_header& header) { c.answer(session_json(c, header)); }

auto answer_view(call& c) {
  return [&c](const result<session_view>& view) {
    if (!view) return c.fail(view.error());
    answer_session(c, *view->header);
  };
}

void answer_deletion(call& c) {
  c.answer(R"({"id":)" + json::quoted(c.current().route.session_id) + R"(,"type":"session_deleted"})");
}

}  // namespace

void create_session_call(call& c) {
  const auto& e = c.current();
  auto key = idempotency_key_of(e);
  if (!key) return c.fail(key.error());
  create_session message;
  message.workspace = e.key->workspace;
  message.author = e.key->id;
  message.is_retry = e.head.retry_count >= 1;
  message.idempotency_key = std::move(*key);
  message.lease = e.lease;
  message.client = e.client;
  const auto parse = [message, may = e.key->may, keeps_text = c.shared().actors.is_edge,
                      limits = c.shared().options.limits](std::string_view body) -> result<create_session> {
    auto parsed = parse_create_request(body, may, limits);
    if (!parsed && message.idempotency_key.empty()) return parsed.error();
    auto complete = message;
    complete.unfit = parsed ? failure{} : parsed.error();
    complete.request = std::make_shared<const create_request>(parsed ? std::move(*parsed) : create_request{});
    if (message.idempotency_key.empty())
      complete.print = fingerprint_of(*complete.request);
    else
      complete.body = sha256(body);
    if (keeps_text) {
      complete.text = std::make_shared<const std::string>(body);
      complete.may = may;
      if (complete.lease) complete.lease->take(static_cast<std::int64_t>(body.size()));
    }
    return complete;
  };
  c.read_body(parse, [&c](const result<create_session>& complete) {
    if (!complete) return c.fail(complete.error());
    c.ask<session_created>(c.shared().actors.directory, *complete, [&c](const result<session_created>& made) {
      if (!made) return c.fail(made.error());
      answer_session(c, *made->header);
    });
  });
}

void get_session_call(call& c) {
  c.ask_current_session<session_view>(describe_request{}, [&c](const result<session_view>& view) {
    if (!view) return c.fail(view.error());
    auto text = session_json(c, *view->header);
    // Presence is for the runtime that serves the session's readers.
    if (c.current().key->may == role::runtime)
      text.insert(text.size() - 1, fmt::format(R"(,"streams":{})", view->streams));
    c.answer(text);
  });
}

void update_session_call(call& c) {
  const auto parse = [lease = c.current().lease, keeps_text = c.shared().actors.is_edge](
                         std::string_view body) -> result<update_session> {
    auto parsed = parse_update_request(body);
    if (!parsed) return parsed.error();
    update_session message{std::make_shared<const update_request>(std::move(*parsed)), lease, nullptr};
    if (keeps_text) {
      message.text = std::make_shared<const std::string>(body);
      if (message.lease) message.lease->take(static_cast<std::int64_t>(body.size()));
    }
    return message;
  };
  c.read_body(parse, [&c](const result<update_session>& message) {
    if (!message) return c.fail(message.error());
    c.ask_current_session<session_view>(*message, answer_view(c));
  });
}

void archive_session_call(call& c) {
  const archive_session message{c.current().key->may == role::runtime, c.current().lease};
  const auto parse = [message](std::string_view body) -> result<archive_session> {
    if (body.empty()) return message;
    const auto document = json::document::read_body(body);
    if (!document) return document.error();
    if (!document->root().is(json::kind::object)) return invalid_at(field_path{}, "must be an object");
    return message;
  };
  c.read_body(parse, [&c](const result<archive_session>& complete) {
    if (!complete) return c.fail(complete.error());
    c.ask_current_session<session_view>(*complete, answer_view(c));
  });
}

void delete_session_call(call& c) {
  const auto& e = c.current();
  const delete_session message{e.key->may == role::runtime, e.key->id};
  c.ask_current_session<session_deleted>(message, [&c](const result<session_deleted>& done) {
    if (done) {
      c.shard().sessions.erase(c.current().session());
      return answer_deletion(c);
    }
    // An SDK repeats what got no answer, and a deletion is done once.
    if (done.error().code != errc::not_found || c.current().head.retry_count == 0)
      return c.fail(done.error());
    const auto which = c.current().session();
    c.ask<found_deletion>(c.shared().reader(c.shard().next_reader++),
                          find_deletion{which.workspace, which.id},
                          [&c, why = done.error()](const result<found_deletion>& known) {
                            if (!known) return c.fail(known.error());
                            const auto& how = known->record;
                            const bool is_own = known->found && how.author == c.current().key->id;
                            if (!is_own || c.shared().now() - how.at > deletion_ttl) return c.fail(why);
                            answer_deletion(c);
                          });
  });
}

}  // namespace sandbase
