// SPDX-License-Identifier: Apache-2.0
#include "http/api/call.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

#include <fmt/core.h>

namespace sandbase {

namespace {

worker_actor::behavior_type work_once(worker_actor::pointer self, const std::function<void()>& work) {
  return {[self, work](const run_now&) {
    work();
    self->quit();
    return done_answer{};
  }};
}

}  // namespace

worker_actor call::spawn_worker(std::function<void()> work) {
  return self_->home_system().spawn<caf::hidden>(work_once, std::move(work));
}

void call::begin_anew() {
  ++number_;
  std::string{}.swap(exchange_.body);  // to assign an empty one keeps the memory
  exchange_ = {};
}

void call::answer(std::string_view json) {
  outbox body;
  body.add(json);
  answer(std::move(body));
}

void call::answer(outbox json) {
  response_head head;
  head.extra = exchange_.lines;
  answer(head, std::move(json));
}

void call::answer(response_head head, outbox body) {
  auto& e = exchange_;
  std::string{}.swap(e.body);
  e.lease = nullptr;
  // What is here cannot be refused any more: an append is stored, whoever waits for room waits longer.
  keep_room(body.bytes());
  e.status = head.status;
  head.request_id = e.id;
  head.close = e.close;
  head.http11 = e.head.http11;
  if (head.status != 204) head.content_length = body.bytes();
  std::string text;
  append_head(text, head);
  if (e.is_head()) body.clear();
  body.prepend(std::move(text));
  send_answer(std::move(body));
}

result<void> call::hold_answer(std::size_t bytes) {
  if (take_room(bytes)) return {};
  stop_waiting_for_room();
  return {
      errc::unavailable,
      fmt::format("more than http.max_bytes_out ({} bytes) would be on their way to slow readers, try again",
                  shared().bytes_out.limit())};
}

void call::fail(const failure& why) {
  auto reply = to_reply(why);
  if (reply.status >= 500)
    spdlog::log(reply.status == 503 ? spdlog::level::warn : spdlog::level::err, "{}: {} {}: {}", exchange_.id,
                exchange_.head.path, reply.status, why.message);
  const bool may_repeat = !changes_something(exchange_.route.to) || exchange_.head.idempotency_key;
  if (reply.status == 500 && !may_repeat) reply.lines += "x-should-retry: false\r\n";
  fail(std::move(reply));
}

void call::fail(error_reply reply) {
  if (reply.status >= 500) ++shared().counters.server_errors;
  refuse_body();
  outbox body;
  body.add(render_error(reply, exchange_.id));
  response_head head;
  head.status = reply.status;
  reply.lines += exchange_.lines;
  head.extra = reply.lines;
  answer(head, std::move(body));
}

}  // namespace sandbase
