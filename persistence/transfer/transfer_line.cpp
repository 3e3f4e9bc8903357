// SPDX-License-Identifier: Apache-2.0
#include "persistence/transfer/transfer_line.hpp"

#include "events/base/hex.hpp"
#include "events/event/draft_reader.hpp"
#include "events/json/json_document.hpp"
#include "events/json/json_writer.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <optional>

namespace sandbase {
namespace {

std::string_view skip_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r"), text.size()));
  return text;
}

/// Where no field is at fault the line itself is, which is named already.
failure without_root(failure f) {
  constexpr std::string_view root = "body: ";
  if (f.message.starts_with(root)) f.message.erase(0, root.size());
  return f;
}

std::string session_named_by(const json::value& root) {
  const auto session = root.find("session");
  if (!session || !session->is(json::kind::object)) return {};
  const auto id = session->find("id");
  if (!id || !id->is(json::kind::string)) return {};
  auto text = id->as_string();
  return is_valid_id(text) ? text : std::string{};
}

transfer_line read_header(std::string_view text) {
  auto document = json::document::read_wrapped(text);
  if (!document) return bad_line{line_kind::header, without_root(document.error()), {}};
  auto header = parse_import_header(document->text());
  if (!header) return bad_line{line_kind::header, header.error(), session_named_by(document->root())};
  return header_line{*std::move(header), std::string{document->text()}};
}

constexpr std::string_view salt_member = "salt";
constexpr std::string_view leaf_member = "leaf";

/// The members of a line that may be an event.
struct event_members {
  std::optional<json::value> event;
  std::optional<json::value> salt;
  std::optional<json::value> leaf;
  /// The first that does not belong beside it.
  std::optional<std::string> other;

  explicit event_members(const json::value& root) {
    root.for_each_member([&](std::string_view, std::string_view key, const json::value& v) {
      if (key == "event")
        event = v;
      else if (key == salt_member)
        salt = v;
      else if (key == leaf_member)
        leaf = v;
      else if (!other)
        other = key;
    });
  }
};

result<event_proof> read_proof(const json::value& v, const field_path& path, std::size_t bytes) {
  auto text = v.is(json::kind::string) ? parse_hex(v.as_string()) : std::nullopt;
  if (!text || text->size() != bytes)
    return invalid_at(path, fmt::format("must be {} lower-case hex digits", 2 * bytes));
  return *event_proof::parse(*text);
}

result<std::optional<event_proof>> read_proof(const event_members& members) {
  const field_path line;
  if (members.salt && members.leaf)
    return invalid_at({line, leaf_member}, "stands in place of a salt, not beside it");
  if (!members.salt && !members.leaf) return std::optional<event_proof>{};
  auto proof = members.salt ? read_proof(*members.salt, {line, salt_member}, event_proof::salt_bytes)
                            : read_proof(*members.leaf, {line, leaf_member}, event_proof::leaf_bytes);
  if (!proof) return std::move(proof).error();
  return std::optional{*proof};
}

transfer_line read_event(const event_members& members) {
  const field_path line;
  if (members.other)
    return bad_line{line_kind::event, invalid_at({line, *members.other}, "is not known beside an event"), {}};
  auto proof = read_proof(members);
  if (!proof) return bad_line{line_kind::event, std::move(proof).error(), {}};
  auto draft = read_imported_event(*members.event, {line, "event"});
  if (!draft) return bad_line{line_kind::event, std::move(draft).error(), {}};
  return event_line{*std::move(draft), *proof};
}

}  // namespace

std::string render_header_line(const session_header& header, std::string_view workspace, timestamp now) {
  std::string text;
  json::object_writer line{text};
  line.raw("session", render_session(header, now, secrets::shown));
  line.text("workspace", workspace);
  line.close();
  return text += '\n';
}

std::string event_line_end(const log_block& block, seq_t seq) {
  const auto proof = block.proof(seq);
  std::string end = ",\"";
  return end.append(proof.is_leaf() ? leaf_member : salt_member)
      .append("\":\"")
      .append(to_hex(proof.bytes()))
      .append("\"}\n");
}

void append_event_line(std::string& out, const log_block& block, seq_t seq) {
  out.append(event_line_start).append(block.json(seq)).append(event_line_end(block, seq));
}

line_kind guess_kind(std::string_view text) {
  text = skip_blanks(text);
  if (!text.starts_with('{')) return line_kind::neither;
  text = skip_blanks(text.substr(1));
  if (text.starts_with("\"event\"")) return line_kind::event;
  return text.starts_with("\"session\"") ? line_kind::header : line_kind::neither;
}

transfer_line read_transfer_line(std::string_view text, json::line_breaks breaks) {
  if (guess_kind(text) == line_kind::header) return read_header(text);
  const auto document = json::document::read_wrapped(text, {}, breaks);
  if (!document) return bad_line{guess_kind(text), without_root(document.error()), {}};
  const auto root = document->root();
  if (root.is(json::kind::object)) {
    if (const event_members members{root}; members.event) return read_event(members);
    if (root.find("session")) return read_header(text);
  }
  return bad_line{
      line_kind::neither,
      {errc::invalid, "neither an event, {\"event\":{…}}, nor a session's header, {\"session\":{…}}"},
      {}};
}

}  // namespace sandbase
