#include "events/log_block.hpp"

#include "events/frame.hpp"

#include <cassert>
#include <concepts>

namespace sandbase {

namespace {

constexpr std::uint8_t marks_version = 1;
constexpr std::size_t header_size = 1 + sizeof(digest) + 4;
constexpr std::size_t mark_size = 4 + 2 + 1 + 8;

template <std::unsigned_integral T>
void put(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>((value >> (8 * i)) & 0xff);
}

/// Takes integers off the front. @pre enough bytes are left
class mark_reader {
 public:
  explicit mark_reader(std::string_view bytes) : rest_(bytes) {}

  template <std::unsigned_integral T>
  T get() {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value = static_cast<T>(value |
                             static_cast<T>(static_cast<T>(static_cast<unsigned char>(rest_[i])) << (8 * i)));
    rest_.remove_prefix(sizeof(T));
    return value;
  }

  std::string_view bytes(std::size_t count) {
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

 private:
  std::string_view rest_;
};

/// Whether `frame` is laid out as append_frame does for an id of that size.
bool is_frame(std::string_view frame, std::size_t id_size) {
  if (id_size == 0 || frame.size() < frame_size(id_size, 0)) return false;
  return frame.starts_with(frame_before_id) && frame.ends_with(frame_end) &&
         frame.substr(frame_before_id.size() + id_size).starts_with(frame_before_json);
}

failure broken(const char* what) { return {errc::corrupt, std::string{"log block: "} + what}; }

/// Blocks live long; room left over from growing would be held as long. A copy pays from a quarter on.
template <class Container>
void trim(Container& c) {
  if (c.capacity() - c.size() > c.size() / 4) c.shrink_to_fit();
}

}  // namespace

log_block::log_block(seq_t first_seq, std::string frames, std::vector<event_mark> marks, const digest& head)
    : first_seq_(first_seq), frames_(std::move(frames)), marks_(std::move(marks)), head_(head) {
  assert(!marks_.empty() && marks_.back().end == frames_.size());
}

std::size_t log_block::footprint() const noexcept {
  return sizeof(log_block) + frames_.capacity() + marks_.capacity() * sizeof(event_mark);
}

std::string_view log_block::frames(seq_t first, seq_t last) const {
  assert(first_seq() <= first && first <= last && last <= last_seq());
  const auto begin = begin_of(first);
  return std::string_view{frames_}.substr(begin, mark(last).end - begin);
}

std::string_view log_block::json(seq_t seq) const { return frame_json(frame(seq), mark(seq).id_size); }

std::string_view log_block::id(seq_t seq) const { return frame_id(frame(seq), mark(seq).id_size); }

std::string_view log_block::type_name(seq_t seq) const {
  if (mark(seq).type != event_type::custom) return name_of(mark(seq).type);
  // As render_event writes it: {"id":"…","type":"NAME"
  constexpr std::string_view before_id = R"({"id":")";
  constexpr std::string_view before_type = R"(","type":")";
  auto rest = json(seq);
  if (!rest.starts_with(before_id)) return {};
  rest.remove_prefix(before_id.size());
  if (!rest.starts_with(id(seq))) return {};
  rest.remove_prefix(mark(seq).id_size);
  if (!rest.starts_with(before_type)) return {};
  rest.remove_prefix(before_type.size());
  return rest.substr(0, rest.find('"'));
}

std::string log_block::encode_marks() const {
  std::string out;
  out.reserve(header_size + marks_.size() * mark_size);
  put(out, marks_version);
  out.append(reinterpret_cast<const char*>(head_.data()), head_.size());
  put(out, static_cast<std::uint32_t>(marks_.size()));
  for (const auto& m : marks_) {
    put(out, m.end);
    put(out, static_cast<std::uint16_t>(m.type));
    put(out, m.id_size);
    put(out, static_cast<std::uint64_t>(m.time.time_since_epoch().count()));
  }
  return out;
}

result<log_block_ptr> log_block::decode(seq_t first_seq, std::string_view marks, std::string frames) {
  if (marks.size() < header_size) return broken("the marks are cut off");
  mark_reader in{marks};
  if (in.get<std::uint8_t>() != marks_version) return broken("the marks have an unknown format version");
  digest head;
  const auto head_bytes = in.bytes(head.size());
  std::copy(head_bytes.begin(), head_bytes.end(), head.begin());
  const std::size_t count = in.get<std::uint32_t>();
  if (count == 0) return broken("no events");
  if (marks.size() != header_size + count * mark_size) return broken("the marks do not fit their count");

  std::vector<event_mark> parsed;
  parsed.reserve(count);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < count; ++i) {
    event_mark m;
    m.end = in.get<std::uint32_t>();
    const auto type = in.get<std::uint16_t>();
    m.id_size = in.get<std::uint8_t>();
    m.time = timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(in.get<std::uint64_t>())}};
    if (type >= event_type_count) return broken("a mark has an unknown event type");
    m.type = static_cast<event_type>(type);
    if (m.end <= begin || m.end > frames.size()) return broken("a mark points outside of the frames");
    if (!is_frame(std::string_view{frames}.substr(begin, m.end - begin), m.id_size))
      return broken("a mark does not match its frame");
    begin = m.end;
    parsed.push_back(m);
  }
  if (begin != frames.size()) return broken("there are bytes behind the last frame");
  return log_block_ptr{std::make_shared<log_block>(first_seq, std::move(frames), std::move(parsed), head)};
}

log_block_ptr log_block::join(const std::vector<log_block_ptr>& parts) {
  assert(!parts.empty());
  if (parts.size() == 1) return parts.front();
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const auto& part : parts) {
    bytes += part->frames_.size();
    count += part->marks_.size();
  }
  std::string frames;
  std::vector<event_mark> marks;
  frames.reserve(bytes);
  marks.reserve(count);
  for (const auto& part : parts) {
    assert(part->first_seq() == parts.front()->first_seq() + marks.size());
    const auto shift = static_cast<std::uint32_t>(frames.size());
    frames.append(part->frames_);
    for (auto m : part->marks_) {
      m.end += shift;
      marks.push_back(m);
    }
  }
  return std::make_shared<log_block>(parts.front()->first_seq(), std::move(frames), std::move(marks),
                                     parts.back()->head());
}

void log_block_builder::add(event_type type, std::string_view id, timestamp time, std::string_view json) {
  add_with_head(type, id, time, json, next_head(head_, json));
}

void log_block_builder::add_with_head(event_type type, std::string_view id, timestamp time,
                                      std::string_view json, const digest& head) {
  assert(!id.empty() && id.size() <= max_id_size && json.find('\n') == std::string_view::npos);
  append_frame(frames_, id, json);
  head_ = head;
  marks_.push_back(
      {static_cast<std::uint32_t>(frames_.size()), type, static_cast<std::uint8_t>(id.size()), time});
}

log_block_ptr log_block_builder::finish() {
  assert(!empty());
  const auto first = first_seq_;
  first_seq_ = next_seq();
  trim(frames_);
  trim(marks_);
  return std::make_shared<log_block>(first, std::exchange(frames_, {}), std::exchange(marks_, {}), head_);
}

}  // namespace sandbase
