// SPDX-License-Identifier: Apache-2.0
#include "config/parser/parser_frame.hpp"
#include "config/parser/topics.hpp"

namespace sandbase {

void add_serve(parser_frame& frame) {
  auto* sub = frame.add(frame.app(), "serve", "Run the service");
  for (const auto& spec : option_table()) frame.add_option(*sub, spec);
  sub->footer(frame.app().get_footer());
  sub->callback([&frame] { frame.choose(serve_command{}); });
}

}  // namespace sandbase
