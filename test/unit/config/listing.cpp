// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE listing
#include "config/commands/listing.hpp"

#include "config/commands/progress_bar.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

listing make(bool as_json) {
  listing list{{"id", "name", "revoked"}, as_json};
  list.add({std::int64_t{7}, "my \"app\"", ""});
  list.add({std::int64_t{12}, "größer\n", "2026"});
  return list;
}

}  // namespace

CAF_TEST(tables line up and show no control characters) {
  CAF_CHECK_EQUAL(make(false).render(),
                  "id  name      revoked\n"
                  "7   my \"app\"\n"
                  "12  größer    2026\n");
}

CAF_TEST(json lines keep what a table cannot show) {
  CAF_CHECK_EQUAL(make(true).render(),
                  "{\"id\":7,\"name\":\"my \\\"app\\\"\",\"revoked\":null}\n"
                  "{\"id\":12,\"name\":\"größer\\n\",\"revoked\":\"2026\"}\n");
}

CAF_TEST(an empty list is a title or nothing) {
  CAF_CHECK_EQUAL((listing{{"id", "name"}, false}.render()), "id  name\n");
  CAF_CHECK_EQUAL((listing{{"id", "name"}, true}.render()), "");
}

CAF_TEST(progress tells rate and remaining time where the total is known) {
  using std::chrono::duration;
  CAF_CHECK_EQUAL(render_progress({500, 1000, 2'500'000, duration<double>{30}}),
                  "[##########----------]  50 %  2.5 M events  83 k/s  0:30 left");
  CAF_CHECK_EQUAL(render_progress({1000, 1000, 10, duration<double>{2}}),
                  "[####################] 100 %  10 events  5/s  0:00 left");
  CAF_CHECK_EQUAL(render_progress({0, 1000, 0, duration<double>{0}}),
                  "[--------------------]   0 %  0 events  0/s");
  CAF_CHECK_EQUAL(render_progress({500, std::nullopt, 20'000, duration<double>{2}}), "20 k events  10 k/s");
  // The file grew while it was read.
  CAF_CHECK_EQUAL(render_progress({2000, 1000, 10, duration<double>{1}}),
                  "[####################] 100 %  10 events  10/s  0:00 left");
}

CAF_TEST(progress without events tells bytes) {
  using std::chrono::duration;
  CAF_CHECK_EQUAL(render_progress({1 << 20, 4 << 20, std::nullopt, duration<double>{2}}),
                  "[#####---------------]  25 %  1.0 MiB  512.0 KiB/s  0:06 left");
  CAF_CHECK_EQUAL(render_bytes(0), "0 B");
  CAF_CHECK_EQUAL(render_bytes(1023), "1023 B");
  CAF_CHECK_EQUAL(render_bytes(1024), "1.0 KiB");
  CAF_CHECK_EQUAL(render_bytes(1.5 * 1024 * 1024 * 1024), "1.5 GiB");
}
