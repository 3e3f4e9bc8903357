// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE stream_events
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "events/log/frame.hpp"
#include "http/stream/replay_writer.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view path = "/v1/sessions/sess_a/events/stream";
const std::string done{done_frame};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(stream_events_tests, http_fixture)

CAF_TEST(replays a log and keeps the connection) {
  auto log = add_session("sess_a");
  log->add(5);
  auto client = connect();
  for (int i = 0; i < 3; ++i) {
    const auto answer = get(client, path);
    CAF_CHECK_EQUAL(status_of(answer), 200);
    CAF_CHECK_EQUAL(header_of(answer, "Content-Type"), "text/event-stream; charset=utf-8");
    CAF_CHECK_EQUAL(body_of(answer), log->frames(1, 5) + done);
  }
  CAF_CHECK_EQUAL(all->counters.replays.load(), 3u);
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 200);
}

CAF_TEST(replays many slices to a slow reader whole) {
  auto log = add_session("sess_a");
  for (int i = 0; i < 40; ++i) log->add(30, "agent.message", 1000);
  auto client = connect(http_surface::api, 4096);
  ask(client, path);
  std::string all_bytes;
  for (auto part = client.receive(7'777); !part.empty(); part = client.receive(7'777)) {
    all_bytes += part;
    pump();
  }
  CAF_CHECK_EQUAL(header_of(all_bytes, "Transfer-Encoding"), "chunked");
  CAF_CHECK(unchunk(body_of(all_bytes)) == log->frames(1, 1200) + done);
  CAF_CHECK(log->pulls.size() >= 2);
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a")), 200);
}

CAF_TEST(a stalled reader is closed and gives its bytes back) {
  auto log = add_session("sess_a");
  for (int i = 0; i < 40; ++i) log->add(30, "agent.message", 1000);
  auto client = connect(http_surface::api, 4096);
  ask(client, path);
  CAF_CHECK(all->bytes_out.used() > 0);
  const auto pulls = log->pulls.size();
  pass(options.write_timeout - 1s);
  CAF_CHECK_EQUAL(all->counters.connections.load(), 1);
  CAF_CHECK_EQUAL(log->pulls.size(), pulls);  // nothing is pulled for a reader that does not read
  pass(2s);
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
  pass(6s);  // its client may still want to see the end
  CAF_CHECK_EQUAL(all->counters.connections.load(), 0);
}

CAF_TEST(a reader that hangs up ends its stream) {
  auto log = add_session("sess_a");
  for (int i = 0; i < 40; ++i) log->add(30, "agent.message", 1000);
  auto client = connect(http_surface::api, 4096);
  ask(client, path);
  client.hang_up();
  pump();
  CAF_CHECK_EQUAL(all->counters.connections.load(), 0);
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
}

CAF_TEST(starts behind the ids given) {
  auto log = add_session("sess_a");
  log->add(5);
  auto client = connect();
  const auto from = [&](const std::string& query, const std::string& headers = "") {
    return body_of(get(client, std::string{path} + query, std::string{key_header} + headers));
  };
  CAF_CHECK_EQUAL(from("?after=" + log->id(2)), log->frames(3, 5) + done);
  CAF_CHECK_EQUAL(from("?lastEventId=" + log->id(4)), log->frame(5) + done);
  CAF_CHECK_EQUAL(from("", "Last-Event-ID: " + log->id(3) + "\r\n"), log->frames(4, 5) + done);
  CAF_CHECK_EQUAL(
      from("?after=" + log->id(1) + "&after=" + log->id(4), "Last-Event-ID: " + log->id(2) + "\r\n"),
      log->frame(5) + done);
  CAF_CHECK_EQUAL(from("?after=start"), log->frames(1, 5) + done);
  const auto at_the_end = "id: " + log->id(5) + "\n\n" + done;
  CAF_CHECK_EQUAL(from("?after=latest"), at_the_end);
  CAF_CHECK_EQUAL(from("?after=" + log->id(5)), at_the_end);
  CAF_CHECK_EQUAL(from("?last_event_id=" + log->id(4)), log->frame(5) + done);
  for (const auto& name : {"after", "lastEventId", "last_event_id"}) {
    CAF_CHECK_EQUAL(from(std::string{"?"} + name + "="), log->frames(1, 5) + done);
    CAF_CHECK_EQUAL(from(std::string{"?"} + name + "=start"), log->frames(1, 5) + done);
  }
  CAF_CHECK_EQUAL(from("?tail=2"), log->frames(4, 5) + done);
  CAF_CHECK_EQUAL(from("?tail=0"), at_the_end);
  CAF_CHECK_EQUAL(from("?tail=10000"), log->frames(1, 5) + done);
  CAF_MESSAGE("an EventSource that comes again repeats its query");
  CAF_CHECK_EQUAL(from("?tail=4", "Last-Event-ID: " + log->id(4) + "\r\n"), log->frame(5) + done);
  CAF_CHECK_EQUAL(from("?after=latest&after=" + log->id(4)), log->frame(5) + done);
  CAF_CHECK_EQUAL(from("", "Last-Event-ID: \r\n"), log->frames(1, 5) + done);
  CAF_CHECK_EQUAL(from("?types=session.error"), at_the_end);
}

