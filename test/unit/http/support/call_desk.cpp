// SPDX-License-Identifier: Apache-2.0
#include "test/unit/http/support/call_desk.hpp"

namespace sandbase::test {

call_desk::call_desk(caf::actor_config& cfg, io_shard& shard) : event_based_actor(cfg), call(*this, shard) {}

void call_desk::enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) {
  event_based_actor::enqueue(std::move(what), nullptr);
}

caf::behavior call_desk::make_behavior() {
  return {[](const stop_stream&) {}};
}

void call_desk::begin(exchange e) {
  begin_anew();
  context(nullptr);
  exchange_ = std::move(e);
  answered.clear();
  streamed.reset();
  is_open_ = true;
}

void call_desk::forget() {
  give_room_back();
  begin_anew();
}

void call_desk::stream(stream_job job) {
  streamed = std::move(job);
  is_open_ = false;
}

void call_desk::set_deadline(std::chrono::milliseconds after, failure otherwise) {
  patience = after;
  on_deadline = std::move(otherwise);
}

void call_desk::send_answer(outbox out) {
  answered = out.flatten();
  is_open_ = false;
}

}  // namespace sandbase::test
