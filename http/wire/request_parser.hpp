// SPDX-License-Identifier: Apache-2.0
// Beast's parser (RFC 9112) with the rules that this service adds: what two parsers could read in two ways is
// refused, and of the head only what is needed is kept.
#pragma once

#include "http/wire/request_head.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <string>
#include <string_view>

namespace sandbase {

/// One request: its head in one piece, then its body in any. Used through request_reader.
class request_parser final : public boost::beast::http::basic_parser<true> {
 public:
  /// `head_bytes`: of the whole head, which is there.
  explicit request_parser(std::size_t head_bytes);

  request_head head;
  std::string body;
  /// Bytes of body beyond which nothing is taken; `max_body` may be lowered until the body begins.
  std::uint64_t max_body = 0;
  /// The owner takes out of `body` what has come, again and again: room for all of it is not made.
  bool in_pieces = false;
  /// The chunks so far announce more than that.
  bool body_too_large = false;
  /// Why the request was refused: status and sentence; 0: it was not.
  int status = 0;
  std::string problem;

  /// Parses the whole head. On failure `status` and `problem` tell why.
  bool put_head(std::string_view text);
  /// Parses one piece of the body: a chunk's head, or bytes as far as they go. @returns the bytes that were
  /// used; 0: more of a chunk's head is needed, or the request was refused. @pre put_head() was successful,
  /// !is_done()
  std::size_t put_body(std::string_view text);
  /// Whether the next byte belongs to a chunk's head or to the trailer.
  bool between_chunks() const { return head.chunked && !is_done() && chunk_left_ == 0; }
  /// Whether the next two bytes have to be the line end behind a chunk's bytes. @pre between_chunks()
  bool expects_line_end() const { return announced_ > 0; }

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  void refuse(int with, std::string why, error_code& ec);
  void split_target(std::string_view path, std::string_view query);
  bool check_whole_head();

  void on_request_impl(boost::beast::http::verb, string_view name, string_view target, int version,
                       error_code& ec) override;
  void on_field_impl(boost::beast::http::field field, string_view name, string_view text,
                     error_code& ec) override;
  void on_header_impl(error_code&) override {}
  std::size_t on_body_impl(string_view part, error_code&) override;
  void on_chunk_header_impl(std::uint64_t size, string_view, error_code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t, string_view part, error_code&) override;
  void on_body_init_impl(boost::optional<std::uint64_t> const& length, error_code&) override;
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, string_view, int, error_code&) override {}

  bool in_body_ = false;
  std::uint64_t chunk_left_ = 0;
  std::uint64_t announced_ = 0;
  int hosts_ = 0;
  int content_lengths_ = 0;
  int transfer_encodings_ = 0;
};

}  // namespace sandbase
