// SPDX-License-Identifier: Apache-2.0
#include "http/stream/watch_writer.hpp"

#include "events/log/frame.hpp"

namespace sandbase {

void watch_writer::listed(const watch_list& list) {
  chunked_ = plan_.http11 && !plan_.head_only;
  keep_alive_ = plan_.keep_alive && (chunked_ || plan_.head_only);
  out_.add(stream_head(plan_, chunked_ ? body_end::by_chunk : body_end::by_close, 0, keep_alive_));
  plan_.extra = {};
  cursor_ = list.number;
  if (plan_.head_only) {
    finished_ = true;
    return;
  }
  begin_step();
  if (list.cut_at) filter_.list_begins_behind(*list.cut_at);
  for (const auto& id : list.ids) filter_.listed(id);
  for (const auto& item : list.items) add_frame(*item, item);
  add("event: ping\ndata: {\"type\":\"ping\",\"caught_up\":true}\n\n");
  write(false);
}

void watch_writer::changed(const board_page& page) {
  begin_step();
  cursor_ = page.reached;
  for (const auto& e : page.entries)
    if (filter_.passes(*e)) add_frame(e->text, e);
  write(false);
}

void watch_writer::add_frame(std::string_view json, std::shared_ptr<const void> owner) {
  add("event: message\ndata: ");
  add_shared(json, std::move(owner));
  add(frame_end);
}

}  // namespace sandbase
