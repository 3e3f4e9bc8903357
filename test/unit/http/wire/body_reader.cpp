#define CAF_SUITE body_reader
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/wire/body_reader.hpp"

using namespace sandbase;

namespace {

using state = body_reader::state;

struct outcome {
  state end;
  std::string body;
  std::string rest;
};

outcome read(body_reader reader, std::string_view input, std::size_t portion) {
  outcome o;
  while (!input.empty() && reader.now() == state::more) {
    const auto used = reader.feed(input.substr(0, portion), o.body);
    input.remove_prefix(used);
    if (used == 0) break;
  }
  o.end = reader.now();
  o.rest = input;
  return o;
}

}  // namespace

CAF_TEST(takes as much as was announced) {
  for (const std::size_t portion : {1u, 2u, 100u}) {
    const auto o = read(body_reader::of_length(5), "hellorest", portion);
    CAF_CHECK(o.end == state::done);
    CAF_CHECK_EQUAL(o.body, "hello");
    CAF_CHECK_EQUAL(o.rest, "rest");
  }
  CAF_CHECK(body_reader::of_length(0).now() == state::done);
  CAF_CHECK(read(body_reader::of_length(5), "hell", 100).end == state::more);
}

CAF_TEST(joins chunks however they are cut) {
  const std::string input =
      "5\r\nhello\r\n00a;ext=\"v\"\r\n, worlds: \r\nB \t; x\r\nhello again\r\n0\r\nT: x\r\nU:\r\n\r\nrest";
  for (std::size_t portion = 1; portion < input.size(); ++portion) {
    const auto o = read(body_reader::of_chunks(100), input, portion);
    CAF_CHECK(o.end == state::done);
    CAF_CHECK_EQUAL(o.body, "hello, worlds: hello again");
    CAF_CHECK_EQUAL(o.rest, "rest");
  }
}

CAF_TEST(refuses chunks that are not well formed) {
  const std::vector<std::string> table = {
      "\r\n",
      "x\r\n",
      ";\r\n",
      "-1\r\n",
      "5\nhello\r\n",
      "5\r\nhelloo\r\n",
      "5\r\nhello\n",
      "5\rhello",
      "0\r\n\r0",
      std::string("1;\0\r\n", 5),
      "fffffffffffffffff\r\n",
      "5 \r\nhello\r\n",
      "5 ext\r\nhello\r\n",
      "0\r\nT: \n\r\n\r\n",
      "0\r\nno colon\r\n\r\n",
      "0\r\nT\r\n\r\n",
      "0\r\n: x\r\n\r\n",
      "0\r\nT : x\r\n\r\n",
      "0\r\nT: x\r\n y\r\n\r\n",
      "5;" + std::string(body_reader::max_line_bytes, 'x') + "\r\n",
      "0\r\nT: " + std::string(body_reader::max_line_bytes, 'x') + "\r\n\r\n",
  };
  for (const auto& input : table) {
    const auto o = read(body_reader::of_chunks(100), input, 1000);
    if (o.end != state::invalid) CAF_ERROR("not refused: " << input);
  }
}

CAF_TEST(stops at the limit) {
  CAF_CHECK(read(body_reader::of_chunks(10), "a\r\n0123456789\r\n0\r\n\r\n", 1000).end == state::done);
  CAF_CHECK(read(body_reader::of_chunks(10), "b\r\n", 1000).end == state::too_large);
  CAF_CHECK(read(body_reader::of_chunks(10), "6\r\n012345\r\n5\r\n", 1000).end == state::too_large);
  CAF_CHECK(read(body_reader::of_chunks(10), "fffffffffffffff\r\n", 1000).end == state::too_large);
}
