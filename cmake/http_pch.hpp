// SPDX-License-Identifier: Apache-2.0
// Precompiled for http/: the headers that nearly every file there includes.
#pragma once
#include "actors/messages/all.hpp"

#include <boost/asio.hpp>
#include <boost/beast/http.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <string>
#include <vector>
