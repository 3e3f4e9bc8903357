// SPDX-License-Identifier: Apache-2.0
// A call without a connection: what a handler says stays here.
#pragma once

#include "http/api/call.hpp"

#include <caf/event_based_actor.hpp>

#include <optional>
#include <string>

namespace sandbase::test {

class call_desk final : public caf::event_based_actor, public call {
 public:
  call_desk(caf::actor_config& cfg, io_shard& shard);

  /// A test answers outside of any message's handler.
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override;
  caf::behavior make_behavior() override;

  /// A request that was admitted.
  void begin(exchange e);
  /// The answer is on its way to nobody.
  void forget();

  void stream(stream_job job) override;
  void next_piece(std::function<void(body_piece)> f) override { on_piece = std::move(f); }
  void set_deadline(std::chrono::milliseconds after, failure otherwise) override;

  /// Head and body.
  std::string answered;
  std::optional<stream_job> streamed;
  std::function<void(body_piece)> on_piece;
  std::chrono::milliseconds patience{};
  failure on_deadline;
  int went = 0;
  int bodies_refused = 0;

 private:
  void send_answer(outbox out) override;
  bool is_open() const override { return is_open_; }
  void refuse_body() override { ++bodies_refused; }
  void went_on() override { ++went; }
  void cut_off() override {}

  bool is_open_ = false;
};

}  // namespace sandbase::test
