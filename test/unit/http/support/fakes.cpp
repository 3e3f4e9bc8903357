// SPDX-License-Identifier: Apache-2.0
#include "test/unit/http/support/fakes.hpp"

#include "events/event/tombstone.hpp"

#include <algorithm>

namespace sandbase::test {

pull_answer pulled(log_slice slice, seq_t after, seq_t end) {
  pull_answer answer;
  answer.slice = std::move(slice);
  answer.after = after;
  answer.end = end;
  return answer;
}

void fake_log::add(std::size_t n, std::string_view type, std::size_t padding, const std::string& member) {
  const digest head = blocks.empty() ? digest{} : blocks.back()->head();
  log_block_builder builder{end() + 1, head};
  for (std::size_t i = 0; i < n; ++i) {
    const auto seq = builder.next_seq();
    const auto time = test_time + std::chrono::seconds{static_cast<std::int64_t>(seq)};
    const auto id = make_event_id(time, seq, 7);
    builder.add(find_type(type), id, time,
                R"({"id":")" + id + R"(","type":")" + std::string{type} + R"(","text":")" +
                    std::string(padding, 'x') + '"' + (member.empty() ? "" : "," + member) +
                    R"(,"processed_at":")" + format_timestamp(time) + R"("})");
  }
  blocks.push_back(builder.finish());
}

const log_block_ptr& fake_log::block_of(seq_t seq) const {
  for (const auto& b : blocks)
    if (seq <= b->last_seq()) return b;
  return blocks.back();
}

std::string fake_log::frames(seq_t first, seq_t last) const {
  std::string all;
  for (auto seq = first; seq <= last; ++seq) all += frame(seq);
  return all;
}

std::string fake_log::next_id() const {
  const auto seq = end() + 1;
  return make_event_id(test_time + std::chrono::seconds{static_cast<std::int64_t>(seq)}, seq, 7);
}

log_slice fake_log::slice(seq_t after, seq_t up_to, std::size_t max_bytes, bool backwards) const {
  std::size_t bytes = 0;
  auto first = after + 1;
  auto last = up_to;
  if (backwards) {
    auto seq = up_to;
    for (; seq > after && (seq == up_to || bytes + frame(seq).size() <= max_bytes); --seq)
      bytes += frame(seq).size();
    first = seq + 1;
  } else {
    auto seq = first;
    for (; seq <= up_to && (seq == first || bytes + frame(seq).size() <= max_bytes); ++seq)
      bytes += frame(seq).size();
    last = seq - 1;
  }
  log_slice out;
  for (const auto& b : blocks) {
    const auto from = std::max(first, b->first_seq());
    const auto to = std::min(last, b->last_seq());
    if (from <= to) out.spans.push_back({b, from, to});
  }
  return out;
}

search_result fake_log::search(const search_range& range, const event_selection& what) const {
  const auto steps = std::min<seq_t>(search_steps, range.up_to - range.after);
  for (seq_t n = 0; n < steps; ++n) {
    const auto seq = range.backwards ? range.up_to - n : range.after + 1 + n;
    if (what.passes(*block_of(seq), seq)) return {range.backwards ? seq : seq - 1, true, false};
  }
  return {range.backwards ? range.up_to - steps : range.after + steps, false, false};
}

result<pull_answer> fake_log::open(const open_request& r) const {
  if (r.log != 0 && r.log != key) return {errc::not_found, "deleted"};
  seq_t after = 0;
  for (const auto& [field, id] : r.after) {
    const auto seq = told_place(id);
    if (!seq || *seq == 0 || *seq > end() || this->id(*seq) != id)
      return {errc::invalid, "after: no such event"};
    after = std::max(after, *seq);
  }
  if (r.from_end && r.after.empty()) after = end() - std::min(end(), r.tail);
  if (r.place_only) {
    auto place = pulled({}, after, end());
    place.log = key;
    return place;
  }
  auto answer = pulled(slice(after, end(), r.max_bytes, r.backwards), after, end());
  answer.log = key;
  answer.state = state;
  answer.live = !r.backwards && (answer.slice.empty() ? after : answer.slice.last_seq()) == end();
  if (r.tell_cursor && after > 0) answer.at_cursor = slice(after - 1, after, 1).spans.front();
  return answer;
}

