// SPDX-License-Identifier: Apache-2.0
#include "http/api/admission.hpp"

#include "http/wire/cors.hpp"
#include "http/wire/credentials.hpp"
#include "http/wire/stream_token.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

using kind = head_verdict::kind;

head_verdict refuse(error_reply reply) { return {kind::refused, std::move(reply)}; }
head_verdict refuse(const failure& why) { return refuse(to_reply(why)); }

bool takes_no_body(http_method m) {
  return m == http_method::get || m == http_method::head || m == http_method::delete_;
}

std::size_t body_limit(const exchange& e, const server_state& all) {
  const auto most = all.options.max_body_bytes;
  return takes_no_body(e.head.method) ? std::min(most, max_useless_body_bytes) : most;
}

failure unknown_path(http_surface surface) {
  std::string text = "there is nothing at this path; served are " + served_paths(surface);
  if (surface == http_surface::api) text += "; docs/compatibility.md lists the calls of the SDKs";
  return {errc::not_found, std::move(text)};
}

}  // namespace

head_verdict admit_head(exchange& e, request_reader& reader, http_surface surface, const server_state& all) {
  e.head = reader.head();
  if (surface == http_surface::api) e.lines += cors_lines(all.options.cors_origins, e.head.origin);
  if (reader.now() == request_reader::state::refused) {
    e.close = true;
    return refuse(error_with_status(reader.status(), reader.problem()));
  }
  e.close = e.close || !e.head.keep_alive;
  e.route = find_route(surface, e.head.method, e.head.path);
  const bool whole_server = e.head.path == "*";
  if (e.head.method == http_method::options && (whole_server || !e.route.allow.empty()))
    return {kind::options, {}};
  if (e.route.allow.empty()) return refuse(unknown_path(surface));
  if (!e.route.to) {
    auto reply = error_with_status(405, "this path does not know this method; it knows " + e.route.allow);
    reply.lines += "Allow: " + e.route.allow + "\r\n";
    return refuse(std::move(reply));
  }
  if (surface == http_surface::api && all.actors.gate->why_closed()) {
    e.close = true;  // the client's next connection may find another node
    return refuse(failure{errc::unavailable, "this node takes no more requests, try again"});
  }
  auto parameters = query::parse(e.head.query);
  if (!parameters) return refuse(parameters.error());
  e.parameters = std::move(*parameters);
  if (e.route.to->streams_body) {
    if (reader.now() == request_reader::state::body) reader.take_in_pieces();
    return {kind::identify, {}};
  }
  const auto most = body_limit(e, all);
  if (e.head.content_length.value_or(0) > most) return refuse(body_too_large(e, all));
  if (reader.now() == request_reader::state::body) reader.limit_body(most);
  return {e.route.to->open_to == access::anybody ? kind::admitted : kind::identify, {}};
}

std::string options_lines(const exchange& e, http_surface surface, const server_state& all) {
  const std::string allow = e.route.allow.empty() ? "GET, HEAD, POST, DELETE, OPTIONS" : e.route.allow;
  auto lines = e.lines + "Allow: " + allow + "\r\n";
  if (surface == http_surface::api) lines += preflight_lines(all.options.cors_origins, e.head, allow);
  return lines;
}

result<credential> credential_of(const exchange& e, const server_state& all) {
  if (e.route.to->open_to != access::stream_readers || !e.parameters.has("token")) {
    auto secret = find_credentials(e.head);
    if (!secret) return secret.error();
    return credential{{sha256(*secret)}, std::nullopt};
  }
  // Beside a key a token counts.
  const auto given = e.parameters.single("token");
  if (!given) return given.error();
  const auto token = stream_token::open(**given, all.options.token_secret);
  if (!token) return {errc::unauthorized, "token: not a stream token of this service"};
  if (token->expires_at <= all.now())
    return {errc::unauthorized, "token: this stream token has expired, mint another"};
  if (token->session != e.route.session_id)
    return {errc::unauthorized, "token: this stream token is for another session"};
  return credential{{{}, token->key}, token->workspace};
}

result<void> judge_key(const credential& given, const found_key& found) {
  const bool good = found.key && !found.key->revoked_at;
  if (given.is_token()) {
    if (good && found.key->workspace == *given.workspace) return {};
    return {errc::unauthorized, "token: the API key that minted it is revoked"};
  }
  if (good) return {};
  return {errc::unauthorized, found.key ? "this API key is revoked" : "this API key is not known"};
}

result<void> judge_role(const route& r, const api_key& key) {
  if (r.open_to == access::writers && key.may == role::viewer)
    return {errc::forbidden, "a viewer key may only read"};
  if (r.open_to == access::runtimes && key.may != role::runtime)
    return {errc::forbidden, "only a runtime key may do this"};
  return {};
}

request_lease_ptr make_lease(const known_key& known, const server_state& all) {
  return std::make_shared<request_lease>(std::array{known.bytes_in, known.workspace_bytes_in, all.bytes_in});
}

result<void> lease_body(request_lease& lease, std::size_t bytes) {
  const auto* full = lease.try_hold(static_cast<std::int64_t>(bytes));
  if (!full) return {};
  switch (*full) {
    case request_lease::bound::key:
      return {errc::rate_limited,
              "this API key has too many bytes of requests in flight (http.max_bytes_in_per_key), try again"};
    case request_lease::bound::workspace:
      return {errc::rate_limited,
              "this workspace has too many bytes of requests in flight (http.max_bytes_in_per_workspace), "
              "try again"};
    case request_lease::bound::process:
      break;
  }
  return {errc::unavailable, "too many bytes of requests are in flight (http.max_bytes_in), try again"};
}

result<void> lease_work(request_lease& lease, std::size_t bytes) {
  return lease_body(lease, std::max(bytes, static_cast<std::size_t>(request_lease::least_bytes)));
}

failure body_too_large(const exchange& e, const server_state& all) {
  if (takes_no_body(e.head.method))
    return {errc::too_large,
            fmt::format("the body: this method takes none, and more than {} bytes are not skipped",
                        max_useless_body_bytes)};
  return {errc::too_large,
          fmt::format("the body: larger than {} bytes (http.max_body_bytes)", all.options.max_body_bytes)};
}

}  // namespace sandbase
