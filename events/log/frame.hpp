// SPDX-License-Identifier: Apache-2.0
// The text of one Server-Sent Events frame (WHATWG HTML, section 9.2.6): three lines and a blank one.
//
//   event: message\n
//   id: sevt_…\n
//   data: {…}\n
//   \n
//
// `event:` is there because the SDKs drop a frame without one, `id:`
// because a browser sends it back on reconnect.
#pragma once

#include <string>
#include <string_view>

namespace sandbase {

inline constexpr std::string_view frame_before_id = "event: message\nid: ";
inline constexpr std::string_view frame_before_json = "\ndata: ";
inline constexpr std::string_view frame_end = "\n\n";
/// The last frame of a stream. It has no `event:` line, so SDKs skip it and end.
inline constexpr std::string_view done_frame = "data: [DONE]\n\n";

constexpr std::size_t frame_size(std::size_t id_size, std::size_t json_size) {
  return frame_before_id.size() + id_size + frame_before_json.size() + json_size + frame_end.size();
}

/// @pre `json` is one line
inline void append_frame(std::string& out, std::string_view id, std::string_view json) {
  out.append(frame_before_id).append(id).append(frame_before_json).append(json).append(frame_end);
}

/// The id in a whole frame whose id is `id_size` long.
constexpr std::string_view frame_id(std::string_view frame, std::size_t id_size) {
  return frame.substr(frame_before_id.size(), id_size);
}

/// The JSON in a whole frame whose id is `id_size` long.
constexpr std::string_view frame_json(std::string_view frame, std::size_t id_size) {
  const auto start = frame_before_id.size() + id_size + frame_before_json.size();
  return frame.substr(start, frame.size() - start - frame_end.size());
}

}  // namespace sandbase
