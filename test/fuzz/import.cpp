// SPDX-License-Identifier: Apache-2.0
// Imports: lines as they stand, whatever pieces they come in, refusals by line, and what is imported comes
// back from its own export.
#include "events/json/json_document.hpp"
#include "events/log/hash_chain.hpp"
#include "persistence/transfer/import_machine.hpp"
#include "test/fuzz/support/drafts.hpp"

#include <optional>
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
};

/// A store of one import, in memory.
class memory_store {
 public:
  explicit memory_store(import_machine& machine) : machine_(machine) {}

  /// Carries out what is to be done until there is more to read, or nothing.
  void work() {
    for (;;) {
      switch (machine_.next()) {
        case import_action::read:
        case import_action::done:
          return;
        case import_action::open:
          open();
          break;
        case import_action::write:
          write();
          break;
        case import_action::publish:
          publish();
          break;
        case import_action::drop:
          demand(at_hand_.has_value(), "what is dropped was begun");
          at_hand_.reset();
          machine_.dropped();
          break;
        case import_action::load:
          load();
          break;
      }
    }
  }
  const std::vector<imported_session>& sessions() const { return sessions_; }

 private:
  void open() {
    demand(!at_hand_, "one session is written at a time");
    const auto same = [&](const imported_session& s) {
      return s.header.definition->id == machine_.session();
    };
    const auto found = std::ranges::find_if(sessions_, same);
    if (found == sessions_.end()) {
      at_hand_.emplace();
      return machine_.opened(std::nullopt, now);
    }
    compared_ = static_cast<std::size_t>(found - sessions_.begin());
    machine_.opened(found->header, now);
  }
  void write() {
    const auto& slice = machine_.slice();
    demand(!slice.empty(), "what is written is something");
    for (const auto& block : slice.blocks) {
      const seq_t expected = at_hand_->blocks.empty() ? 1 : at_hand_->blocks.back()->last_seq() + 1;
      demand(block->first_seq() == expected, "blocks are consecutive");
      at_hand_->blocks.push_back(block);
    }
    for (const auto& [id, seq, line] : slice.foreign_ids)
      if (!at_hand_->foreign_ids.insert(id).second || is_at_told_place(id, seq))
        return machine_.written({}, std::string{id});
    machine_.written({});
  }
  void publish() {
    at_hand_->header = machine_.header();
    sessions_.push_back(std::move(*at_hand_));
    at_hand_.reset();
    machine_.published({});
  }
  void load() {
    log_slice slice;
    for (const auto& b : sessions_[compared_].blocks)
      if (b->last_seq() > machine_.loaded_to())
        slice.spans.push_back({b, std::max(b->first_seq(), machine_.loaded_to() + 1), b->last_seq()});
    machine_.loaded(std::move(slice));
  }
  bool is_at_told_place(const std::string& id, seq_t seq) const {
    const auto told = told_place(id);
    if (!told || *told >= seq) return false;
    for (const auto& b : at_hand_->blocks)
      if (*told >= b->first_seq() && *told <= b->last_seq()) return b->id(*told) == id;
    return false;
  }

  import_machine& machine_;
  std::vector<imported_session> sessions_;
  std::optional<imported_session> at_hand_;
  std::size_t compared_ = 0;
};

struct imported {
  std::vector<imported_session> sessions;
  import_report report;
};

imported import_all(std::string_view text, std::size_t piece) {
  import_options options;
  options.max_line = max_line;
  options.slice_bytes = 200;
  import_machine machine{options};
  memory_store store{machine};
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    machine.feed(text.substr(0, piece));
    store.work();
  }
  machine.end();
  store.work();
  demand(machine.report().sessions == store.sessions().size(), "what is imported is counted");
  return {store.sessions(), machine.report()};
}

void check_log(const imported_session& s) {
  digest head{};
  exact_time time = timestamp::min();
  std::set<std::string_view> ids;
  seq_t count = 0;
  for (const auto& block : s.blocks) {
    for (auto seq = block->first_seq(); seq <= block->last_seq(); ++seq, ++count) {
      const auto json = block->json(seq);
      head = next_head(head, block->proof(seq).leaf_of(json));
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
    out += render_header_line(s.header, "w", now);
    for (const auto& block : s.blocks)
      for (auto seq = block->first_seq(); seq <= block->last_seq(); ++seq)
        append_event_line(out, *block, seq);
  }
  return out;
}

/// The lines are those between line feeds that are not blank.
void check_lines(std::string_view text, std::size_t piece) {
  line_splitter lines{max_line};
  auto left = text;
  const auto next = [&] {
    for (;;) {
      const auto line = lines.next();
      if (line || lines.has_ended()) return line;
      lines.feed(left.substr(0, piece));
      left.remove_prefix(std::min(piece, left.size()));
      if (left.empty()) lines.end();
    }
  };
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto expected = text.substr(0, end);
    const bool too_long = expected.size() > max_line;
    if (number == 0) expected = json::skip_byte_order_mark(expected);
    ++number;
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!too_long && expected.find_first_not_of(" \t\r") == expected.npos) continue;
    const auto line = next();
    demand(line && line->number == number && line->too_long == too_long, "a line is found");
    demand(too_long || line->text == expected, "a line is read as it stands", expected);
    const auto read = read_transfer_line(line->text, json::line_breaks::escaped);
    if (const auto* event = std::get_if<event_line>(&read)) fuzz::demand_storable(event->draft);
  }
  demand(!next(), "the end is found");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::input{data, size}.all();
  // Any size will do, but the same for the same input.
  const auto piece = 1 + size % 61;
  check_lines(text, piece);
  const auto first = import_all(text, piece);
  for (const auto& e : first.report.errors)
    demand(e.line > 0 && json::validate(json::quoted(e.message)), "an error names its line in words",
           e.message);
  for (const auto& s : first.sessions) check_log(s);
  const auto exported = export_all(first.sessions);
  const auto again = import_all(exported, exported.size() + 1);
  for (const auto& e : again.report.errors)  // shown in full, a header may be longer than a line may be
    demand(e.message.starts_with("the line is longer"), "an export can be imported", e.message);
  if (again.report.failed == 0)
    demand(export_all(again.sessions) == exported, "an import of an export is the same", exported);
  return 0;
}
