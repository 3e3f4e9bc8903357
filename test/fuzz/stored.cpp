// SPDX-License-Identifier: Apache-2.0
// What the store gives back: anything else than what was written is found, nothing of it crashes.
#include "events/event/stored_event.hpp"
#include "events/log/log_block.hpp"
#include "events/session/session.hpp"
#include "test/fuzz/support/fuzz.hpp"

using namespace sandbase;
using fuzz::demand;

namespace {

void check_corrupt(const failure& f) {
  demand(f.code == errc::corrupt && !f.message.empty(), "what cannot be read is corrupt", f.message);
}

/// Text → value → text → value: the second half changes nothing.
template <class T>
void check_coded(std::string_view text) {
  const auto read = T::decode(text);
  if (!read) return check_corrupt(read.error());
  const auto written = read->encode();
  const auto again = T::decode(written);
  demand(static_cast<bool>(again), "what was read can be written", written);
  demand(again->encode() == written, "what was written is read as it is", written);
}

/// `frames` stand behind the marks, whose size the first two bytes tell.
void check_block(std::string_view text) {
  if (text.size() < 2) return;
  const auto size = static_cast<std::size_t>(static_cast<unsigned char>(text[0])) * 16 +
                    static_cast<unsigned char>(text[1]) % 16;
  text.remove_prefix(2);
  const auto marks = text.substr(0, std::min(size, text.size()));
  const auto block = log_block::decode(5, marks, std::string{text.substr(marks.size())});
  if (!block) return check_corrupt(block.error());
  const auto& b = **block;
  const auto again = log_block::decode(5, b.encode_marks(), std::string{b.frames()});
  demand(again && (*again)->encode_marks() == b.encode_marks(), "marks are read as they were written");
  demand(b.encode_marks().size() == marks.size(), "marks have one form");
  demand(b.first_seq() == 5 && b.count() > 0, "a block is not empty");
  std::string frames;
  for (auto seq = b.first_seq(); seq <= b.last_seq(); ++seq) {
    frames += b.frame(seq);
    demand(b.frame(seq).find(b.json(seq)) != std::string_view::npos, "an event stands in its frame");
    demand(!b.id(seq).empty() && b.id(seq).size() <= 255, "an event has an id");
    (void)b.type_name(seq);
  }
  demand(frames == b.frames(), "frames stand side by side", frames);
}

void check_event(std::string_view text) {
  const auto event = read_stored_event(text);
  if (!event) return check_corrupt(event.error());
  demand(event->id.data() >= text.data() && event->type_name.data() > event->id.data(),
         "views into the text");
  if (!json::validate(text)) return;
  (void)facts_of(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::input in{data, size};
  switch (in.choice(4)) {
    case 0:
      check_coded<session_definition>(in.text());
      break;
    case 1:
      check_coded<session_progress>(in.text());
      break;
    case 2:
      check_block(in.text());
      break;
    default:
      check_event(in.text());
  }
  return 0;
}
