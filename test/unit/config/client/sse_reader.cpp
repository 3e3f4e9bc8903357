// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sse_reader
#include "config/client/sse_reader.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

std::vector<sse_frame> read(std::string_view text) {
  sse_reader reader;
  std::vector<sse_frame> frames;
  CAF_REQUIRE(reader.feed(text, frames));
  return frames;
}

/// Cut at every place.
std::vector<sse_frame> read_byte_by_byte(std::string_view text) {
  sse_reader reader;
  std::vector<sse_frame> frames;
  for (std::size_t i = 0; i < text.size(); ++i) CAF_REQUIRE(reader.feed(text.substr(i, 1), frames));
  return frames;
}

std::string shown(const std::vector<sse_frame>& frames) {
  std::string out;
  for (const auto& f : frames)
    out += f.event + "|" + f.data.value_or("-") + "|" + f.id.value_or("-") + "|" +
           (f.retry ? std::to_string(f.retry->count()) : "-") + ";";
  return out;
}

}  // namespace

CAF_TEST(a frame has what its lines say) {
  CAF_CHECK_EQUAL(shown(read("event: message\nid: sevt_1\ndata: {\"a\":1}\n\n")),
                  "message|{\"a\":1}|sevt_1|-;");
  CAF_CHECK_EQUAL(shown(read("data:x\n\ndata: [DONE]\n\n")), "|x|-|-;|[DONE]|-|-;");
  CAF_CHECK_EQUAL(shown(read("retry: 1500\nevent: ping\ndata\n\n")), "ping||-|1500;");
}

CAF_TEST(lines of data are joined and one space is left out) {
  CAF_CHECK_EQUAL(shown(read("data: a\ndata:  b\ndata:\n\n")), "|a\n b\n|-|-;");
}

CAF_TEST(lines end as the standard says wherever the bytes are cut) {
  for (const auto* text :
       {"data: a\n\ndata: b\n\n", "data: a\r\n\r\ndata: b\r\n\r\n", "data: a\r\rdata: b\r\r",
        "\xef\xbb\xbf"
        "data: a\n\r\ndata: b\r\n\n"}) {
    CAF_CHECK_EQUAL(shown(read(text)), "|a|-|-;|b|-|-;");
    CAF_CHECK_EQUAL(shown(read_byte_by_byte(text)), "|a|-|-;|b|-|-;");
  }
  // Nothing else ends a line.
  CAF_CHECK_EQUAL(shown(read("data: a\xe2\x80\xa8"
                             "b\x0c"
                             "c\n\n")),
                  "|a\xe2\x80\xa8"
                  "b\x0c"
                  "c|-|-;");
}

CAF_TEST(comments and unknown fields are nothing) {
  CAF_CHECK_EQUAL(shown(read(": keep-alive\n\nfoo: bar\n\n:\n\n")), "");
  CAF_CHECK_EQUAL(shown(read(": x\nid: 7\n\n")), "|-|7|-;");
  CAF_CHECK_EQUAL(shown(read("id\n\n")), "|-||-;");
}

CAF_TEST(what is no number or holds a zero is passed over) {
  CAF_CHECK_EQUAL(shown(read("retry: 1s\ndata: a\n\n")), "|a|-|-;");
  CAF_CHECK_EQUAL(shown(read("retry: 99999999999999\ndata: a\n\n")), "|a|-|2147483647;");
  CAF_CHECK_EQUAL(shown(read(std::string_view{"id: a\0b\ndata: a\n\n", 18})), "|a|-|-;");
}

CAF_TEST(what has no empty line behind it has not come) {
  sse_reader reader;
  std::vector<sse_frame> frames;
  CAF_REQUIRE(reader.feed("id: 1\ndata: a\n", frames));
  CAF_CHECK(frames.empty());
  CAF_REQUIRE(reader.feed("\n", frames));
  CAF_CHECK_EQUAL(shown(frames), "|a|1|-;");
}
