// SPDX-License-Identifier: Apache-2.0
#include "actors/caf/harden.hpp"

#include "actors/caf/errors.hpp"

#include <caf/deep_to_string.hpp>
#include <caf/message_view.hpp>
#include <caf/result.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>
#include <spdlog/spdlog.h>

namespace sandbase {

void log_exception(const char* actor, const char* what) { spdlog::error("{} failed: {}", actor, what); }

void harden(caf::scheduled_actor* self) {
  self->set_default_handler([](caf::scheduled_actor* me, caf::message_view&) -> caf::result<caf::message> {
    spdlog::error("{} got a message that it does not know", me->name());
    return caf::make_error(caf::sec::unexpected_message);
  });
  self->set_error_handler([](caf::scheduled_actor* me, caf::error& e) {
    spdlog::warn("{} got a stray error: {}", me->name(), to_failure(e).message);
  });
  self->set_down_handler([](caf::scheduled_actor* me, caf::down_msg&) {
    spdlog::debug("{}: an actor it monitors is gone", me->name());
  });
  self->set_exception_handler([](caf::scheduled_actor* me, std::exception_ptr& p) -> caf::error {
    try {
      std::rethrow_exception(p);
    } catch (const std::exception& e) {
      log_exception(me->name(), e.what());
    } catch (...) {
      log_exception(me->name(), "not a std::exception");
    }
    return caf::make_error(errc::unavailable, std::string{"restarted after a fault, try again"});
  });
}

}  // namespace sandbase
