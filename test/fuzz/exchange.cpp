// SPDX-License-Identifier: Apache-2.0
// From the bytes of a client to the bytes of the answers: a connection on a
// socket pair, everything behind it on one thread. Whatever comes in, well-formed
// answers go out, every whole request gets one, and nothing stays behind.
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/wire/request_reader.hpp"
#include "test/fuzz/support/responses.hpp"

#include <spdlog/spdlog.h>

using namespace sandbase;
using namespace std::chrono_literals;
using fuzz::demand;

namespace {

/// A session that tells streams when they have reached its end.
session_actor::behavior_type live_session(session_actor::pointer self, std::shared_ptr<test::fake_log> log) {
  const auto fake = self->spawn<caf::linked>(test::fake_session, log);
  const auto with_end = [log](pull_answer answer, bool forwards) {
    answer.live = forwards && answer.end == log->end() &&
                  (answer.slice.empty() || answer.slice.last_seq() == answer.end);
    return answer;
  };
  return {
      [=](const append_request& r) -> caf::result<append_answer> {
        if (r.request->events.empty()) return append_answer{};  // only previews
        return self->delegate(fake, r);
      },
      [=](const open_request& r) -> caf::result<pull_answer> {
        auto answer = log->open(r);
        if (!answer) return to_error(answer.error());
        return with_end(*std::move(answer), !r.backwards);
      },
      [=](const pull_request& r) -> caf::result<pull_answer> {
        return with_end(
            test::pulled(log->slice(r.after, r.up_to, r.max_bytes, r.backwards), r.after, r.up_to),
            !r.backwards);
      },
      [=](const search_request& r) { return self->delegate(fake, r); },
      [=](const describe_request& r) { return self->delegate(fake, r); },
      [=](const update_session& r) { return self->delegate(fake, r); },
      [=](const archive_session& r) { return self->delegate(fake, r); },
      [=](const redact_event& r) { return self->delegate(fake, r); },
      [=](const delete_session& r) { return self->delegate(fake, r); },
      [](const published_ack&) {},
      [](const unfollow&) {},
      [](const news_taken&) {},
      [](const commit_done&) {},
      [](const seal_done&) {},
      [](const seal_wanted&) {},
      [](const end_moved&) {},
      [](const mirrored&) {},
      [](const mirrored_previews&) {},
      [](const mirror_lost&) {},
      [](const retire_now&) {},
      [](const idle_check&) {},
      [](const describe_actor&) {
        return actor_status{"fake", {}};
      },
      [](const retry_tick&) {},
  };
}

class server : public test::http_fixture {
 public:
  server() {
    options.max_body_bytes = 3000;
    options.max_header_bytes = 1500;
    options.limits.max_event_bytes = 1000;
    options.limits.max_events = 10;
    options.cors_origins = {"https://app.example"};
    options.token_secret = "secret";
    add("sess_a")->add(3);
    add("sess_a")->add(2, "session.status_idle");
    add("sess_empty");
    add("sess_over")->add(1, "session.status_terminated");
  }

  /// The session's log; made if it is new.
  std::shared_ptr<test::fake_log> add(const std::string& id) {
    auto& log = world->logs[id];
    if (log) return log;
    log = std::make_shared<test::fake_log>();
    log->header->definition.edit().id = id;
    world->sessions[id] = sys.spawn(live_session, log);
    return log;
  }
  void hold_answers(bool hold) {
    for (auto& [id, log] : world->logs) log->hold = hold;
  }
  void let_go() {
    hold_answers(false);
    for (auto& [id, log] : world->logs)
      for (auto& answer : std::exchange(log->held, {})) answer();
    pump();
  }
};

/// Whole requests at the front of `bytes`. What cannot be read counts as one, nothing behind it counts.
std::size_t count_requests(std::string_view bytes, const http_options& options) {
  request_reader reader{options.max_header_bytes, options.max_body_bytes};
  reader.feed(bytes);
  for (std::size_t n = 0;; ++n) {
    auto now = reader.read_head();
    if (now == request_reader::state::body) {
      const auto m = reader.head().method;
      if (m == http_method::get || m == http_method::head || m == http_method::delete_)
        reader.limit_body(max_useless_body_bytes);
      now = reader.read_body();
    }
    if (now == request_reader::state::head || now == request_reader::state::body) return n;
    if (now != request_reader::state::whole) return n + 1;
    reader.next();
  }
}

void check_answers(std::string_view sent, std::string_view received, bool closed, const http_options& options,
                   bool held) {
  const auto answers = fuzz::response_reader{received, closed}.read_all();
  const bool ends = !answers.empty() && answers.back().is_last();
  demand(answers.size() <= count_requests(sent, options) + 1, "no answer without a request", received);
  demand(held || ends || answers.size() >= count_requests(sent, options), "every request has its answer",
         received);
  // 501: a Transfer-Encoding that is not ours, RFC 9112, section 6.1.
  for (const auto& r : answers)
    demand(held || r.status < 500 || r.status == 501, "no fault of ours", received);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  spdlog::set_level(spdlog::level::off);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::input in{data, size};
  const auto ways = in.choice(32);
  constexpr std::size_t steps[] = {~std::size_t{0}, 1, 7, 100};
  const auto step = steps[ways % 4];
  const bool hangs_up = (ways & 4) != 0;
  const bool answers_late = (ways & 8) != 0;
  const bool drains = (ways & 16) != 0;

  server s;
  auto client = s.connect();
  s.hold_answers(answers_late);
  std::string received;
  for (auto rest = in.text(); !rest.empty() && !client.closed();) {
    const auto taken = client.send(rest.substr(0, step));
    s.pump();
    received += s.receive_all(client);
    if (taken == 0) break;  // the server reads no more
    rest.remove_prefix(taken);
  }
  check_answers(in.text(), received, client.closed(), s.options, answers_late);

  if (drains) {
    for (auto& c : s.connections) caf::anon_send(c, begin_drain{});
    s.pump();
  }
  if (hangs_up) client.hang_up();
  // Longer than any deadline; only a stream may last, and that as long as its client.
  for (int i = 0; i < 8; ++i) s.pass(61s);
  if (!hangs_up) received += s.receive_all(client);
  s.let_go();
  if (!hangs_up) received += s.receive_all(client);
  check_answers(in.text(), received, client.closed(), s.options, answers_late);
  client.hang_up();
  for (int i = 0; i < 8; ++i) s.pass(61s);
  demand(s.all->counters.connections == 0, "every connection ends");
  demand(s.all->bytes_in->used() == 0, "no bytes of a request are left");
  demand(s.all->bytes_out.used() == 0, "no bytes of an answer are left");
  return 0;
}
