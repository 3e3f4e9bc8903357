// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/user.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sim {

namespace {

constexpr std::chrono::seconds revocation_holds_after{5};
constexpr std::size_t everything = 1 << 30;
/// Sessions of a run, the deleted ones included.
constexpr std::size_t most_in_all = 8;

}  // namespace

user::user(context& run, model& facts, caller who, habit does, bool large)
    : run_(run), facts_(facts), who_(std::move(who)), does_(does), large_(large) {}

// --- what it wants -----------------------------------------------------------------------------

session_facts* user::some_session() {
  auto& all = facts_.sessions();
  if (all.empty()) return nullptr;
  auto& s = all[run_.random.below(all.size())];
  // What is gone is asked for less often.
  if (!s.deleted || run_.random.chance(150)) return &s;
  return &all.back();
}

task_ptr user::choose_for_producer() {
  auto& random = run_.random;
  auto* s = some_session();
  const auto& all = facts_.sessions();
  const auto live = static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const session_facts& x) { return !x.delete_asked; }));
  const bool wanted = live < run_.most_sessions && all.size() < most_in_all;
  if (!s || (wanted && random.chance(live == 0 ? 500 : 60))) return make_creation(run_, facts_, who_);
  if (run_.strikes(fault::session_archived)) return make_archiving(run_, facts_, who_, *s);
  if (who_.may == role::runtime && run_.strikes(fault::event_redacted))
    if (auto erasing = make_redaction(run_, facts_, who_, *s)) return erasing;
  if (run_.strikes(fault::session_deleted)) return make_deletion(run_, facts_, who_, *s);
  if (who_.may == role::runtime && random.chance(80))
    if (auto again = make_repetition(run_, facts_, who_)) return again;
  if (random.chance(80)) return make_view(run_, facts_, who_, *s);
  if (random.chance(40)) return make_update(run_, facts_, who_, *s);
  return make_append(run_, facts_, who_, *s, large_);
}

task_ptr user::choose() {
  auto* s = some_session();
  if (who_.foreign) return s ? make_trespass(run_, facts_, who_, *s) : nullptr;
  if (does_ == habit::produces) return choose_for_producer();
  if (!s) return nullptr;
  if (does_ == habit::speaks) return make_saying(run_, facts_, who_, *s);
  if (does_ == habit::follows) return make_follow(run_, facts_, who_, *s);
  switch (run_.random.below(10)) {
    case 0:
    case 1:
      return make_view(run_, facts_, who_, *s);
    case 2:
      return make_session_list(run_, facts_, who_);
    case 3:
    case 4:
    case 5:
      return make_event_list(run_, facts_, who_, *s);
    default:
      return make_replay(run_, facts_, who_, *s);
  }
}

// --- its turn ----------------------------------------------------------------------------------

