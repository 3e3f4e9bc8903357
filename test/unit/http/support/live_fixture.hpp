// Live streams over the real thing: connections, their streams and a fan_out on an io thread that is stepped
// by hand, before the real directory, sessions, journal and store. Nothing runs but what a test lets run.
#pragma once

#include "test/unit/http/support/http_bench.hpp"
#include "test/unit/http/support/sse_client.hpp"
#include "test/unit/support/service_fixture.hpp"

namespace sandbase::test {

struct live_config : system_config {
  live_config() { add_message_types<caf::id_block::sandbase_http>(); }
};

/// Who goes first when both an actor of the scheduler and the io thread have something to do.
enum class turn { jobs, io, alternate };
inline constexpr turn all_turns[] = {turn::jobs, turn::io, turn::alternate};

/// A reader that says nothing of keys while it is mute.
inline reader_actor::behavior_type gated_reader(reader_actor::pointer self, const reader_actor& to,
                                                const std::shared_ptr<bool>& mute) {
  return {
      [=](const find_session& r) { return self->delegate(to, r); },
      [=](const read_request& r) { return self->delegate(to, r); },
      [=](const search_segments& r) { return self->delegate(to, r); },
      [=](const find_event& r) { return self->delegate(to, r); },
      [=](const find_idempotency& r) { return self->delegate(to, r); },
      [=](const find_key& r) -> caf::result<found_key> {
        if (*mute) return to_error({errc::unavailable, "the store is away"});
        return self->delegate(to, r);
      },
      [=](const list_sessions& r) { return self->delegate(to, r); },
  };
}

class live_fixture : public basic_service_fixture<live_config>, public http_bench {
 public:
  using basic_service_fixture<live_config>::ask;
  using http_bench::ask;

  live_fixture() : basic_service_fixture(memory_or_disk()), http_bench(sys) {
    test_now = test_time;
    key = make_key(role::runtime);
    key_header = header_with(key.secret);
  }
  /// After every test: whoever hangs up leaves nothing behind.
  ~live_fixture() override {
    if (all) {
      for (auto& c : connections) caf::anon_send(c, abort_now{});
      pump();
      CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
      CAF_CHECK_EQUAL(all->counters.connections.load(), 0);
      CAF_CHECK(shard->room.stalling() == 0);
      CAF_CHECK(shard->room.nobody_waits());
      // The fan_out looks at no key any more.
      io.sweep(clock + std::chrono::hours{1});
      CAF_CHECK(!step_io() && !step_job());
      close();
    }
    if (gate_) caf::anon_send_exit(gate_, caf::exit_reason::user_shutdown);
    gate_ = nullptr;
    const auto ended = ask<done_answer>(directory, retire_all{});
    run();
    CAF_CHECK(*ended);
  }

  // --- keys -----------------------------------------------------------------------------

  new_api_key make_key(role may) {
    auto admin = backend->open_admin();
    if (!admin) CAF_FAIL(admin.error().message);
    auto made = (*admin)->create_key("default", may, "test", test_now);
    if (!made) CAF_FAIL(made.error().message);
    return *made;
  }
  void revoke(const new_api_key& k) {
    auto admin = backend->open_admin();
    if (!admin) CAF_FAIL(admin.error().message);
    auto revoked = (*admin)->revoke_key(k.key.id, test_now);
    if (!revoked) CAF_FAIL(revoked.error().message);
  }
  static std::string header_with(const std::string& secret) {
    return "Authorization: Bearer " + secret + "\r\n";
  }

  // --- streams --------------------------------------------------------------------------

  /// A connection that has asked for a followed stream; the request is not read yet.
  /// `send_buffer`: bytes that the server's end of the socket takes, 0: as the system likes
  sse_client follow(const std::string& id, const std::string& query = "", const std::string& headers = "",
                    int send_buffer = 0) {
    sse_client client{dial(http_surface::api, send_buffer)};
    request_stream(client, id, query, headers);
    return client;
  }
  /// Sends the request on a connection that is there. Its key has to be looked up.
  void request_stream(sse_client& client, const std::string& id, const std::string& query = "",
                      const std::string& headers = "") {
    shard->keys.clear();
    client.connection().send(
        get_request("/v1/sessions/" + id + "/events/stream?follow=true" + query, key_header + headers));
  }
  /// Runs everything and lets the client read all that comes.
  void settle(sse_client& client) {
    do pump();
    while (client.read());
    if (client.connection().closed() || (client.error.empty() && client.closing.empty())) return;
    pass(std::chrono::milliseconds{1500});  // so long the connection stays behind its last frame
    client.read();
  }

  /// What the streams of other io threads would hold. @pre there was a connection
  byte_lease take_all_room() {
    CAF_REQUIRE(all->bytes_out.try_take(options.max_bytes_out));
    return {all->bytes_out, options.max_bytes_out};
  }

  /// What connections and streams of this thread ask for keys. @pre no connection yet, or one with a gate
  void gate_reader() {
    if (!gate_) gate_ = sys.spawn(gated_reader, reader, mute_);
  }
  void reader_is_mute(bool yes) { *mute_ = yes; }

  // --- steps ------------------------------------------------------------------------------

  bool step(turn whose) {
    if (whose == turn::alternate) {
      flip_ = !flip_;
      whose = flip_ ? turn::jobs : turn::io;
    }
    return whose == turn::jobs ? step_job() || step_io() : step_io() || step_job();
  }
  /// @returns whether there were that many
  bool steps(std::size_t n, turn whose) {
    for (; n > 0; --n)
      if (!step(whose)) return false;
    return true;
  }
  void finish(turn whose) {
    while (step(whose)) {
    }
  }

