// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE memory_contract
#include "test/unit/persistence/support/memory_factory.hpp"
#include "test/unit/support/test.hpp"

using store_factory = sandbase::test::memory_factory;

#include "test/unit/persistence/store_contract.hpp"
