// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE stream_machine
#include "test/unit/http/support/stream_desk.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

using desk = stream_desk;

/// One thing that happens, as a letter of a script.
void happen(desk& d, char what) {
  switch (what) {
    case 'a':  // the question is answered
      d.answer();
      return;
    case 's':  // everything is there, for as long as anything comes of it
      return d.settle();
    case 'n':  // no room
      d.has_room = false;
      return;
    case 'b':  // the socket takes nothing more
      d.space = 0;
      return;
    case 'q':  // a few bytes
      return d.take_more(40);
    case 't':  // it takes everything again
      return d.take_more(desk::unlimited);
    case 'p':
      return d.publish(1);
    case 'P':  // more than goes out in one piece
      return d.publish(900);
    case 'v':
      return d.show_preview(true);
    case 'w':
      return d.show_preview(false);
    case 'm':  // the session dies
      return d.die();
    case 'i':
      return d.replace();
    case 'e':
      return d.refuse({errc::io_failed, "a disk"});
    case 'T':
      return d.publish(1, "session.status_terminated");
    case 'A':
      return d.archive();
    case 'X':
      return d.remove();
    case 'k':
      return d.carry_out(d.machine.key_revoked(d.now));
    case 'u':  // the key cannot be looked up
      return d.carry_out(d.machine.key_unknown(d.now));
    case 'U':
      return d.carry_out(d.machine.key_known(d.now));
    case 'L':  // for too long
      return d.carry_out(d.machine.store_lost(d.now));
    case 'D':
      return d.carry_out(d.machine.drain(d.now));
    case 'l':  // others need its room
      return d.machine.let_go();
    case 'g':  // the client has gone
      return d.carry_out(d.machine.client_gone());
    case 'z':  // as much time passes as it waits for anything
      d.expire();
      return;
    default:
      CAF_FAIL("not a step: " << what);
  }
}

struct row {
  std::string_view what;
  bool follow;
  /// Of the log at the start.
  std::size_t events;
  std::string_view script;
  std::string_view seen;
  bool over;
};

void check(const row& r) {
  CAF_MESSAGE(r.what);
  desk d;
  if (r.events > 0) d.log.add(r.events);
  d.slice = 2 * d.log.frames(1, std::min<seq_t>(1, d.log.end())).size();
  if (d.slice == 0) d.slice = desk::unlimited;
  d.begin(r.follow);
  for (const auto what : r.script)
    if (!d.over) happen(d, what);
  if (d.parting && !d.over) {
    CAF_CHECK_EQUAL(d.machine.holds(), 0u);
    d.expire();
  }
  CAF_CHECK_EQUAL(d.seen(), r.seen);
  CAF_CHECK_EQUAL(d.over, r.over);
  if (d.over) CAF_CHECK_EQUAL(d.machine.holds(), 0u);
}

}  // namespace

CAF_TEST(replays) {
  for (const auto& r : std::initializer_list<row>{
           {"an empty log", false, 0, "s", "i d", true},
           {"several slices", false, 5, "s", "1-5 d", true},
           {"no news", false, 2, "aap", "1-2 d", true},
           {"the session dies before it is asked", false, 5, "aams", "1-5 d", true},
           {"the session dies when it is asked for more", false, 5, "aamas", "1-5 d", true},
           {"another log has its id before it is asked", false, 5, "ais", "1-5 d", true},
           {"another log has its id when it is asked for more", false, 5, "aaias", "? ? x", true},
           {"a session that is found again and again and gone", false, 5, "amamamamam", "", true},
           {"no answer in time: nothing is written yet", false, 5, "z", "", true},
           {"no answer in time, later", false, 5, "aaz", "1-2 x", true},
           {"a failure of the store, later", false, 5, "aae", "1-2 x", true},
           {"no room: it waits", false, 5, "nazz", "", false},
           {"room that comes", false, 5, "nazzs", "1-5 d", true},
           {"a reader that stops and goes on", false, 5, "aabat", "1-4", false},
           {"who stalls lets go, and misses nothing", false, 5, "baaqlts", "1-5 d", true},
           {"who stalls for long is closed", false, 5, "baazz", "", true},
           {"the client goes", false, 5, "aag", "1-2", true},
           {"a shutdown lets it finish", false, 5, "aaDs", "1-5 d", true},
       })
    check(r);
}

