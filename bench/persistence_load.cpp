// SPDX-License-Identifier: Apache-2.0
#include "bench/persistence_load.hpp"

#include "events/event/event_facts.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace sandbase::bench {

namespace {

timestamp time_of(seq_t seq) {
  return timestamp{std::chrono::milliseconds{1'750'000'000'000 + static_cast<std::int64_t>(seq)}};
}
std::string id_of(seq_t seq) { return make_event_id(time_of(seq), seq, seq * 7919); }

session_header header_of(std::size_t number) {
  session_header h;
  auto& d = h.definition.edit();
  d.id = "sess_" + std::to_string(number);
  d.created_at = time_of(0);
  d.environment_id = "env_1";
  d.agent_id = "agent_1";
  return h;
}

}  // namespace

void give_up(const failure& f) {
  std::fprintf(stderr, "%s\n", f.message.c_str());
  std::exit(1);
}

work_folder::work_folder() : path_(std::filesystem::current_path() / "persistence_bench.tmp") {
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}
work_folder::~work_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string make_json(seq_t seq) {
  std::string json =
      R"({"id":")" + id_of(seq) + R"(","type":"agent.message","content":[{"type":"text","text":")";
  json.append(event_bytes - 170, 'x');
  json += R"("}],"processed_at":")" + format_timestamp(time_of(seq)) + R"("})";
  return json;
}

append_load::append_load(std::size_t sessions, std::size_t batch)
    : backend_(must(open_backend("sqlite:" + folder_.file("store.db"), true))),
      writer_(must(backend_->open_writer())),
      batch_(batch) {
  const auto workspace = must(writer_->workspace("bench", true));
  std::vector<store_op> ops;
  for (std::size_t i = 0; i < sessions; ++i) {
    create_op op;
    op.workspace = workspace;
    op.header = std::make_shared<session_header>(header_of(i));
    ops.emplace_back(std::move(op));
  }
  for (const auto& outcome : must(writer_->commit(ops))) sessions_.push_back({outcome.session, 0, {}});
}

double append_load::commit(std::size_t events) {
  std::vector<store_op> ops;
  ops.reserve(events);
  for (std::size_t i = 0; i < events; ++i) {
    auto& s = sessions_[next_++ % sessions_.size()];
    append_op op;
    op.session = s.key;
    op.first_seq = ++s.last;
    auto json = make_json(s.last);
    bytes_ += json.size();
    const auto proof = event_proof::make_salt();
    s.head = next_head(s.head, proof.leaf_of(json));
    op.events.push_back({std::move(json), s.head, 1, proof});
    ops.emplace_back(std::move(op));
  }
  return timed([&] { must(writer_->commit(ops)); });
}

double append_load::step() { return commit(batch_); }

void append_load::fill(std::size_t events) {
  for (constexpr std::size_t chunk = 20'000; events > 0; events -= std::min(events, chunk)) {
    commit(std::min(events, chunk));
    checkpoint_every(0);
  }
}

double append_load::checkpoint_every(std::size_t bytes) {
  if (bytes_ - unmoved_ < bytes) return 0;
  unmoved_ = bytes_;
  return timed([&] {
    if (auto moved = writer_->checkpoint(); !moved) give_up(moved.error());
  });
}

sealed_log::sealed_log(std::size_t blocks, std::size_t block_bytes)
    : backend_(must(open_backend("sqlite:" + folder_.file("store.db"), true))) {
  auto admin = must(backend_->open_admin());
  auto header = header_of(0);
  auto target = must(admin->begin_import("bench", header.definition->id));
  log_block_builder builder{1, digest{}};
  for (std::size_t i = 0; i < blocks; ++i) {
    while (builder.bytes() < block_bytes) {
      const auto seq = ++last_;
      const auto json = make_json(seq);
      builder.add(event_type::agent_message, id_of(seq), time_of(seq), json);
      header.progress.apply(facts_of(json), seq, id_of(seq), time_of(seq), builder.head());
    }
    if (auto added = target->add(builder.finish()); !added) give_up(added.error());
  }
  if (auto finished = target->finish(header); !finished) give_up(finished.error());
  if (auto flushed = admin->flush(); !flushed) give_up(flushed.error());
  key_ = must(admin->find_sessions(header.definition->id)).front().key;
  admin.reset();
  reader_ = must(backend_->open_reader());
}

}  // namespace sandbase::bench
