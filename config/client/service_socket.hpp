// SPDX-License-Identifier: Apache-2.0
// A connection to a service, plain or by TLS, whose calls block and have deadlines.
#pragma once

#include "config/client/service_url.hpp"
#include "events/base/result.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace sandbase {

/// A stream as Beast's blocking calls take it (SyncReadStream, SyncWriteStream). One thread at a time, but
/// for abort().
class service_socket {
 public:
  /// `ca_file`: certificates to trust beside the system's; empty: none.
  explicit service_socket(std::string ca_file);
  ~service_socket();
  service_socket(const service_socket&) = delete;
  service_socket& operator=(const service_socket&) = delete;

  /// Looks up the name, connects, and shakes hands. A connection that was open before is closed.
  /// Failures are `unavailable`, or `forbidden` for a certificate that is not trusted.
  result<void> open(const service_url& to, std::chrono::milliseconds patience);
  bool is_open() const;
  void close();

  /// How long a read or a write may take from now on; after that the connection is of no more use.
  void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }
  /// Ends whatever is in work, and all that comes, with an error. From any thread.
  void abort();
  bool is_aborted() const;
  /// Waits so long, or until abort().
  void wait(std::chrono::milliseconds time);

  template <class Buffers>
  std::size_t read_some(const Buffers& to, boost::system::error_code& ec) {
    for (const boost::asio::mutable_buffer part : range(to))
      if (part.size() > 0) return read(part, ec);
    ec = {};
    return 0;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& from, boost::system::error_code& ec) {
    for (const boost::asio::const_buffer part : range(from))
      if (part.size() > 0) return write(part, ec);
    ec = {};
    return 0;
  }
  /// What the concepts ask for besides; nobody calls them.
  template <class Buffers>
  std::size_t read_some(const Buffers& to) {
    boost::system::error_code ec;
    const auto got = read_some(to, ec);
    if (ec) throw boost::system::system_error{ec};
    return got;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& from) {
    boost::system::error_code ec;
    const auto put = write_some(from, ec);
    if (ec) throw boost::system::system_error{ec};
    return put;
  }

 private:
  struct socket;

  template <class Buffers>
  struct buffer_range {
    const Buffers& buffers;
    auto begin() const { return boost::asio::buffer_sequence_begin(buffers); }
    auto end() const { return boost::asio::buffer_sequence_end(buffers); }
  };
  template <class Buffers>
  static buffer_range<Buffers> range(const Buffers& buffers) {
    return {buffers};
  }

  std::size_t read(boost::asio::mutable_buffer to, boost::system::error_code& ec);
  std::size_t write(boost::asio::const_buffer from, boost::system::error_code& ec);

  std::string ca_file_;
  std::chrono::milliseconds patience_{std::chrono::seconds{30}};
  std::unique_ptr<socket> socket_;
};

}  // namespace sandbase