CAF_TEST(the place where a replay ends is told as its reader takes it) {
  auto log = add_session("sess_a");
  auto client = connect();
  const auto ask_as = [&](const std::string& query, const std::string& headers) {
    return body_of(get(client, std::string{path} + query, std::string{key_header} + headers));
  };
  const std::string browser = "Accept: text/html, text/event-stream;q=0.9\r\n";
  const auto ping = [](const std::string& id) {
    return "event: ping\nid: " + id + "\ndata: {\"type\":\"ping\"}\n\n";
  };
  CAF_CHECK_EQUAL(ask_as("", ""), "id: start\n\n" + done);
  CAF_CHECK_EQUAL(ask_as("", browser), ping("start") + done);
  log->add(3);
  CAF_CHECK_EQUAL(ask_as("", browser), log->frames(1, 3) + done);
  CAF_CHECK_EQUAL(ask_as("?types=acme.none", browser), ping(log->id(3)) + done);
  CAF_CHECK_EQUAL(ask_as("?types=acme.none", browser + "x-stainless-lang: js\r\n"),
                  "id: " + log->id(3) + "\n\n" + done);
  CAF_CHECK_EQUAL(ask_as("", "x-stainless-lang: csharp\r\n"), log->frames(1, 3) + "event: ping\n" + done);
}

CAF_TEST(only an EventSource that comes again is stopped by 204) {
  auto log = add_session("sess_a");
  auto client = connect();
  const auto status = [&](const std::string& place,
                          const std::string& more = "Accept: text/event-stream\r\n") {
    return status_of(get(client, path, std::string{key_header} + "Last-Event-ID: " + place + "\r\n" + more));
  };
  CAF_CHECK_EQUAL(status("start"), 200);
  log->state = log_state::archived;
  CAF_CHECK_EQUAL(status("start"), 204);
  log->add(2);
  log->state = log_state::open;
  CAF_CHECK_EQUAL(status(log->id(2)), 200);
  log->state = log_state::terminated;
  CAF_CHECK_EQUAL(status(log->id(2)), 204);
  CAF_CHECK_EQUAL(status(log->id(1)), 200);
  CAF_CHECK_EQUAL(status(log->id(2), ""), 200);
  CAF_CHECK_EQUAL(status(log->id(2), "Accept: text/event-stream\r\nx-stainless-lang: js\r\n"), 200);
  CAF_CHECK_EQUAL(status_of(get(client, std::string{path} + "?after=" + log->id(2),
                                std::string{key_header} + "Accept: text/event-stream\r\n")),
                  200);
  CAF_CHECK(!client.closed());
}

CAF_TEST(what implies that a stream is followed) {
  auto log = add_session("sess_a");
  log->add(1);
  const auto follows = [&](const std::string& query, const std::string& headers = "") {
    auto client = connect();
    const auto before = all->counters.follows.load();
    get(client, std::string{path} + query, std::string{key_header} + headers);
    return all->counters.follows.load() > before;
  };
  CAF_CHECK(!follows(""));
  CAF_CHECK(follows("?follow=true"));
  CAF_CHECK(follows("?until=idle"));
  CAF_CHECK(follows("?event_deltas[]=agent.message"));
  CAF_CHECK(!follows("?event_deltas[]=agent.message&follow=false"));
  CAF_CHECK(follows("", "x-stainless-helper: session-tool-runner\r\n"));
  CAF_CHECK(follows("", "x-stainless-helper: betaZodTool, session-tool-runner\r\n"));
  CAF_CHECK(follows("", "x-stainless-helper: a\r\nX-Stainless-Helper: session-tool-runner\r\n"));
  CAF_CHECK(!follows("", "x-stainless-helper: BetaToolRunner\r\n"));
  CAF_CHECK(!follows("?follow=false", "x-stainless-helper: session-tool-runner\r\n"));
}

