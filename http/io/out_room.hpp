// SPDX-License-Identifier: Apache-2.0
// Room in bytes_out, as the answers of one io thread share it: who waits for some, and whose client takes
// nothing just now. Who stalls gives way to who waits, on whatever thread that is.
#pragma once

#include "actors/caf/io_thread.hpp"
#include "http/io/server_state.hpp"

#include <boost/intrusive/list.hpp>

namespace sandbase {

using waiting_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<struct waiting_tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using stalled_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<struct stalled_tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// What an out_room sees of an answer; answer_room.hpp is the base to derive from.
class room_user : public waiting_hook, public stalled_hook {
 public:
  /// When the client began to take nothing.
  io_thread::clock::time_point stalled_since{};
  /// Bytes that it waits for.
  std::int64_t room_waited_for = 0;

  /// Bytes were given back on this thread: try again, soon but not in here.
  virtual void room_was_made() = 0;
  /// Others need room, and this stalls: let go of what can be had again. Ends nothing.
  virtual void let_go() = 0;
  /// That was not enough: end, and give everything back. No longer in the list of who stalls.
  virtual void cut_off() = 0;

 protected:
  ~room_user() = default;
};

/// One io thread. Outlives the answers there. While more is held and waited for, on any thread, than there
/// may be, answers that stall for out_patience give way: first all let go of what they can, then the longest
/// ends, and the next, until it is enough.
class out_room : private io_thread::watched {
 public:
  out_room(io_thread& io, server_state& all);

  // --- for answers, through answer_room ------------------------------------------------------

  /// @returns whether there was room for `bytes`; if not, `who` waits in line, and who stalls gives way
  bool take(room_user& who, std::int64_t bytes);
  /// Room was given back here: who waits longest gets the next turn. What other threads give back is noticed
  /// at the next look at the deadlines.
  void made_room();
  /// `who` waits no more.
  void forget(room_user& who);
  /// The client of `who` takes nothing since `since`.
  void stalls(room_user& who, io_thread::clock::time_point since);

  bool nobody_waits() const { return waiting_.empty(); }
  std::size_t stalling() const { return stalled_.size(); }

 private:
  void make_room();
  void deadline_passed() override;
  bool is_short() const {
    return all_.bytes_out.used() + all_.stalls.wanted.load(std::memory_order_relaxed) >
           all_.bytes_out.limit();
  }
  bool is_patient_with(const room_user& who) const { return io_.now() - who.stalled_since < out_patience; }

  io_thread& io_;
  server_state& all_;
  const std::size_t thread_;
  boost::intrusive::list<room_user, boost::intrusive::base_hook<waiting_hook>,
                         boost::intrusive::constant_time_size<false>>
      waiting_;
  /// Longest first.
  boost::intrusive::list<room_user, boost::intrusive::base_hook<stalled_hook>,
                         boost::intrusive::constant_time_size<false>>
      stalled_;
};

}  // namespace sandbase
