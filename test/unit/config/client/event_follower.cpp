// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE event_follower
#include "config/client/event_follower.hpp"

#include "events/json/json_members.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

using step = follow_cursor::step;

sse_frame frame(std::string event, std::optional<std::string> data, std::optional<std::string> id = {}) {
  return {std::move(event), std::move(data), std::move(id), {}};
}

}  // namespace

CAF_TEST(a stored event moves the cursor and a preview does not ) {
  follow_cursor cursor;
  CAF_CHECK(cursor.take(frame("message", R"({"id":"sevt_1","type":"user.message"})", "sevt_1")) ==
            step::event);
  CAF_CHECK_EQUAL(json::text_member(cursor.value(), "type"), "user.message");
  CAF_CHECK_EQUAL(cursor.last_id(), "sevt_1");
  CAF_CHECK(cursor.take(frame("message", R"({"type":"event_delta","event_id":"sevt_2"})")) == step::preview);
  CAF_CHECK_EQUAL(cursor.last_id(), "sevt_1");
}

CAF_TEST(pings and frames of only an id are cursors) {
  follow_cursor cursor;
  CAF_CHECK(cursor.take(frame("ping", R"({"type":"ping","caught_up":true})", "start")) == step::none);
  CAF_CHECK_EQUAL(cursor.last_id(), "start");
  CAF_CHECK(cursor.take(frame("", std::nullopt, "sevt_9")) == step::none);
  CAF_CHECK_EQUAL(cursor.last_id(), "sevt_9");
  CAF_CHECK(cursor.take(frame("", "[DONE]")) == step::done);
  CAF_CHECK_EQUAL(cursor.last_id(), "sevt_9");
}

CAF_TEST(a service that ends the stream says when to come again) {
  follow_cursor cursor;
  auto closing = frame("ping", R"({"type":"ping","closing":"shutdown"})");
  closing.retry = 3210ms;
  CAF_CHECK(cursor.take(closing) == step::closing);
  CAF_CHECK(cursor.retry() == 3210ms);
  CAF_CHECK(cursor.why().code == errc::unavailable);
  CAF_CHECK(cursor.why().message.find("shutdown") != std::string::npos);
}

CAF_TEST(only some errors are final) {
  const auto code = [](const std::string& type) {
    follow_cursor cursor;
    CAF_CHECK(cursor.take(frame("error", R"({"type":"error","error":{"type":")" + type +
                                             R"(","message":"no\u001b[2J"}})")) == step::failed);
    CAF_CHECK(cursor.why().message.starts_with("no?[2J"));
    return cursor.why().code;
  };
  CAF_CHECK(code("authentication_error") == errc::unauthorized);
  CAF_CHECK(code("not_found") == errc::not_found);
  CAF_CHECK(code("overloaded_error") == errc::unavailable);
  CAF_CHECK(code("api_error") == errc::unavailable);
}

CAF_TEST(what is no json ends it) {
  follow_cursor cursor;
  for (const auto* bad : {"{", "[]", "", "x"})
    CAF_CHECK(cursor.take(frame("message", bad, "sevt_1")) == step::failed);
  CAF_CHECK(cursor.why().code == errc::corrupt);
  CAF_CHECK_EQUAL(cursor.last_id(), "");
}

CAF_TEST(connections are made anew ever more slowly) {
  CAF_CHECK(reconnect_delay(0, 1500ms, 0) == 1500ms);
  CAF_CHECK(reconnect_delay(1, 1500ms, 0) == 3s);
  CAF_CHECK(reconnect_delay(0, 0ms, 0) == 100ms);
  CAF_CHECK(reconnect_delay(100, 1s, 0) == 30s);
  CAF_CHECK(reconnect_delay(100, 1s, 1) == 37500ms);
}
