// SPDX-License-Identifier: Apache-2.0
#include "http/stream/stream.hpp"

#include "actors/caf/errors.hpp"
#include "http/io/session_client.hpp"
#include "http/io/socket_io.hpp"
#include "http/stream/replay_writer.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sandbase {

namespace {

/// Bytes that the kernel keeps for the client of a followed stream beyond what its window takes.
constexpr int max_unsent = 128 * 1024;

}  // namespace

stream::behavior_type stream::make_behavior() {
  io().watch(*this);
  return {
      [this](stream_job& job) { begin(std::move(job)); },
      [this](const stop_stream&) { quit(); },
      [this](const begin_drain&) { act(machine_.drain(io().now())); },
  };
}

void stream::on_exit() {
  tell_end(machine_.status(), "connection_closed");
  rest();
  io_thread::watched::unlink();
}

void stream::begin(stream_job&& job) {
  job_ = std::move(job);
  std::unique_ptr<stream_writer> writer;
  if (job_.watched) {
    writer = std::make_unique<watch_writer>(std::move(job_.plan.wire), *job_.watched);
    ++shard_.shared.counters.watches;
  } else if (job_.follow) {
    writer = std::make_unique<follow_writer>(std::move(job_.plan));
    ++shard_.shared.counters.follows;
  } else if (job_.exported) {
    writer = std::make_unique<export_writer>(std::move(job_.plan.wire), *std::move(job_.exported));
  } else {
    writer = std::make_unique<replay_writer>(std::move(job_.plan.wire));
    ++shard_.shared.counters.replays;
  }
  if (job_.follow) limit_unsent(*job_.socket, max_unsent);
  shard_.hub.watch_key(*this, job_.key->id, io().now());
  act(machine_.begin(std::move(job_.start), std::move(writer), job_.expires_at, io().now()));
  if (job_.follow && !machine_.is_idle()) watch_client();
}

/// Takes no further part in anything.
void stream::rest() {
  machine_.stop();
  settle();
  leave();
  job_ = {};
}

void stream::leave() {
  leave_session();
  if (job_.key) shard_.hub.unwatch_key(*this, job_.key->id);
}

template <class F>
void stream::tell(F what) {
  enter([&] { act(what()); });
}

void stream::act(stream_action next) {
  carry_out(next);
  settle();
}

void stream::carry_out(stream_action next) {
  while (next != stream_action::none) {
    switch (next) {
      case stream_action::none:
      case stream_action::write_chunk:
        return;
      case stream_action::find:
        return job_.watched ? watch_workspace() : find_session();
      case stream_action::take_room:
        give_room_back();  // of the slice before, which is written
        next = machine_.room(take_room(machine_.room_wanted()), io().now());
        break;
      case stream_action::open: {
        if (job_.watched) return list_workspace(*job_.watched);
        auto question = machine_.opening();
        if (machine_.follows()) {
          question.follower = shard_.hub.follower();
          told_ = true;
        }
        return ask(question);
      }
      case stream_action::pull:
        if (job_.watched) return pull_changes();
        return ask(machine_.next_pull());
      case stream_action::write:
        log_trouble();
        {
          const auto outcome = write_now(*job_.socket, machine_.out());
          note_written(outcome.bytes);
          next = machine_.wrote(outcome, io().now());
        }
        break;
      case stream_action::wait_writable:
        return wait_writable();
      case stream_action::part:
        return leave();
      case stream_action::finish:
        if (machine_.error().code == errc::none) tell_end(machine_.end().status, machine_.end().why);
        send(job_.reply_to,
             stream_done{machine_.error(), machine_.keeps_connection(), std::move(job_.access)});
        return rest();
    }
  }
}

void stream::settle() {
  deadline = machine_.deadline();
  if (const auto bytes = machine_.holds(); bytes != room()) keep_room(bytes);
  if (!machine_.waits_for_room()) stop_waiting_for_room();
  if (const auto& since = machine_.stalled_since())
    client_stalls(*since);
  else
    client_takes();
}

