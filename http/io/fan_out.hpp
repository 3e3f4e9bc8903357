// Which streams of an io thread follow which session: gets what sessions publish, once for the whole thread,
// and hands it to each stream. Holds no events: a stream that is not ready pulls later.
#pragma once

#include "actors/asio_actor.hpp"
#include "http/io/io_shard.hpp"
#include "http/io/publication.hpp"

#include <boost/intrusive/list.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <unordered_map>

namespace sandbase {

/// A stream, as its fan_out sees it. Everything runs on their io thread;
/// a call may end the stream, not another one.
class live_stream
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual void on_published(const publication& p) = 0;
  virtual void on_previewed(const previewed& p) = 0;
  /// The session's actor is gone; whoever comes next has to be asked.
  virtual void on_session_down() = 0;
  /// A key was revoked: whoever came with it must go.
  virtual void on_key_revoked(api_key_id key) = 0;

 protected:
  ~live_stream() = default;
};

class fan_out final : public asio_actor<fan_out_actor::base>, private io_thread::watched {
 public:
  /// How often the keys of streams are looked at: a revocation holds everywhere within 5 s.
  static constexpr std::chrono::seconds key_check_interval{2};

  fan_out(caf::actor_config& cfg, io_shard& worker);

  const char* name() const override { return "fan_out"; }
  void on_exit() override;

  // --- for the streams of the thread ------------------------------------------------------

  fan_out_actor handle() { return fan_out_actor{this}; }
  /// From now on `s` hears of what the session publishes. Before its first request to the session.
  void join(live_stream& s, const session_actor& session);
  /// The stream leaves. `told`: it has sent an open_request with this
  /// follower; the session hears that one less follows.
  /// @pre it has joined this session
  void leave(live_stream& s, const session_actor& session, bool told);
  /// A stream came with this key: it is looked at regularly until release_key.
  void watch_key(api_key_id key) { ++keys_[key]; }
  void release_key(api_key_id key);

 protected:
  behavior_type make_behavior() override;

 private:
  using streams = boost::intrusive::list<live_stream, boost::intrusive::constant_time_size<false>>;
  struct followed {
    session_actor session;
    streams members;
  };

  void publish(const published& p);
  void preview(const previewed& p);
  void went_down(const caf::actor_addr& session);
  followed* sender();
  template <class F>
  void for_all_members(F f);
  void check_keys();
  void end_streams_of(api_key_id key);
  void deadline_passed() override;

  io_shard& worker_;
  std::unordered_map<caf::actor_id, followed> sessions_;
  /// Whose session has gone, until they join another.
  streams strays_;
  /// Streams that came with each.
  std::unordered_map<api_key_id, std::size_t> keys_;
};

}  // namespace sandbase
