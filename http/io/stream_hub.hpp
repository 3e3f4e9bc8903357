// SPDX-License-Identifier: Apache-2.0
// Which streams of an io thread follow which session, and with which keys they came. A plain object of that
// thread, owned by its io_shard. Holds no events: a stream that is not ready pulls later.
#pragma once

#include "http/io/publication.hpp"

#include <boost/intrusive/list.hpp>
#include <caf/fwd.hpp>

#include <chrono>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace sandbase {

using followed_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<struct followed_tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using keyed_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<struct keyed_tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// What becomes of the key that a stream came with.
enum class key_news : std::uint8_t {
  revoked,
  /// It could not be looked up for key_patience: show nothing.
  unknown,
  /// It is good after all.
  known,
  /// It could not be looked up for store_patience, or will not be any more: end.
  lost,
};

/// A stream, as the hub of its thread sees it. A call may end the stream, and others that give way to it; it
/// may destroy none.
class hub_stream : public followed_hook, public keyed_hook {
 public:
  virtual void on_published(const publication& p) = 0;
  virtual void on_previewed(const previewed& p) = 0;
  /// The session's actor is gone; whoever comes next has to be asked.
  virtual void on_session_down() = 0;
  /// The workspace that it watches has changed up to there.
  virtual void on_board_moved(change_number) {}
  virtual void on_key(key_news what) = 0;

 protected:
  ~hub_stream() = default;
};

/// What tells a hub of sessions and keys, and what sessions know in place of its streams. On the hub's
/// thread.
class hub_feed {
 public:
  /// To be named as the follower of a session.
  virtual fan_out_actor follower() = 0;
  /// The first stream follows this session: its end has to be told.
  virtual void begin(const session_actor& session) = 0;
  /// The last one has left it.
  virtual void end(const session_actor& session) = 0;
  /// One follower less, for the session to know.
  virtual void left(const session_actor& session) = 0;
  /// One stream less that watches the workspace, for the board to know.
  virtual void left_workspace(workspace_key workspace) = 0;

 protected:
  ~hub_feed() = default;
};

/// One thread. Outlives its streams.
class stream_hub {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  /// How old the last look at a key may be before its streams show nothing any more.
  static constexpr std::chrono::seconds key_patience{5};
  /// And before they end.
  static constexpr std::chrono::seconds store_patience{60};

  /// Null: none any more. All streams are forgotten then.
  void attach(hub_feed* feed);
  fan_out_actor follower() { return feed_ ? feed_->follower() : fan_out_actor{}; }

  // --- for streams ------------------------------------------------------------------------

  /// From now on `s` hears of what the session publishes. To be called before its first question to it.
  void join(hub_stream& s, const session_actor& session);
  /// The stream leaves. `told`: the session has got an open_request with this hub's follower from it.
  /// @pre it has joined this session
  void leave(hub_stream& s, const session_actor& session, bool told);
  /// From now on `s` hears of what changes in the workspace. To be called before its question to the board.
  void watch_workspace(hub_stream& s, workspace_key workspace);
  /// The stream leaves. `told`: the board has got a watch_board with this hub's follower from it.
  void unwatch_workspace(hub_stream& s, workspace_key workspace, bool told);
  /// The stream came with this key, found good by `now`; it is looked at regularly until unwatch_key().
  void watch_key(hub_stream& s, api_key_id key, time_point now);
  void unwatch_key(hub_stream& s, api_key_id key);

  // --- for the feed -------------------------------------------------------------------------

  bool follows(caf::actor_id session) const { return sessions_.contains(session); }
  void published(caf::actor_id session, const publication& p);
  void previewed_by(caf::actor_id session, const previewed& p);
  void session_down(caf::actor_id session);
  void board_moved(workspace_key workspace, change_number number);
  /// Keys to be looked up; each has to be told of by key_found() or key_missed() before it is among these
  /// again.
  std::vector<api_key_id> keys_to_ask();
  void key_found(api_key_id key, bool good, time_point now);
  /// The store gave no answer.
  void key_missed(api_key_id key);
  /// Tells the streams of keys that could not be looked up for too long.
  void look_at_keys(time_point now);
  /// Ends all streams: the node has no store any more.
  void lose_store();
  bool watches_keys() const { return !keys_.empty(); }
  std::size_t followed_sessions() const { return sessions_.size(); }
  std::size_t watched_workspaces() const { return workspaces_.size(); }
  std::size_t watched_keys() const { return keys_.size(); }

 private:
  using followers = boost::intrusive::list<hub_stream, boost::intrusive::base_hook<followed_hook>,
                                           boost::intrusive::constant_time_size<false>>;
  using owners = boost::intrusive::list<hub_stream, boost::intrusive::base_hook<keyed_hook>,
                                        boost::intrusive::constant_time_size<false>>;

  struct watched_key {
    owners streams;
    /// When it was last found good.
    time_point good_at{};
    key_news state = key_news::known;
    bool asked = false;
  };
  void tell(api_key_id key, key_news what);

  hub_feed* feed_ = nullptr;
  std::unordered_map<caf::actor_id, followers> sessions_;
  std::unordered_map<workspace_key, followers> workspaces_;
  std::unordered_map<api_key_id, watched_key> keys_;
};

}  // namespace sandbase
