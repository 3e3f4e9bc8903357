// SPDX-License-Identifier: Apache-2.0
#include "config/option_table.hpp"

#include "config/option_kinds.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <type_traits>
#include <utility>
#include <vector>

namespace sandbase {
namespace {

using namespace option_kinds;

/// `&o::http, &http_options::max_connections` is `options.http.max_connections`.
template <auto... Path, class Options>
decltype(auto) member(Options& options) {
  return (options.*....*Path);
}

template <class Kind, auto... Path>
constexpr option_spec row(std::string_view name, std::string_view help) {
  const auto assign = [](server_options& options, std::span<const std::string> values) -> result<void> {
    if (values.size() != 1) return {errc::invalid, "takes one value"};
    auto value = Kind::parse(values.front());
    if (!value) return std::move(value).error();
    auto& to = member<Path...>(options);
    to = static_cast<std::remove_reference_t<decltype(to)>>(*std::move(value));
    return {};
  };
  const auto show = [](const server_options& options) {
    const auto& value = member<Path...>(options);
    return Kind::show(static_cast<typename Kind::value_type>(value));
  };
  return {name, Kind::placeholder, help, false, assign, show};
}

template <class Kind, auto... Path>
constexpr option_spec list_row(std::string_view name, std::string_view help) {
  const auto assign = [](server_options& options, std::span<const std::string> texts) -> result<void> {
    std::vector<typename Kind::value_type> values;
    for (const auto& text : texts) {
      auto value = Kind::parse(text);
      if (!value) return std::move(value).error();
      values.push_back(*std::move(value));
    }
    member<Path...>(options) = std::move(values);
    return {};
  };
  const auto show = [](const server_options& options) {
    std::string out = "[";
    for (const auto& value : member<Path...>(options))
      out.append(out.size() == 1 ? "" : ", ").append(Kind::show(value));
    return out + "]";
  };
  return {name, Kind::placeholder, help, true, assign, show};
}

constexpr auto kib = server_options::kib;
constexpr auto mib = server_options::mib;
using o = server_options;
using h = http_options;
using c = cluster_options;

constexpr std::array table{
    row<address, &o::http_listen>("http.listen", "Where the API is served; port 0 lets the system choose"),
    row<count<0, 64>, &o::http_threads>("http.threads", "IO threads; 0 is as many as cores, at most 4"),
    row<count<1, 1'000'000>, &o::http, &h::max_connections>("http.max_connections",
                                                            "Connections open at once; beyond: 503"),
    row<count<0, 1'000'000>, &o::http, &h::max_streams_per_key>(
        "http.max_streams_per_key",
        "Event streams open at once for one API key; beyond: 429; 0 is half of http.max_connections"),
    row<bytes<kib, 1024 * mib>, &o::http, &h::max_body_bytes>("http.max_body_bytes",
                                                              "Longest request body; longer ones get 413"),
    row<bytes<kib, mib>, &o::http, &h::max_header_bytes>("http.max_header_bytes",
                                                         "Longest request line with headers"),
    row<time_span, &o::http, &h::header_timeout>(
        "http.header_timeout", "Time for a request's headers to arrive, from its first byte"),
    row<time_span, &o::http, &h::body_timeout>("http.body_timeout", "Time for a request's body to arrive"),
    row<time_span, &o::http, &h::idle_timeout>("http.idle_timeout",
                                               "How long a connection may wait between requests"),
    row<time_span, &o::http, &h::write_timeout>(
        "http.write_timeout", "How long a client may take no byte of its answer before it is cut off"),
    list_row<origin, &o::http, &h::cors_origins>(
        "http.cors_origin", "Origins of web pages that may call the API; none turns CORS off"),
    row<bytes<kib>, &o::http, &h::max_bytes_in>(
        "http.max_bytes_in", "Bytes of request bodies in work at once, all connections; beyond: 503"),
    row<bytes<kib>, &o::http, &h::max_bytes_in_per_key>(
        "http.max_bytes_in_per_key", "Bytes of request bodies in work at once for one API key; beyond: 429"),
    row<bytes<kib>, &o::http, &h::max_bytes_in_per_workspace>(
        "http.max_bytes_in_per_workspace",
        "Bytes of request bodies in work at once for all keys of a workspace; beyond: 429"),
    row<bytes<kib>, &o::http, &h::max_bytes_out>(
        "http.max_bytes_out", "Bytes of answers in memory at once; beyond it replays wait"),
    row<on_off<inspector_page_mode>, &o::http, &h::inspector>(
        "http.inspector", "Whether the inspector, a web page, is served at /inspector: on or off"),
    row<time_span_or_off, &o::http, &h::stream_max_age>(
        "http.stream_max_age", "Age at which a live stream is asked to come again; off: never"),

    row<address, &o::admin_listen>(
        "admin.listen", "Where /healthz, /readyz and /statusz are served; port 0 lets the system choose"),

    row<count<0, 64>, &o::actors_threads>("actors.threads",
                                          "Threads that run what does not wait; 0 is as many as cores"),

    row<url, &o::store, &store_address::url>(
        "store.url", "The database: sqlite:PATH or postgres://USER@HOST[,HOST]/DATABASE"),
    row<file_path, &o::store, &store_address::password_file>(
        "store.password_file", "File with the password for PostgreSQL on its first line; empty: PGPASSFILE"),
    row<count<1, 64>, &o::store_readers>("store.readers",
                                         "Reading connections to the database, a thread each"),
    row<count<1, store_backend::max_writers>, &o::store_journals>(
        "store.journals", "Writing connections to PostgreSQL, a thread each; SQLite has one"),
    row<bytes<4 * mib>, &o::journal_max_bytes>(
        "journal.max_bytes",
        "Most that is kept unsealed, from the oldest such event on; beyond it appends get 503"),

    row<listen_address_or_none, &o::cluster, &c::listen>(
        "cluster.listen",
        "Where other nodes make links to this one; port 0 lets the system choose; empty: no links"),
    row<told_address_or_none, &o::cluster, &c::advertise>(
        "cluster.advertise",
        "Where other nodes find this one; empty: where it listens; needed if that is every address"),
    list_row<dialed_address, &o::cluster, &c::join>(
        "cluster.join",
        "Nodes with the store that an edge, which has none itself, makes its first link to; none: no edge"),
    row<file_path, &o::cluster, &c::secret_file>(
        "cluster.secret_file",
        "File with the cluster's secret on its first line, at least 32 characters; empty: "
        "SANDBASE_CLUSTER_SECRET"),
    row<short_name, &o::cluster, &c::name>("cluster.name",
                                           "The cluster's name; nodes of another name get no link"),
    row<short_name_or_none, &o::cluster, &c::node>("cluster.node",
                                                   "The node's name; empty: a random one each start"),

    row<bytes<kib, 64 * mib>, &o::http, &h::limits, &send_limits::max_event_bytes>(
        "event.max_bytes", "Longest event as JSON; longer ones get 413"),

    row<time_span, &o::session_idle_timeout>(
        "session.idle_timeout", "After this long without work a session is sealed and leaves memory"),
    row<bytes<0>, &o::session_cache_bytes>("session.cache_bytes",
                                           "Memory for parts of logs kept beyond what is unsealed"),
    row<count<100, 10'000'000>, &o::session_max_active>(
        "session.max_active", "Sessions in memory at once; the least recently used leave first"),

    row<mode, &o::http, &h::stream_default>(
        "stream.default",
        "What a stream request without `follow` gets: replay, follow or live (follow from the end)"),
    row<time_span, &o::http, &h::stream_heartbeat>(
        "stream.heartbeat", "Time without events after which a live stream gets a comment line"),

    row<level, &o::log_level>(
        "log.level", "Least important lines that are logged: trace, debug, info, warn, error or off"),
    row<format, &o::log_format>("log.format",
                                "How log lines on stderr look: text, or json with one object a line"),
    row<on_off<access_log>, &o::http, &h::access>(
        "log.access", "Whether each request gets a line at level info when it ends: on or off"),
};

}  // namespace

std::span<const option_spec> option_table() { return table; }

const option_spec* find_option(std::string_view name) {
  const auto at =
      std::find_if(table.begin(), table.end(), [&](const option_spec& s) { return s.name == name; });
  return at == table.end() ? nullptr : &*at;
}

std::string environment_name(std::string_view option) {
  std::string name = "SANDBASE_";
  for (const char c : option)
    name.push_back(c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  return name;
}

}  // namespace sandbase
