// SPDX-License-Identifier: Apache-2.0
// The option file: what is read comes back when it is written again, and options show what they were given.
#include "config/option_file.hpp"

#include "config/option_table.hpp"
#include "config/values.hpp"
#include "http/wire/endpoint.hpp"
#include "http/wire/origin.hpp"
#include "test/fuzz/support/fuzz.hpp"

using namespace sandbase;
using fuzz::demand;

namespace {

/// The entries as a file of dotted keys and quoted strings.
std::string write(const std::vector<file_entry>& entries) {
  std::string out;
  for (const auto& e : entries) {
    out.append(e.key).append(" = ");
    if (e.is_array) out += "[ ";
    for (const auto& value : e.values) out.append(quoted_for_file(value)).append(e.is_array ? ", " : "");
    out.append(e.is_array ? "] # all\n" : "\n");
  }
  return out;
}

void check_entries(const std::vector<file_entry>& entries, std::string_view text) {
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  std::size_t line = 1;
  for (const auto& e : entries) {
    demand(e.line >= line && e.line <= lines, "entries come in the order of the text", e.key);
    line = e.line;
    demand(e.is_array || e.values.size() == 1, "an entry has a value", e.key);
    demand(!e.key.empty(), "an entry has a key");
    const bool listed = std::ranges::count(entries, e.key, &file_entry::key) == 1;
    demand(listed, "a key is given once", e.key);
  }
  const auto again = parse_option_file(write(entries));
  demand(static_cast<bool>(again), "what was read can be written", again ? "" : again.error().message);
  demand(again->size() == entries.size(), "every entry comes back");
  for (std::size_t i = 0; i < entries.size(); ++i)
    demand(again->at(i).key == entries[i].key && again->at(i).values == entries[i].values &&
               again->at(i).is_array == entries[i].is_array,
           "an entry comes back", entries[i].key);
}

/// An option that takes these values shows them so that they are taken again.
void check_option(const file_entry& e) {
  const auto* const option = find_option(e.key);
  if (option == nullptr || (e.values.size() != 1 && !option->repeats)) return;
  server_options options;
  if (const auto taken = option->assign(options, e.values); !taken)
    return fuzz::demand_refusal(taken.error());
  const auto shown = option->show(options);
  const auto read = parse_option_file(e.key + " = " + shown);
  demand(read && read->size() == 1, "an option shows what a file takes", shown);
  server_options again;
  demand(static_cast<bool>(option->assign(again, read->front().values)), "a shown option is taken", shown);
  demand(option->show(again) == shown, "an option comes back", shown);
}

void check_value(std::string_view text) {
  if (const auto d = parse_duration(text))
    demand(parse_duration(format_duration(*d)) && *parse_duration(format_duration(*d)) == *d,
           "a duration comes back", text);
  if (const auto n = parse_size(text))
    demand(parse_size(format_size(*n)) && *parse_size(format_size(*n)) == *n, "a size comes back", text);
  if (const auto e = parse_endpoint(text)) {
    const auto shown = format_endpoint(*e);
    const auto again = parse_endpoint(shown);
    demand(again && *again == *e, "an endpoint comes back", shown);
  }
  if (const auto o = normalize_origin(text)) {
    const auto again = normalize_origin(*o);
    demand(again && *again == *o, "an origin in normal form stays as it is", text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::input{data, size}.all();
  const auto entries = parse_option_file(text);
  if (!entries) {
    demand(entries.error().code == errc::invalid, "a bad file is invalid");
    demand(entries.error().message.starts_with("line ") && !entries.error().message.ends_with(": "),
           "a refusal names the line and the reason", entries.error().message);
    return 0;
  }
  check_entries(*entries, text);
  for (const auto& e : *entries) {
    check_option(e);
    for (const auto& value : e.values) check_value(value);
  }
  return 0;
}