session_actor::behavior_type fake_session(session_actor::pointer self, std::shared_ptr<fake_log> log) {
  // Gives an answer now, or when the test lets go of it.
  const auto deliver = [self, log](auto promise, auto answer) {
    const auto go = [promise, answer]() mutable {
      if (answer) {
        promise.deliver(*answer);
      } else {
        promise.deliver(to_error(answer.error()));
      }
    };
    if (log->hold) {
      log->held.push_back(go);
    } else {
      auto now = go;
      now();
    }
    return promise;
  };
  const auto view = [log] { return session_view{log->header, 0, log->key}; };
  const auto note_lease = [log](const auto& r) { log->leased.push_back(r.lease ? r.lease->bytes() : 0); };
  return {
      [=](const append_request& r) -> caf::result<append_answer> {
        log->appends.push_back(r);
        log->appends.back().lease = nullptr;
        if (log->hold) log->held.push_back([lease = r.lease] {});
        auto promise = self->make_response_promise<append_answer>();
        if (log->append_error) return deliver(promise, result<append_answer>{*log->append_error});
        const auto first = log->end() + 1;
        log->add(r.request->events.size(), "user.message");
        return deliver(promise, result<append_answer>{append_answer{
                                    log->slice(first - 1, log->end(), ~std::size_t{0}), false}});
      },
      [=](const open_request& r) -> caf::result<pull_answer> {
        log->opens.push_back(r);
        auto promise = self->make_response_promise<pull_answer>();
        return deliver(promise, log->open_error ? result<pull_answer>{*log->open_error} : log->open(r));
      },
      [=](const pull_request& r) -> caf::result<pull_answer> {
        log->pulls.push_back(r);
        auto promise = self->make_response_promise<pull_answer>();
        if (log->pull_error) return deliver(promise, result<pull_answer>{*log->pull_error});
        if (r.log != log->key)
          return deliver(promise, result<pull_answer>{failure{errc::not_found, "deleted"}});
        const auto to = std::min(r.up_to, log->end());
        auto answer = pulled(log->slice(r.after, to, r.max_bytes, r.backwards), r.after, to);
        answer.live =
            !r.backwards && (answer.slice.empty() ? r.after : answer.slice.last_seq()) == log->end();
        answer.state = log->state;
        answer.log = log->key;
        return deliver(promise, result<pull_answer>{std::move(answer)});
      },
      [=](const search_request& r) -> caf::result<search_answer> {
        log->searches.push_back(r);
        auto promise = self->make_response_promise<search_answer>();
        if (r.log != log->key)
          return deliver(promise, result<search_answer>{failure{errc::not_found, "deleted"}});
        return deliver(promise, result<search_answer>{search_answer{log->search(r.range, *r.what)}});
      },
      [=](const describe_request&) { return view(); },
      [=](const update_session& r) {
        note_lease(r);
        return view();
      },
      [=](const archive_session& r) {
        note_lease(r);
        return view();
      },
      [=](const redact_event& r) -> caf::result<event_redacted> {
        note_lease(r);
        log->redactions.push_back(r);
        log->redactions.back().lease = nullptr;
        for (const auto& block : log->blocks)
          for (auto seq = block->first_seq(); seq <= block->last_seq(); ++seq)
            if (block->id(seq) == r.id)
              return event_redacted{
                  {block->with_tombstone(seq, *render_tombstone(block->json(seq), test_time, r.reason)), seq,
                   seq}};
        return to_error({errc::not_found, "the session has no such event"});
      },
      [=](const delete_session&) { return session_deleted{}; },
      [](const published_ack&) {},
      [](const unfollow&) {},
      [](const news_taken&) {},
      [](const commit_done&) {},
      [](const seal_done&) {},
      [](const seal_wanted&) {},
      [](const end_moved&) {},
      [](const mirrored&) {},
      [](const mirrored_previews&) {},
      [](const mirror_lost&) {},
      [](const retire_now&) {},
      [](const idle_check&) {},
      [](const describe_actor&) {
        return actor_status{"fake", {}};
      },
      [](const retry_tick&) {},
  };
}

