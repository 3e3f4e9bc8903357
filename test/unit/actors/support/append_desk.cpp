// SPDX-License-Identifier: Apache-2.0
#include "test/unit/actors/support/append_desk.hpp"

#include "events/log/hash_chain.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>

namespace sandbase::test {

namespace {

std::string range(seq_t first, seq_t last) {
  return std::to_string(first) + (last == first ? "" : "-" + std::to_string(last));
}

std::string name_of(errc code) {
  switch (code) {
    case errc::conflict:
      return "conflict";
    case errc::invalid:
      return "invalid";
    case errc::unavailable:
      return "unavailable";
    case errc::unknown_outcome:
      return "unknown";
    default:
      return std::to_string(static_cast<int>(code));
  }
}

}  // namespace

std::string append_desk::happen(const std::string& line) {
  std::istringstream in{line};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  seen_.clear();
  const auto& what = words.at(0);
  if (what == "begin") {
    begin(words);
  } else if (what == "was") {
    words.erase(words.begin());
    const auto& all = asked_.at(words.at(0));
    answer(words, all.size() > 1 ? all[all.size() - 2] : all.back());
  } else if (what == "held") {
    words.erase(words.begin());
    owns_log_ = false;
    answer(words, asked_.at(words.at(0)).back());
  } else if (what == "change") {
    in_flight_.push_back(progress_);
    pipeline_.handed_over(nullptr, progress_.tip.last_seq);
  } else if (what == "commit") {
    durable_progress_ = in_flight_.at(0);
    in_flight_.erase(in_flight_.begin());
    durable_ = durable_progress_.tip.last_seq;
    if (const auto a = pipeline_.committed(steady_now())) say(a, "stored");
  } else if (what == "fail") {
    for (const auto& a : pipeline_.failed()) say(a, "failed");
    in_flight_.clear();
    owns_log_ = false;
  } else if (what == "suspend") {
    suspended_ = pipeline_.suspended();
    owns_log_ = false;
  } else if (what == "claim") {
    // Of unknown commits the first ones are there.
    const auto found = words.size() > 1 ? std::stoul(words[1]) : 0;
    for (std::size_t i = 0; i < found; ++i) {
      durable_progress_ = in_flight_.at(0);
      in_flight_.erase(in_flight_.begin());
      const auto first = durable_ + 1;
      durable_ = durable_progress_.tip.last_seq;
      if (i >= suspended_.size()) continue;  // it has been answered
      say(suspended_[i], "stored");
      pipeline_.settled(suspended_[i], first, durable_, steady_now());
    }
    for (auto i = found; i < suspended_.size(); ++i) {
      say(suspended_[i], "failed");
      pipeline_.done(suspended_[i]);
    }
    suspended_.clear();
    in_flight_.clear();
    progress_ = durable_progress_;
    log_.resize(durable_);
    owns_log_ = true;
    pipeline_.claimed(progress_);
  } else if (what == "deny") {
    for (const auto& a : std::exchange(suspended_, {})) {
      say(a, "failed");
      pipeline_.done(a);
    }
    for (const auto& a : pipeline_.take_all()) say(a, "gone");
  } else if (what == "restart") {
    pipeline_ = append_pipeline{};
    progress_ = durable_progress_;
    log_.resize(durable_);
    in_flight_.clear();
    pipeline_.claimed(progress_);
  } else if (what == "wait") {
    now_ += std::chrono::seconds{std::stoi(words.at(1))};
    pipeline_.sweep(steady_now());
  } else if (what == "look") {
    if (!pipeline_.waits_for_receipts()) seen_ = "nobody waits";
    pipeline_.look_again();
  } else if (what == "gone") {
    for (const auto& a : pipeline_.take_all()) say(a, "gone");
  } else if (what == "seal") {
    held_from_ = durable_ + 1;
  } else if (what == "close") {
    is_closed_ = true;
  } else if (what == "empty") {
    seen_ = pipeline_.empty() ? "yes" : "no";
  } else if (words.at(1) == "takes" || words.at(1) == "loses") {
    receipts_.at(what)->settle(words[1] == "takes" ? receipt::state::taken : receipt::state::lost);
  } else {
    answer(words, asked_.at(what).back());
  }
  drive();
  return seen_;
}

void append_desk::begin(const std::vector<std::string>& words) {
  auto a = std::make_shared<pipelined_append>();
  a->request = std::make_shared<send_request>();
  a->author = 1;
  std::string text = "a";
  std::string id;
  std::string says;
  std::size_t count = 1;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const auto at = words[i].find('=');
    const auto name = words[i].substr(0, at);
    const auto value = at == std::string::npos ? "" : words[i].substr(at + 1);
    if (name == "two") count = 2;
    if (name == "none" || name == "unfit") count = 0;
    if (name == "unfit") a->unfit = {errc::invalid, "unfit"};
    if (name == "retry") a->is_retry = true;
    if (name == "text") text = value;
    if (name == "id") id = value;
    if (name == "says") says = value;
    if (name == "key") a->idempotency_key = value;
    if (name == "author") a->author = std::stoi(value);
    if (name == "open" || name == "gone") {
      a->client = receipts_[words[1]] = std::make_shared<receipt>(fan_out_actor{}, source_);
      if (name == "gone") a->client->settle(receipt::state::lost);
    }
    if (name == "last") {
      a->request->has_expected_last_id = true;
      a->request->expected_last_id = value;
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    event_draft draft;
    draft.payload = text;
    draft.id = id;
    // Of several answers each says the next letter.
    if (i < says.size()) draft.facts.says = fingerprint_of(says.substr(i, 1));
    a->request->events.push_back(draft);
  }
  a->body = sha256(text);
  a->print = fingerprint_of(text + std::to_string(count));
  appends_[words.at(1)] = a;
  pipeline_.begin(a);
}

void append_desk::answer(const std::vector<std::string>& words, const append_action& asked) {
  const auto& how = words.at(1);
  const bool has_seq = words.size() > 2 && std::isdigit(words[2].front()) != 0;
  const auto seq = has_seq ? std::stoull(words[2]) : seq_t{0};
  if (how == "key") {
    if (words.size() > 2 && words[2] == "kept")
      return pipeline_.key_looked_up(
          asked, idempotency_record{asked.append->idempotency_key, asked.append->body, 0, 0, {}});
    if (seq == 0) return pipeline_.key_looked_up(asked, std::nullopt);
    const auto body = seq <= log_.size() ? sha256(log_[seq - 1].text) : asked.append->body;
    return pipeline_.key_looked_up(asked,
                                   idempotency_record{asked.append->idempotency_key, body, seq, seq, {}});
  }
  if (how == "ids") return pipeline_.ids_looked_up(asked, std::vector<seq_t>(asked.ids.size(), seq));
  if (how == "lost") return pipeline_.look_up_failed(asked, {errc::unavailable, "no reader"});
  if (how == "told") {
    const auto state = words.at(2) == "open"    ? receipt::state::open
                       : words.at(2) == "taken" ? receipt::state::taken
                                                : receipt::state::lost;
    return pipeline_.looked(asked, std::vector<receipt::state>(asked.receipts.size(), state));
  }
  if (how != "same" && how != "other") throw std::logic_error("no such word: " + how);
  pipeline_.compared(asked, seq, *this);
}

void append_desk::drive() {
  while (owns_log_) {
    const auto action = pipeline_.next(*this);
    if (!action) return;
    carry_out(*action);
  }
}

void append_desk::carry_out(const append_action& action) {
  const auto& a = action.append;
  const auto ask = [&](const std::string& what) {
    say(a, what);
    const auto name = std::ranges::find(appends_, a, [](const auto& entry) { return entry.second; })->first;
    asked_[name].push_back(action);
  };
  switch (action.what) {
    case append_action::kind::look_up_key:
      return ask("key?");
    case append_action::kind::look_at_receipts: {
      std::string whom;
      for (const auto& r : action.receipts)
        whom += ' ' + std::ranges::find(receipts_, r, [](const auto& entry) { return entry.second; })->first;
      return ask("asks" + whom);
    }
    case append_action::kind::compare_sealed: {
      std::string where;
      for (const auto& run : action.runs) where += ' ' + range(run.first, run.last);
      return ask("in" + where + '?');
    }
    case append_action::kind::look_up_ids:
      return ask("ids?");
    case append_action::kind::pass_previews:
      if (is_closed_) return pipeline_.refused(a, {errc::invalid, "closed"});
      if (!a->idempotency_key.empty()) return keep_key(a);
      say(a, "previews");
      return pipeline_.settled(a, 0, 0, steady_now());
    case append_action::kind::keep_key:
      return keep_key(a);
    case append_action::kind::store:
      return store(a);
    case append_action::kind::answer_again: {
      std::string which;
      for (const auto& [first, last] : action.events) which += ' ' + range(first, last);
      return say(a, "again" + which);
    }
    case append_action::kind::fail:
      return say(a,
                 "fails " + name_of(action.why.code) +
                     (action.events.empty() ? "" : " because of " + std::to_string(action.events[0].first)));
  }
}

void append_desk::keep_key(const pipelined_append_ptr& a) {
  say(a, "keeps its key");
  in_flight_.push_back(progress_);
  pipeline_.handed_over(a, progress_.tip.last_seq);
}

void append_desk::store(const pipelined_append_ptr& a) {
  auto& r = *a->request;
  if (r.has_expected_last_id && r.expected_last_id != progress_.tip.last_id)
    return pipeline_.refused(a, {errc::conflict, "not the end"});
  const auto first = progress_.tip.last_seq + 1;
  for (const auto& draft : r.events) {
    log_.push_back({draft.payload, draft.id});
    if (draft.facts.says) progress_.answers.push_back({log_.size(), *draft.facts.says});
  }
  progress_.tip.last_seq = log_.size();
  progress_.tip.last_id = std::to_string(log_.size());
  progress_.note_append(a->author, first, log_.size(), now());
  in_flight_.push_back(progress_);
  say(a, "stores " + range(first, log_.size()));
  pipeline_.handed_over(a, log_.size());
  std::vector<event_draft>{}.swap(r.events);
}

void append_desk::say(const pipelined_append_ptr& a, const std::string& what) {
  const auto name = std::ranges::find(appends_, a, [](const auto& entry) { return entry.second; })->first;
  seen_ += (seen_.empty() ? "" : ", ") + name + ' ' + what;
}

bool append_desk::shows_id(std::string_view id) const {
  for (auto seq = held_from_; seq <= log_.size(); ++seq)
    if (log_[seq - 1].id == id) return true;
  return false;
}

append_desk::located append_desk::locate(const std::vector<event_draft>& drafts, seq_t first,
                                         seq_t last) const {
  if (first < held_from_) return {likeness::not_held, 0};
  for (auto from = last + 1 - drafts.size(); from >= first; --from) {
    bool equal = true;
    for (std::size_t i = 0; i < drafts.size(); ++i) equal &= log_.at(from - 1 + i).text == drafts[i].payload;
    if (equal) return {likeness::equal, from};
  }
  return {};
}

}  // namespace sandbase::test
