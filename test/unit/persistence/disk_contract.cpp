// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE disk_contract
#include "test/unit/persistence/support/disk_factory.hpp"
#include "test/unit/support/test.hpp"

using store_factory = sandbase::test::disk_factory;

#include "test/unit/persistence/store_contract.hpp"