  /// The HTTP side starts anew with the next connection. @pre all clients have hung up
  void restart_http() {
    writer_.reset();
    pump();
    close();
    flip_ = false;
  }

  // --- a writer -----------------------------------------------------------------------------

  /// Sends a request on a connection of its own; nothing runs yet.
  void begin_call(std::string_view method, const std::string& path, std::string_view body = {}) {
    if (writer_) writer_->receive();
    if (!writer_ || writer_->closed()) writer_.emplace(connect());  // the first, or it was idle for too long
    writer_->send(std::string{method} + " /v1/sessions/" + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                  std::to_string(body.size()) + "\r\n" + key_header + "\r\n" + std::string{body});
  }
  void begin_post(const std::string& id, const std::string& body) {
    begin_call("POST", id + "/events", body);
  }
  /// The status of the answer, once it is there.
  int end_call() { return status_of(receive_all(*writer_)); }
  /// Appends and lets everything happen that follows.
  void post_events(const std::string& id, const std::string& body) {
    begin_post(id, body);
    pump();
    CAF_REQUIRE_EQUAL(end_call(), 200);
  }
  void post_text(const std::string& id, const std::string& text) { post_events(id, events({message(text)})); }

  static std::string user(const std::string& text) {
    return R"({"type":"user.message","content":[{"type":"text","text":")" + text + R"("}]})";
  }
  static std::string idle(const std::string& reason = "end_turn") {
    return R"({"type":"session.status_idle","stop_reason":{"type":")" + reason + R"("}})";
  }
  static std::string terminated() { return R"({"type":"session.status_terminated"})"; }

  // --- sessions -----------------------------------------------------------------------------

  /// The session's actor as of now; started if need be.
  session_actor session_of(const std::string& id) {
    auto s = look_up(id);
    sessions.clear();  // the end comes through the directory
    return s;
  }
  session_key key_of(const std::string& id) {
    const auto found = must<found_session>(reader, find_session{workspace, id});
    if (!found.row) CAF_FAIL("no session " << id);
    return found.row->key;
  }
  /// The session's actor will seal and end as if it had been idle for long.
  void begin_retiring(session_key session) { caf::anon_send(directory, retire_me{session}); }
  void retire(const std::string& id) {
    begin_retiring(key_of(id));
    pump();
  }
  /// How many follow the session now.
  std::size_t streams_of(const std::string& id) {
    pump();
    return must<session_view>(session_of(id), describe_request{}).streams;
  }

  /// The frames of the whole log, as the session itself has it.
  std::vector<std::string> log_of(const std::string& id) {
    std::vector<std::string> log;
    for (const auto& json : replay(session_of(id))) {
      const auto start = std::string_view{R"({"id":")"}.size();
      append_frame(log.emplace_back(), json.substr(start, json.find('"', start) - start), json);
    }
    return log;
  }
  std::string id_of(const std::string& id, seq_t seq) {
    return id_in(log_of(id).at(static_cast<std::size_t>(seq) - 1));
  }
  static std::string id_in(const std::string& frame) {
    const auto start = frame_before_id.size();
    return frame.substr(start, frame.find('\n', start) - start);
  }
  /// The places in the log of what a client has seen: `1-4,7`; a `?` for a frame that is not of this log.
  static std::string places(const std::vector<std::string>& frames, const std::vector<std::string>& log) {
    std::map<std::string_view, std::size_t> place;
    for (std::size_t i = 0; i < log.size(); ++i) place.emplace(log[i], i + 1);
    std::vector<std::size_t> seen;
    for (const auto& f : frames) seen.push_back(place.contains(f) ? place.at(f) : 0);
    return ranges(seen);
  }
  /// The place of the event with this id; 0 for `start`.
  static std::size_t place_of(const std::string& id, const std::vector<std::string>& log) {
    if (id == "start") return 0;
    for (std::size_t i = 0; i < log.size(); ++i)
      if (log[i].starts_with(std::string{frame_before_id} + id + '\n')) return i + 1;
    CAF_FAIL(id << " is not in the log");
  }
  static std::string ranges(const std::vector<std::size_t>& seqs) {
    std::string text;
    for (std::size_t i = 0; i < seqs.size();) {
      auto last = i;
      while (last + 1 < seqs.size() && seqs[last] != 0 && seqs[last + 1] == seqs[last] + 1) ++last;
      text += (text.empty() ? "" : ",") + (seqs[i] == 0 ? "?" : std::to_string(seqs[i]));
      if (last > i) text += "-" + std::to_string(seqs[last]);
      i = last + 1;
    }
    return text;
  }
  std::string seen(const sse_client& client, const std::string& id) {
    return places(client.frames, log_of(id));
  }

  /// That key_header has.
  new_api_key key;

 private:
  std::unique_ptr<sandbase::server_state> make_service() override {
    return std::make_unique<sandbase::server_state>(
        options, directory, std::vector<reader_actor>{gate_ ? gate_ : reader}, now_for_tests);
  }
  reader_actor gate_;
  std::shared_ptr<bool> mute_ = std::make_shared<bool>(false);
  std::optional<client_end> writer_;
  bool flip_ = false;
};

}  // namespace sandbase::test