void stream::log_trouble() {
  const auto why = machine_.take_trouble();
  if (!why) return;
  // What was erased meanwhile can be read again, or is deleted, and nothing is wrong with the store.
  const auto level = job_.follow || why->code == errc::unavailable || why->code == errc::not_found
                         ? spdlog::level::warn
                         : spdlog::level::err;
  if (!job_.follow || why->code != errc::not_found)
    spdlog::log(level, "{} of {} is cut short: {}",
                job_.follow ? "a live stream" : (job_.exported ? "an export" : "a replay"), job_.session.id,
                why->message);
}

void stream::note_written(std::size_t bytes) {
  if (!job_.access || bytes == 0) return;
  if (job_.access->bytes_out == 0) job_.access->answered = access_entry::clock::now();
  job_.access->bytes_out += bytes;
}

void stream::tell_end(int status, std::string_view end) {
  const auto told = std::exchange(job_.access, nullptr);
  if (!told) return;
  told->status = status;
  log_access(*told, end);
}

// --- the session -----------------------------------------------------------------------

void stream::find_session() {
  leave_session();
  locate_session(this, shard_, job_.session,
                 [this, n = machine_.question()](const result<session_actor>& found) {
                   if (n != machine_.question()) return;
                   if (!found) return act(machine_.refused(found.error(), io().now()));
                   session_ = *found;
                   if (machine_.follows()) {
                     shard_.hub.join(*this, session_);
                     joined_ = true;
                   }
                   act(machine_.found(io().now()));
                 });
}

void stream::leave_session() {
  if (joined_ && job_.watched)
    shard_.hub.unwatch_workspace(*this, job_.session.workspace, told_);
  else if (joined_ && session_)
    shard_.hub.leave(*this, session_, told_);
  session_ = nullptr;
  joined_ = told_ = false;
}

// --- the workspace that is watched --------------------------------------------------------

/// Watched first and listed then: what changes in between is told twice rather than not.
void stream::watch_workspace() {
  leave_session();
  const auto workspace = job_.session.workspace;
  if (!shard_.hub.follower())
    return act(machine_.refused({errc::unavailable, "the server is shutting down"}, io().now()));
  shard_.hub.watch_workspace(*this, workspace);
  joined_ = told_ = true;
  request(shard_.shared.actors.board, caf::infinite, watch_board{workspace, shard_.hub.follower()})
      .then(
          [this, n = machine_.question()](const board_watched& from) {
            if (n != machine_.question()) return;
            list_ = {};
            list_.number = from.number;
            act(machine_.found(io().now()));
          },
          [this, n = machine_.question()](const caf::error& e) {
            if (n == machine_.question()) act(machine_.refused(to_failure(e), io().now()));
          });
}

/// Page by page, newest first.
void stream::list_workspace(session_query next) {
  if (next.limit == 0) {
    list_.cut_at = shard_.shared.now();
    return act(machine_.listed(list_, io().now()));
  }
  list_sessions page;
  page.query = next;
  page.now = shard_.shared.now();
  page.as = listed_as::summary;
  request(shard_.shared.actors.lister, caf::duration{read_timeout}, std::move(page))
      .then(
          [this, next, n = machine_.question()](const session_list& found) mutable {
            if (n != machine_.question()) return;
            list_.items.insert(list_.items.end(), found.items.begin(), found.items.end());
            for (const auto& one : found.summaries) list_.ids.push_back(one.summary.id);
            if (found.more && found.items.size() < next.limit) {
              next.limit -= found.items.size();
              next.after = found.last;
              return list_workspace(std::move(next));
            }
            if (found.more) list_.cut_at = found.last.created_at;
            std::ranges::reverse(list_.items);
            const auto list = std::exchange(list_, {});
            act(machine_.listed(list, io().now()));
          },
          [this, n = machine_.question()](const caf::error& e) {
            if (n == machine_.question()) act(machine_.refused(to_failure(of_read(e)), io().now()));
          });
}

void stream::pull_changes() {
  request(shard_.shared.actors.board, caf::infinite,
          pull_board{job_.session.workspace, machine_.watched_to(), watch_slice_bytes})
      .then(
          [this, n = machine_.question()](const board_page& page) {
            if (n == machine_.question()) act(machine_.changed(page, io().now()));
          },
          [this, n = machine_.question()](const caf::error& e) {
            if (n == machine_.question()) act(machine_.refused(to_failure(e), io().now()));
          });
}

