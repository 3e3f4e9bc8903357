// SPDX-License-Identifier: Apache-2.0
#include "config/client/service_socket.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <atomic>
#include <fmt/core.h>
#include <optional>
#include <utility>

namespace sandbase {

namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;
using tcp = asio::ip::tcp;

using tls_stream = ssl::stream<tcp::socket>;

failure cannot_reach(const service_url& to, const std::string& why) {
  return {errc::unavailable,
          fmt::format("cannot reach {}://{}: {}", to.tls ? "https" : "http", to.authority(), why)};
}

}  // namespace

struct service_socket::socket {
  asio::io_context io;
  asio::steady_timer timer{io};
  tcp::resolver resolver{io};
  std::optional<ssl::context> trusted;
  /// One of the two.
  std::optional<tcp::socket> plain;
  std::optional<tls_stream> tls;
  std::atomic<bool> is_aborted{false};

  tcp::socket& lowest() { return tls ? tls->next_layer() : *plain; }
  bool is_made() const { return plain || tls; }

  void close() {
    error_code ignored;
    if (is_made()) lowest().close(ignored);
    resolver.cancel();
  }

  /// Waits for one operation, which `start` begins with the handler that it gets. Leaves nothing behind.
  template <class Result, class Start>
  Result run(std::chrono::milliseconds patience, error_code& ec, Start&& start) {
    Result got{};
    bool is_done = false;
    bool is_late = false;
    if (is_aborted) {
      ec = asio::error::operation_aborted;
      return got;
    }
    start([&](const error_code& why, auto... value) {
      ec = why;
      if constexpr (sizeof...(value) > 0) got = Result{std::move(value)...};
      is_done = true;
      timer.cancel();
    });
    timer.expires_after(patience);
    timer.async_wait([&](const error_code& cancelled) {
      if (cancelled || is_done) return;
      is_late = true;
      close();
    });
    io.restart();
    io.run();
    if (is_late) ec = asio::error::timed_out;
    if (is_aborted) ec = asio::error::operation_aborted;
    return got;
  }

  /// `start(stream, handler)` begins it on the one stream that there is.
  template <class Start>
  std::size_t transfer(std::chrono::milliseconds patience, error_code& ec, Start start) {
    if (!is_made()) {
      ec = asio::error::not_connected;
      return 0;
    }
    return run<std::size_t>(patience, ec, [&](auto done) { tls ? start(*tls, done) : start(*plain, done); });
  }

  result<void> shake_hands(const service_url& to, const std::string& ca_file,
                           std::chrono::milliseconds patience);
};

result<void> service_socket::socket::shake_hands(const service_url& to, const std::string& ca_file,
                                                 std::chrono::milliseconds patience) {
  error_code ec;
  if (!ca_file.empty()) {
    trusted->load_verify_file(ca_file, ec);
    if (ec)
      return {errc::invalid, fmt::format("cannot read the certificates in {}: {}", ca_file, ec.message())};
  }
  tls->set_verify_mode(ssl::verify_peer, ec);
  asio::ip::make_address(to.host, ec);
  auto* const wanted = ::SSL_get0_param(tls->native_handle());
  if (!ec) {
    ::X509_VERIFY_PARAM_set1_ip_asc(wanted, to.host.c_str());
  } else {
    ::X509_VERIFY_PARAM_set1_host(wanted, to.host.c_str(), to.host.size());
    // An address is no name that a server could choose its certificate by (RFC 6066, section 3).
    SSL_set_tlsext_host_name(tls->native_handle(), to.host.c_str());
  }
  run<int>(patience, ec, [&](auto done) { tls->async_handshake(ssl::stream_base::client, done); });
  if (!ec) return {};
  const auto verified = SSL_get_verify_result(tls->native_handle());
  if (ec.category() == asio::error::get_ssl_category() && verified != X509_V_OK)
    return {
        errc::forbidden,
        fmt::format("https://{} shows a certificate that is not trusted: {}; --ca-file names others to trust",
                    to.authority(), X509_verify_cert_error_string(verified))};
  return cannot_reach(to, "TLS failed: " + ec.message());
}

service_socket::service_socket(std::string ca_file)
    : ca_file_(std::move(ca_file)), socket_(std::make_unique<socket>()) {}

service_socket::~service_socket() = default;

bool service_socket::is_open() const { return socket_->is_made() && socket_->lowest().is_open(); }

void service_socket::close() {
  socket_->close();
  socket_->tls.reset();
  socket_->plain.reset();
}

void service_socket::abort() {
  socket_->is_aborted = true;
  // An operation that is in work sees its socket closed.
  asio::post(socket_->io, [s = socket_.get()] {
    s->close();
    s->timer.cancel();
  });
}

bool service_socket::is_aborted() const { return socket_->is_aborted; }

void service_socket::wait(std::chrono::milliseconds time) {
  auto& s = *socket_;
  if (s.is_aborted) return;
  s.timer.expires_after(time);
  s.timer.async_wait([](const error_code&) {});
  s.io.restart();
  s.io.run();
}

result<void> service_socket::open(const service_url& to, std::chrono::milliseconds patience) {
  close();
  auto& s = *socket_;
  error_code ec;
  if (to.tls) {
    s.trusted.emplace(ssl::context::tls_client);
    s.trusted->set_default_verify_paths(ec);
    s.tls.emplace(s.io, *s.trusted);
  } else {
    s.plain.emplace(s.io);
  }
  const auto found = s.run<tcp::resolver::results_type>(patience, ec, [&](auto done) {
    s.resolver.async_resolve(to.host, std::to_string(to.port), tcp::resolver::numeric_service, done);
  });
  if (ec) return cannot_reach(to, ec.message());
  s.run<tcp::endpoint>(patience, ec, [&](auto done) { asio::async_connect(s.lowest(), found, done); });
  if (ec) {
    close();
    return cannot_reach(to, ec.message());
  }
  s.lowest().set_option(tcp::no_delay{true}, ec);
  s.lowest().set_option(asio::socket_base::keep_alive{true}, ec);
  if (!to.tls) return {};
  auto shaken = s.shake_hands(to, ca_file_, patience);
  if (!shaken) close();
  return shaken;
}

std::size_t service_socket::read(asio::mutable_buffer to, error_code& ec) {
  return socket_->transfer(patience_, ec, [&](auto& stream, auto done) { stream.async_read_some(to, done); });
}

std::size_t service_socket::write(asio::const_buffer from, error_code& ec) {
  return socket_->transfer(patience_, ec,
                           [&](auto& stream, auto done) { stream.async_write_some(from, done); });
}

}  // namespace sandbase