directory_actor::behavior_type fake_directory(directory_actor::pointer, std::shared_ptr<fake_world> world) {
  return {
      [=](const lookup_request& r) -> caf::result<lookup_answer> {
        ++world->look_ups;
        const auto found = world->sessions.find(r.id);
        if (found == world->sessions.end() || r.workspace != 1)
          return to_error({errc::not_found, "no such session"});
        return lookup_answer{found->second};
      },
      [=](const create_session& r) -> caf::result<session_created> {
        world->created.push_back(r);
        world->created.back().lease = nullptr;
        auto header = std::make_shared<session_header>();
        header->definition = r.request->definition;
        header->definition.edit().id = "sess_new";
        return session_created{header};
      },
      [](const session_stays&) {},
      [](const session_goes&) {},
      [=](const list_active&) {
        active_sessions all;
        for (const auto& [id, s] : world->sessions) all.sessions.push_back({1, id, s});
        all.total = all.sessions.size();
        return all;
      },
      [](const describe_actor&) {
        return actor_status{"fake", {}};
      },
      [](const directory_tick&) {},
      [](const retire_all&) { return done_answer{}; },
  };
}

staging_actor::behavior_type fake_journal(staging_actor::pointer self, std::shared_ptr<fake_world> world) {
  self->set_down_handler([=](const caf::down_msg&) { world->staged.clear(); });
  return {
      [=](const stage_slice& r) -> caf::result<slice_staged> {
        self->monitor(caf::actor_cast<caf::actor>(self->current_sender()));
        ++world->slices;
        if (world->stage_error) return to_error(*world->stage_error);
        const auto key = r.op->session != 0 ? r.op->session : 1 + static_cast<session_key>(world->slices);
        auto& staged = world->staged[key];
        for (const auto& [id, seq] : r.op->foreign_ids)
          for (const auto& [other, at] : staged.foreign_ids)
            if (id == other) return slice_staged{key, id};
        staged.blocks.insert(staged.blocks.end(), r.op->blocks.begin(), r.op->blocks.end());
        staged.foreign_ids.insert(staged.foreign_ids.end(), r.op->foreign_ids.begin(),
                                  r.op->foreign_ids.end());
        if (!world->hold_stage) return slice_staged{key, {}};
        auto promise = self->make_response_promise<slice_staged>();
        world->stage_waits.push_back([self, promise, key]() mutable {
          self->context(nullptr);  // a test answers outside of any message's handler
          promise.deliver(slice_staged{key, {}});
        });
        return promise;
      },
      [=](const publish_session& r) -> caf::result<session_published> {
        if (world->publish_error) return to_error(*world->publish_error);
        auto log = std::make_shared<fake_log>();
        log->blocks = world->staged[r.op->session].blocks;
        *log->header = *r.op->header;
        const auto& id = r.op->header->definition->id;
        world->staged.erase(r.op->session);
        world->logs[id] = log;
        world->sessions[id] = self->spawn(fake_session, log);
        return session_published{};
      },
      [=](const drop_staged& r) { world->staged.erase(r.session); },
  };
}

reader_actor::behavior_type fake_reader(reader_actor::pointer self, std::shared_ptr<fake_world> world) {
  return {
      [](const find_session&) { return found_session{}; },
      [](const find_log&) { return found_session{}; },
      [](const read_request&) { return pull_answer{}; },
      [](const search_segments&) { return search_answer{}; },
      [](const find_event&) { return found_event{}; },
      [=](const find_deletion& r) { return world->deleted[r.id]; },
      [](const find_idempotency&) { return found_idempotency{}; },
      [=](const find_key& r) -> caf::result<found_key> {
        ++world->key_look_ups;
        if (world->mute) {
          world->muted.push_back(self->make_response_promise<found_key>());
          return world->muted.back();
        }
        if (world->key_error) return to_error(*world->key_error);
        const auto found = std::find_if(world->keys.begin(), world->keys.end(), [&](const auto& known) {
          return r.id != 0 ? known.second->id == r.id : known.first == r.hash;
        });
        return found_key{found == world->keys.end() ? nullptr : found->second};
      },
      [=](const list_sessions& r) {
        world->queries.push_back(r.query);
        return world->list;
      },
      [](const describe_actor&) {
        return actor_status{"fake", {}};
      },
      [](const read_list&) {},
      [](const reader_tick&) {},
  };
}

}  // namespace sandbase::test
