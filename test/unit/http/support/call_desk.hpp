// A call without a connection: what a handler says stays here.
#pragma once

#include "http/api/call.hpp"

#include <caf/event_based_actor.hpp>

#include <optional>
#include <string>

namespace sandbase::test {

class call_desk final : public caf::event_based_actor, public call {
 public:
  call_desk(caf::actor_config& cfg, io_shard& shard) : event_based_actor(cfg), call(*this, shard) {}

  /// A test answers outside of any message's handler.
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    event_based_actor::enqueue(std::move(what), nullptr);
  }
  caf::behavior make_behavior() override {
    return {[](const stop_stream&) {}};
  }

  /// A request that was admitted.
  void begin(exchange e) {
    begin_anew();
    context(nullptr);
    exchange_ = std::move(e);
    answered.clear();
    streamed.reset();
    is_open_ = true;
  }
  /// The answer is on its way to nobody.
  void forget() {
    give_room_back();
    begin_anew();
  }

  void stream(stream_job job) override {
    streamed = std::move(job);
    is_open_ = false;
  }
  void set_deadline(std::chrono::milliseconds after, failure otherwise) override {
    patience = after;
    on_deadline = std::move(otherwise);
  }

  /// Head and body.
  std::string answered;
  std::optional<stream_job> streamed;
  std::chrono::milliseconds patience{};
  failure on_deadline;
  int went = 0;
  int bodies_refused = 0;

 private:
  void send_answer(outbox out) override {
    answered = out.flatten();
    is_open_ = false;
  }
  bool is_open() const override { return is_open_; }
  void refuse_body() override { ++bodies_refused; }
  void went_on() override { ++went; }
  void cut_off() override {}

  bool is_open_ = false;
};

}  // namespace sandbase::test
