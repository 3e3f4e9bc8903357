// SPDX-License-Identifier: Apache-2.0
#include "events/json/json_defaults.hpp"

#include "events/json/json_writer.hpp"

#include <algorithm>
#include <vector>

namespace sandbase::json {

namespace {

/// `object` with `members`: in place of those that it has where `replaces` says so, and of those that it
/// lacks.
template <class F>
std::string merge(const value& object, std::span<const member_text> members, F&& replaces) {
  std::string text;
  object_writer out{text};
  std::vector<bool> done(members.size());
  object.for_each_member([&](std::string_view, std::string_view key, const value& v) {
    const auto found = std::ranges::find(members, key, &member_text::name);
    if (found == members.end()) return out.raw(key, v.text());
    done[static_cast<std::size_t>(found - members.begin())] = true;
    out.raw(key, replaces(v) ? std::string_view{found->text} : v.text());
  });
  for (std::size_t i = 0; i < members.size(); ++i)
    if (!done[i]) out.raw(members[i].name, members[i].text);
  out.close();
  return text;
}

}  // namespace

std::string with_defaults(const value& object, std::span<const member_text> defaults) {
  return merge(object, defaults, [](const value& v) { return v.is(kind::null); });
}

std::string with_members(const value& object, std::span<const member_text> replaced) {
  return merge(object, replaced, [](const value&) { return true; });
}

}  // namespace sandbase::json
