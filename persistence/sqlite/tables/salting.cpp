// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/tables/salting.hpp"

#include "events/base/byte_order.hpp"
#include "events/event/stored_event.hpp"
#include "events/log/frame.hpp"
#include "persistence/segment_codec.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <vector>

namespace sandbase::sqlite {

namespace {

/// The two chains of a log, behind the same event. The old one is not known behind what is damaged.
struct chains {
  std::optional<digest> old = digest{};
  digest salted{};
};

/// Where the journal goes on behind a session's segments.
struct sealed_log {
  bool exists = false;
  bool damaged = false;
  seq_t last_seq = 0;
  digest old_head{};
  digest salted_head{};
  /// Of the header.
  seq_t tip = 0;
};

/// What a header says of its log.
struct header_ends {
  session_key key = 0;
  seq_t sealed_seq = 0;
  /// Empty if it cannot be read.
  std::optional<digest> sealed_head;
  seq_t tip = 0;
};

/// A segment's events as they were kept up to schema 4, with marks of format 1 or 2: version (u8), head (32
/// bytes), count (u32), then 15 bytes for each event, which begin with the end of its frame (u32), its type
/// (u16) and the size of its id (u8). All numbers are little-endian.
class old_segment {
 public:
  /// Throws `corrupt`. The views must outlive it.
  old_segment(const segment_place& place, std::int64_t checksum, std::string_view column,
              std::string_view frames)
      : frames_(frames) {
    expect(checksum_of(place, column, frames) == checksum);
    constexpr std::size_t prefix = 9;  // a checksum of their own, in front of marks of schema 3 and later
    if (!column.empty() && column.front() == 2 && column.size() > prefix + 37 && column[prefix] == 2)
      column.remove_prefix(prefix);
    expect(column.size() >= header_bytes && (column.front() == 1 || column.front() == 2));
    std::memcpy(head_.data(), column.data() + 1, head_.size());
    const auto count = number(column.substr(33));
    expect(count == place.last - place.first + 1 && column.size() == header_bytes + count * mark_bytes);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto mark = column.substr(header_bytes + i * mark_bytes, mark_bytes);
      const auto end = number(mark);
      const std::size_t id_size = static_cast<unsigned char>(mark[6]);
      expect(end <= frames.size() && end >= begin && end - begin >= frame_size(id_size, 0));
      jsons_.push_back(frame_json(frames.substr(begin, end - begin), id_size));
      begin = end;
    }
    expect(begin == frames.size());
  }

  const digest& head() const { return head_; }
  const std::vector<std::string_view>& jsons() const { return jsons_; }

 private:
  static constexpr std::size_t header_bytes = 37;
  static constexpr std::size_t mark_bytes = 15;

  static void expect(bool ok) {
    if (!ok) throw error(errc::corrupt, "a segment does not have the form that it was written in");
  }
  static std::size_t number(std::string_view bytes) {
    return load_number<byte_order::little, std::uint32_t>(bytes);
  }

  std::string_view frames_;
  digest head_{};
  std::vector<std::string_view> jsons_;
};

class salting {
 public:
  explicit salting(connection& db) : db_(db) {}

  void run() {
    {
      auto rows = db_.query("SELECT DISTINCT session FROM unsalted_journal");
      while (rows.next()) unsealed_.try_emplace(rows->integer(0));
    }
    session_key after = 0;
    while (const auto header = next_header(after)) {
      const auto log = salt_sealed(*header);
      if (const auto found = unsealed_.find(header->key); found != unsealed_.end()) found->second = log;
      after = header->key;
    }
    salt_journal();
  }

 private:
  std::optional<header_ends> next_header(session_key after) {
    auto rows = db_.query(
        "SELECT key, sealed_seq, sealed_head, last_seq FROM sessions WHERE key>?1 ORDER BY key LIMIT 1",
        after);
    if (!rows.next()) return std::nullopt;
    header_ends header{
        rows->integer(0), static_cast<seq_t>(rows->integer(1)), {}, static_cast<seq_t>(rows->integer(3))};
    if (rows->bytes(2).size() == sizeof(digest)) header.sealed_head = rows->hash(2);
    return header;
  }

  /// Salts the segments and writes the header's ends of them.
  sealed_log salt_sealed(const header_ends& header) {
    sealed_log log{true, !header.sealed_head, header.sealed_seq, {}, {}, header.tip};
    chains at;
    seq_t last = 0;
    while (const auto first = next_segment(header.key, last)) {
      if (*first != last + 1) at.old.reset();
      last = salt_segment(header.key, *first, at);
    }
    if (log.damaged) return log;
    log.old_head = log.salted_head = *header.sealed_head;
    // Behind what is damaged the header is believed, as it was by whoever read on from there.
    if (last != header.sealed_seq || at.old.value_or(log.old_head) != log.old_head) return log;
    log.salted_head = at.salted;
    db_.run("UPDATE sessions SET sealed_head=?2 WHERE key=?1", header.key, log.salted_head);
    if (log.tip == last) write_tip(header.key, log.old_head, log.salted_head);
    return log;
  }