CAF_TEST(followed streams) {
  for (const auto& r : std::initializer_list<row>{
           {"history and live", true, 3, "spp", "1-3 l 4-5", false},
           {"the start of an empty log", true, 0, "sp", "l 1", false},
           {"more than goes in one piece", true, 1, "sPs", "1 l 2-901", false},
           {"news while the history is read", true, 5, "aappps", "1-8 l", false},
           {"news while it looks for the session", true, 1, "pas", "1-2 l", false},
           {"terminated while it reads", true, 3, "aaTs", "1-4 d", true},
           {"terminated while it is live", true, 3, "sT", "1-3 l 4 d", true},
           {"archived while it reads", true, 3, "aaAs", "1-3 d", true},
           {"archived while it is live", true, 3, "sA", "1-3 l d", true},
           {"archived behind events that are not read yet", true, 3, "sbpAts", "1-3 l 4 d", true},
           {"deleted while it is live", true, 3, "sX", "1-3 l bye d", true},
           {"another log has its id while it reads", true, 3, "aaias", "? ? x", true},
           {"another log has its id while it is live", true, 3, "sis", "? ? ? l x", true},
           {"deleted before all was read", true, 3, "aaXe", "1-2 x", true},
           {"deleted while it is blocked at the end", true, 3, "sbXt", "1-3 l bye d", true},
       })
    check(r);
}

CAF_TEST(sessions that move) {
  for (const auto& r : std::initializer_list<row>{
           {"while it is live", true, 3, "smsp", "1-3 l 4", false},
           {"while it asks", true, 5, "aamsp", "1-5 l 6", false},
           {"again and again, each time with a byte in between", true, 1,
            "s"
            "msp"
            "msp"
            "msp"
            "msp"
            "msp"
            "msp",
            "1 l 2-7", false},
           {"while it is blocked", true, 3, "sbpmpts", "1-3 l 4-5", false},
           {"while it waits for room", true, 5, "aanamzs", "1-5 l", false},
           {"while it waits for room: the one that is waiting is woken", true, 5, "naamsp", "1-5 l 6", false},
           {"and nobody knows it any more", true, 3, "sme", "1-3 l x", true},
       })
    check(r);
}

CAF_TEST(what was announced and is lost is not asked for without end) {
  desk d;
  d.log.add(3);
  d.begin(true);
  d.settle();
  const auto before = d.log;
  d.space = 0;
  d.publish(1);
  d.publish(1);  // it stands at neither, as the socket takes nothing
  d.log = before;
  d.die();
  d.take_more(desk::unlimited);
  int answers = 0;
  while (answers < 20 && d.answer()) ++answers;
  CAF_CHECK_LESS(answers, 20);
  d.publish(1);
  d.settle();
  CAF_CHECK_EQUAL(d.seen(), "1-3 l 4");
}

CAF_TEST(what is missing before the end is not asked for without end) {
  for (const bool follow : {false, true}) {
    desk d;
    d.log.add(5);
    d.slice = 2 * d.log.frames(1, 1).size();
    d.begin(follow);
    d.answer();
    d.answer();
    CAF_CHECK_EQUAL(d.seen(), "1-2");
    int pulls = 0;
    for (bool goes_on = true; goes_on && !d.over && pulls < 20;) {
      if (d.asked != stream_action::pull) {
        goes_on = d.answer();
        continue;
      }
      ++pulls;
      d.asked = stream_action::none;
      pull_answer nothing;
      nothing.after = 2;
      nothing.log = d.log.key;
      nothing.end = 5;
      d.carry_out(d.machine.answered(nothing, d.now));
      if (follow) {
        d.slice = desk::unlimited;
        d.settle();  // who opens it anew is told
        goes_on = false;
      }
    }
    CAF_CHECK_LESS(pulls, 20);
    CAF_CHECK_EQUAL(d.seen(), follow ? "1-5 l" : "1-2 x");
  }
}

