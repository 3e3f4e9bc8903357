// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE link_address
#include "actors/cluster/link_address.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

CAF_TEST(an address is a host and perhaps a port) {
  CAF_CHECK(*parse_link_address("10.0.0.1:7000") == (link_address{"10.0.0.1", 7000}));
  CAF_CHECK(*parse_link_address("10.0.0.1") == (link_address{"10.0.0.1", 0}));
  CAF_CHECK(*parse_link_address("node-1.example:1") == (link_address{"node-1.example", 1}));
  CAF_CHECK(*parse_link_address("[fd00::1]:65535") == (link_address{"fd00::1", 65535}));
  CAF_CHECK(*parse_link_address("[::1]") == (link_address{"::1", 0}));
  for (const auto* bad : {"", ":7000", "a:", "a:0", "a:65536", "a:-1", "a:7 ", "a:7:7", "fd00::1", "[fd00::1",
                          "[fd00::1]7000", "[name]:7000", "[]:7", "a b:7", "a/b:7", "user@host:7"})
    CAF_CHECK(!parse_link_address(bad));
  CAF_CHECK(!parse_link_address(std::string_view{"[::1\0]:7", 8}));
  CAF_CHECK(!parse_link_address(std::string(254, 'a')));
}

CAF_TEST(an address is shown as it is read) {
  for (const auto* text : {"10.0.0.1:7000", "10.0.0.1", "node-1.example:1", "[fd00::1]:65535", "[::1]"})
    CAF_CHECK_EQUAL(format_link_address(*parse_link_address(text)), text);
}

CAF_TEST(a wildcard is told from an address) {
  for (const auto* host : {"0.0.0.0", "::", "0::0", "::ffff:0.0.0.0"}) CAF_CHECK(is_wildcard(host));
  for (const auto* host : {"127.0.0.1", "::1", "10.0.0.0", "::ffff:10.0.0.1", "example", ""})
    CAF_CHECK(!is_wildcard(host));
}
