// SPDX-License-Identifier: Apache-2.0
// Non-blocking reads and writes that are tried at once: the reactor is
// asked only when the kernel has nothing.
#pragma once

#include "http/io/io_outcome.hpp"
#include "http/wire/outbox.hpp"

#include <boost/asio/generic/stream_protocol.hpp>

#include <chrono>
#include <span>
#include <string_view>

namespace sandbase {

/// The socket of a connection: TCP, or one end of a socket pair in tests.
using stream_socket = boost::asio::generic::stream_protocol::socket;

/// One read into `space`. @pre the socket is in non-blocking mode, !space.empty()
io_outcome read_now(stream_socket& socket, std::span<char> space);

/// Whether a read now would find bytes (`done`), nothing yet or the end;
/// takes nothing. @pre the socket is in non-blocking mode
io_state peek_now(stream_socket& socket);

/// Whether the connection was reset, or ended by both sides, whatever there is still to read.
bool is_broken(stream_socket& socket);

/// Whether it was reset and no read or write has met that yet.
bool was_reset(stream_socket& socket);

/// Bytes that were written and that the peer's kernel has not acknowledged (SIOCOUTQ, tcp(7)); a FIN counts
/// as one. Of a socket pair: not 0 while the peer has not read all of them.
std::size_t unacknowledged(stream_socket& socket);

/// Writes from `out` until it is empty or `max_bytes` are written (`done`), or the socket takes no more. @pre
/// the socket is in non-blocking mode, max_bytes > 0
io_outcome write_now(stream_socket& socket, outbox& out, std::size_t max_bytes = ~std::size_t{0});

/// Writes what the socket takes of `bytes`: `blocked` if that is not all. @pre as above
io_outcome write_now(stream_socket& socket, std::string_view bytes);

/// Has the kernel acknowledge what has come: clients that leave TCP_NODELAY off send the body of a request
/// only then, and a delayed acknowledgement would cost them 40 ms. No effect on other sockets than TCP.
void acknowledge_now(stream_socket& socket);

/// Has the kernel give up on a peer that acknowledges nothing for `patience` (TCP_USER_TIMEOUT, tcp(7)), and
/// look for one that has been silent for so long: it is gone within three times that. No effect on other
/// sockets than TCP.
void notice_vanished_peer(stream_socket& socket, std::chrono::milliseconds patience);

/// Has the kernel take no more while `bytes` wait for the peer's window (TCP_NOTSENT_LOWAT, tcp(7)): who does
/// not read would else cost megabytes of its memory. No effect on other sockets than TCP.
void limit_unsent(stream_socket& socket, int bytes);

}  // namespace sandbase
