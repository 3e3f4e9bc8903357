// SPDX-License-Identifier: Apache-2.0
// A body that its handler takes in pieces: what one asks for is read, and nothing beyond, so that a client
// that sends faster than it is served is held back by TCP.
#include "http/server/connection.hpp"

#include <utility>

namespace sandbase {

namespace {

/// What is gathered for one piece if it is there already; one read more may come with it.
constexpr std::size_t piece_bytes = 128 * 1024;

}  // namespace

void connection::next_piece(std::function<void(body_piece)> f) {
  on_piece_ = std::move(f);
  enter_phase(phase::body);  // run() goes on behind the handler
}

bool connection::read_piece() {
  using state = request_reader::state;
  if (reader_.now() == state::body) reader_.read_body();
  if (reader_.now() != state::body && reader_.now() != state::whole) {
    body_is_there();
    return true;
  }
  if (reader_.now() == state::whole || reader_.body().size() >= piece_bytes) {
    hand_piece();
    return true;
  }
  const auto got = fill().state;
  if (got == io_state::done) enter_phase(phase::body);  // a byte gives time for the next
  if (got == io_state::blocked && !reader_.body().empty()) {
    hand_piece();
    return true;
  }
  return got == io_state::done;
}

/// A key that was revoked meanwhile must not be able to go on.
void connection::hand_piece() {
  enter_phase(phase::working);
  again_ = io().now() - exchange_.key_checked_at >= io_shard::key_age;
  again_ ? identify() : piece_is_good();
}

void connection::piece_is_good() {
  set_deadline(options().request_timeout, {errc::unknown_outcome, "no answer within the request timeout"});
  if (access_) access_->bytes_in += reader_.body().size();
  const bool is_last = reader_.now() == request_reader::state::whole;
  const auto handle = std::exchange(on_piece_, nullptr);
  handle({std::exchange(reader_.body(), {}), is_last});
}

}  // namespace sandbase
