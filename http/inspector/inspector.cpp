// SPDX-License-Identifier: Apache-2.0
#include "http/inspector/inspector.hpp"

#include "http/api/api.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sandbase {

namespace {

using ending = std::pair<std::string_view, std::string_view>;

constexpr std::array endings{ending{".html", "text/html; charset=utf-8"},
                             ending{".js", "text/javascript; charset=utf-8"},
                             ending{".css", "text/css; charset=utf-8"}, ending{".svg", "image/svg+xml"}};

/// What an event says is shown as text; should that ever fail, nothing of it runs, and nothing is fetched
/// from elsewhere or sent there. Nobody else's page may frame this one, which has a key.
constexpr std::string_view safety_lines =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n";

}  // namespace

const embedded_file* find_inspector_file(std::string_view name) {
  const auto files = inspector_page();
  const auto found = std::ranges::find(files, name.empty() ? "index.html" : name, &embedded_file::name);
  return found == files.end() ? nullptr : &*found;
}

std::string_view content_type_of(std::string_view name) {
  const auto found = std::ranges::find_if(endings, [&](const ending& e) { return name.ends_with(e.first); });
  return found == endings.end() ? std::string_view{} : found->second;
}

void show_inspector_call(call& c) {
  if (c.shared().options.inspector == inspector_page_mode::off)
    return c.fail(failure{errc::not_found, "the inspector is turned off here (http.inspector)"});
  const auto* file = find_inspector_file(c.current().route.file);
  if (!file) return c.fail(failure{errc::not_found, "the inspector has no file of this name"});
  response_head head;
  head.content_type = content_type_of(file->name);
  const auto lines = c.current().lines + std::string{safety_lines};
  head.extra = lines;
  outbox body;
  body.add(file->bytes);
  c.answer(head, std::move(body));
}

}  // namespace sandbase
