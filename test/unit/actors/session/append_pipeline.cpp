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

CAF_TEST(a key is looked up before the request is judged) {
  play_all({{"the same request, which would not be taken any more", R"(
    begin A key=k   | A key?
    A key new       | A stores 1
    commit          | A stored
    begin B key=k unfit | B key?
    B key 1         | B again 1
    empty           | yes)"},
            {"another one", R"(
    begin A key=k   | A key?
    A key new       | A stores 1
    commit          | A stored
    begin B key=k text=b unfit | B key?
    B key 1         | B fails conflict)"},
            {"a new key", R"(
    begin A key=k unfit | A key?
    begin B key=k   |
    A key new       | A fails invalid, B key?
    B key new       | B stores 1)"}});
}

CAF_TEST(a key of what stores nothing is kept as well) {
  play_all({{"of an answer that was given before", R"(
    begin A says=x  | A stores 1
    begin B says=x key=k | B key?
    B key new       | B keeps its key
    begin C says=x key=k |
    commit          | A stored
    commit          | B again 1, C key?
    C key 1         | C again 1
    empty           | yes)"},
            {"of several that were not given together", R"(
    begin A says=x  | A stores 1
    begin B         | B stores 2
    begin C says=y  | C stores 3
    commit          | A stored
    commit          | B stored
    commit          | C stored
    begin D two says=yx key=k | D key?
    D key new       | D keeps its key
    commit          | D again 3 1
    begin E two says=yx key=k | E key?
    E key kept      | E again 3 1)"},
            {"but not of a refusal", R"(
    begin A says=x  | A stores 1
    commit          | A stored
    begin B two says=xy key=k | B key?
    B key new       | B fails invalid because of 1)"},
            {"of previews, which pass once", R"(
    begin A none key=k | A key?
    A key new       | A keeps its key
    commit          | A again
    begin B none key=k | B key?
    B key kept      | B again)"},
            {"unless it fails", R"(
    begin A none key=k | A key?
    begin B none key=k |
    A key new       | A keeps its key
    fail            | A failed
    claim           | B key?
    B key new       | B keeps its key)"},
            {"or nobody knows", R"(
    begin A none key=k | A key?
    A key new       | A keeps its key
    suspend         |
    claim           | A failed
    empty           | yes)"}});
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
    restart         |
    begin B text=b  | B stores 2
    begin C retry   | C in 1?
    fail            | B failed
    claim           | C in 1?
    was C same 1    |
    C same 1        | C again 1)"},
            {"receipts", R"(
    begin A open    | A stores 1
    commit          | A stored
    begin B text=b  | B stores 2
    begin C retry   | C asks A
    fail            | B failed
    claim           | C asks A
    was C told lost |
    C told taken    | C stores 2)"},
            {"receipts, when the claim has failed", R"(
    begin A open    | A stores 1
    commit          | A stored
    begin B open retry | B asks A
    begin C text=c  | C stores 2
    fail            | C failed
    deny            | B gone
    claim           |
    B told lost     |
    begin D retry   | D asks A)"},
            {"a try that was joined", R"(
    begin A open    | A stores 1
    A loses         |
    begin B retry   |
    fail            | A failed
    claim           | B stores 1
    commit          | B stored
    empty           | yes)"},
            {"all begin again in the order in which they came", R"(
    begin A         | A stores 1
    begin B id=x    | B ids?
    begin C last=0  |
    begin D key=k   | D key?
    begin E         | E stores 2
    fail            | A failed, E failed
    claim           | B ids?, C stores 1, D key?)"}});
}

CAF_TEST(a retry gets the answer of its first try) {
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
    begin A two     | A stores 1-2
    commit          | A stored
    seal            |
    begin B two retry | B again 1-2)"},
            {"others of its key have come between", R"(
    begin A open    | A stores 1
    A loses         |
    commit          | A stored
    begin B text=b  | B stores 2
    commit          | B stored
    begin C text=c  | C stores 3
    commit          | C stored
    begin D retry   | D again 1)"},
            {"which still looks up its ids", R"(
    begin A id=x    | A ids?
    begin B id=x retry |
    A ids new       | A stores 1
    commit          | A stored, B again 1)"},
            {"which was retried before", R"(
    begin A open    | A stores 1
    A loses         |
    commit          | A stored
    begin B open retry | B again 1
    B loses         |
    begin C open retry | C again 1
    C takes         |
    begin D open retry | D stores 2)"},
            {"which is refused: then it is the first", R"(
    begin A last=9  | A fails conflict
    begin B retry   | B stores 1)"},
            {"which is refused later", R"(
    begin A         | A stores 1
    begin B text=b last=9 |
    begin C text=b retry |
    commit          | A stored, B fails conflict, C stores 2)"}});
}

CAF_TEST(a retry is no repetition of what was taken) {
  play_all({{"for good", R"(
    begin A open    | A stores 1
    commit          | A stored
    A takes         |
    begin B retry   | B stores 2)"},
            {"by a client that still has its connection", R"(
    begin A open    | A stores 1
    commit          | A stored
    begin B retry   | B asks A
    B told taken    | B stores 2)"},
            {"but of what was not", R"(
    begin A open    | A stores 1
    commit          | A stored
    begin B retry   | B asks A
    B told lost     | B again 1)"},
            {"an answer may be on its way for a while", R"(
    begin A open    | A stores 1
    commit          | A stored
    begin B retry   | B asks A
    B told open     |
    look            | B asks A
    wait 1          |
    B told open     | B again 1
    look            | nobody waits)"},
            {"or be taken meanwhile", R"(
    begin A open    | A stores 1
    commit          | A stored
    begin B retry   | B asks A
    B told open     |
    A takes         |
    look            | B stores 2)"},
            {"one in work is waited for, and then asked", R"(
    begin A open    | A stores 1
    begin B retry   |
    commit          | A stored, B asks A
    B told taken    | B stores 2)"},
            {"one in work whose client is gone is only waited for", R"(
    begin A open    | A stores 1
    A loses         |
    begin B retry   |
    commit          | A stored, B again 1)"}});
}

CAF_TEST(several equal ones are told apart) {
  play_all({{"each retry has its own try", R"(
    begin A open    | A stores 1
    begin B open    | B stores 2
    A loses         |
    B loses         |
    commit          | A stored
    commit          | B stored
    begin C open retry | C again 1
    begin D open retry | D again 2)"},
            {"also in work", R"(
    begin A open    | A stores 1
    begin B open    | B stores 2
    A loses         |
    B loses         |
    begin C open retry |
    begin D open retry |
    commit          | A stored, C again 1
    commit          | B stored, D again 2)"},
            {"one that has its answer is not another's", R"(
    begin A open    | A stores 1
    begin B open    | B stores 2
    commit          | A stored
    commit          | B stored
    A takes         |
    B loses         |
    begin C open retry | C again 2)"},
            {"who finds the only one taken by another retry is new", R"(
    begin A open    | A stores 1
    A loses         |
    commit          | A stored
    begin B open retry | B again 1
    begin C open retry | C asks B
    C told taken    | C stores 2)"},
            {"other bodies, keys and older ones do not count", R"(
    begin A         | A stores 1
    commit          | A stored
    begin B retry text=b | B stores 2
    begin C retry author=2 | C stores 3
    begin D two retry | D stores 4-5
    wait 121        |
    begin E retry   | E stores 6)"}});
}

CAF_TEST(after a restart what was appended last may not have been answered) {
  play_all({{"a retry finds it once", R"(
    begin A         | A stores 1
    commit          | A stored
    restart         |
    begin B open retry | B again 1
    B takes         |
    begin C open retry | C stores 2)"},
            {"two retries find two", R"(
    begin A         | A stores 1
    begin B         | B stores 2
    commit          | A stored
    commit          | B stored
    restart         |
    begin C open retry | C again 2
    C takes         |
    begin D open retry | D again 1)"},
            {"among others of the same time", R"(
    begin A two     | A stores 1-2
    begin B text=b author=2 | B stores 3
    begin C text=c  | C stores 4
    commit          | A stored
    commit          | B stored
    commit          | C stored
    restart         |
    begin D two retry | D again 1-2
    begin E text=c retry | E again 4)"},
            {"not among what was there seconds before", R"(
    begin A         | A stores 1
    commit          | A stored
    wait 3          |
    begin B text=b  | B stores 2
    commit          | B stored
    restart         |
    begin C retry   | C stores 3)"},
            {"nor after two minutes", R"(
    begin A         | A stores 1
    commit          | A stored
    restart         |
    wait 121        |
    begin B retry   | B stores 2)"},
            {"what is sealed is read", R"(
    begin A         | A stores 1
    commit          | A stored
    begin B text=b author=2 | B stores 2
    commit          | B stored
    begin C text=c  | C stores 3
    commit          | C stored
    seal            |
    restart         |
    begin D retry   | D in 3 1?
    begin E retry   | E in 3 1?
    D same 1        | D again 1
    E same 1        | E again 1
    begin F retry text=f | F in 3?
    F other         | F stores 4)"},
            {"what is no retry is new", R"(
    begin A         | A stores 1
    commit          | A stored
    restart         |
    begin B         | B stores 2)"}});
}

CAF_TEST(what is known of tries outlives a claim that fails) {
  play_all({{"that an answer was lost", R"(
    begin A open    | A stores 1
    commit          | A stored
    A loses         |
    wait 60         |
    begin B text=b  | B stores 2
    commit          | B stored
    begin C text=c  | C stores 3
    fail            | C failed
    begin D text=d  |
    deny            | D gone
    claim           |
    begin E retry   | E again 1)"},
            {"that one was taken", R"(
    begin A open    | A stores 1
    commit          | A stored
    A takes         |
    begin B text=b  | B stores 2
    fail            | B failed
    deny            |
    claim           |
    begin C retry   | C stores 2)"},
            {"what it leaves unknown may be there at the next one", R"(
    begin A open    | A stores 1
    A loses         |
    begin B text=b  | B stores 2
    suspend         |
    deny            | A failed, B failed
    claim 1         |
    begin C retry text=b | C stores 2
    begin D open retry | D again 1
    D takes         |
    begin E retry   | E stores 3)"}});
}

CAF_TEST(who may have been overtaken by its own retry is asked whether it still waits) {
  play_all({{"and is not served if not", R"(
    begin B open retry | B stores 1
    commit          | B stored
    B takes         |
    begin A open    | A asks A
    A told lost     | A fails unknown
    begin C open retry | C asks C
    C told lost     | C fails unknown)"},
            {"but else", R"(
    begin B open retry | B stores 1
    commit          | B stored
    B takes         |
    begin A open    | A asks A
    A told open     | A stores 2
    commit          | A stored
    begin C open text=b | C stores 3)"},
            {"each is asked for itself", R"(
    begin B open retry | B stores 1
    commit          | B stored
    begin C open retry | C asks B
    C told taken    | C asks C
    C told open     | C stores 2)"},
            {"nor does it matter after two minutes", R"(
    begin B open retry | B stores 1
    commit          | B stored
    B takes         |
    wait 121        |
    begin A open    | A stores 2)"}});
}

CAF_TEST(who has hung up is not served) {
  play_all({{"before it begins", R"(
    begin A gone    | A fails unknown
    begin B gone none | B fails unknown
    empty           | yes)"},
            {"nor when its ids are looked up", R"(
    begin A open id=x | A ids?
    A loses         |
    A ids new       | A fails unknown
    begin B id=x    | B ids?)"},
            {"nor behind another with its key", R"(
    begin A key=k   | A key?
    begin B open key=k |
    begin C key=k   |
    B loses         |
    A key new       | A stores 1
    commit          | A stored, B fails unknown, C key?)"},
            {"nor after a failed commit", R"(
    begin A         | A stores 1
    begin B open last=0 |
    B loses         |
    fail            | A failed
    claim           | B fails unknown)"},
            {"a retry that came in vain leaves its try to the next one", R"(
    begin A open    | A stores 1
    A loses         |
    begin B open retry |
    B loses         |
    begin C open retry |
    commit          | A stored, B fails unknown, C again 1)"}});
}

CAF_TEST(answers that were given before are not stored again) {
  play_all({{"a request of nothing else is answered with them", R"(
    begin A says=x  | A stores 1
    commit          | A stored
    begin B         | B stores 2
    begin C says=x  | C again 1
    commit          | B stored)"},
            {"they may stand apart", R"(
    begin A says=x  | A stores 1
    begin B         | B stores 2
    begin C says=y  | C stores 3
    commit          | A stored
    commit          | B stored
    commit          | C stored
    begin D two says=xy | D again 1 3
    begin E two says=yx | E again 3 1)"},
            {"once they are durable", R"(
    begin A says=x  | A stores 1
    begin B says=x  |
    begin C         | C stores 2
    commit          | A stored, B again 1)"},
            {"or are the first if they are not", R"(
    begin A says=x  | A stores 1
    begin B says=x  |
    fail            | A failed
    claim           | B stores 1)"},
            {"beside others they are refused", R"(
    begin A         | A stores 1
    begin B says=x  | B stores 2
    begin C two says=xy |
    commit          | A stored
    commit          | B stored, C fails invalid because of 2)"},
            {"a retry of one is answered in any case", R"(
    begin A open says=x | A stores 1
    commit          | A stored
    A takes         |
    begin B open says=x retry | B again 1)"},
            {"an expected end is looked at first", R"(
    begin A says=x  | A stores 1
    commit          | A stored
    begin B says=x last=0 | B fails conflict
    begin C says=x last=1 | C again 1
    begin D two says=xy last=1 | D fails invalid because of 1)"},
            {"and has to be durable", R"(
    begin A says=x  | A stores 1
    commit          | A stored
    begin B text=b  | B stores 2
    begin C says=x last=2 |
    commit          | B stored, C again 1)"},
            {"own ids do not matter", R"(
    begin A says=x id=i | A ids?
    begin B says=x id=j | B ids?
    A ids new       | A stores 1
    B ids new       |
    commit          | A stored, B again 1)"}});
}

CAF_TEST(commits of unknown outcome are settled by the claim) {
  play_all({{"a retry waits for it", R"(
    begin A open    | A stores 1
    A loses         |
    begin B text=b  | B stores 2
    suspend         |
    begin C retry   |
    claim 1         | A stored, B failed, C again 1
    empty           | yes)"},
            {"and is the first if nothing is there", R"(
    begin A open    | A stores 1
    A loses         |
    begin C retry   |
    suspend         |
    claim           | A failed, C stores 1)"},
            {"the key of one that was stored is found", R"(
    begin A key=k   | A key?
    A key new       | A stores 1
    begin B key=k   |
    suspend         |
    claim 1         | A stored, B key?
    B key 1         | B again 1)"}});
}

CAF_TEST(previews alone pass) {
  play_all({{"at once", R"(
    begin A         | A stores 1
    begin B none    | B previews
    commit          | A stored)"},
            {"once, whatever is retried", R"(
    begin A open none | A previews
    A loses         |
    begin B open none retry | B again
    B takes         |
    begin C none retry | C previews)"},
            {"and others are others", R"(
    begin A open none | A previews
    A loses         |
    begin B none retry text=b | B previews
    begin C none retry author=2 | C previews)"},
            {"nothing in the log is like them", R"(
    begin A         | A stores 1
    commit          | A stored
    restart         |
    begin B none retry | B previews)"}});
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
