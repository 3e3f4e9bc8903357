// SPDX-License-Identifier: Apache-2.0
// Precompiled for actors/: the headers that nearly every file there includes.
#pragma once
#include "actors/messages/all.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <string>
#include <vector>
