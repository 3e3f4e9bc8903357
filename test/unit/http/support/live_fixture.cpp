// SPDX-License-Identifier: Apache-2.0
#include "test/unit/http/support/live_fixture.hpp"

namespace sandbase::test {

namespace {

/// A reader that says nothing of keys while it is mute.
reader_actor::behavior_type gated_reader(reader_actor::pointer self, const reader_actor& to,
                                         const std::shared_ptr<bool>& mute) {
  return {
      [=](const find_session& r) { return self->delegate(to, r); },
      [=](const find_log& r) { return self->delegate(to, r); },
      [=](const read_request& r) { return self->delegate(to, r); },
      [=](const search_segments& r) { return self->delegate(to, r); },
      [=](const find_event& r) { return self->delegate(to, r); },
      [=](const find_deletion& r) { return self->delegate(to, r); },
      [=](const find_idempotency& r) { return self->delegate(to, r); },
      [=](const find_key& r) -> caf::result<found_key> {
        if (*mute) return to_error({errc::unavailable, "the store is away"});
        return self->delegate(to, r);
      },
      [=](const list_sessions& r) { return self->delegate(to, r); },
      [=](const describe_actor& r) { return self->delegate(to, r); },
      [](const read_list&) {},
      [](const reader_tick&) {},
  };
}

}  // namespace

live_config::live_config() { add_message_types<caf::id_block::sandbase_http>(); }

live_fixture::live_fixture() : service_bench(sys, memory_or_disk()), http_bench(sys) {
  test_now = test_time;
  key = make_key(role::runtime);
  key_header = header_with(key.secret);
}

live_fixture::~live_fixture() {
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

new_api_key live_fixture::make_key(role may) {
  auto admin = backend->open_admin();
  if (!admin) CAF_FAIL(admin.error().message);
  auto made = (*admin)->create_key("default", may, "test", test_now);
  if (!made) CAF_FAIL(made.error().message);
  return *made;
}

void live_fixture::revoke(const new_api_key& k) {
  auto admin = backend->open_admin();
  if (!admin) CAF_FAIL(admin.error().message);
  auto revoked = (*admin)->revoke_key(k.key.id, test_now);
  if (!revoked) CAF_FAIL(revoked.error().message);
}

sse_client live_fixture::follow(const std::string& id, const std::string& query, const std::string& headers,
                                int send_buffer) {
  sse_client client{dial(http_surface::api, send_buffer)};
  request_stream(client, id, query, headers);
  return client;
}

void live_fixture::request_stream(sse_client& client, const std::string& id, const std::string& query,
                                  const std::string& headers) {
  shard->keys.clear();
  client.connection().send(
      get_request("/v1/sessions/" + id + "/events/stream?follow=true" + query, key_header + headers));
}

void live_fixture::settle(sse_client& client) {
  do pump();
  while (client.read());
  if (client.connection().closed() || (client.error.empty() && client.closing.empty())) return;
  pass(std::chrono::milliseconds{1500});  // so long the connection stays behind its last frame
  client.read();
}

void live_fixture::gate_reader() {
  if (!gate_) gate_ = sys.spawn(gated_reader, reader, mute_);
}

bool live_fixture::step(turn whose) {
  if (whose == turn::alternate) {
    flip_ = !flip_;
    whose = flip_ ? turn::jobs : turn::io;
  }
  return whose == turn::jobs ? step_job() || step_io() : step_io() || step_job();
}

void live_fixture::begin_call(std::string_view method, const std::string& path, std::string_view body) {
  if (writer_) writer_->receive();
  if (!writer_ || writer_->closed()) writer_.emplace(connect());  // the first, or it was idle for too long
  writer_->send(std::string{method} + " /v1/sessions/" + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n" + key_header + "\r\n" + std::string{body});
}

session_actor live_fixture::session_of(const std::string& id) {
  auto s = look_up(id);
  sessions.clear();  // the end comes through the directory
  return s;
}

session_key live_fixture::key_of(const std::string& id) {
  const auto found = must<found_session>(reader, find_session{workspace, id});
  if (!found.log) CAF_FAIL("no session " << id);
  return found.log->key;
}

void live_fixture::begin_retiring(session_key session) { caf::anon_send(directory, session_goes{session}); }

void live_fixture::retire(const std::string& id) {
  begin_retiring(key_of(id));
  pump();
}

std::size_t live_fixture::streams_of(const std::string& id) {
  pump();
  return must<session_view>(session_of(id), describe_request{}).streams;
}

std::vector<std::string> live_fixture::log_of(const std::string& id) {
  std::vector<std::string> log;
  for (const auto& json : replay(session_of(id))) {
    const auto start = std::string_view{R"({"id":")"}.size();
    append_frame(log.emplace_back(), json.substr(start, json.find('"', start) - start), json);
  }
  return log;
}

std::string live_fixture::id_of(const std::string& id, seq_t seq) {
  return id_in(log_of(id).at(static_cast<std::size_t>(seq) - 1));
}

std::string live_fixture::places(const std::vector<std::string>& frames,
                                 const std::vector<std::string>& log) {
  std::map<std::string_view, std::size_t> place;
  for (std::size_t i = 0; i < log.size(); ++i) place.emplace(log[i], i + 1);
  std::vector<std::size_t> seen;
  for (const auto& f : frames) seen.push_back(place.contains(f) ? place.at(f) : 0);
  return ranges(seen);
}

std::size_t live_fixture::place_of(const std::string& id, const std::vector<std::string>& log) {
  if (id == "start") return 0;
  for (std::size_t i = 0; i < log.size(); ++i)
    if (log[i].starts_with(std::string{frame_before_id} + id + '\n')) return i + 1;
  CAF_FAIL(id << " is not in the log");
}

std::string live_fixture::ranges(const std::vector<std::size_t>& seqs) {
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

std::unique_ptr<sandbase::server_state> live_fixture::make_service() {
  return std::make_unique<sandbase::server_state>(options, service_actors{directory,
                                                                          {gate_ ? gate_ : reader},
                                                                          lister,
                                                                          clock_for_tests(),
                                                                          actors->board(),
                                                                          actors->commits(),
                                                                          status_actor{},
                                                                          {journal},
                                                                          closing});
}

}  // namespace sandbase::test
