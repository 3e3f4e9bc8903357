// The actor that writes replays: the adapter between replay_writer, a
// session and the socket of one connection.
#pragma once

#include "actors/asio_actor.hpp"
#include "http/io/slice_room.hpp"
#include "http/stream/messages.hpp"
#include "http/stream/replay_writer.hpp"

#include <memory>
#include <optional>

namespace sandbase {

/// Lives as long as its connection and serves its replays one after another. It pulls a slice only when the
/// one before is written, so a slow reader costs a cursor and at most one slice, and that slice counts
/// against `bytes_out`; a reader that takes nothing is cut off as soon as others need its room.
class event_stream final : public asio_actor<stream_actor::base>,
                           private io_thread::watched,
                           private stalled_stream,
                           private slice_room {
 public:
  event_stream(caf::actor_config& cfg, io_shard& worker) : asio_actor(cfg, worker.io), slice_room(worker) {}

  const char* name() const override { return "event_stream"; }
  void on_exit() override;

 protected:
  behavior_type make_behavior() override;

 private:
  enum class step : std::uint8_t { idle, needs_bytes, asking, writing };

  void begin(const replay_job& job);
  void go_on();
  void ask();
  void open();
  void pull();
  void answered(const result<pull_answer>& answer);
  void write();
  void finish(failure error, bool keep_alive);
  void deadline_passed() override;
  void room_was_made() override;
  void stall();
  void give_up() override;

  std::optional<replay_job> job_;
  std::optional<replay_writer> writer_;
  bool opened_ = false;
  step step_ = step::idle;
  std::uint64_t round_ = 0;  // tells answers that are waited for from late ones
  io_thread::clock::time_point give_up_at_{};
};

}  // namespace sandbase
