// SPDX-License-Identifier: Apache-2.0
// What a connection tells the access log of its requests.
#include "events/ids/event_id.hpp"
#include "http/server/connection.hpp"

namespace sandbase {

/// The head is there. Who is turned away is not told: the acceptor counts them in a warning of its own.
void connection::note_request() {
  access_ = at_.turned_away ? nullptr : begin_access(options(), surface_ == http_surface::admin);
  if (!access_) return;
  access_->id = exchange_.id;
  access_->method = exchange_.head.method;
  if (exchange_.route.to) access_->route = exchange_.route.to->name;
  if (is_valid_id(exchange_.route.session_id)) access_->session = exchange_.route.session_id;
}

void connection::note_answer() {
  if (!access_) return;
  access_->answered = access_entry::clock::now();
  access_->status = exchange_.status;
}

void connection::tell_end(std::string_view end) {
  if (const auto told = std::exchange(access_, nullptr)) log_access(*told, end);
}

}  // namespace sandbase
