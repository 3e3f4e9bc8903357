// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE postgres_contract
#include "test/unit/persistence/support/postgres_factory.hpp"
#include "test/unit/support/test.hpp"

using store_factory = sandbase::test::postgres_factory;

#include "test/unit/persistence/store_contract.hpp"
