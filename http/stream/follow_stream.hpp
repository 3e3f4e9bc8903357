// The actor that writes one followed stream: the adapter between follow_writer, a session, the fan_out of its
// io thread and the socket of one connection.
#pragma once

#include "actors/asio_actor.hpp"
#include "http/io/fan_out.hpp"
#include "http/io/slice_room.hpp"
#include "http/stream/follow_writer.hpp"
#include "http/stream/messages.hpp"

#include <memory>
#include <optional>

namespace sandbase {

/// Serves one request and quits. Pulls when its socket is free and it is behind; writes at once what is
/// published while it is live; keeps nothing for a socket that takes nothing but the one piece it is writing.
class follow_stream final : public asio_actor<follow_actor::base>,
                            private slice_room,
                            private stalled_stream,
                            private io_thread::watched,
                            private live_stream {
 public:
  follow_stream(caf::actor_config& cfg, io_shard& worker, follow_job job);

  const char* name() const override { return "follow_stream"; }
  void on_exit() override;

 protected:
  behavior_type make_behavior() override;

 private:
  enum class step : std::uint8_t { finding, needs_bytes, asking, writing, live, over };

  // the session
  void find_session();
  void ask();
  void answered(const pull_answer& answer);
  void refused(const failure& why);
  void leave_session();

  // the socket
  void write();
  void write_chunk(const publication& p);
  void wait_writable(bool progress);
  void stall();
  void shed();
  void watch_client();

  void go_on();
  void close_with(std::string_view reason);
  void finish(failure error);
  void rest();

  // what happens
  void on_published(const publication& p) override;
  void on_previewed(const previewed& p) override;
  void on_session_down() override;
  void on_key_revoked(api_key_id key) override;
  void deadline_passed() override;
  void room_was_made() override;
  void give_up() override;

  follow_job job_;
  follow_writer writer_;
  /// Null while it has to be found.
  session_actor session_;
  /// That actor counts this stream.
  bool following_ = false;
  /// The log is known to go at least so far.
  seq_t nudged_ = 0;
  log_state ends_as_ = log_state::open;
  std::shared_ptr<const std::string> farewell_;
  step step_ = step::finding;
  int tries_ = 0;
  bool opened_ = false;
  bool reopening_ = false;
  /// For the socket to take more.
  bool waiting_ = false;
  bool draining_ = false;
  /// Bytes that the last slice kept: the next may be like it.
  std::size_t last_held_ = 0;
  /// Keeps no more than the chunk that is begun.
  bool lean_ = false;
  io_thread::clock::time_point rotate_at_ = io_thread::clock::time_point::max();
  /// On room, or on a socket that takes nothing.
  io_thread::clock::time_point give_up_at_{};
};

}  // namespace sandbase
