// SPDX-License-Identifier: Apache-2.0
// JSON: the validator against Boost.JSON's parser, and the walk over valid text against its values.
#include "events/json/json_document.hpp"
#include "events/json/json_writer.hpp"
#include "events/json/line_breaks.hpp"
#include "test/fuzz/support/fuzz.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <vector>

using namespace sandbase;
using fuzz::demand;

namespace {

/// Whether two keys of an object are equal. @pre valid but for that
bool repeats_a_key(const json::value& v) {
  bool found = false;
  if (v.is(json::kind::array)) {
    v.for_each_element([&](std::size_t, const json::value& e) { return !(found = repeats_a_key(e)); });
  } else if (v.is(json::kind::object)) {
    std::vector<std::string> keys;
    v.for_each_member([&](std::string_view, std::string key, const json::value& m) {
      keys.push_back(std::move(key));
      return !(found = repeats_a_key(m));
    });
    std::ranges::sort(keys);
    found = found || std::ranges::adjacent_find(keys) != keys.end();
  }
  return found;
}

/// The value put together again from what the walk shows.
std::string rebuild(const json::value& v) {
  std::string out;
  std::size_t count = 0;
  if (v.is(json::kind::array)) {
    v.for_each_element([&](std::size_t index, const json::value& e) {
      demand(index == count++, "elements are counted");
      out.append(out.empty() ? "[" : ",").append(rebuild(e));
    });
    demand(v.count() == count, "count() of an array");
    return out.empty() ? "[]" : out + "]";
  }
  if (v.is(json::kind::object)) {
    v.for_each_member([&](std::string_view key_text, std::string_view key, const json::value& m) {
      ++count;
      demand(json::value{key_text}.as_string() == key, "a key is its text, decoded");
      const auto found = v.find(key);
      demand(found && found->text() == m.text(), "find() finds every member", key);
      out.append(out.empty() ? "{" : ",").append(key_text).append(":").append(rebuild(m));
    });
    demand(v.count() == count, "count() of an object");
    return out.empty() ? "{}" : out + "}";
  }
  if (v.is(json::kind::string)) {
    const auto quoted = json::quoted(v.as_string());
    demand(static_cast<bool>(json::validate(quoted)), "a decoded string can be quoted", quoted);
    demand(json::value{quoted}.as_string() == v.as_string(), "quoting and decoding are inverse", quoted);
  }
  return std::string{v.text()};
}

/// Boost's value of the same text.
void compare(const json::value& v, const boost::json::value& theirs) {
  switch (v.type()) {
    case json::kind::null:
      return demand(theirs.is_null(), "null");
    case json::kind::boolean:
      return demand(theirs.is_bool() && theirs.get_bool() == v.as_bool(), "a boolean");
    case json::kind::string:
      return demand(theirs.is_string() && std::string_view{theirs.get_string()} == v.as_string(), "a string",
                    v.text());
    case json::kind::number:
      demand(theirs.is_number(), "a number", v.text());
      return demand(theirs.is_int64() ? v.as_int() == theirs.get_int64() : !v.as_int(), "an integer",
                    v.text());
    case json::kind::array:
      demand(theirs.is_array() && theirs.get_array().size() == v.count(), "an array's size", v.text());
      return v.for_each_element(
          [&](std::size_t i, const json::value& e) { compare(e, theirs.get_array()[i]); });
    case json::kind::object:
      demand(theirs.is_object() && theirs.get_object().size() == v.count(), "an object's size", v.text());
      return v.for_each_member([&](std::string_view, std::string_view key, const json::value& m) {
        const auto* const found = theirs.get_object().if_contains(key);
        demand(found != nullptr, "a member", key);
        compare(m, *found);
      });
  }
}

/// What is taken in place of a text: itself, but for line breaks and halves of surrogate pairs.
void check_document(std::string_view text, bool valid) {
  const auto document = json::document::read(text, "root");
  if (!document) {
    demand(!valid, "what is valid is taken", document.error().message);
    return fuzz::demand_named_refusal(document.error());
  }
  const auto taken = document->text();
  demand(static_cast<bool>(json::validate(taken)), "what is taken is valid", taken);
  demand(!escape_line_breaks(taken), "what is taken has no line break", taken);
  demand(!valid || taken.size() >= text.size(), "valid text loses nothing", taken);
  demand(!valid || escape_line_breaks(text).value_or(std::string{text}) == taken,
         "only line breaks change in valid text", taken);
  const auto again = json::document::read(taken);
  demand(again && again->text() == taken, "what is taken is taken as it is", taken);
  const auto kept = json::document::read(text, {}, json::line_breaks::kept);
  demand(kept && kept->text().size() == text.size(), "nothing moves where line breaks are kept", taken);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::input{data, size}.all();
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = json::max_depth;
  const auto theirs = boost::json::parse({text.data(), text.size()}, error, {}, options);
  const auto ours = json::validate(text, "root");
  check_document(text, static_cast<bool>(ours));
  if (!ours) {
    fuzz::demand_named_refusal(ours.error());
    demand(ours.error().message.starts_with("root"), "a path begins with its root", ours.error().message);
    demand(error || repeats_a_key(json::value{text}), "only what is wrong is refused", ours.error().message);
    return 0;
  }
  const json::value root{text};
  demand(!repeats_a_key(root), "repeated keys are refused");
  demand(!error || error == boost::json::error::exponent_overflow, "what Boost refuses is refused",
         error.message());
  if (!error) compare(root, theirs);

  const auto compact = json::compact(text);
  demand(rebuild(root) == compact, "the walk sees everything", compact);
  demand(compact.find_first_of("\r\n") == compact.npos, "compact JSON is one line", compact);
  demand(json::compact(compact) == compact, "compact JSON is compact", compact);
  demand(static_cast<bool>(json::validate(compact)), "compact JSON is valid", compact);
  return 0;
}