CAF_TEST(a key has so many streams open and no more) {
  options.max_streams_per_key = 2;
  add_session("sess_a")->add(1);
  auto first = connect();
  auto second = connect();
  auto third = connect();
  const auto live = std::string{path} + "?follow=true";
  CAF_CHECK_EQUAL(status_of(get(first, live)), 200);
  CAF_CHECK_EQUAL(status_of(get(second, live)), 200);
  for (const auto& query : {live, std::string{path}}) {
    const auto answer = get(third, query);
    CAF_CHECK_EQUAL(status_of(answer), 429);
    CAF_CHECK_EQUAL(header_of(answer, "Retry-After"), "1");
    CAF_CHECK(contains(answer, "2 streams open, as many as http.max_streams_per_key allows"));
  }
  CAF_MESSAGE("another key has its own");
  CAF_CHECK_EQUAL(status_of(get(third, live, "x-api-key: sk-sb-runtime\r\n")), 200);
  first.hang_up();
  pump();
  auto fourth = connect();
  CAF_CHECK_EQUAL(status_of(get(fourth, path)), 200);
  CAF_CHECK_EQUAL(status_of(get(fourth, path)), 200);
}

CAF_TEST(bad requests are told in json) {
  auto log = add_session("sess_a");
  log->add(5);
  auto client = connect();
  const std::vector<std::tuple<std::string, int, std::string>> table = {
      {"?after=sevt_unknown", 400, "after: "},
      {"?after=with%20space", 400, "after: not an event id"},
      {"?tail=10001", 400, "tail: must be a whole number"},
      {"?tail=1&after=sevt_x", 400, "tail: not beside"},
      {"?tail=1&lastEventId=start", 400, "tail: not beside"},
      {"?tail=1&after=latest", 400, "tail: not beside"},
      {"?types=Nope!", 400, "types: "},
      {"?follow=maybe", 400, "follow: must be `true` or `false`"},
      {"?until=never", 400, "until: must be"},
      {"?until=idle&follow=false", 400, "until: needs follow"},
      {"?event_deltas[]=agent.tool_use", 400, "event_deltas: must be"},
      {"?token=st_forged", 401, "token: "},
      {"?after=%zz", 400, "after: not valid percent-encoded"},
      {"?types=agent.message&follow=false&beta=true", 200, "data: "},
  };
  for (const auto& [query, status, part] : table) {
    const auto answer = get(client, std::string{path} + query);
    CAF_CHECK_EQUAL(status_of(answer), status);
    CAF_CHECK(contains(answer, part));
  }
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_unknown/events/stream")), 404);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/not%20an%20id/events/stream")), 404);
  CAF_CHECK(!client.closed());
}

CAF_TEST(a failure before the headers keeps its status) {
  auto log = add_session("sess_a");
  log->add(5);
  auto client = connect();
  log->open_error = failure{errc::corrupt, "segment 12 of /data/x.db is damaged"};
  const auto answer = get(client, path);
  CAF_CHECK_EQUAL(status_of(answer), 500);
  CAF_CHECK(contains(answer, "internal error"));
  CAF_CHECK(!contains(answer, "segment"));
  log->open_error.reset();
  CAF_CHECK_EQUAL(status_of(get(client, path)), 200);
}

CAF_TEST(a failure on the way is an error frame) {
  auto log = add_session("sess_a");
  for (int i = 0; i < 20; ++i) log->add(30, "agent.message", 1000);
  log->pull_error = failure{errc::unavailable, "shutting down"};
  auto client = connect();
  auto answer = get(client, path);
  CAF_CHECK(!client.closed());
  pass(1500ms);
  answer += client.receive();
  const auto body = unchunk(body_of(answer), true);
  CAF_CHECK(client.closed());
  CAF_CHECK(contains(body, "\n\nevent: error\ndata: {\"type\":\"error\""));
  CAF_CHECK(!contains(body, done));
  CAF_CHECK(body.ends_with("\"}\n\n"));
}

CAF_TEST(a session that moves in between is found again) {
  auto log = add_session("sess_a");
  for (int i = 0; i < 20; ++i) log->add(30, "agent.message", 1000);
  auto client = connect(http_surface::api, 4096);
  ask(client, path);
  caf::anon_send_exit(world->sessions["sess_a"], caf::exit_reason::user_shutdown);
  sched.run();
  world->sessions["sess_a"] = sys.spawn(fake_session, log);
  CAF_CHECK(unchunk(body_of(receive_all(client))) == log->frames(1, 600) + done);
  CAF_CHECK_EQUAL(world->look_ups, 2);
}

