// SPDX-License-Identifier: Apache-2.0
// What an edge asks and is told, as bytes: a kind (u8) and the members, written as those of records are
// (peer_wire.hpp). Sessions go as the store keeps them.
#pragma once

#include "actors/messages/core.hpp"

#include <string>
#include <string_view>

namespace sandbase::peer {

std::string encode(const core_question& question);
/// `invalid`: it is none, or of a kind that this program does not know.
result<core_question> decode_question(std::string_view bytes);

std::string encode(const core_answer& answer);
/// The same.
result<core_answer> decode_answer(std::string_view bytes);

}  // namespace sandbase::peer
