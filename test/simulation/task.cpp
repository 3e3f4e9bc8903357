// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/task.hpp"

#include <fmt/core.h>

namespace sandbase::sim {

bool task::is_excused(const reply& r, const session_facts* s) {
  const auto status = r.status();
  if (run_.strict && status != 200 && status != 404)
    run_.fail(fmt::format("{} is answered {} in calm times: {}", label(), status, r.body.substr(0, 200)));
  if (status == 503 || status == 429) return true;
  if (status == 500 && !run_.rates.harmless()) return true;
  if (status == 500 && may_be_late()) return true;
  if (status == 401 && who_.revocation_asked) return true;
  if (status == 404 && s && s->delete_asked) return true;
  if (status != 200 && status != 400 && status != 409 && status != 204)
    run_.fail(fmt::format("{} is answered {}: {}", label(), status, r.body.substr(0, 200)));
  return status >= 500 || status == 401 || status == 404;
}

}  // namespace sandbase::sim
