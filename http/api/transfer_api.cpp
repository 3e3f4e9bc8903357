// SPDX-License-Identifier: Apache-2.0
// Import and export over HTTP.
#include "http/api/api.hpp"
#include "persistence/transfer/transfer_line.hpp"

namespace sandbase {

void export_session_call(call& c) {
  c.ask_current_session<session_view>(describe_request{}, [&c](const result<session_view>& view) {
    if (!view) return c.fail(view.error());
    stream_job job;
    if (auto good = take_place(c, job); !good) return c.fail(good.error());
    const auto& header = *view->header;
    job.exported = export_plan{render_header_line(header, c.current().key->workspace_name, c.shared().now()),
                               header.progress.tip.last_seq};
    c.stream(std::move(job));
  });
}

}  // namespace sandbase
