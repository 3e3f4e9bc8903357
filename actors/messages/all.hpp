// SPDX-License-Identifier: Apache-2.0
// Every message, made known to CAF. All but one stay inside one process: blocks travel as shared immutable
// memory. What crosses to other nodes is a peer_frame.
#pragma once

#include "actors/messages/board.hpp"
#include "actors/messages/core.hpp"
#include "actors/messages/directory.hpp"
#include "actors/messages/ends.hpp"
#include "actors/messages/following.hpp"
#include "actors/messages/import.hpp"
#include "actors/messages/journal.hpp"
#include "actors/messages/links.hpp"
#include "actors/messages/node.hpp"
#include "actors/messages/peer_frame.hpp"
#include "actors/messages/peers.hpp"
#include "actors/messages/reader.hpp"
#include "actors/messages/receipt.hpp"
#include "actors/messages/session.hpp"
#include "actors/messages/status.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

#include <type_traits>

// Only ever sent within a process: none of these actors is published.
#define SANDBASE_ALLOW_LOCAL(T) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sandbase::T)
SANDBASE_LOCAL_MESSAGES(SANDBASE_ALLOW_LOCAL)
#undef SANDBASE_ALLOW_LOCAL

namespace sandbase::detail {

/// A message of a type that is allowed as above crosses to another node as a default value, and nobody is
/// told: so no actor that other nodes see may take or answer one.
template <class Signature>
struct may_cross;
template <class... In, class... Out>
struct may_cross<caf::typed_mpi<caf::detail::type_list<In...>, caf::output_tuple<Out...>>>
    : std::bool_constant<(!caf::is_allowed_unsafe_message_type<In>::value && ...) &&
                         (!caf::is_allowed_unsafe_message_type<Out>::value && ...)> {};
template <class Signatures>
struct all_may_cross;
template <class... Signature>
struct all_may_cross<caf::detail::type_list<Signature...>> : std::conjunction<may_cross<Signature>...> {};

static_assert(all_may_cross<peer_actor::signatures>::value);
static_assert(!all_may_cross<session_actor::signatures>::value, "and what may not is found");

}  // namespace sandbase::detail

CAF_BEGIN_TYPE_ID_BLOCK(sandbase, caf::id_block::sandbase_peers::end)
#define SANDBASE_ADD_TYPE(T) CAF_ADD_TYPE_ID(sandbase, (sandbase::T))
  SANDBASE_LOCAL_MESSAGES(SANDBASE_ADD_TYPE)
#undef SANDBASE_ADD_TYPE
CAF_END_TYPE_ID_BLOCK(sandbase)
