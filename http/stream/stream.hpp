// SPDX-License-Identifier: Apache-2.0
// The actor that writes streams, replays and followed ones alike: it carries out what stream_machine decides,
// between a session, the hub of its io thread and the socket of one connection.
#pragma once

#include "actors/caf/asio_actor.hpp"
#include "http/io/answer_room.hpp"
#include "http/stream/messages.hpp"
#include "http/stream/watch_writer.hpp"

#include <memory>

namespace sandbase {

/// Lives as long as its connection and serves its streams one after another. It asks for a slice only when
/// the one before is written, so a slow reader costs a cursor and at most one slice, which counts against
/// `bytes_out`; a reader that takes nothing is cut off as soon as others need its room.
class stream final : public asio_actor<stream_actor::base>,
                     private answer_room,
                     private hub_stream,
                     private io_thread::watched {
 public:
  stream(caf::actor_config& cfg, io_shard& shard)
      : asio_actor(cfg, shard.io), answer_room(shard), machine_(shard.shared.options) {}

  const char* name() const override { return "stream"; }
  void on_exit() override;

 protected:
  behavior_type make_behavior() override;

 private:
  void begin(stream_job&& job);
  /// Carries out what is to be done, and what comes of it.
  void act(stream_action next);
  void carry_out(stream_action next);
  /// Holds and waits as the machine does.
  void settle();
  /// Tells the machine in the way of a message's handler.
  template <class F>
  void tell(F what);

  void find_session();
  void watch_workspace();
  void list_workspace(session_query next);
  void pull_changes();
  template <class Question>
  void ask(const Question& question);
  void leave_session();
  void leave();
  void wait_writable();
  void watch_client();
  void look_at_client();
  void log_trouble();
  void note_written(std::size_t bytes);
  void tell_end(int status, std::string_view end);
  void rest();

  void on_published(const publication& p) override;
  void on_previewed(const previewed& p) override;
  void on_board_moved(change_number number) override;
  void on_session_down() override;
  void on_key(key_news what) override;
  void deadline_passed() override;
  void room_was_made() override;
  void let_go() override;
  void cut_off() override;

  stream_machine machine_;
  stream_job job_;
  /// Null while it has to be found.
  session_actor session_;
  /// What the stream of a workspace begins with, as far as it is there.
  watch_list list_;
  /// The hub tells of it.
  bool joined_ = false;
  /// It has been asked to count this stream.
  bool told_ = false;
  /// The reactor tells when the client sends something, or is gone.
  bool watched_ = false;
};

}  // namespace sandbase
