// SPDX-License-Identifier: Apache-2.0
// One page of List Sessions, without actors: what a client asked for, and the answer's body. Pages can be
// turned both ways.
#pragma once

#include "actors/messages/all.hpp"
#include "http/wire/outbox.hpp"
#include "http/wire/query.hpp"

#include <string_view>

namespace sandbase {

/// The filters of a list, without its page. Failures as of session_list_plan::parse().
result<session_query> read_session_filters(const sandbase::query& q, workspace_key workspace);

struct session_list_plan {
  session_query query;
  /// Order of the list; the query runs the other way for a previous page.
  bool ascending = false;
  bool previous = false;
  /// A page token was given.
  bool continued = false;

  /// `secret`: that page tokens are sealed with. Failures are `invalid` and name the parameter.
  static result<session_list_plan> parse(const sandbase::query& q, workspace_key workspace,
                                         std::string_view secret);
};

/// `{"data":[…],"next_page":…,"prev_page":…}`
outbox render_session_list(const session_list_plan& plan, const session_list& found, std::string_view secret);

}  // namespace sandbase
