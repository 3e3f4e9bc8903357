// SPDX-License-Identifier: Apache-2.0
// TLS 1.3 on a socket that does not block, with proof demanded from both ends. Without CAF and Asio: whoever
// owns the socket waits for it and calls again.
#pragma once

#include "actors/cluster/openssl_handles.hpp"
#include "actors/cluster/tls_identity.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sandbase {

/// What all sessions of a node share. Any thread.
class tls_context {
 public:
  /// Sessions prove `identity` and take whoever is under the same authority and speaks `protocol`, which is
  /// at most 32 characters. `internal`.
  static result<tls_context> make(const tls_identity& identity, std::string_view protocol);

  SSL_CTX* get() const { return context_.get(); }

 private:
  explicit tls_context(ssl_ctx_ptr context) : context_(std::move(context)) {}
  ssl_ctx_ptr context_;
};

enum class tls_step {
  done,
  /// Again when the socket can be read, or written.
  wants_read,
  wants_write,
  /// Failed, or closed by the other end; see why().
  ended,
};

enum class tls_end { dials, accepts };

/// One connection's. One thread at a time. Writes to a socket whose other end is gone: SIGPIPE must be
/// ignored.
class tls_session {
 public:
  /// `socket` is connected, does not block, and outlives this.
  tls_session(const tls_context& context, tls_end end, int socket);

  /// Opens the session: first of all, until done. When it is done at both ends, each has seen that the other
  /// one knows the secret. (With TLS 1.3 alone the end that dials would not know that it was taken.)
  tls_step open();
  /// A sentence's rest: why open() has ended, with the other end as `it`.
  const std::string& why() const { return why_; }
  /// The name in the other end's certificate. @pre open() is done
  std::string peer_name() const;

  /// At most `size` bytes, at least one if done. @pre open() is done
  tls_step read(void* to, std::size_t size, std::size_t& count);
  tls_step write(const void* from, std::size_t size, std::size_t& count);
  /// From now on read() takes all that the socket has, a record of TLS or several, in one call of the system.
  /// @pre open() is done
  void read_ahead();
  /// Whether read() may give more without the socket, which then need not become readable for that.
  bool may_have_more() const;

 private:
  tls_step step_of(int returned);
  tls_step shake_hands();
  tls_step welcome();

  ssl_ptr ssl_;
  tls_end end_;
  bool is_shaken_ = false;
  std::string why_;
};

}  // namespace sandbase
