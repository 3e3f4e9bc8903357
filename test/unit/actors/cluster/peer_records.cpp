// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE peer_records
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/cluster/frame_stream.hpp"
#include "test/unit/actors/support/block_of.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

template <class T>
T there_and_back(const T& r) {
  std::string bytes;
  peer::encode(bytes, r);
  std::string_view left{bytes};
  bool is_unknown = false;
  auto found = peer::take_record(left, is_unknown);
  CAF_REQUIRE(found && *found);
  CAF_CHECK(left.empty());
  return std::get<T>(**found);
}

std::vector<peer::record> read_all(frame_reader& reader, std::string_view frame) {
  std::vector<peer::record> found;
  const auto read = reader.read(frame, [&](peer::record r) { found.push_back(std::move(r)); });
  CAF_CHECK(read);
  return found;
}

}  // namespace

CAF_TEST(records come back as they were) {
  const auto h = there_and_back(peer::hello{3, 512, "north", true});
  CAF_CHECK_EQUAL(h.protocol, 3);
  CAF_CHECK_EQUAL(h.node, 512);
  CAF_CHECK_EQUAL(h.name, "north");
  CAF_CHECK(h.is_edge);
  const peer::append sent{5, 6, 7, "sesn_1", 8, role::runtime, true, "key", 1500ms, R"({"events":[]})"};
  const auto a = there_and_back(sent);
  CAF_CHECK(a.number == 5 && a.session == 6 && a.workspace == 7 && a.author == 8 && a.is_retry);
  CAF_CHECK(a.may == role::runtime && a.patience == 1500ms);
  CAF_CHECK_EQUAL(a.id, "sesn_1");
  CAF_CHECK_EQUAL(a.idempotency_key, "key");
  CAF_CHECK_EQUAL(a.body, sent.body);
  const auto refused = there_and_back(peer::outcome{9, {errc::conflict, "no"}, false, {}});
  CAF_CHECK(refused.error.code == errc::conflict && refused.error.message == "no");
  const auto previews = there_and_back(peer::push_previews{
      4,
      12,
      true,
      {std::make_shared<const preview>(preview{true, event_type::agent_message, "id", "frame"})}});
  CAF_REQUIRE_EQUAL(previews.what.size(), 1u);
  CAF_CHECK(previews.gap && previews.end == 12 && previews.what[0]->is_start);
  CAF_CHECK_EQUAL(previews.what[0]->frame, "frame");
}

CAF_TEST(events cross with all that belongs to them) {
  const auto block = block_of(5, 3), next = block_of(8, 2);
  const auto p =
      there_and_back(peer::push{4, 17, 9, 2, log_state::archived, {{{block, 6, 7}, {next, 8, 9}}}});
  CAF_CHECK(p.session == 4 && p.epoch == 17 && p.end == 9 && p.sealed_seq == 2);
  CAF_CHECK(p.state == log_state::archived);
  CAF_REQUIRE_EQUAL(p.slice.spans.size(), 2u);
  CAF_CHECK_EQUAL(p.slice.first_seq(), 6u);
  CAF_CHECK_EQUAL(p.slice.last_seq(), 9u);
  CAF_CHECK_EQUAL(p.slice.spans[0].frames(), block->frames(6, 7));
  CAF_CHECK_EQUAL(p.slice.spans[1].block->encode_marks(), next->encode_marks());
}

CAF_TEST(how sessions stand crosses with all that filters and people see) {
  CAF_CHECK(there_and_back(peer::watched{{3, 1}}).workspaces == (std::vector<workspace_key>{3, 1}));
  session_summary s;
  s.id = "sess_1";
  s.status = session_status::rescheduling;
  s.title = "title";
  s.agent_id = "agent_a";
  s.agent_version = 4;
  s.deployment_id = "dep_1";
  s.memory_stores = {"m_1", "m_2"};
  s.created_at = timestamp{1s};
  s.updated_at = timestamp{2s};
  s.archived_at = timestamp{3s};
  s.pending = {{"sevt_1", event_type::agent_mcp_tool_use, true, "search"}};
  s.last_seq = 9;
  s.last_id = "sevt_9";
  s.head = sha256("head");
  const auto push = there_and_back(peer::board_push{5, {{7, false, s}, {8, true, {}}}});
  CAF_REQUIRE_EQUAL(push.changes.size(), 2u);
  CAF_CHECK(push.workspace == 5 && push.changes[0].session == 7 && push.changes[0].summary == s);
  CAF_CHECK(push.changes[1].session == 8 && push.changes[1].is_deleted);
  CAF_CHECK_EQUAL(there_and_back(peer::board_push_taken{6}).workspace, 6);
}

