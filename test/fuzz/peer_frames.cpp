// SPDX-License-Identifier: Apache-2.0
// Whatever a node is sent over a link: in frames cut anywhere it is read or refused, and what is read can be
// written and read again.
#include "actors/cluster/frame_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace sandbase;

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