// --- the session's answers ---------------------------------------------------------------

template <class Question>
void stream::ask(const Question& question) {
  request(session_, caf::infinite, question)
      .then(
          [this, n = machine_.question()](const pull_answer& answer) {
            if (n == machine_.question()) act(machine_.answered(answer, io().now()));
          },
          [this, n = machine_.question(), asked = session_](const caf::error& e) {
            const bool is_gone = is_receiver_down(e);
            if (is_gone) forget_session(shard_, job_.session, asked);
            if (n != machine_.question()) return;
            act(is_gone ? machine_.moved(io().now()) : machine_.refused(to_failure(e), io().now()));
          });
}

void stream::on_session_down() {
  forget_session(shard_, job_.session, session_);
  session_ = nullptr;
  joined_ = told_ = false;
  tell([this] { return machine_.session_down(io().now()); });
}

// --- the socket ------------------------------------------------------------------------

void stream::wait_writable() {
  job_.socket->async_wait(stream_socket::wait_write,
                          handler([this, socket = job_.socket](const boost::system::error_code& ec) {
                            if (socket != job_.socket) return;
                            act(ec ? machine_.client_gone() : machine_.writable(io().now()));
                          }));
}

/// Notices that the client has gone. What it sends is left in the kernel for the request after this one. An
/// end behind that cannot be seen; it resets the connection when something is written.
void stream::watch_client() {
  if (std::exchange(watched_, true)) return;
  job_.socket->async_wait(stream_socket::wait_read, handler([this](const boost::system::error_code& ec) {
                            watched_ = false;
                            if (machine_.is_idle() || !job_.follow) return;
                            if (ec) return act(machine_.client_gone());
                            look_at_client();
                          }));
}

void stream::look_at_client() {
  const auto state = peek_now(*job_.socket);
  if (state == io_state::closed) return act(machine_.client_gone());
  if (state == io_state::blocked) return watch_client();
  watched_ = true;
  job_.socket->async_wait(stream_socket::wait_error, handler([this](const boost::system::error_code& ec) {
                            watched_ = false;
                            if (machine_.is_idle() || !job_.follow) return;
                            if (ec || is_broken(*job_.socket)) act(machine_.client_gone());
                          }));
}

void stream::let_go() {
  tell([this] {
    machine_.let_go();
    return stream_action::none;
  });
}

void stream::cut_off() {
  tell([this] { return machine_.client_gone("gave_way"); });
}

void stream::room_was_made() {
  boost::asio::post(io().context(), handler([this] {
                      if (!machine_.waits_for_room()) return pass_room_on();
                      act(machine_.room_was_made(io().now()));
                    }));
}

// --- what happens ------------------------------------------------------------------------

void stream::on_published(const publication& p) {
  tell([&] {
    const auto next = machine_.published(p, io().now());
    if (next != stream_action::write_chunk) return next;
    // The short way of events that every such stream gets in the same bytes.
    const auto outcome =
        write_now(*job_.socket, machine_.chunked() ? std::string_view{*p.chunk()} : p.frames());
    note_written(outcome.bytes);
    return machine_.wrote_chunk(p, outcome, io().now());
  });
}

void stream::on_previewed(const previewed& p) {
  tell([&] { return machine_.previewed(p, io().now()); });
}

void stream::on_board_moved(change_number number) {
  tell([&] { return machine_.board_moved(number, io().now()); });
}

void stream::on_key(key_news what) {
  tell([this, what] {
    switch (what) {
      case key_news::revoked:
        return machine_.key_revoked(io().now());
      case key_news::unknown:
        return machine_.key_unknown(io().now());
      case key_news::known:
        return machine_.key_known(io().now());
      case key_news::lost:
        break;
    }
    return machine_.store_lost(io().now());
  });
}

void stream::deadline_passed() {
  tell([this] { return machine_.deadline_passed(io().now()); });
}

}  // namespace sandbase