bool user::turn(const fleet& servers) {
  if (!run_.calm && run_.elapsed() < stalled_until_) return false;
  if (!task_) {
    if (run_.calm) return false;
    task_ = choose();
    if (!task_) return false;
  }
  if (!sent_) return begin_request(servers);
  if (run_.strikes(fault::client_drop)) {
    hang_up(servers);
    lose();
    return true;
  }
  if (run_.strikes(fault::client_stall)) {
    stalled_until_ = run_.elapsed() + std::chrono::milliseconds{run_.random.between(50, 40'000)};
    return true;
  }
  auto* life = servers[server_].life.get();
  const bool sent = life && !out_.empty() && send_some(*life);
  return receive_some(life) || sent;
}

/// One that accepts. Null if there is none.
service_life* user::pick_server(const fleet& servers) {
  std::vector<std::size_t> open;
  for (const auto& s : servers)
    if (s.life && !s.life->is_draining() && (!bound_to_ || *bound_to_ == s.number)) open.push_back(s.number);
  if (open.empty()) return nullptr;
  server_ = open.size() == 1 ? open.front() : run_.random.pick(open);
  return servers[server_].life.get();
}

void user::go_to(const fleet& servers, std::size_t number) {
  if (servers.size() > 1 && number != server_) hang_up(servers);
  bound_to_ = number;
}

bool user::begin_request(const fleet& servers) {
  if (socket_.is_open()) {
    socket_.receive(in_, everything);
    if (!in_.empty()) run_.fail(who_.name + ": bytes that nobody asked for: " + in_.substr(0, 100));
    if (socket_.ended()) socket_.hang_up();
  }
  if (!socket_.is_open()) {
    auto* life = pick_server(servers);
    if (!life) return false;
    const auto thread = run_.random.below(life->threads());
    socket_ = client_socket{life->connect(thread, send_buffer_)};
    run_.note(who_.name, " connects to io thread ", thread, servers.size() == 1 ? "" : " of server ",
              servers.size() == 1 ? "" : std::to_string(server_));
  }
  const auto r = task_->request();
  out_ = fmt::format("{} {} HTTP/1.1\r\nHost: sim\r\nAuthorization: Bearer {}\r\n{}", r.method, r.path,
                     who_.secret, r.headers);
  if (r.method == "POST") out_ += fmt::format("Content-Length: {}\r\n", r.body.size());
  out_ += "\r\n" + r.body;
  run_.note(who_.name, " begins ", task_->name(), ": ", r.method, " ", r.path, " ",
            r.headers.substr(0, r.headers.find('\r')), " ", r.body.substr(0, 120));
  sent_ = true;
  began_at_ = task_->asked_at = run_.elapsed();
  task_->asked_step = run_.step;
  task_->asked_failovers = facts_.failovers();
  reply_ = {};
  return true;
}

bool user::send_some(service_life& life) {
  const auto piece = run_.calm || run_.random.chance(600) ? out_.size() : run_.random.between(1, out_.size());
  const auto n = socket_.send(std::string_view{out_}.substr(0, piece));
  if (n == 0) return false;
  out_.erase(0, n);
  run_.note(who_.name, " sends ", n, " bytes, ", out_.size(), " are left");
  life.touched();
  return true;
}

bool user::receive_some(service_life* life) {
  const auto before = in_.size();
  const bool slow = !run_.calm && run_.random.chance(300);
  const bool any = socket_.receive(in_, slow ? run_.random.between(1, 3'000) : everything);
  if (!any && !socket_.ended()) return false;
  if (any) {
    run_.note(who_.name, " receives ", in_.size() - before, " bytes, ", fingerprint(in_));
    if (life) life->touched();
  }
  reply_.feed(in_);
  if (reply_.has_head()) task_->part(reply_);
  if (reply_.now() == reply::state::done) {
    finish_reply();
    return true;
  }
  if (reply_.now() == reply::state::broken) run_.fail(who_.name + ": " + reply_.wrong());
  if (!socket_.ended()) return true;
  reply_.end();
  if (reply_.now() == reply::state::done) {
    task_->part(reply_);
    finish_reply();
    return true;
  }
  run_.note(who_.name, " is cut off");
  socket_.hang_up();
  lose();
  return true;
}

void user::check_revocation() {
  if (who_.revoked_at == std::chrono::milliseconds::max()) return;
  if (began_at_ < who_.revoked_at + revocation_holds_after) return;
  if (reply_.status() < 400) run_.fail(who_.name + " is served though its key is revoked");
}

void user::finish_reply() {
  run_.note(who_.name, " has its answer: ", reply_.status(), " ", reply_.body.substr(0, 160));
  check_revocation();
  if (reply_.closes() || (!run_.calm && run_.random.chance(100))) socket_.hang_up();
  then(task_->answered(reply_));
}

void user::lose() {
  in_.clear();
  then(task_->lost());
}

void user::then(task::next what) {
  sent_ = false;
  out_.clear();
  if (what == task::next::done) task_.reset();
}

void user::hang_up(const fleet& servers) {
  if (!socket_.is_open()) return;
  run_.note(who_.name, " hangs up");
  socket_.hang_up();
  in_.clear();
  if (auto* life = servers[server_].life.get()) life->touched();
}

}  // namespace sandbase::sim
