// SPDX-License-Identifier: Apache-2.0
#include "test/unit/http/support/stream_desk.hpp"

namespace sandbase::test {

stream_desk::stream_desk() {
  plan.wire.request_id = "req_x";
  plan.wire.http11 = false;  // the body as it is, without chunks
  plan.message_previews = true;
}

std::string stream_desk::seen() const {
  std::string order;
  std::string_view rest{text};
  seq_t first = 0;
  seq_t last = 0;
  const auto close_run = [&] {
    if (first == 0) return;
    order += (order.empty() ? "" : " ") + std::to_string(first);
    if (last > first) order += "-" + std::to_string(last);
    first = 0;
  };
  for (auto end = rest.find("\n\n"); end != rest.npos; end = rest.find("\n\n")) {
    const auto frame = std::string{rest.substr(0, end + 2)};
    rest.remove_prefix(end + 2);
    if (const auto seq = place_of(frame)) {
      if (first != 0 && seq != last + 1) close_run();
      if (first == 0) first = seq;
      last = seq;
      continue;
    }
    close_run();
    order += (order.empty() ? "" : " ") + kind_of(frame);
  }
  close_run();
  if (!rest.empty()) order += (order.empty() ? "~" : " ~");
  return order;
}

void stream_desk::begin(bool follow, stream_start start) {
  machine.~stream_machine();
  new (&machine) stream_machine{options};
  over = parting = waits_writable = false;
  asked = stream_action::none;
  text.clear();
  head_left_ = true;
  std::unique_ptr<stream_writer> writer;
  if (follow)
    writer = std::make_unique<follow_writer>(plan);
  else
    writer = std::make_unique<replay_writer>(plan.wire);
  carry_out(machine.begin(std::move(start), std::move(writer), expires_at, now));
}

bool stream_desk::answer() {
  if (asked != stream_action::none && asked_as_ != machine.question()) {  // nobody waits for it any more
    asked = stream_action::none;
    return true;
  }
  switch (std::exchange(asked, stream_action::none)) {
    case stream_action::find:
      carry_out(machine.found(now));
      return true;
    case stream_action::open: {
      auto answer = log.open(with_slice(machine.opening()));
      if (!answer) {
        carry_out(machine.refused(answer.error(), now));
        return true;
      }
      carry_out(machine.answered(complete(*answer), now));
      return true;
    }
    case stream_action::pull: {
      const auto r = machine.next_pull();
      if (r.log != log.key) {
        carry_out(machine.refused({errc::not_found, "deleted"}, now));
        return true;
      }
      const auto to = std::min(r.up_to, log.end());
      auto a = pulled(log.slice(r.after, to, std::min(slice, r.max_bytes)), r.after, to);
      carry_out(machine.answered(complete(a), now));
      return true;
    }
    default:
      return false;
  }
}

void stream_desk::die() {
  const bool taken_back = asked == stream_action::open || asked == stream_action::pull;
  const bool waited_for = asked_as_ == machine.question();
  if (taken_back) asked = stream_action::none;
  carry_out(machine.session_down(now));
  if (taken_back && waited_for && !over) carry_out(machine.moved(now));
}

void stream_desk::replace() {
  const auto events = log.end();
  log = {};
  log.key = 2;
  log.add(events, "user.message");
  die();
}

void stream_desk::publish(std::size_t n, std::string_view type) {
  const auto before = log.end();
  log.add(n, type);
  if (type == "session.status_terminated") state = log_state::terminated;
  tell({0, log.slice(before, log.end(), unlimited), log.end(), state, nullptr});
}

void stream_desk::remove() {
  state = log_state::deleted;
  tell({0,
        {},
        log.end(),
        state,
        std::make_shared<const std::string>(R"({"id":"sevt_bye","type":"session.deleted"})")});
}

void stream_desk::show_preview(bool start) {
  previewed p;
  p.end = log.end();
  p.what.push_back(std::make_shared<const preview>(
      preview{start, event_type::agent_message, "m_1",
              start ? "event: message\ndata: start\n\n" : "event: message\ndata: delta\n\n"}));
  carry_out(machine.previewed(p, now));
}

void stream_desk::settle() {
  has_room = true;
  take_more(unlimited);
  for (int i = 0; i < 1000 && !over; ++i) {
    if (machine.waits_for_room()) carry_out(machine.room_was_made(now));
    if (!answer()) return;
  }
  if (!over) CAF_FAIL("it asks without end");
}

void stream_desk::carry_out(stream_action next) {
  while (next != stream_action::none) {
    if (over) CAF_FAIL("it acts behind its end");
    switch (next) {
      case stream_action::none:
      case stream_action::write_chunk:
        CAF_FAIL("there is no chunk to write");
      case stream_action::find:
      case stream_action::open:
      case stream_action::pull:
        if (asked != stream_action::none && asked_as_ == machine.question()) CAF_FAIL("it asks twice");
        asked = next;
        asked_as_ = machine.question();
        return;
      case stream_action::take_room:
        next = machine.room(has_room, now);
        break;
      case stream_action::write:
        next = machine.wrote(write_some(), now);
        break;
      case stream_action::wait_writable:
        if (std::exchange(waits_writable, true)) CAF_FAIL("it waits twice");
        return;
      case stream_action::part:
        parting = true;
        return;
      case stream_action::finish:
        over = true;
        asked = stream_action::none;
        waits_writable = false;
        return;
    }
  }
}

pull_answer stream_desk::complete(pull_answer a) const {
  const auto reached = a.slice.empty() ? a.after : a.slice.last_seq();
  a.live = reached == log.end();
  a.log = log.key;
  a.state = state;
  if (a.after > 0) a.at_cursor = log.slice(a.after - 1, a.after, 1).spans.front();
  return a;
}

void stream_desk::tell(const published& message) {
  const publication p{message};
  auto next = machine.published(p, now);
  if (next == stream_action::write_chunk) {
    const auto n = std::min(space, p.frames().size());
    take(p.frames().substr(0, n));
    next = machine.wrote_chunk(p, {n == p.frames().size() ? io_state::done : io_state::blocked, n}, now);
  }
  carry_out(next);
}

io_outcome stream_desk::write_some() {
  auto& out = machine.out();
  const auto all = out.flatten();
  const auto n = std::min(space, all.size());
  take(std::string_view{all}.substr(0, n));
  const bool whole = n == all.size();
  out.consume(n);
  return {whole ? io_state::done : io_state::blocked, n};
}

void stream_desk::take(std::string_view bytes) {
  if (space != unlimited) space -= bytes.size();
  text += bytes;
  if (!head_left_) return;
  const auto end = text.find("\r\n\r\n");
  if (end == text.npos) return;
  head = text.substr(0, end + 4);
  text.erase(0, end + 4);
  head_left_ = false;
}

seq_t stream_desk::place_of(std::string_view frame) const {
  for (seq_t seq = 1; seq <= log.end(); ++seq)
    if (log.block_of(seq)->frame(seq) == frame) return seq;
  return 0;
}

std::string stream_desk::kind_of(std::string_view frame) {
  if (frame == done_frame) return "d";
  if (frame == ": keep-alive\n\n") return "h";
  if (frame.find("\"caught_up\":true") != frame.npos) return "l";
  if (frame.find("\"closing\":") != frame.npos) return "c";
  if (frame.find("\"type\":\"session.deleted\"") != frame.npos) return "bye";
  if (frame.starts_with("event: error\n")) return "x";
  if (frame.starts_with("event: message\ndata: ")) return "p";
  if (frame.starts_with("event: ping\nid: ") || frame.starts_with("id: ")) return "i";
  return "?";
}

}  // namespace sandbase::test
