// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE outbox
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/wire/outbox.hpp"

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST(gives its bytes in order in any portions) {
  fake_log log;
  log.add(5, "agent.message", 3000);
  const auto& block = log.blocks[0];
  for (const std::size_t portion : {1u, 7u, 1000u, 3100u, 100'000u}) {
    outbox out;
    std::string expected;
    for (seq_t seq = 1; seq <= 5; seq += 2) {
      out.add("text ");
      out.add("and more ");
      out.add(block->frame(seq), block);
      expected += "text and more " + log.frame(seq);
    }
    outbox tail;
    tail.add(block->frame(2), block);
    tail.add("end");
    out.append(std::move(tail));
    out.prepend("start ");
    expected = "start " + expected + log.frame(2) + "end";
    CAF_CHECK_EQUAL(out.bytes(), expected.size());
    CAF_CHECK(out.flatten() == expected);
    std::string seen;
    outbox::buffer_array buffers;
    while (!out.empty()) {
      std::string front;
      for (const auto& b : out.front(buffers)) front.append(static_cast<const char*>(b.data()), b.size());
      front.resize(std::min(front.size(), portion));
      seen += front;
      out.consume(front.size());
    }
    CAF_CHECK(seen == expected);
  }
}

CAF_TEST(lets go of blocks that are written) {
  fake_log log;
  log.add(1, "agent.message", 3000);
  outbox out;
  out.add(log.blocks[0]->frames(), log.blocks[0]);
  out.add("x");
  const auto size = log.blocks[0]->frames().size();
  const std::weak_ptr<const log_block> watched = log.blocks[0];
  log.blocks.clear();
  CAF_CHECK(!watched.expired());
  out.consume(size);
  CAF_CHECK(watched.expired());
  CAF_CHECK_EQUAL(out.flatten(), "x");
}

CAF_TEST(cut short it copies what it keeps) {
  fake_log log;
  log.add(1, "agent.message", 9000);
  outbox out;
  out.add("x");
  out.add(log.blocks[0]->frames(), log.blocks[0]);
  out.add("end");
  const auto all = out.flatten();
  const std::weak_ptr<const log_block> watched = log.blocks[0];
  log.blocks.clear();
  out.consume(100);
  out.cut_to(5000);
  CAF_CHECK(watched.expired());
  CAF_CHECK_EQUAL(out.bytes(), 5000u);
  CAF_CHECK(out.flatten() == all.substr(100, 5000));
  out.cut_to(0);
  CAF_CHECK(out.empty());
}

CAF_TEST(gives no more at once than it is asked for) {
  fake_log log;
  log.add(3, "agent.message", 3000);
  for (const std::size_t most : {1u, 100u, 3000u, 1'000'000u}) {
    outbox out;
    out.add("start ");
    for (seq_t seq = 1; seq <= 3; ++seq) out.add(log.block_of(seq)->frame(seq), log.block_of(seq));
    const auto expected = out.flatten();
    std::string seen;
    outbox::buffer_array buffers;
    while (!out.empty()) {
      std::size_t n = 0;
      for (const auto& b : out.front(buffers, most)) {
        seen.append(static_cast<const char*>(b.data()), b.size());
        n += b.size();
      }
      CAF_REQUIRE(n > 0 && n <= most);
      out.consume(n);
    }
    CAF_CHECK(seen == expected);
  }
}