CAF_TEST(a session that stays gone is given up) {
  auto log = add_session("sess_a");
  log->add(5);
  auto client = connect();
  caf::anon_send_exit(world->sessions["sess_a"], caf::exit_reason::user_shutdown);
  sched.run();
  const auto answer = get(client, path);
  CAF_CHECK_EQUAL(status_of(answer), 503);
  CAF_CHECK(world->look_ups <= session_tries);
}

CAF_TEST(replays wait for room in the bytes on their way) {
  options.max_bytes_out = 1000;
  auto log = add_session("sess_a");
  log->add(5);
  auto client = connect();
  CAF_REQUIRE(all->bytes_out.try_take(900));
  CAF_CHECK_EQUAL(get(client, path), "");
  pass(1s);
  CAF_CHECK_EQUAL(client.receive(), "");
  all->bytes_out.give_back(900);
  pass(1s);
  CAF_CHECK_EQUAL(body_of(client.receive()), log->frames(1, 5) + done);
  CAF_REQUIRE(all->bytes_out.try_take(900));
  CAF_CHECK_EQUAL(get(client, path), "");
  for (int i = 0; i < 70; ++i) pass(1s);
  CAF_CHECK_EQUAL(status_of(client.receive()), 503);
  all->bytes_out.give_back(900);
}

CAF_TEST(room that is made goes to who waits longest) {
  options.max_bytes_out = bounded_slice_bytes + 1000;
  auto log = add_session("sess_a");
  for (int i = 0; i < 40; ++i) log->add(30, "agent.message", 1000);
  auto short_log = add_session("sess_b");
  short_log->add(5);
  auto slow = connect(http_surface::api, 4096);
  ask(slow, path);
  auto second = connect();
  auto third = connect();
  CAF_CHECK_EQUAL(get(second, "/v1/sessions/sess_b/events/stream"), "");
  CAF_CHECK_EQUAL(get(third, "/v1/sessions/sess_b/events/stream"), "");
  slow.hang_up();
  pump();  // no deadline passes
  CAF_CHECK_EQUAL(body_of(second.receive()), short_log->frames(1, 5) + done);
  CAF_CHECK_EQUAL(body_of(third.receive()), short_log->frames(1, 5) + done);
  CAF_CHECK(shard->room.nobody_waits());
}

