// SPDX-License-Identifier: Apache-2.0
// Live streams over the real thing: connections, their streams and a fan_out on an io thread that is stepped
// by hand, before the real directory, sessions, journal and store. Nothing runs but what a test lets run.
#pragma once

#include "test/unit/actors/support/service_bench.hpp"
#include "test/unit/http/support/http_bench.hpp"
#include "test/unit/http/support/sse_client.hpp"
// The framework's header comes first.
#include "actors/node/system_config.hpp"

namespace sandbase::test {

struct live_config : system_config {
  live_config();
};

/// Who goes first when both an actor of the scheduler and the io thread have something to do.
enum class turn { jobs, io, alternate };
inline constexpr turn all_turns[] = {turn::jobs, turn::io, turn::alternate};

class live_fixture : public test_coordinator_fixture<live_config>, public service_bench, public http_bench {
 public:
  using http_bench::ask;
  using service_bench::ask;
  using service_bench::run;

  live_fixture();
  /// After every test: whoever hangs up leaves nothing behind.
  ~live_fixture() override;

  // --- keys -----------------------------------------------------------------------------

  new_api_key make_key(role may);
  void revoke(const new_api_key& k);
  static std::string header_with(const std::string& secret) {
    return "Authorization: Bearer " + secret + "\r\n";
  }

  // --- streams --------------------------------------------------------------------------

  /// A connection that has asked for a followed stream; the request is not read yet.
  /// `send_buffer`: bytes that the server's end of the socket takes, 0: as the system likes
  sse_client follow(const std::string& id, const std::string& query = "", const std::string& headers = "",
                    int send_buffer = 0);
  /// Sends the request on a connection that is there. Its key has to be looked up.
  void request_stream(sse_client& client, const std::string& id, const std::string& query = "",
                      const std::string& headers = "");
  /// Runs everything and lets the client read all that comes.
  void settle(sse_client& client);

  /// What the streams of other io threads would hold. @pre there was a connection
  byte_lease take_all_room() {
    CAF_REQUIRE(all->bytes_out.try_take(options.max_bytes_out));
    return {all->bytes_out, options.max_bytes_out};
  }

  /// What connections and streams of this thread ask for keys. @pre no connection yet, or one with a gate
  void gate_reader();
  void reader_is_mute(bool yes) { *mute_ = yes; }

  // --- steps ------------------------------------------------------------------------------

  bool step(turn whose);
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

  /// As run_without(), with the io thread.
  template <class Held>
  void pump_without(Held held) {
    do run_without(held);
    while (step_io());
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
  void begin_call(std::string_view method, const std::string& path, std::string_view body = {});
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
  session_actor session_of(const std::string& id);
  session_key key_of(const std::string& id);
  /// The session's actor will seal and end as if it had been idle for long.
  void begin_retiring(session_key session);
  void retire(const std::string& id);
  /// How many follow the session now.
  std::size_t streams_of(const std::string& id);

  /// The frames of the whole log, as the session itself has it.
  std::vector<std::string> log_of(const std::string& id);
  std::string id_of(const std::string& id, seq_t seq);
  static std::string id_in(const std::string& frame) {
    const auto start = frame_before_id.size();
    return frame.substr(start, frame.find('\n', start) - start);
  }
  /// The places in the log of what a client has seen: `1-4,7`; a `?` for a frame that is not of this log.
  static std::string places(const std::vector<std::string>& frames, const std::vector<std::string>& log);
  /// The place of the event with this id; 0 for `start`.
  static std::size_t place_of(const std::string& id, const std::vector<std::string>& log);
  static std::string ranges(const std::vector<std::size_t>& seqs);
  std::string seen(const sse_client& client, const std::string& id) {
    return places(client.frames, log_of(id));
  }

  /// That key_header has.
  new_api_key key;
  std::shared_ptr<service_gate> closing = std::make_shared<service_gate>();

 private:
  std::unique_ptr<sandbase::server_state> make_service() override;
  reader_actor gate_;
  std::shared_ptr<bool> mute_ = std::make_shared<bool>(false);
  std::optional<client_end> writer_;
  bool flip_ = false;
};

}  // namespace sandbase::test
