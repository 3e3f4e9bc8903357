// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE append_pipeline
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/session/append_pipeline.hpp"
#include "test/unit/actors/support/append_desk.hpp"

#include <sstream>

using namespace sandbase;
using namespace sandbase::test;

namespace {

/// What happens, line by line, and after the bar what comes of it. The words are append_desk's.
struct interleaving {
  const char* name;
  const char* script;
};

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

void play(const interleaving& row) {
  CAF_MESSAGE(row.name);
  append_desk desk;
  std::istringstream lines{row.script};
  std::string line;
  while (std::getline(lines, line)) {
    if (trimmed(line).empty()) continue;
    const auto bar = line.find('|');
    if (bar == line.npos) CAF_FAIL("no bar: " << line);
    const auto seen = desk.happen(trimmed(line.substr(0, bar)));
    CAF_MESSAGE(trimmed(line));
    CAF_CHECK_EQUAL(seen, trimmed(line.substr(bar + 1)));
  }
}

template <std::size_t N>
void play_all(const interleaving (&rows)[N]) {
  for (const auto& row : rows) play(row);
}

}  // namespace

CAF_TEST(appends are pipelined and answered in their order) {
  play({"three", R"(
    begin A         | A stores 1
    begin B two     | B stores 2-3
    commit          | A stored
    begin C         | C stores 4
    commit          | B stored
    commit          | C stored
    empty           | yes)"});
}

CAF_TEST(one with an idempotency key lets who came before it finish) {
  play_all({{"the second finds the record of the first", R"(
    begin A key=k   | A key?
    begin B key=k   |
    A key new       | A stores 1
    commit          | A stored, B key?
    B key 1         | B again 1
    empty           | yes)"},
            {"with another body it is a conflict", R"(
    begin A key=k   | A key?
    begin B key=k text=b |
    A key new       | A stores 1
    commit          | A stored, B key?
    B key 1         | B fails conflict)"},
            {"behind one that was refused it is looked up again", R"(
    begin A key=k last=9 | A key?
    begin B key=k   |
    A key new       | A fails conflict, B key?
    B key new       | B stores 1)"},
            {"behind a failed look-up too", R"(
    begin A key=k   | A key?
    begin B key=k   |
    A lost          | A fails unavailable, B key?
    B key new       | B stores 1)"},
            {"three wait for each other", R"(
    begin A key=k   | A key?
    begin B key=k   |
    begin C key=k   |
    A key new       | A stores 1
    commit          | A stored, B key?
    B key 1         | B again 1, C key?
    C key 1         | C again 1)"},
            {"other keys do not wait", R"(
    begin A key=k   | A key?
    begin B key=l   | B key?
    B key new       | B stores 1)"},
            {"when its commit fails the next one stores", R"(
    begin A key=k   | A key?
    begin B key=k   |
    A key new       | A stores 1
    fail            | A failed
    claim           | B key?
    B key new       | B stores 1
    commit          | B stored)"},
            {"it alone decides a retry", R"(
    begin A         | A stores 1
    commit          | A stored
    begin B retry key=k | B key?
    B key new       | B stores 2)"}});
}

CAF_TEST(a refusal waits for what it rests on) {
  play_all({{"and stands when that is durable", R"(
    begin A last=0  | A stores 1
    begin B last=0  |
    commit          | A stored, B fails conflict)"},
            {"and is taken back when that fails", R"(
    begin A last=0  | A stores 1
    begin B last=0  |
    fail            | A failed
    claim           | B stores 1
    commit          | B stored)"},
            {"it is given at once when nothing is in flight", R"(
    begin A last=7  | A fails conflict)"},
            {"changes of the session count as well", R"(
    change          |
    begin B last=5  |
    commit          | B fails conflict)"},
            {"it waits for the last commit there is", R"(
    begin A         | A stores 1
    begin B         | B stores 2
    begin C last=1  |
    commit          | A stored
    fail            | B failed
    claim           | C stores 2)"},
            {"previews wait as well", R"(
    change          |
    close           |
    begin A none    |
    commit          | A fails invalid)"}});
}

CAF_TEST(own ids are new) {
  play_all({{"in what is sealed", R"(
    begin A id=x    | A ids?
    A ids 4         | A fails invalid)"},
            {"in memory, without a look-up", R"(
    begin A id=x    | A ids?
    A ids new       | A stores 1
    commit          | A stored
    begin B id=x    | B fails invalid)"},
            {"in what is in flight", R"(
    begin A id=x    | A ids?
    A ids new       | A stores 1
    begin B id=x    |
    commit          | A stored, B fails invalid)"},
            {"in what was stored, sealed and left memory during the look-up", R"(
    begin A id=x    | A ids?
    begin B id=x    | B ids?
    A ids new       | A stores 1
    commit          | A stored
    seal            |
    B ids new       | B fails invalid
    empty           | yes)"},
            {"in what was handed over during the look-up and failed they are", R"(
    begin A id=x    | A ids?
    begin B id=x    | B ids?
    A ids new       | A stores 1
    B ids new       |
    fail            | A failed
    claim           | B ids?
    B ids new       | B stores 1)"},
            {"a failed look-up refuses, but not with 400", R"(
    begin A id=x    | A ids?
    A lost          | A fails unavailable
    empty           | yes)"}});
}

CAF_TEST(nothing that was looked up outlives a claim) {
  play_all({{"ids", R"(
    begin A         | A stores 1
    begin B id=x    | B ids?
    fail            | A failed
    claim           | B ids?
    was B ids new   |
    B ids new       | B stores 1)"},
            {"ids whose answer came before the claim", R"(
    begin A         | A stores 1
    begin B id=x    | B ids?
    fail            | A failed
    held B ids new  |
    claim           | B ids?
    B ids 1         | B fails invalid)"},
            {"a key, and who waits behind it", R"(
    begin A         | A stores 1
    begin B key=k   | B key?
    begin C key=k   |
    fail            | A failed
    claim           | B key?
    was B key 1     |
    B key new       | B stores 1
    commit          | B stored, C key?
    C key 1         | C again 1
    empty           | yes)"},
            {"a comparison with what is sealed", R"(
    begin A         | A stores 1
    commit          | A stored
    seal            |
    begin B text=b  | B stores 2
    commit          | B stored
    seal            |
    begin D retry text=b | D same as 2?
    begin C text=c  | C stores 3
    fail            | C failed
    claim           | D same as 2?
    was D same      |
    D same          | D again 2)"},
            {"all begin again in the order in which they came", R"(
    begin A         | A stores 1
    begin B id=x    | B ids?
    begin C last=0  |
    begin D key=k   | D key?
    begin E         | E stores 2
    fail            | A failed, E failed
    claim           | B ids?, C stores 1, D key?)"}});
}

CAF_TEST(a retry of an SDK is answered with its first try) {
  play_all({{"which is durable", R"(
    begin A         | A stores 1
    commit          | A stored
    begin B retry   | B again 1)"},
            {"which is in flight", R"(
    begin A         | A stores 1
    begin B retry   |
    begin C text=c  | C stores 2
    commit          | A stored, B again 1
    commit          | C stored)"},
            {"whose commit fails: then it is the first", R"(
    begin A         | A stores 1
    begin B retry   |
    fail            | A failed
    claim           | B stores 1)"},
            {"which is sealed", R"(
    begin A         | A stores 1
    commit          | A stored
    seal            |
    begin B retry   | B same as 1?
    B same          | B again 1)"},
            {"which is another", R"(
    begin A         | A stores 1
    commit          | A stored
    begin B retry text=b | B stores 2
    commit          | B stored
    seal            |
    begin C retry   | C same as 2?
    C other         | C stores 3)"},
            {"which another key sent", R"(
    begin A         | A stores 1
    commit          | A stored
    begin B retry author=2 | B stores 2)"}});
}

CAF_TEST(previews alone pass) {
  play({"at once", R"(
    begin A         | A stores 1
    begin B none    | B previews
    commit          | A stored)"});
}

CAF_TEST(nobody is forgotten when the session goes) {
  play({"in every stage", R"(
    begin A         | A stores 1
    begin B id=x    | B ids?
    begin C key=k   | C key?
    begin D key=k   |
    begin E last=0  |
    gone            | A gone, B gone, C gone, D gone, E gone
    was B ids new   |
    was C key new   |
    was C lost      |
    empty           | yes)"});
}
