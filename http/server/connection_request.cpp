// What happens to a request before its handler: route, key, role, room for the body, body.
#include "http/api/api.hpp"
#include "http/io/socket_io.hpp"
#include "http/server/connection.hpp"
#include "http/wire/cors.hpp"
#include "http/wire/credentials.hpp"
#include "http/wire/origin.hpp"
#include "http/wire/stream_token.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sandbase {

/// `head`: the whole head, or empty if it was too large to be read.
void connection::begin_request(std::string_view head) {
  auto& e = exchange_;
  ++shared().counters.requests;
  phase_ = phase::working;
  e.id = make_id("req", shared().now());
  e.close = drained_ || shared().draining.load(std::memory_order_relaxed);
  e.lines = worker_.date.line(shared().now());
  const auto& origins = shared().options.cors_origins;
  const auto show_to = [&](std::string_view origin) {
    if (surface_ == http_surface::api) e.lines += cors_lines(origins, origin);
  };
  if (head.empty()) {
    e.close = true;
    show_to({});
    return fail(failure{errc::invalid, "request headers: more than " +
                                           std::to_string(shared().options.max_header_bytes) + " bytes"});
  }
  auto parsed = parse_request_head(head);
  if (!parsed) {
    e.close = true;
    show_to(find_origin(head));
    return fail(parsed.error());
  }
  e.head = std::move(*parsed);
  e.close = e.close || !e.head.keep_alive;
  set_deadline(shared().options.request_timeout, {errc::unavailable, "the store does not answer, try again"});
  e.reader = e.head.chunked ? body_reader::of_chunks(shared().options.max_body_bytes)
                            : body_reader::of_length(e.head.content_length.value_or(0));
  e.route = find_route(surface_, e.head.method, e.head.path);
  show_to(e.head.origin);
  if (e.route.to == route::not_found) return fail(failure{errc::not_found, "there is nothing at this path"});
  if (e.route.to == route::preflight && surface_ == http_surface::api && !origins.empty()) {
    refuse_rest_of_body();
    const auto lines = e.lines + preflight_lines(origins, e.head, e.route.allow);
    response_head reply;
    reply.status = 204;
    reply.content_type = {};
    reply.extra = lines;
    return answer(reply, {});
  }
  if (e.route.to == route::method_not_allowed || e.route.to == route::preflight) {
    auto reply = error_with_status(405, "this path does not know this method");
    reply.lines.append("Allow: ").append(e.route.allow).append("\r\n");
    return fail(std::move(reply));
  }
  auto parameters = query::parse(e.head.query);
  if (!parameters) return fail(parameters.error());
  e.parameters = std::move(*parameters);
  if (surface_ == http_surface::admin) return dispatch();
  authenticate();
}

void connection::authenticate() {
  if (exchange_.route.to == route::stream_events && exchange_.parameters.has("token"))
    return admit_by_token();
  const auto secret = find_credentials(exchange_.head);
  if (!secret) return fail(secret.error());
  const auto hash = sha256(*secret);
  const auto* known = worker_.keys.find(hash);
  if (known && io().now() - known->checked_at < io_shard::key_age) return admit(*known);
  const auto asked_at = io().now();
  ask<found_key>(
      shared().reader(worker_.next_reader++), find_key{hash},
      [this, hash, asked_at](const result<found_key>& found) {
        if (!found) return fail(found.error());
        if (!found->key || found->key->revoked_at) {
          worker_.keys.erase(hash);
          return fail(failure{errc::unauthorized,
                              found->key ? "this API key is revoked" : "this API key is not known"});
        }
        admit(worker_.keys.put(hash, {found->key, shared().keys.account(found->key->id), asked_at}));
      });
}

/// A stream token opens the stream that it was minted for; beside a key it is not looked at.
void connection::admit_by_token() {
  auto& e = exchange_;
  const auto given = e.parameters.single("token");
  if (!given) return fail(given.error());
  const auto token = stream_token::verify(**given, shared().options.token_secret);
  if (!token) return fail(failure{errc::unauthorized, "token: not a stream token of this service"});
  if (token->expires_at <= shared().now())
    return fail(failure{errc::unauthorized, "token: this stream token has expired, mint another"});
  if (token->session != e.route.session_id)
    return fail(failure{errc::unauthorized, "token: this stream token is for another session"});
  ask<found_key>(shared().reader(worker_.next_reader++), find_key{{}, token->key},
                 [this, workspace = token->workspace](const result<found_key>& found) {
                   if (!found) return fail(found.error());
                   if (!found->key || found->key->revoked_at || found->key->workspace != workspace)
                     return fail(failure{errc::unauthorized, "token: the API key that minted it is revoked"});
                   admit({found->key, shared().keys.account(found->key->id), io().now()});
                 });
}

void connection::admit(const known_key& known) {
  auto& e = exchange_;
  e.key = known.key;
  e.key_bytes = known.bytes_in;
  if (changes_something(e.route.to) && e.key->may == role::viewer)
    return fail(failure{errc::forbidden, "a viewer key may only read"});
  receive_body();
}

void connection::receive_body() {
  auto& e = exchange_;
  if (e.reader.now() == body_reader::state::done) return dispatch();
  const auto length = e.head.content_length.value_or(0);
  if (length > shared().options.max_body_bytes)
    return fail(failure{errc::too_large, "the body is larger than " +
                                             std::to_string(shared().options.max_body_bytes) + " bytes"});
  if (auto room = lease_body(e, shared(), static_cast<std::int64_t>(length)); !room)
    return fail(room.error());
  if (e.head.expect_continue && in_.size() == used_) {
    out_.add("HTTP/1.1 100 Continue\r\n\r\n");
    write_now(*socket_, out_);  // what does not fit now goes out before the answer
  }
  e.body.reserve(length);
  if (in_.size() - used_ < static_cast<std::size_t>(length) || e.head.chunked) acknowledge_now(*socket_);
  phase_ = phase::body;
  expire_in(shared().options.body_timeout);
}

/// Moves what has been read to the body.
void connection::take_body() {
  auto& e = exchange_;
  used_ += e.reader.feed(std::string_view{in_}.substr(used_), e.body);
  if (e.head.chunked) {
    if (auto room = lease_body(e, shared(), static_cast<std::int64_t>(e.body.size())); !room)
      return fail(room.error());
  }
  switch (e.reader.now()) {
    case body_reader::state::more:
      return;
    case body_reader::state::invalid:
      return fail(failure{errc::invalid, "the chunked body is not well-formed"});
    case body_reader::state::too_large:
      return fail(failure{errc::too_large, "the body is larger than " +
                                               std::to_string(shared().options.max_body_bytes) + " bytes"});
    case body_reader::state::done:
      break;
  }
  phase_ = phase::working;
  dispatch();
}

void connection::dispatch() {
  // From here on something may have been carried out even if no answer comes.
  set_deadline(shared().options.request_timeout,
               {errc::unknown_outcome, "no answer within the request timeout"});
  handle_request(*this);
}

/// Before an error: the rest of the body is skipped if it is here
/// already, else the connection ends behind the answer.
void connection::refuse_rest_of_body() {
  auto& e = exchange_;
  std::string skipped;
  used_ += e.reader.feed(std::string_view{in_}.substr(used_), skipped);
  if (e.reader.now() != body_reader::state::done) e.close = true;
}

}  // namespace sandbase
