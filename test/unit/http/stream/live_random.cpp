// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE live_random
#include "test/unit/http/support/live_fixture.hpp"

#include <cstdlib>
#include <random>

using namespace sandbase;
using namespace sandbase::test;

namespace {

/// A client that wants one piece of one log, whatever becomes of its connections.
struct subscriber {
  std::string session;
  /// The one type that passes; empty: all.
  std::string only;
  /// Starts at the log's end.
  bool latest = false;
  bool previews = false;
  int send_buffer = 0;
  std::optional<sse_client> stream = {};
  std::vector<std::string> collected = {};
  std::string last_id = {};
  /// The id that a stream from the end named first.
  std::optional<std::string> began_behind = {};
  /// All of a log that has ended.
  bool over = false;
};

/// A client that appends to one session, one request behind another.
struct writer {
  std::string session;
  client_end end;
  std::string unsent = {};
};

struct fixture : live_fixture {
  // --- one schedule ------------------------------------------------------------------------

  void run_schedule(std::uint32_t seed, std::size_t length) {
    random.seed(seed);
    for (auto n = 1 + pick(3); n > 0; --n) {
      ids.push_back(create());
      if (one_in(2)) append_text(session_of(ids.back()), "before all");
      if (one_in(3)) retire(ids.back());
      writers.push_back({ids.back(), dial()});
    }
    for (auto n = 2 + pick(4); n > 0; --n)
      readers.push_back(
          {any(ids), one_in(3) ? "user.message" : "", one_in(4), one_in(3), one_in(2) ? 4096 : 0});
    while (length-- > 0) do_something();
    end_well();
  }

