// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE memory_contract
#include "test/unit/persistence/support/memory_factory.hpp"
#include "test/unit/support/test.hpp"

using store_factory = sandbase::test::memory_factory;

// All of the contract but imports into the running store and erasures, which it does not know.
#include "test/unit/persistence/contract/appends.hpp"
#include "test/unit/persistence/contract/idempotency.hpp"
#include "test/unit/persistence/contract/operators.hpp"
#include "test/unit/persistence/contract/reading.hpp"
#include "test/unit/persistence/contract/sealing.hpp"
#include "test/unit/persistence/contract/searching.hpp"
#include "test/unit/persistence/contract/sessions.hpp"
