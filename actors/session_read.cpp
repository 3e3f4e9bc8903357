// The read path of the session actor: slices from the tail, or from a reader for what is older.
#include "actors/errors.hpp"
#include "actors/session.hpp"

#include <algorithm>

namespace sandbase {

caf::result<pull_answer> session::open(const open_request& r) {
  sure_promise<pull_answer> promise{this};
  when_serving([this, r, promise] { resolve(r, promise); });
  return promise;
}

void session::resolve(const open_request& r, sure_promise<pull_answer> promise) {
  if (gone_) return promise.fail(why_gone_);
  // The end is fixed here: what is appended while ids are looked up does not belong to this replay.
  const auto end = durable_tip_.last_seq;
  const auto go = [this, r, end](seq_t after, sure_promise<pull_answer> to) {
    const auto from = std::min(after, end);
    answer(r.backwards ? pull_request{from, end, r.max_bytes, true}
                       : pull_request{from, end, r.max_bytes, false},
           end, std::move(to));
  };
  seq_t furthest = 0;
  std::vector<std::string> unknown;
  for (const auto& id : r.after_ids) {
    const auto place = told_place(id);
    if (place && tail_.holds(*place) && tail_.block_of(*place).id(*place) == id)
      furthest = std::max(furthest, *place);
    else if (const auto seq = find_in_tail(id))
      furthest = std::max(furthest, seq);
    else
      unknown.push_back(id);
  }
  if (unknown.empty()) return go(furthest, promise);
  ++look_ups_;
  request(env_->reader_of(key_), caf::infinite, find_event{key_, unknown})
      .then(
          [this, go, promise, known = furthest, unknown](const found_event& found) {
            --look_ups_;
            auto furthest = known;
            for (std::size_t i = 0; i < unknown.size(); ++i) {
              if (found.seqs.at(i) == 0 || found.seqs[i] > durable_tip_.last_seq)
                return promise.fail(errc::invalid, "after: this session has no event \"" + unknown[i] + "\"");
              furthest = std::max(furthest, found.seqs[i]);
            }
            go(furthest, std::move(promise));
            retire_if_done();
          },
          [this, promise](const caf::error& e) {
            --look_ups_;
            promise.fail(e);
          });
}

caf::result<pull_answer> session::pull(const pull_request& r) {
  sure_promise<pull_answer> promise{this};
  when_serving([this, r, promise] {
    if (gone_) return promise.fail(why_gone_);
    auto bounded = r;
    bounded.up_to = std::min(r.up_to, durable_tip_.last_seq);
    answer(bounded, r.up_to, promise);
  });
  return promise;
}

seq_t session::find_in_tail(std::string_view id) const {
  // Ids that do not tell their place: the side table knows them, but only from their commit's answer on.
  for (auto seq = std::max(tail_.first_seq(), tail_.sealed_seq() + 1); seq <= tail_.last_seq(); ++seq)
    if (tail_.block_of(seq).id(seq) == id) return seq;
  return 0;
}

void session::answer(const pull_request& r, seq_t end, sure_promise<pull_answer> promise) {
  if (r.after >= r.up_to) return promise.deliver({{}, r.after, end});
  const auto first_held = tail_.first_seq();
  if (r.backwards ? r.up_to >= first_held && tail_.holds(r.up_to) : r.after + 1 >= first_held) {
    auto slice = r.backwards ? tail_.slice_back(r.after, r.up_to, r.max_bytes)
                             : tail_.slice(r.after, r.up_to, r.max_bytes);
    return promise.deliver({std::move(slice), r.after, end});
  }
  auto cold = r;
  cold.up_to = std::min(r.up_to, first_held - 1);
  const auto room = tail_.cached_bytes() + r.max_bytes <= env_->cache_per_session &&
                    env_->cache->used() < env_->cache->limit();
  const read_request to_reader{key_, cold, end};
  if (!room) return promise.delegate(env_->reader_of(key_), to_reader);
  request(env_->reader_of(key_), caf::infinite, to_reader)
      .then(
          [this, promise](const pull_answer& got) {
            if (!claiming() && !gone_ && tail_.prepend(got.slice)) keep_cache_share();
            promise.deliver(got);
          },
          [promise](const caf::error& e) { promise.fail(e); });
}

void session::keep_cache_share() {
  const auto shared = static_cast<std::int64_t>(std::min(tail_.cached_bytes(), env_->cache_per_session));
  if (shared > cache_.bytes()) {
    if (env_->cache->try_take(shared - cache_.bytes())) cache_.grow(*env_->cache, shared - cache_.bytes());
  }
  tail_.trim(std::max(static_cast<std::size_t>(cache_.bytes()), sealed_block_bytes));
}

}  // namespace sandbase
