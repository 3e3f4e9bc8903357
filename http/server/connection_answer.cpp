// The answers of a connection.
#include "http/server/connection.hpp"
#include "http/stream/event_stream.hpp"
#include "http/stream/follow_stream.hpp"

#include <spdlog/spdlog.h>

namespace sandbase {

void connection::stream(std::vector<named_id> after, bool from_end, type_filter filter) {
  if (!stream_) {
    stream_ = spawn<event_stream>(worker_);
    monitor(stream_);
  }
  auto plan = plan_stream(std::move(filter));
  phase_ = phase::streaming;
  deadline = io_thread::clock::time_point::max();  // the stream has its own
  send(stream_, replay_job{socket_, exchange_.session(), std::move(after), from_end, std::move(plan),
                           connection_actor{this}});
}

void connection::follow(std::vector<named_id> after, bool from_end, follow_plan plan) {
  plan.wire = plan_stream(std::move(plan.wire.filter));
  phase_ = phase::streaming;
  deadline = io_thread::clock::time_point::max();
  ++shared().counters.follows;
  follow_ = spawn<follow_stream>(worker_, follow_job{socket_, exchange_.session(), std::move(after), from_end,
                                                     std::move(plan), exchange_.key, connection_actor{this}});
  monitor(follow_);
  if (drained_) send(follow_, begin_drain{});
  if (used_ == in_.size()) {  // what was read of the request is not needed while the stream lasts
    in_ = {};
    used_ = 0;
  }
}

stream_plan connection::plan_stream(type_filter filter) const {
  const auto& e = exchange_;
  return {std::move(filter), e.id, e.lines, e.head.http11, !e.close, e.is_head()};
}

void connection::answer(std::string_view json) {
  outbox body;
  body.add(json);
  answer(std::move(body));
}

void connection::answer(outbox json) {
  response_head head;
  head.extra = exchange_.lines;
  answer(head, std::move(json));
}

void connection::answer(response_head head, outbox body) {
  auto& e = exchange_;
  e.body = {};
  e.leases.clear();
  e.close = e.close || drained_;
  head.request_id = e.id;
  head.close = e.close;
  head.http11 = e.head.http11;
  if (head.status != 204) head.content_length = body.bytes();
  std::string text;
  append_head(text, head);
  if (e.is_head()) body.clear();
  body.prepend(std::move(text));
  out_.append(std::move(body));
  phase_ = phase::writing;
  expire_in(shared().options.write_timeout);
}

void connection::fail(const failure& why) {
  auto reply = to_reply(why);
  if (reply.status >= 500)
    spdlog::log(reply.status == 503 ? spdlog::level::warn : spdlog::level::err, "{}: {} {}: {}", exchange_.id,
                exchange_.head.path, reply.status, why.message);
  const bool may_repeat = !changes_something(exchange_.route.to) || exchange_.head.idempotency_key;
  if (reply.status == 500 && !may_repeat) reply.lines += "x-should-retry: false\r\n";
  fail(std::move(reply));
}

void connection::fail(error_reply reply) {
  if (reply.status >= 500) ++shared().counters.server_errors;
  refuse_rest_of_body();
  outbox body;
  body.add(render_error(reply, exchange_.id));
  response_head head;
  head.status = reply.status;
  reply.lines += exchange_.lines;
  head.extra = reply.lines;
  answer(head, std::move(body));
}

}  // namespace sandbase
