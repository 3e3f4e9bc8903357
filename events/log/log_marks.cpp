// SPDX-License-Identifier: Apache-2.0
#include "events/log/log_marks.hpp"

#include "events/base/byte_order.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

constexpr std::uint8_t format = 3;
constexpr std::size_t count_at = 1 + sizeof(digest);
constexpr std::size_t header_size = count_at + 4;
constexpr std::size_t end_at = 0;
constexpr std::size_t type_at = 4;
constexpr std::size_t id_size_at = 6;
constexpr std::size_t time_at = 7;
constexpr std::size_t mark_size = 4 + 2 + 1 + 8;

constexpr auto little = byte_order::little;

failure broken(std::string_view what) { return {errc::corrupt, fmt::format("log block: {}", what)}; }

}  // namespace

std::uint16_t name_code_of(std::string_view type_name) {
  std::uint32_t hash = 2'166'136'261;
  for (const char c : type_name) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619;
  return static_cast<std::uint16_t>(first_name_code | ((hash ^ (hash >> 15)) & 0x7fff));
}

result<log_marks> log_marks::parse(std::string_view encoded) {
  if (encoded.size() < header_size) return broken("the marks are cut off");
  if (static_cast<std::uint8_t>(encoded.front()) != format)
    return broken("the marks have an unknown format version");
  log_marks marks;
  marks.encoded_ = encoded;
  marks.count_ = load_number<little, std::uint32_t>(encoded.substr(count_at));
  if (marks.count_ == 0) return broken("no events");
  if (encoded.size() < header_size + marks.count_ * mark_size)
    return broken("the marks do not fit their count");
  return marks;
}

digest log_marks::head() const {
  digest head;
  std::copy_n(encoded_.begin() + 1, head.size(), head.begin());
  return head;
}

result<event_proofs> log_marks::proofs() const {
  auto proofs = event_proofs::parse(encoded_.substr(header_size + count_ * mark_size), count_);
  if (!proofs) return broken(proofs.error().message);
  return proofs;
}

std::string_view log_marks::at(std::size_t index, std::size_t field) const {
  return encoded_.substr(header_size + index * mark_size + field);
}

std::uint32_t log_marks::end(std::size_t index) const {
  return load_number<little, std::uint32_t>(at(index, end_at));
}

std::uint8_t log_marks::id_size(std::size_t index) const {
  return load_number<little, std::uint8_t>(at(index, id_size_at));
}

timestamp log_marks::time(std::size_t index) const {
  return timestamp{std::chrono::milliseconds{load_number<little, std::int64_t>(at(index, time_at))}};
}

std::uint16_t log_marks::type_code(std::size_t index) const {
  return load_number<little, std::uint16_t>(at(index, type_at));
}

log_marks_writer::log_marks_writer(const digest& head, std::size_t count, const event_proofs& proofs)
    : proofs_(proofs.encoded()) {
  out_.reserve(header_size + count * mark_size + proofs_.size());
  append_number<little>(out_, format);
  out_.append(reinterpret_cast<const char*>(head.data()), head.size());
  append_number<little>(out_, static_cast<std::uint32_t>(count));
}

void log_marks_writer::add(const event_mark& mark, std::string_view type_name) {
  append_number<little>(out_, mark.end);
  append_number<little>(out_, mark.type == event_type::custom ? name_code_of(type_name)
                                                              : static_cast<std::uint16_t>(mark.type));
  append_number<little>(out_, mark.id_size);
  append_number<little>(out_, std::int64_t{mark.time.time_since_epoch().count()});
}

std::string log_marks_writer::take() && {
  out_ += proofs_;
  return std::move(out_);
}

}  // namespace sandbase
