// SPDX-License-Identifier: Apache-2.0
// Import files: lines as they stand, refusals by line, and whatever is
// imported comes back from its own export.
#include "config/commands/session_writer.hpp"
#include "events/log/hash_chain.hpp"
#include "test/fuzz/support/drafts.hpp"
#include "test/fuzz/support/memory_file.hpp"

#include <set>

using namespace sandbase;
using fuzz::demand;

namespace {

constexpr std::size_t max_line = 4096;
constexpr timestamp now{std::chrono::milliseconds{1'780'000'000'000}};

struct imported_session {
  session_header header;
  std::vector<log_block_ptr> blocks;
  std::set<std::string> foreign_ids;
  bool finished = false;
};

/// Keeps what a store would be given.
class collector final : public session_import {
 public:
  explicit collector(imported_session& to) : to_(to) {}
  result<void> add(log_block_ptr block) override {
    const seq_t expected = to_.blocks.empty() ? 1 : to_.blocks.back()->last_seq() + 1;
    demand(block->first_seq() == expected, "blocks are consecutive");
    to_.blocks.push_back(std::move(block));
    return {};
  }
  result<void> add_foreign_ids(const std::vector<std::pair<std::string, seq_t>>& ids) override {
    for (const auto& [id, seq] : ids)
      if (!to_.foreign_ids.insert(id).second || is_at_told_place(id, seq))
        return {errc::invalid, "event.id: an earlier event of this session has this id"};
    return {};
  }
  result<void> finish(const session_header& header) override {
    to_.header = header;
    to_.finished = true;
    return {};
  }

 private:
  bool is_at_told_place(const std::string& id, seq_t seq) const {
    const auto told = told_place(id);
    if (!told || *told >= seq) return false;
    for (const auto& b : to_.blocks)
      if (*told >= b->first_seq() && *told <= b->last_seq()) return b->id(*told) == id;
    return false;
  }

  imported_session& to_;
};

/// As run_import does it, up to the first failure.
result<std::vector<imported_session>> import_all(std::string_view text) {
  const fuzz::memory_file file{text};
  auto lines = line_reader::open(file.path(), max_line);
  demand(static_cast<bool>(lines), "the file can be opened");
  import_source source{*std::move(lines)};
  std::vector<imported_session> sessions;
  for (;;) {
    auto header = source.next_header();
    if (!header) return std::move(header).error();
    if (!*header) return sessions;
    imported_session session;
    session_writer writer{std::make_unique<collector>(session), **std::move(header), now};
    for (;;) {
      const auto line = source.next_event();
      if (!line) return line.error();
      if (!*line) break;
      fuzz::demand_storable((*line)->draft);
      if (auto added = writer.add(**line); !added) return added.error();
    }
    if (auto done = writer.finish(); !done) return done.error();
    demand(session.finished, "a finished session is handed over");
    sessions.push_back(std::move(session));
  }
}

void check_log(const imported_session& s) {
  digest head{};
  exact_time time = timestamp::min();
  std::set<std::string_view> ids;
  seq_t count = 0;
  for (const auto& block : s.blocks) {
    for (auto seq = block->first_seq(); seq <= block->last_seq(); ++seq, ++count) {
      const auto json = block->json(seq);
      head = next_head(head, json);
      const auto event = read_stored_event(json);
      demand(event && event->id == block->id(seq) && event->time.ms == block->mark(seq).time,
             "an imported event", json);
      demand(event->time >= time, "times do not decrease", json);
      time = event->time;
      demand(ids.insert(event->id).second, "ids are not given twice", event->id);
    }
  }
  const auto& tip = s.header.progress.tip;
  demand(tip.last_seq == count && tip.head == head, "the tip is the log's end");
}

std::string export_all(const std::vector<imported_session>& sessions) {
  std::string out;
  for (const auto& s : sessions) {
    out.append(R"({"session":)")
        .append(render_session(s.header, now, secrets::shown))
        .append(R"(,"workspace":"w"})")
        .append("\n");
    for (const auto& block : s.blocks)
      for (auto seq = block->first_seq(); seq <= block->last_seq(); ++seq)
        out.append(R"({"event":)").append(block->json(seq)).append("}\n");
  }
  return out;
}

/// The reader's lines are those between line feeds that are not blank.
void check_lines(std::string_view text) {
  const fuzz::memory_file file{text};
  auto lines = line_reader::open(file.path(), max_line);
  demand(static_cast<bool>(lines), "the file can be opened");
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto expected = text.substr(0, end);
    if (number == 0) expected = json::skip_byte_order_mark(expected);
    ++number;
    text.remove_prefix(std::min(end + 1, text.size()));
    if (expected.find_first_not_of(" \t\r") == expected.npos) continue;
    const auto line = lines->next();
    if (!line) {
      demand(line.error().code == errc::too_large && expected.size() > max_line,
             "only long lines are refused", line.error().message);
      return;
    }
    demand(*line && (*line)->text == expected && (*line)->number == number, "a line is read as it stands",
           expected);
  }
  const auto end = lines->next();
  demand(end && !*end, "the end is found");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::input{data, size}.all();
  check_lines(text);
  const auto sessions = import_all(text);
  if (!sessions) {
    fuzz::demand_refusal(sessions.error());
    demand(sessions.error().message.starts_with("line "), "a refusal names the line",
           sessions.error().message);
    return 0;
  }
  for (const auto& s : *sessions) check_log(s);
  const auto exported = export_all(*sessions);
  if (std::ranges::count(exported, '\n') == 0) return 0;
  const auto again = import_all(exported);
  if (!again && again.error().code == errc::too_large)
    return 0;  // shown in full, a line may be longer than read
  demand(static_cast<bool>(again), "an export can be imported", again ? "" : again.error().message);
  demand(export_all(*again) == exported, "an import of an export is the same", exported);
  return 0;
}