  void do_something() {
    switch (pick(22)) {
      case 0:
      case 1:
      case 2:
        return append(any(writers));
      case 3:
        return drop(any(readers));
      case 4:
        return end_actor(any(ids));
      case 5:
        if (one_in(4)) faults->next_commit = {errc::unavailable, "disk full"};
        return;
      case 6:
        return look_at_deadlines(std::chrono::milliseconds{pick(4'000)});
      case 7:
      case 8:
      case 9:
      case 10:
        return read(any(readers), pick(8) == 0 ? ~std::size_t{0} : pick(5'000));
      case 11:
      case 12:
        return ask(any(readers));
      case 13:
      case 14:
        return preview(any(writers));
      default:
        return run_some(1 + pick(12));
    }
  }

  /// Everybody reads to the end; half of the logs have one.
  void end_well() {
    std::vector<std::string> ended;
    for (auto& w : writers) {
      if (one_in(2)) {
        w.unsent += request_of(w.session, events({terminated()}));
        ended.push_back(w.session);
      }
    }
    // What was stored last may have failed with a session, or for the disk:
    // then the end is asked for once more.
    faults->next_commit = {};
    send_all();
    for (const auto& id : ended) post_unless_over(id);
    for (int idle = 0; idle < 3; ++idle) {
      for (auto& r : readers) {
        ask(r);
        if (read_all(r)) idle = 0;
      }
      pass(io_thread::tick);  // whoever waits for room looks again
    }
    for (auto& r : readers) read_all(r);
    for (const auto& id : ids) {
      const auto log = log_of(id);
      std::size_t following = 0;
      for (auto& r : readers) {
        if (r.session != id) continue;
        if (r.stream) ++following;
        check(r, log);
      }
      CAF_CHECK_EQUAL(streams_of(id), following);
    }
    for (auto& r : readers) drop(r);
    for (const auto& id : ids) CAF_CHECK_EQUAL(streams_of(id), 0u);
    for (auto& w : writers) receive_all(w.end);  // answers count as long as they are not taken
    CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
    handles.clear();
    keys.clear();
    readers.clear();
    writers.clear();
    ids.clear();
    restart_http();
  }

  /// What it collected over all its connections is the piece of the log that it wanted.
  void check(subscriber& r, const std::vector<std::string>& log) {
    auto frames = r.collected;
    if (r.stream) frames.insert(frames.end(), r.stream->frames.begin(), r.stream->frames.end());
    std::size_t behind = 0;
    if (r.latest && r.began_behind)
      behind = place_of(*r.began_behind, log);
    else if (r.latest)  // it began with what was stored while it asked
      behind = frames.empty() ? log.size() : place_of(id_in(frames.front()), log) - 1;
    std::vector<std::size_t> due;
    for (auto seq = behind + 1; seq <= log.size(); ++seq)
      if (r.only.empty() || contains(log[seq - 1], "\"type\":\"" + r.only + '"')) due.push_back(seq);
    CAF_CHECK_EQUAL(places(frames, log), ranges(due));
    const bool ended = !log.empty() && contains(log.back(), "\"type\":\"session.status_terminated\"");
    CAF_CHECK_EQUAL(r.over, ended);
  }

  // --- clients --------------------------------------------------------------------------------

  void ask(subscriber& r) {
    if (r.stream || r.over) return;
    std::string query = r.only.empty() ? "" : "&types=" + r.only;
    std::string headers;
    if (r.latest) query += "&after=latest";
    if (r.previews) query += "&event_deltas[]=agent.message";
    if (!r.last_id.empty()) {
      if (one_in(3))
        query += "&after=" + r.last_id;
      else if (one_in(2))
        query += "&lastEventId=" + r.last_id;
      else
        headers = "Last-Event-ID: " + r.last_id + "\r\n";
    }
    r.stream.emplace(follow(r.session, query, headers, r.send_buffer));
  }
  void read(subscriber& r, std::size_t at_most) {
    if (!r.stream) return;
    r.stream->read(at_most);
    settle_with(r);
  }
  /// @returns whether anything came
  bool read_all(subscriber& r) {
    bool any = false;
    while (r.stream && r.stream->read()) {
      any = true;
      pump();
    }
    settle_with(r);
    return any;
  }
  /// Draws the conclusions from what has come.
  void settle_with(subscriber& r) {
    if (!r.stream) return;
    auto& s = *r.stream;
    if (r.latest && r.last_id.empty() && s.live_at && s.history == 0) r.began_behind = s.live_at;
    if (s.status == 204 || s.done) r.over = true;
    if (!s.error.empty()) CAF_CHECK(contains(s.error, "\"type\":\"overloaded_error\""));
    if (s.status != 0 && s.status != 200 && s.status != 204) CAF_CHECK_EQUAL(s.status, 503);
    const bool told_to_go = !s.closing.empty() || !s.error.empty();
    if (s.complete || s.connection().closed() || r.over || !s.rest.empty() || told_to_go) drop(r);
  }
  void drop(subscriber& r) {
    if (!r.stream) return;
    auto& s = *r.stream;
    r.collected.insert(r.collected.end(), s.frames.begin(), s.frames.end());
    if (!s.last_id.empty()) r.last_id = s.last_id;
    r.stream.reset();
  }

  std::string request_of(const std::string& id, const std::string& body) {
    return "POST /v1/sessions/" + id +
           "/events HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           key_header + "\r\n" + body;
  }
  void append(writer& w) {
    std::vector<std::string> some;
    const auto size = one_in(40) ? 70'000 : one_in(4) ? pick(9'000) : pick(200);
    for (auto n = 1 + pick(3); n > 0; --n)
      some.push_back(one_in(3) ? user(std::string(size, 'u')) : message(std::string(size, 'm')));
    w.unsent += request_of(w.session, events(some));
    send_some(w);
  }
  void preview(writer& w) {
    static constexpr std::string_view start =
        R"({"type":"event_start","event":{"type":"agent.message","id":"msg_1"}})";
    static constexpr std::string_view delta =
        R"({"type":"event_delta","event_id":"msg_1","delta":{"type":"content_delta","index":0,)"
        R"("content":{"type":"text","text":"x"}}})";
    w.unsent += request_of(w.session, events({std::string{one_in(3) ? start : delta}}));
    send_some(w);
  }
  void send_some(writer& w) {
    w.end.receive();                              // the answers: the log tells what was stored
    if (w.end.closed()) w = {w.session, dial()};  // it was idle for too long
    w.unsent.erase(0, w.end.send(w.unsent));
  }
  void send_all() {
    pump();
    for (auto& w : writers) do {
        send_some(w);
        pump();
      } while (!w.unsent.empty());
  }
  void post_unless_over(const std::string& id) {
    begin_post(id, events({terminated()}));
    pump();
    const auto status = end_call();
    CAF_CHECK(status == 200 || status == 400);
  }

  // --- what happens ------------------------------------------------------------------------------

  void end_actor(const std::string& id) {
    const auto known = handles.find(id);
    if (known == handles.end() || one_in(3)) {
      handles[id] = session_of(id);
      return;
    }
    if (one_in(2))
      caf::anon_send_exit(known->second, caf::exit_reason::kill);
    else
      begin_retiring(keys[id] = keys.contains(id) ? keys[id] : key_of(id));
    handles.erase(known);
  }
  void run_some(std::size_t n) {
    for (; n > 0; --n) {
      if (!sched.jobs.empty()) std::swap(sched.jobs.front(), sched.jobs[pick(sched.jobs.size())]);
      step(one_in(2) ? turn::jobs : turn::io);
    }
  }

  std::size_t pick(std::size_t n) { return random() % n; }
  bool one_in(std::size_t n) { return pick(n) == 0; }
  template <class T>
  T& any(std::vector<T>& of) {
    return of[pick(of.size())];
  }

  std::minstd_rand random;
  std::vector<std::string> ids;
  std::vector<subscriber> readers;
  std::vector<writer> writers;
  std::map<std::string, session_actor> handles;
  std::map<std::string, session_key> keys;

  /// Many schedules, or the one that SANDBASE_SEED names.
  void run_schedules(std::uint32_t first_seed, std::uint32_t count) {
    if (const char* seed = std::getenv("SANDBASE_SEED")) {
      first_seed = static_cast<std::uint32_t>(std::strtoul(seed, nullptr, 10));
      count = 1;
    }
    for (auto seed = first_seed; seed < first_seed + count; ++seed) {
      CAF_MESSAGE("SANDBASE_SEED=" << seed);  // of a run that fails it is the last
      const auto faults_before = caf::test::engine::current_test()->bad();
      run_schedule(seed, 150);
      if (caf::test::engine::current_test()->bad() != faults_before) return;
    }
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(live_random_tests, fixture)

CAF_TEST(what clients collect over all their connections is the log) { run_schedules(1, 200); }

CAF_TEST(also when there is little room and streams do not last) {
  options.max_bytes_out = 2 * follow_slice_bytes;
  options.stream_max_age = std::chrono::seconds{20};
  options.write_timeout = std::chrono::seconds{10};
  options.stream_heartbeat = std::chrono::seconds{3};
  run_schedules(100'001, 200);
}

CAF_TEST_FIXTURE_SCOPE_END()
