// SPDX-License-Identifier: Apache-2.0
// Whatever a node is sent over a link: in frames cut anywhere it is read or refused, and what is read can be
// written and read again.
#include "actors/cluster/core_questions.hpp"
#include "actors/cluster/frame_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace sandbase;

namespace {

/// What an edge and its server put into records of theirs.
template <class Decode>
void check_body(const std::string& bytes, Decode decode) {
  const auto found = decode(bytes);
  if (!found) return;
  const auto again = decode(peer::encode(*found));
  if (!again || again->index() != found->index()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input{reinterpret_cast<const char*>(data), size};
  frame_reader reader;
  const auto check = [](const peer::record& r) {
    std::string bytes;
    peer::encode(bytes, r);
    std::string_view left{bytes};
    bool is_unknown = false;
    const auto again = peer::take_record(left, is_unknown);
    if (!again || !*again || !left.empty() || (*again)->index() != r.index()) std::abort();
    if (const auto* q = std::get_if<peer::question>(&r)) check_body(q->what, peer::decode_question);
    if (const auto* a = std::get_if<peer::reply>(&r)) check_body(a->what, peer::decode_answer);
  };
  // A byte for the length of each frame.
  while (input.size() > 1) {
    const std::size_t length = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    const auto frame = input.substr(0, length);
    input.remove_prefix(frame.size());
    if (!reader.read(frame, check)) break;
  }
  return 0;
}