CAF_TEST(blocked sockets) {
  for (const auto& r : std::initializer_list<row>{
           {"news are pulled later", true, 1,
            "sbppp"
            "ts",
            "1 l 2-4", false},
           {"a chunk that is cut", true, 1, "sqpts", "1 l 2", false},
           {"who stalls lets go and pulls it later", true, 2, "sbPqlts", "1-2 l 3-902", false},
           {"nothing taken for long", true, 2, "sbPzz", "1-2 l", true},
           {"a heartbeat that is not taken", true, 1, "sbzzz", "1 l", true},
           {"heartbeats", true, 1, "szz", "1 l h h", false},
       })
    check(r);
}

CAF_TEST(keys and shutdowns) {
  for (const auto& r : std::initializer_list<row>{
           {"a key is revoked before anything is written", true, 3, "ak", "", true},
           {"while it is live", true, 3, "sk", "1-3 l x", true},
           {"while it asks", true, 5, "aak", "1-2 x", true},
           {"while it waits for room", true, 5, "aanak", "1-4 x", true},
           {"while it is blocked: nothing can follow half a frame", true, 3, "sbpk", "1-3 l", true},
           {"while it is blocked and its session has moved", true, 3, "sbpmk", "1-3 l", true},
           {"a shutdown while it looks for its session", true, 3, "Das", "1-2 c", true},
           {"a shutdown while it reads", true, 5, "aaDs", "1-4 c", true},
           {"a shutdown while it is live", true, 3, "sD", "1-3 l c", true},
           {"a shutdown while it is blocked", true, 3, "sbpDts", "1-3 l c", true},
       })
    check(r);
}

CAF_TEST(the connection stays for a moment behind the reason) {
  desk d;
  d.log.add(1);
  d.begin(true);
  d.settle();
  d.carry_out(d.machine.drain(d.now));
  CAF_CHECK_EQUAL(d.seen(), "1 l c");
  CAF_CHECK(d.parting && !d.over);
  CAF_MESSAGE("nothing else comes");
  d.publish(1);
  d.die();
  d.carry_out(d.machine.drain(d.now));
  d.carry_out(d.machine.key_revoked(d.now));
  d.carry_out(d.machine.key_unknown(d.now));
  d.pass(1499ms);
  CAF_CHECK(!d.over);
  d.pass(1ms);
  CAF_CHECK(d.over);
  CAF_CHECK(!d.machine.keeps_connection());
  CAF_CHECK_EQUAL(d.seen(), "1 l c");
}

CAF_TEST(keys that cannot be looked up) {
  for (const auto& r : std::initializer_list<row>{
           {"live: news are kept back", true, 1,
            "su"
            "pp",
            "1 l", false},
           {"but that it is alive", true, 1,
            "su"
            "p"
            "zz",
            "1 l h h", false},
           {"then they come", true, 1,
            "su"
            "pp"
            "Us"
            "p",
            "1 l 2-4", false},
           {"an answer that is on its way is not shown", true, 5,
            "aau"
            "a",
            "1-2", false},
           {"it is asked for again", true, 5,
            "aau"
            "Us",
            "1-5 l", false},
           {"before anything is written", true, 3,
            "au"
            "a",
            "", false},
           {"and then all comes", true, 3,
            "au"
            "Us",
            "1-3 l", false},
           {"while it looks for its session", true, 3,
            "u"
            "Us",
            "1-3 l", false},
           {"while it waits for room", true, 5,
            "aanu"
            "Us",
            "1-5 l", false},
           {"while its session moves", true, 5,
            "aau"
            "m"
            "Us",
            "1-5 l", false},
           {"while it is blocked", true, 1, "sqputp", "1 l 2", false},
           {"and then the rest", true, 1, "sqputpUs", "1 l 2-3", false},
           {"revoked after all", true, 1,
            "su"
            "p"
            "k",
            "1 l x", true},
           {"a shutdown meanwhile", true, 1,
            "su"
            "p"
            "D",
            "1 l c", true},
           {"for too long", true, 1,
            "su"
            "p"
            "L",
            "1 l c", true},
           {"for too long while it is blocked", true, 1, "sbpuLt", "1 l c", true},
           {"for too long before anything is written", true, 1, "auL", "", true},
           {"a replay: kept back", false, 5,
            "aau"
            "aa",
            "1-2", false},
           {"a replay: alive", false, 5,
            "aau"
            "z",
            "1-2 h", false},
           {"a replay: goes on", false, 5,
            "aau"
            "Us",
            "1-5 d", true},
           {"a replay: revoked", false, 5,
            "aau"
            "k",
            "1-2 x", true},
           {"a replay: for too long", false, 5,
            "aau"
            "L",
            "1-2", true},
           {"a replay: a shutdown meanwhile", false, 5,
            "aau"
            "D",
            "1-2", true},
       })
    check(r);
}

