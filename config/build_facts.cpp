// SPDX-License-Identifier: Apache-2.0
#include "config/build_facts.hpp"

#include <boost/version.hpp>
#include <caf/config.hpp>
#include <openssl/crypto.h>
#include <sqlite3.h>

#include <fmt/core.h>
#include <libpq-fe.h>

namespace sandbase {
namespace {

#ifdef __clang__
constexpr const char* compiler = "clang " __clang_version__;
#else
constexpr const char* compiler = "g++ " __VERSION__;
#endif

/// Two digits each behind the first ones, as CAF counts.
std::string caf_version() {
  constexpr int step = 100;
  return fmt::format("{}.{}.{}", CAF_VERSION / (step * step), CAF_VERSION / step % step, CAF_VERSION % step);
}

std::string boost_version() {
  return fmt::format("{}.{}.{}", BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100);
}

std::string libpq_version() {
  constexpr int major = 10'000;
  return fmt::format("{}.{}", ::PQlibVersion() / major, ::PQlibVersion() % major);
}

}  // namespace

std::string build_facts() {
  return fmt::format(
      "sandbase-events {}\n"
      "built by {} as {}\n"
      "CAF {}, Boost {}, SQLite {}, libpq {}, {}",
      SANDBASE_VERSION, compiler, SANDBASE_BUILD_TYPE, caf_version(), boost_version(), ::sqlite3_libversion(),
      libpq_version(), ::OpenSSL_version(OPENSSL_VERSION));
}

}  // namespace sandbase
