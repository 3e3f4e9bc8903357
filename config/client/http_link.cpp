// SPDX-License-Identifier: Apache-2.0
#include "config/client/http_link.hpp"

#include "http/wire/text.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <fmt/core.h>

namespace sandbase {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::uint32_t max_head_bytes = 64 * 1024;

answer_head head_of(const http::response_header<>& head) {
  answer_head answer;
  answer.status = head.result_int();
  if (const auto at = head.find("request-id"); at != head.end()) answer.request_id = at->value();
  if (const auto at = head.find(http::field::retry_after); at != head.end())
    if (const auto seconds = parse_number(std::string_view{at->value().data(), at->value().size()}))
      answer.retry_after = std::chrono::seconds{static_cast<std::int64_t>(*seconds)};
  return answer;
}

}  // namespace

/// An answer as it comes.
struct http_link::reader {
  beast::flat_buffer left_over;
  std::optional<http::response_parser<http::buffer_body>> parser;
  std::array<char, piece_bytes> piece{};
};

http_link::http_link(service_url to, std::string key, std::string ca_file)
    : to_(std::move(to)),
      key_(std::move(key)),
      socket_(std::move(ca_file)),
      reader_(std::make_unique<reader>()) {}

http_link::~http_link() = default;

void http_link::close() {
  socket_.close();
  reader_->left_over.clear();
  reader_->parser.reset();
}

failure http_link::broken(const error_code& why, errc code) {
  close();
  const bool ended = why == http::error::end_of_stream || why == http::error::partial_message;
  if (why.category() == http::make_error_code(http::error::bad_version).category() && !ended)
    return {errc::corrupt,
            fmt::format("{} does not answer as HTTP says: {}", to_.authority(), why.message())};
  const auto what = ended                                  ? std::string{"it closed the connection"}
                    : why == boost::asio::error::timed_out ? std::string{"it does not answer in time"}
                                                           : why.message();
  return {code, fmt::format("the connection to {} broke: {}", to_.authority(), what)};
}

result<void> http_link::connect() {
  if (socket_.is_open()) return {};
  close();
  is_used_ = false;
  return socket_.open(to_, connect_patience);
}

result<void> http_link::write(std::string_view bytes) {
  error_code ec;
  boost::asio::write(socket_, boost::asio::buffer(bytes), ec);
  if (ec) return broken(ec, errc::unknown_outcome);
  return {};
}

result<void> http_link::write_head(const http_request& request, bool in_chunks) {
  if (auto connected = connect(); !connected) return connected;
  socket_.set_patience(answer_patience);
  std::string head = fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: sandbase-events/{}\r\n",
                                 request.method, to_.base, request.target, to_.authority(), SANDBASE_VERSION);
  if (!key_.empty()) head += fmt::format("Authorization: Bearer {}\r\n", key_);
  for (const auto& [name, value] : request.headers) head += fmt::format("{}: {}\r\n", name, value);
  if (in_chunks)
    head += "Transfer-Encoding: chunked\r\n";
  else if (request.method == "POST")
    head += fmt::format("Content-Length: {}\r\n", request.body.size());
  head += "\r\n";
  is_used_ = true;
  return write(in_chunks ? head : head + request.body);
}

result<answer_head> http_link::read_head() {
  auto& parser = reader_->parser.emplace();
  parser.header_limit(max_head_bytes);
  parser.body_limit(boost::none);
  error_code ec;
  for (;;) {
    http::read_header(socket_, reader_->left_over, parser, ec);
    if (ec) return broken(ec, errc::unknown_outcome);
    constexpr unsigned first_final = 200;
    if (parser.get().result_int() >= first_final) return head_of(parser.get().base());
    reader_->parser.emplace();
  }
}

result<answer_head> http_link::begin(const http_request& request) {
  if (auto written = write_head(request, false); !written) return std::move(written).error();
  return read_head();
}

result<std::string_view> http_link::read(std::chrono::milliseconds patience) {
  auto& r = *reader_;
  if (!r.parser) return std::string_view{};
  socket_.set_patience(patience);
  while (!r.parser->is_done()) {
    auto& body = r.parser->get().body();
    body.data = r.piece.data();
    body.size = r.piece.size();
    error_code ec;
    http::read_some(socket_, r.left_over, *r.parser, ec);
    const auto got = r.piece.size() - body.size;
    if (ec && ec != http::error::need_buffer) return broken(ec, errc::unavailable);
    if (got > 0) return std::string_view{r.piece.data(), got};
  }
  const bool stays = r.parser->keep_alive();
  r.parser.reset();
  if (!stays) close();
  return std::string_view{};
}

result<http_answer> http_link::read_answer(std::size_t max_bytes) {
  auto head = read_head();
  if (!head) return std::move(head).error();
  http_answer answer{*std::move(head), {}};
  for (;;) {
    const auto part = read(answer_patience);
    if (!part) return failure{errc::unknown_outcome, part.error().message};
    if (part->empty()) return answer;
    if (answer.body.size() + part->size() > max_bytes) {
      close();
      return failure{errc::too_large,
                     fmt::format("{} answers more than {} bytes", to_.authority(), max_bytes)};
    }
    answer.body += *part;
  }
}

result<http_answer> http_link::ask(const http_request& request, std::size_t max_bytes) {
  if (auto written = write_head(request, false); !written) return std::move(written).error();
  return read_answer(max_bytes);
}

result<void> http_link::begin_upload(const http_request& request) {
  close();
  return write_head(request, true);
}

result<void> http_link::upload(std::string_view bytes) {
  error_code ec;
  const auto size = fmt::format("{:x}\r\n", bytes.size());
  const std::array<boost::asio::const_buffer, 3> chunk{boost::asio::buffer(size), boost::asio::buffer(bytes),
                                                       boost::asio::buffer("\r\n", 2)};
  boost::asio::write(socket_, chunk, ec);
  // The connection stays: an answer may wait on it.
  if (ec) return {errc::unknown_outcome, ec.message()};
  return {};
}

result<http_answer> http_link::end_upload(std::size_t max_bytes) {
  if (auto written = write("0\r\n\r\n"); !written) return std::move(written).error();
  return read_answer(max_bytes);
}

result<http_answer> http_link::early_answer(std::size_t max_bytes) {
  auto answer = read_answer(max_bytes);
  close();
  return answer;
}

}  // namespace sandbase