CAF_TEST(a stream ends when what let it in does) {
  for (const bool follow : {true, false}) {
    desk d;
    d.log.add(4);
    d.slice = 2 * d.log.frame(1).size();
    d.expires_at = d.now + 60s;
    d.begin(follow);
    d.answer();
    d.answer();
    d.pass(60s);  // it waits for an answer; that is the last
    if (!d.over && !d.parting) d.answer();
    if (!d.over) d.expire();
    CAF_CHECK(d.over);
    CAF_CHECK(contains(d.text, "\"closing\":\"token_expired\"") || contains(d.text, "event: error"));
  }
  desk live;
  live.log.add(1);
  live.expires_at = live.now + 60s;
  live.begin(true);
  live.settle();
  for (int i = 0; i < 59; ++i) live.pass(1s);
  CAF_CHECK(!live.over);
  live.pass(1s);
  CAF_CHECK_EQUAL(live.seen(), "1 l h h h c");
  CAF_CHECK(contains(live.text, "\"closing\":\"token_expired\""));
}

CAF_TEST(heartbeats count from the last byte that was sent) {
  desk d;
  d.plan.wire.filter = *type_filter::parse(*query::parse("types=user.message"));
  d.log.add(1);
  d.begin(true);
  d.settle();
  for (int i = 0; i < 6; ++i) {
    d.pass(d.options.stream_heartbeat / 4);
    d.publish(1);
    d.show_preview(true);
  }
  CAF_CHECK_EQUAL(d.seen(), "l p h i");
  CAF_MESSAGE("also while it waits for room");
  desk waiting;
  waiting.log.add(5);
  waiting.slice = 2 * waiting.log.frame(1).size();
  waiting.begin(true);
  waiting.answer();
  waiting.answer();
  waiting.has_room = false;
  waiting.answer();
  for (int i = 0; i < 60; ++i) waiting.pass(250ms);
  CAF_CHECK_EQUAL(waiting.seen(), "1-4 h");
  waiting.settle();
  CAF_CHECK_EQUAL(waiting.seen(), "1-4 h 5 l");
  CAF_MESSAGE("which is not to be taken for live if its session has moved");
  waiting.die();
  waiting.has_room = false;
  waiting.answer();
  for (int i = 0; i < 60; ++i) waiting.pass(250ms);
  CAF_CHECK_EQUAL(waiting.seen(), "1-4 h 5 l h");
  CAF_CHECK(waiting.machine.waits_for_room());
}

CAF_TEST(previews) {
  for (const auto& r : std::initializer_list<row>{
           {"who is live sees them", true, 1, "svwwp", "1 l p p p 2", false},
           {"who reads history sees none", true, 3, "aavws", "1-3 l", false},
           {"who is blocked sees no more of what is open", true, 1, "svbpwtsw", "1 l p 2", false},
           {"they do not disturb who is blocked in history", true, 5, "baaqvwvts", "1-5 l", false},
           {"nor who waits for an answer", true, 5, "aavwas", "1-5 l", false},
       })
    check(r);
}

