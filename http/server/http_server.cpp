#include "http/server/http_server.hpp"

#include "http/server/acceptor.hpp"
#include "http/wire/text.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace sandbase {

namespace {

using boost::asio::ip::tcp;

struct host_and_port {
  std::string host;
  std::string port;
};

std::optional<host_and_port> split_address(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == address.npos) return std::nullopt;
  auto host = address.substr(0, colon);
  const auto port = parse_number(address.substr(colon + 1));
  if (!port || *port > 65535) return std::nullopt;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != host.npos) {
    return std::nullopt;
  }
  if (host.empty()) return std::nullopt;
  return host_and_port{std::string{host}, std::to_string(*port)};
}

result<tcp::endpoint> resolve(boost::asio::io_context& context, std::string_view address) {
  const auto parts = split_address(address);
  if (!parts) return {errc::invalid, "`" + std::string{address} + "` is not host:port"};
  boost::system::error_code ec;
  tcp::resolver resolver{context};
  const auto found = resolver.resolve(parts->host, parts->port, tcp::resolver::passive, ec);
  if (ec || found.empty())
    return {errc::invalid, "cannot resolve `" + std::string{address} + "`: " + ec.message()};
  return found.begin()->endpoint();
}

result<tcp::acceptor> listen(boost::asio::io_context& context, const tcp::endpoint& endpoint,
                             std::string_view address) {
  tcp::acceptor socket{context};
  boost::system::error_code ec;
  socket.open(endpoint.protocol(), ec);
  if (!ec) socket.set_option(tcp::acceptor::reuse_address{true}, ec);
  if (!ec) socket.bind(endpoint, ec);
  if (!ec) socket.listen(tcp::acceptor::max_listen_connections, ec);
  if (!ec) socket.non_blocking(true, ec);
  if (ec) return {errc::unavailable, "cannot listen on " + std::string{address} + ": " + ec.message()};
  return socket;
}

}  // namespace

result<std::unique_ptr<http_server>> http_server::start(caf::actor_system& system, std::string_view address,
                                                        http_surface surface,
                                                        std::vector<io_shard*> workers) {
  auto& context = workers.front()->io.context();
  auto endpoint = resolve(context, address);
  if (!endpoint) return endpoint.error();
  auto socket = listen(context, *endpoint, address);
  if (!socket) return socket.error();
  std::unique_ptr<http_server> server{new http_server};
  boost::system::error_code ec;
  const auto local = socket->local_endpoint(ec);
  server->port_ = local.port();
  server->address_ = std::string{address.substr(0, address.rfind(':') + 1)} + std::to_string(local.port());
  const auto closed = std::make_shared<std::promise<void>>();
  server->closed_ = closed->get_future();
  server->acceptor_ = system.spawn<acceptor>(std::move(workers), std::move(*socket), surface,
                                             std::function<void()>{[closed] { closed->set_value(); }});
  return server;
}

http_server::~http_server() { abort(); }

void http_server::begin_shutdown() { caf::anon_send(acceptor_, begin_drain{}); }

void http_server::abort() { caf::anon_send(acceptor_, abort_now{}); }

bool http_server::wait_closed(std::chrono::milliseconds at_most) {
  return closed_.wait_for(at_most) == std::future_status::ready;
}

}  // namespace sandbase