CAF_TEST(what is cut off damaged or too large is no record) {
  std::string bytes;
  peer::encode(bytes, peer::push{4, 17, 9, 2, log_state::open, {{{block_of(5, 3), 5, 7}}}});
  bool is_unknown = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string_view part{bytes.data(), i};
    const auto found = peer::take_record(part, is_unknown);
    CAF_CHECK(found && !*found && !is_unknown);
  }
  auto shorter = bytes;
  shorter[1] = static_cast<char>(shorter[1] - 1);
  std::string_view left{shorter};
  CAF_CHECK(!peer::take_record(left, is_unknown));
  std::string_view huge{"\x01\xff\xff\xff\xff", 5};
  CAF_CHECK(!peer::take_record(huge, is_unknown));
}

CAF_TEST(a later version may add kinds and members) {
  std::string bytes{"\xf0\x03\0\0\0abc", 8};  // a kind that is not known
  std::string known;
  peer::encode(known, peer::unfollow{7});
  known[1] = static_cast<char>(known[1] + 2);  // two bytes more
  bytes += known + "xy";
  std::string_view left{bytes};
  bool is_unknown = false;
  auto first = peer::take_record(left, is_unknown);
  CAF_CHECK(first && !*first && is_unknown);
  auto second = peer::take_record(left, is_unknown);
  CAF_REQUIRE(second && *second);
  CAF_CHECK_EQUAL(std::get<peer::unfollow>(**second).session, 7);
  CAF_CHECK(left.empty());
}

CAF_TEST(a stream of records is cut into frames and put together again) {
  frame_writer out;
  frame_reader in;
  const std::string large(600 * 1024, 'x');
  out.add(peer::append{1, 2, 3, "s", 4, role::client, false, "", 1s, large});
  out.add(peer::unfollow{5});
  std::vector<peer::record> found;
  int frames = 0;
  while (const auto frame = out.next_frame()) {
    ++frames;
    CAF_CHECK(frame->size() <= frame_writer::max_frame_bytes + 2);
    for (auto& r : read_all(in, *frame)) found.push_back(std::move(r));
  }
  CAF_CHECK_EQUAL(frames, 3);
  CAF_REQUIRE_EQUAL(found.size(), 2u);
  CAF_CHECK_EQUAL(std::get<peer::append>(found[0]).body, large);
  CAF_CHECK_EQUAL(std::get<peer::unfollow>(found[1]).session, 5);
  CAF_CHECK_EQUAL(in.received(), out.sent());
}

CAF_TEST(no more is sent than the other end takes in) {
  frame_writer out;
  const auto begin = out.add(
      peer::append{1, 2, 3, "s", 4, role::client, false, "", 1s, std::string(2 * frame_writer::window, 'x')});
  CAF_CHECK_EQUAL(begin, 0u);
  while (out.next_frame()) continue;
  CAF_CHECK_EQUAL(out.sent(), frame_writer::window);
  CAF_CHECK(!out.taken(out.sent() + 1));
  CAF_CHECK(out.taken(frame_writer::max_frame_bytes));
  CAF_CHECK(out.next_frame());
  CAF_CHECK(!out.next_frame());
  CAF_CHECK(!out.taken(0));  // it never gives back
  CAF_CHECK(out.taken(out.sent()));
  const auto behind = out.add(peer::beat{});
  CAF_CHECK_EQUAL(behind, out.sent() + out.waiting() - 5);
}

CAF_TEST(what waits for nobody passes a full window) {
  frame_reader in;
  frame_writer out;
  out.add(peer::append{1, 2, 3, "s", 4, role::client, false, "", 1s, std::string(300 * 1024, 'x')});
  CAF_CHECK(read_all(in, *out.next_frame()).empty());
  const auto urgent = read_all(in, urgent_frame(peer::taken{77}));
  CAF_REQUIRE_EQUAL(urgent.size(), 1u);
  CAF_CHECK_EQUAL(std::get<peer::taken>(urgent[0]).bytes, 77u);
  CAF_CHECK_EQUAL(read_all(in, *out.next_frame()).size(), 1u);
}

CAF_TEST(bytes of somebody else end the link) {
  const auto ignore = [](const peer::record&) {};
  CAF_CHECK(!frame_reader{}.read("", ignore));
  CAF_CHECK(!frame_reader{}.read("GET / HTTP/1.1", ignore));
  CAF_CHECK(!frame_reader{}.read(std::string_view{"\x01\x02", 2}, ignore));
  CAF_CHECK(!frame_reader{}.read(std::string_view{"\x01\x01\0\0\0\0\0", 7}, ignore));
  const auto cut = urgent_frame(peer::taken{1});
  CAF_CHECK(!frame_reader{}.read(std::string_view{cut}.substr(0, cut.size() - 1), ignore));
}