CAF_TEST(a question that nobody waits for any more is another one) {
  desk d;
  d.log.add(5);
  d.begin(true);
  const auto first = d.machine.question();
  d.answer();
  CAF_CHECK(d.machine.question() != first);
  const auto asked = d.machine.question();
  d.publish(1);
  d.show_preview(true);
  CAF_CHECK_EQUAL(d.machine.question(), asked);
  d.carry_out(d.machine.key_revoked(d.now));
  CAF_CHECK(d.machine.question() != asked);
}

CAF_TEST(room is held for what is in memory) {
  for (const bool follow : {false, true}) {
    desk d;
    for (int i = 0; i < 20; ++i) d.log.add(30, "agent.message", 1000);
    d.space = 10'000;
    d.begin(follow);
    CAF_CHECK_EQUAL(d.machine.holds(), 0u);
    d.answer();
    CAF_CHECK_EQUAL(d.machine.holds(), d.machine.room_wanted());
    d.answer();
    CAF_CHECK(d.machine.holds() >= d.machine.out().bytes());
    const auto before = d.machine.holds();
    d.machine.let_go();
    CAF_CHECK(d.machine.holds() < before / 2);
    CAF_CHECK_EQUAL(d.machine.holds(), d.machine.out().bytes());
    d.settle();
    CAF_CHECK_EQUAL(d.machine.holds(), 0u);
    CAF_CHECK_EQUAL(d.seen(), follow ? "1-600 l" : "1-600 d");
  }
}

CAF_TEST(a stall is as long as nothing is taken) {
  desk d;
  for (int i = 0; i < 20; ++i) d.log.add(30, "agent.message", 1000);
  d.space = 10'000;
  d.begin(false);
  d.answer();
  d.answer();
  const auto began = d.machine.stalled_since();
  CAF_REQUIRE(began);
  d.now += 100ms;
  CAF_MESSAGE("a socket that wakes up and takes nothing is no progress");
  d.waits_writable = false;
  d.carry_out(d.machine.writable(d.now));
  CAF_CHECK(d.machine.stalled_since() == began);
  d.take_more(10);
  CAF_CHECK(*d.machine.stalled_since() == d.now);
  d.pass(d.options.write_timeout - 1ms);
  CAF_CHECK(!d.over);
  d.pass(1ms);
  CAF_CHECK(d.over);
}

/// Every way of a few things to happen: whatever their order, the client sees the log once and in order.
CAF_TEST(any order of events) {
  constexpr std::string_view alphabet = "anbqtpmlvz";
  constexpr std::size_t length = 4;
  std::vector<std::size_t> digits(length, 0);
  for (const bool follow : {true, false}) {
    for (bool more = true; more;) {
      desk d;
      d.log.add(4);
      d.slice = 2 * d.log.frame(1).size();
      d.begin(follow);
      std::string script;
      for (const auto digit : digits) {
        script += alphabet[digit];
        if (!d.over) happen(d, alphabet[digit]);
      }
      if (!d.over) d.settle();
      if (!d.over) d.publish(1);
      if (!d.over) d.settle();
      if (d.parting && !d.over) d.expire();
      auto seen = d.seen();
      std::erase_if(seen, [](char c) { return c == 'p' || c == 'h'; });
      seq_t next = 1;
      bool sound = true;
      for (std::size_t i = 0; i < seen.size();) {
        if (std::isdigit(static_cast<unsigned char>(seen[i])) == 0) {
          ++i;
          continue;
        }
        const auto end = std::min(seen.find(' ', i), seen.size());
        const auto part = seen.substr(i, end - i);
        const auto dash = part.find('-');
        sound = sound && std::stoul(part) == next;
        next = (dash == part.npos ? std::stoul(part) : std::stoul(part.substr(dash + 1))) + 1;
        i = end;
      }
      if (!d.over) sound = sound && next == d.log.end() + 1;
      if (d.over && seen.ends_with("d")) sound = sound && next >= 5;
      if (!sound) CAF_FAIL((follow ? "followed: " : "replay: ") << script << " shows " << seen);
      more = false;
      for (auto& digit : digits) {
        if (++digit < alphabet.size()) {
          more = true;
          break;
        }
        digit = 0;
      }
    }
  }
}
