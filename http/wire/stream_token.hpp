// SPDX-License-Identifier: Apache-2.0
// Stream tokens: what a browser's EventSource, which cannot send headers, gets in with. Read only, one
// session's stream only, for a while; revoked with the key that minted it. Nothing of it is stored: any node
// can open it, and its bearer cannot read it.
#pragma once

#include "persistence/event_reader.hpp"
#include "persistence/event_store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

struct stream_token {
  workspace_key workspace = 0;
  /// That minted it.
  api_key_id key = 0;
  timestamp expires_at{};
  /// The id of the one that it opens.
  std::string session;

  /// `st_` and the sealed fields (sealed_text.hpp): 64 bits each, big-endian, then the id.
  std::string seal(std::string_view secret) const;
  /// Empty unless `text` is what seal() makes under this secret.
  static std::optional<stream_token> open(std::string_view text, std::string_view secret);
};

}  // namespace sandbase