CAF_TEST(stalled readers let go of what others need the room of) {
  auto log = add_session("sess_a");
  for (int i = 0; i < 40; ++i) log->add(30, "agent.message", 1000);
  auto short_log = add_session("sess_b");
  short_log->add(5);
  auto stalled = connect(http_surface::api, 4096);
  auto reading = connect(http_surface::api, 4096);
  ask(stalled, path);
  ask(reading, path);
  const auto slice = static_cast<std::int64_t>(bounded_slice_bytes);
  const auto others = all->bytes_out.limit() - all->bytes_out.used() - slice + 1;
  CAF_REQUIRE(all->bytes_out.try_take(others));  // a byte less is left than the next one needs
  auto next = connect();
  CAF_CHECK_EQUAL(get(next, "/v1/sessions/sess_b/events/stream"), "");
  std::string read = reading.receive(7'777);
  for (int i = 0; i < 4; ++i) {  // well within the write timeout
    pass(out_patience / 2);
    read += reading.receive(7'777);
    pump();
  }
  CAF_CHECK_EQUAL(body_of(next.receive()), short_log->frames(1, 5) + done);
  all->bytes_out.give_back(others);
  CAF_MESSAGE("both get all of it, in the order of the log");
  for (auto part = reading.receive(7'777); !part.empty(); part = reading.receive(7'777)) {
    read += part;
    pump();
  }
  CAF_CHECK(unchunk(body_of(read)) == log->frames(1, 1200) + done);
  CAF_CHECK(unchunk(body_of(receive_all(stalled))) == log->frames(1, 1200) + done);
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
  CAF_CHECK_EQUAL(shard->room.stalling(), 0u);
}

CAF_TEST(if that is not enough they are cut off and the longest goes first) {
  auto log = add_session("sess_a");
  for (int i = 0; i < 4; ++i) log->add(1, "agent.message", 400'000);  // nothing of one event can be let go of
  add_session("sess_b")->add(5);
  std::vector<client_end> stalled;
  for (int i = 0; i < 3; ++i) {
    stalled.push_back(connect(http_surface::api, 4096));
    ask(stalled.back(), path);
    pass(100ms);
  }
  pass(out_patience);
  const auto held = all->bytes_out.used();
  CAF_CHECK(held > 3 * 390'000);
  const auto others =
      all->bytes_out.limit() - held - static_cast<std::int64_t>(bounded_slice_bytes) + 300'000;
  CAF_REQUIRE(all->bytes_out.try_take(others));  // one of them has to go
  auto next = connect();
  const auto answer = get(next, "/v1/sessions/sess_b/events/stream");
  CAF_CHECK_EQUAL(status_of(answer), 200);
  const auto first = receive_all(stalled[0]);
  CAF_CHECK(stalled[0].closed());
  CAF_CHECK(!contains(first, done));
  all->bytes_out.give_back(others);
  for (int i = 1; i < 3; ++i)
    CAF_CHECK(unchunk(body_of(receive_all(stalled[static_cast<std::size_t>(i)]))) ==
              log->frames(1, 4) + done);
}

CAF_TEST(more than there may be is room that is short for everybody) {
  auto log = add_session("sess_a");
  for (int i = 0; i < 2; ++i) log->add(1, "agent.message", 400'000);
  auto stalled = connect(http_surface::api, 4096);
  ask(stalled, path);
  all->bytes_out.take(all->bytes_out.limit());  // by answers that could not be refused
  pass(out_patience - 50ms);
  CAF_CHECK_EQUAL(shard->room.stalling(), 1u);
  pass(io_thread::tick);
  CAF_CHECK_EQUAL(shard->room.stalling(), 0u);
  CAF_CHECK(!contains(receive_all(stalled), done));
  all->bytes_out.give_back(all->bytes_out.limit());
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
}

CAF_TEST(a session that does not answer is given up) {
  auto log = add_session("sess_a");
  log->add(5);
  log->hold = true;
  auto client = connect();
  CAF_CHECK_EQUAL(get(client, path), "");
  pass(options.request_timeout + 1s);
  CAF_CHECK_EQUAL(status_of(client.receive()), 503);
  for (auto& go : std::exchange(log->held, {})) go();  // too late: nobody listens
  pump();
  log->hold = false;
  CAF_CHECK_EQUAL(body_of(get(client, path)), log->frames(1, 5) + done);
}

CAF_TEST(head of a stream has no body) {
  auto log = add_session("sess_a");
  log->add(5);
  auto client = connect();
  const auto answer = exchange(
      client, "HEAD " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n" + std::string{key_header} + "\r\n");
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK_EQUAL(header_of(answer, "Content-Type"), "text/event-stream; charset=utf-8");
  CAF_CHECK(answer.ends_with("\r\n\r\n"));
  CAF_CHECK_EQUAL(body_of(get(client, path)), log->frames(1, 5) + done);
}

CAF_TEST(http 1 0 streams up to the end of the connection) {
  auto log = add_session("sess_a");
  for (int i = 0; i < 20; ++i) log->add(30, "agent.message", 1000);
  auto client = connect();
  auto answer =
      exchange(client, "GET " + std::string{path} + " HTTP/1.0\r\n" + std::string{key_header} + "\r\n");
  for (int i = 0; i < 1000 && !client.closed(); ++i) {
    pump();
    answer += client.receive();
  }
  CAF_CHECK(client.closed());
  CAF_CHECK(body_of(answer) == log->frames(1, 600) + done);
}

CAF_TEST(a replay in flight is finished while draining) {
  auto log = add_session("sess_a");
  for (int i = 0; i < 20; ++i) log->add(30, "agent.message", 1000);
  auto client = connect(http_surface::api, 4096);
  ask(client, path);
  for (auto& c : connections) caf::anon_send(c, begin_drain{});
  pump();
  const auto answer = receive_all(client);
  CAF_CHECK(client.closed());
  CAF_CHECK(unchunk(body_of(answer)) == log->frames(1, 600) + done);
}

CAF_TEST(what is asked behind a replay is answered while draining) {
  auto log = add_session("sess_a");
  for (int i = 0; i < 20; ++i) log->add(30, "agent.message", 1000);
  auto client = connect(http_surface::api, 4096);
  ask(client, path);
  client.send(get_request("/v1/sessions/sess_a", key_header));
  for (auto& c : connections) caf::anon_send(c, begin_drain{});
  pump();
  const auto answers = receive_all(client);
  CAF_CHECK(client.closed());
  const auto second = answers.find("HTTP/1.1 200 OK", 1);
  CAF_REQUIRE(second != answers.npos);
  CAF_CHECK(unchunk(body_of(answers.substr(0, second))) == log->frames(1, 600) + done);
  CAF_CHECK_EQUAL(header_of(answers.substr(second), "Connection"), "close");
}

CAF_TEST_FIXTURE_SCOPE_END()
