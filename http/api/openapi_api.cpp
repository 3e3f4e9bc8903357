// SPDX-License-Identifier: Apache-2.0
// The description of the API, for programs.
#include "http/api/api.hpp"
#include "http/api/openapi/document.hpp"

#include <memory>

namespace sandbase {

namespace {

using shared_document = result<std::shared_ptr<const std::string>>;

shared_document make_document() {
  auto text = render_openapi(all_routes(), openapi_files().front().bytes);
  if (!text) return text.error();
  return std::make_shared<const std::string>(std::move(*text));
}

}  // namespace

void get_openapi_call(call& c) {
  static const auto document = make_document();  // which depends on nothing that changes
  if (!document) return c.fail(document.error());
  outbox body;
  body.add(**document, *document);
  c.answer(std::move(body));
}

}  // namespace sandbase
