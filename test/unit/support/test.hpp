// SPDX-License-Identifier: Apache-2.0
// The only include of CAF's test framework. Every suite does `#define
// CAF_SUITE name` and includes this header. The macros expect, allow,
// disallow and the name _ come from CAF; Boost must be included before them.
#pragma once

#include <boost/asio.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#ifndef CAF_SUITE
#define CAF_SUITE precompiled
#define SANDBASE_UNSET_SUITE
#endif
#define FAIL CAF_FAIL  // dsl.hpp uses the bare name inside request<T>()
#include <caf/test/dsl.hpp>
#undef inject
#ifdef SANDBASE_UNSET_SUITE
#undef CAF_SUITE
#undef SANDBASE_UNSET_SUITE
#endif

using ::caf::term;  // unit_test.hpp uses it unqualified
