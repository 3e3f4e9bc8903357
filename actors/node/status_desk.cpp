// SPDX-License-Identifier: Apache-2.0
#include "actors/node/status_desk.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"

#include <caf/sec.hpp>

namespace sandbase {

status_desk::status_desk(caf::actor_config& cfg, std::vector<show_part> parts, directory_actor directory,
                         membership_actor membership)
    : status_actor::base(cfg),
      parts_(std::move(parts)),
      directory_(std::move(directory)),
      membership_(std::move(membership)) {
  harden(this);
}

status_actor::behavior_type status_desk::make_behavior() {
  return {
      [this](const show_part& p) { parts_.push_back(p); },
      [this](const collect_status& r) { return collect(r); },
  };
}

void status_desk::on_exit() {
  parts_.clear();
  directory_ = nullptr;
  membership_ = nullptr;
}

caf::result<collected_status> status_desk::collect(const collect_status& r) {
  if (pages_ >= max_pages)
    return to_error({errc::unavailable, "as many status pages are being made as may be, try again"});
  ++pages_;
  auto p = std::make_shared<page>();
  p->promise = sure_promise<collected_status>{this};
  p->session = r.session;
  p->left = 1;
  for (const auto& part : parts_) ask_part(p, part);
  if (membership_) {
    ++p->left;
    request(membership_, session_patience, list_links{})
        .then(
            [this, p](const known_links& known) {
              for (const auto& link : known.links) ask_part(p, link);
              one_less(p);
            },
            [this, p](const caf::error&) { one_less(p); });
  }
  request(directory_, part_patience, list_active{r.session, max_sessions_asked, shown_sessions})
      .then(
          [this, p](const active_sessions& active) {
            ask_sessions(p, active);
            one_less(p);
          },
          [this, p](const caf::error&) { one_less(p); });
  return p->promise;
}

void status_desk::ask_part(const page_ptr& p, const show_part& part) {
  ++p->left;
  p->parts.push_back({part.name, {}, {}, part.calls});
  ask(p, part.part, part_patience, &page::parts, p->parts.size() - 1);
}

void status_desk::ask_sessions(const page_ptr& p, const active_sessions& active) {
  p->active = active.total;
  p->left += active.sessions.size();
  for (const auto& s : active.sessions) {
    told_session told;
    told.name = s.id;
    told.workspace = s.workspace;
    p->sessions.push_back(std::move(told));
    ask(p, s.session, session_patience, &page::sessions, p->sessions.size() - 1);
  }
}

template <class Told>
void status_desk::ask(const page_ptr& p, const described_actor& whom, std::chrono::milliseconds patience,
                      std::vector<Told> page::*where, std::size_t index) {
  request(whom, patience, describe_actor{})
      .then(
          [this, p, where, index](const actor_status& status) {
            auto& told = (p.get()->*where)[index];
            told.came = told_status::how::told;
            told.status = status;
            one_less(p);
          },
          [this, p, where, index](const caf::error& e) {
            (p.get()->*where)[index].came =
                e == caf::sec::request_timeout ? told_status::how::hung : told_status::how::gone;
            one_less(p);
          });
}

void status_desk::one_less(const page_ptr& p) {
  if (--p->left > 0) return;
  --pages_;
  p->promise.deliver({render_status(p->parts, p->sessions, p->active, !p->session.empty())});
}

}  // namespace sandbase
