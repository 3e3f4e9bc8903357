// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_contract
#include "test/unit/persistence/support/sqlite_factory.hpp"
#include "test/unit/support/test.hpp"

using store_factory = sandbase::test::sqlite_factory;

#include "test/unit/persistence/store_contract.hpp"
