// SPDX-License-Identifier: Apache-2.0
// The contract that holds for every store. A suite for one kind of store names its factory and includes this:
//
//   #define CAF_SUITE my_contract
//   #include "test/unit/support/test.hpp"
//   struct store_factory { sandbase::store_backend& backend(); };
//   #include "test/unit/persistence/store_contract.hpp"
#pragma once

#include "test/unit/persistence/contract/appends.hpp"
#include "test/unit/persistence/contract/erasing.hpp"
#include "test/unit/persistence/contract/idempotency.hpp"
#include "test/unit/persistence/contract/operators.hpp"
#include "test/unit/persistence/contract/reading.hpp"
#include "test/unit/persistence/contract/sealing.hpp"
#include "test/unit/persistence/contract/searching.hpp"
#include "test/unit/persistence/contract/sessions.hpp"
#include "test/unit/persistence/contract/staging.hpp"
#include "test/unit/persistence/contract/writers.hpp"