  std::optional<seq_t> next_segment(session_key session, seq_t behind) {
    auto rows = db_.query(
        "SELECT first_seq FROM segments WHERE session=?1 AND first_seq>?2 ORDER BY first_seq LIMIT 1",
        session, behind);
    if (!rows.next()) return std::nullopt;
    return static_cast<seq_t>(rows->integer(0));
  }

  /// Leaves it as it is if it is damaged. @returns its last event
  seq_t salt_segment(session_key session, seq_t first, chains& at) {
    segment_place place{session, first, first};
    std::int64_t id = 0;
    std::int64_t checksum = 0;
    std::string marks;
    try {
      auto rows = db_.query(
          "SELECT id, last_seq, checksum, marks, frames FROM segments WHERE session=?1 AND first_seq=?2",
          session, first);
      rows.next();
      id = rows->integer(0);
      place.last = std::max(first, static_cast<seq_t>(rows->integer(1)));
      const auto frames = rows->bytes(4);
      const old_segment old{place, rows->integer(2), rows->bytes(3), frames};
      if (at.old && fold(*at.old, old.jsons()) != old.head())
        throw error(errc::corrupt, "a segment does not fit the hash chain");
      const auto block = salted(first, old.jsons(), at.salted);
      if (block->frames() != frames) throw error(errc::corrupt, "a segment's frames are not its events'");
      marks = marks_column(place, block->encode_marks());
      checksum = checksum_of(place, marks, frames);
      at = {old.head(), block->head()};
    } catch (const error& e) {
      if (e.as_failure().code != errc::corrupt) throw;
      at.old.reset();
      return place.last;
    }
    db_.run("UPDATE segments SET checksum=?2, marks=?3 WHERE id=?1", id, checksum, blob{marks});
    return place.last;
  }

  static std::string_view bytes_of(const digest& head) {
    return {reinterpret_cast<const char*>(head.data()), head.size()};
  }
  static digest fold(digest head, const std::vector<std::string_view>& jsons) {
    for (const auto json : jsons) head = next_unsalted_head(head, json);
    return head;
  }

  static log_block_ptr salted(seq_t first, const std::vector<std::string_view>& jsons, const digest& head) {
    log_block_builder builder{first, head};
    for (const auto json : jsons) {
      const auto event = read_stored_event(json);
      if (!event) throw error(event.error());
      builder.add(event->type, event->id, event->time.ms, json);
    }
    return builder.finish();
  }

  void salt_journal() {
    auto rows = db_.query("SELECT id, session, seq, author, head, json FROM unsalted_journal ORDER BY id");
    while (rows.next()) {
      const auto key = rows->integer(1);
      const auto seq = static_cast<seq_t>(rows->integer(2));
      auto& log = unsealed_.at(key);
      if (!log.exists || seq <= log.last_seq) continue;  // nobody reads it
      const auto json = rows->bytes(5);
      const auto old_head = next_unsalted_head(log.old_head, json);
      log.damaged = log.damaged || seq != log.last_seq + 1 || bytes_of(old_head) != rows->bytes(4);
      if (log.damaged) {
        insert(rows.row(), rows->bytes(4), {});
        continue;
      }
      const auto salt = event_proof::make_salt();
      log.last_seq = seq;
      log.old_head = old_head;
      log.salted_head = next_head(log.salted_head, salt.leaf_of(json));
      insert(rows.row(), bytes_of(log.salted_head), salt.bytes());
      if (seq == log.tip) write_tip(key, log.old_head, log.salted_head);
    }
  }

  void insert(const statement& row, std::string_view head, std::string_view proof) {
    db_.run(
        "INSERT INTO journal(id, session, seq, author, head, proof, json) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        row.integer(0), row.integer(1), row.integer(2), row.integer(3), blob{head}, blob{proof},
        blob{row.bytes(5)});
  }

  /// Nothing, if the header does not fit its log.
  void write_tip(session_key key, const digest& old_head, const digest& salted_head) {
    auto progress = load_progress(key);
    if (!progress || progress->tip.head != old_head) return;
    progress->tip.head = salted_head;
    db_.run("UPDATE sessions SET progress=?2 WHERE key=?1", key, progress->encode());
  }

  std::optional<session_progress> load_progress(session_key key) {
    auto rows = db_.query("SELECT progress FROM sessions WHERE key=?1", key);
    rows.next();
    auto progress = session_progress::decode(rows->text(0));
    return progress ? std::optional{*std::move(progress)} : std::nullopt;
  }

  connection& db_;
  /// Of every session that has rows in the journal.
  std::unordered_map<session_key, sealed_log> unsealed_;
};

}  // namespace

void salt_logs(connection& db) { salting{db}.run(); }

}  // namespace sandbase::sqlite
