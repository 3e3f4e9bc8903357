// SPDX-License-Identifier: Apache-2.0
#include "config/option_table.hpp"

#include "config/option_file.hpp"
#include "config/values.hpp"
#include "events/base/ascii.hpp"
#include "http/wire/origin.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <type_traits>
#include <vector>

namespace sandbase {
namespace {

// --- kinds of values: a placeholder, a parser with its bounds, a printer ------------------------

result<std::size_t> bounded(result<std::size_t> n, std::size_t min, std::size_t max,
                            std::string (*format)(std::size_t)) {
  if (n && (*n < min || *n > max))
    return {errc::invalid, fmt::format("must be between {} and {}", format(min), format(max))};
  return n;
}

std::string plain(std::size_t n) { return std::to_string(n); }

template <std::size_t Min, std::size_t Max>
struct count {
  using value_type = std::size_t;
  static constexpr std::string_view placeholder = "N";
  static auto parse(std::string_view text) { return bounded(parse_count(text), Min, Max, plain); }
  static std::string show(std::size_t n) { return plain(n); }
};

template <std::size_t Min, std::size_t Max = std::numeric_limits<std::uint32_t>::max() * std::size_t{256}>
struct bytes {
  using value_type = std::size_t;
  static constexpr std::string_view placeholder = "BYTES";
  static auto parse(std::string_view text) { return bounded(parse_size(text), Min, Max, format_size); }
  static std::string show(std::size_t n) { return quoted_for_file(format_size(n)); }
};

// At least a millisecond: 0 would not mean "never" but "at once".
struct time_span {
  using value_type = std::chrono::milliseconds;
  static constexpr std::string_view placeholder = "TIME";
  static constexpr std::chrono::milliseconds longest = std::chrono::hours{24 * 365};
  static result<std::chrono::milliseconds> parse(std::string_view text) {
    auto d = parse_duration(text);
    if (d && (d->count() < 1 || *d > longest))
      return {errc::invalid, "must be between 1ms and " + format_duration(longest)};
    return d;
  }
  static std::string show(std::chrono::milliseconds d) { return quoted_for_file(format_duration(d)); }
};

// 0 is spelled "off".
struct time_span_or_off {
  using value_type = std::chrono::milliseconds;
  static constexpr std::string_view placeholder = "TIME|off";
  static result<std::chrono::milliseconds> parse(std::string_view text) {
    if (text == "off") return std::chrono::milliseconds{0};
    return time_span::parse(text);
  }
  static std::string show(std::chrono::milliseconds d) {
    return d.count() == 0 ? quoted_for_file("off") : time_span::show(d);
  }
};

struct address {
  using value_type = endpoint;
  static constexpr std::string_view placeholder = "ADDRESS:PORT";
  static auto parse(std::string_view text) { return parse_endpoint(text); }
  static std::string show(const endpoint& e) { return quoted_for_file(format_endpoint(e)); }
};

/// A value that need not be there: an empty text.
template <class Parsed, Parsed (*Parse)(std::string_view), class Value, std::string (*Format)(const Value&)>
struct address_or_none {
  using value_type = std::optional<Value>;
  static result<value_type> parse(std::string_view text) {
    if (text.empty()) return value_type{};
    auto value = Parse(text);
    if (!value) return std::move(value).error();
    return value_type{*std::move(value)};
  }
  static std::string show(const value_type& v) { return quoted_for_file(v ? Format(*v) : ""); }
};

struct listen_address_or_none : address_or_none<result<endpoint>, parse_endpoint, endpoint, format_endpoint> {
  static constexpr std::string_view placeholder = "ADDRESS:PORT";
};

struct told_address_or_none
    : address_or_none<result<link_address>, parse_link_address, link_address, format_link_address> {
  static constexpr std::string_view placeholder = "HOST[:PORT]";
};

struct dialed_address {
  using value_type = link_address;
  static constexpr std::string_view placeholder = "HOST:PORT";
  static result<link_address> parse(std::string_view text) {
    auto address = parse_link_address(text);
    if (address && address->port == 0) return {errc::invalid, "must name a port, HOST:PORT"};
    return address;
  }
  static std::string show(const link_address& address) {
    return quoted_for_file(format_link_address(address));
  }
};

/// What stands in certificates and in the table of nodes.
struct short_name {
  using value_type = std::string;
  static constexpr std::string_view placeholder = "NAME";
  static constexpr std::size_t longest = 64;
  static result<std::string> parse(std::string_view text) {
    const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.'; };
    if (!text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), allowed))
      return std::string{text};
    return {errc::invalid, fmt::format("must be 1 to {} letters, digits, '_', '-' or '.'", longest)};
  }
  static std::string show(const std::string& text) { return quoted_for_file(text); }
};

struct short_name_or_none : short_name {
  static result<std::string> parse(std::string_view text) {
    return text.empty() ? result<std::string>{std::string{}} : short_name::parse(text);
  }
};

struct url {
  using value_type = std::string;
  static constexpr std::string_view placeholder = "URL";
  static result<std::string> parse(std::string_view text) {
    if (auto known = check_store_url(text); !known) return std::move(known).error();
    return std::string{text};
  }
  static std::string show(const std::string& text) { return quoted_for_file(text); }
};

struct file_path {
  using value_type = std::string;
  static constexpr std::string_view placeholder = "FILE";
  static result<std::string> parse(std::string_view text) { return std::string{text}; }
  static std::string show(const std::string& text) { return quoted_for_file(text); }
};

struct origin {
  using value_type = std::string;
  static constexpr std::string_view placeholder = "ORIGIN";
  static auto parse(std::string_view text) { return normalize_origin(text); }
  static std::string show(const std::string& text) { return quoted_for_file(text); }
};

template <class Enum, std::size_t N>
struct choice_base {
  using value_type = Enum;
  using names = std::array<std::string_view, N>;
  static result<Enum> parse_as(std::string_view text, const names& known) {
    const auto at = std::find(known.begin(), known.end(), text);
    if (at != known.end()) return static_cast<Enum>(at - known.begin());
    return {errc::invalid, fmt::format("must be one of {}", fmt::join(known, ", "))};
  }
};

struct level : choice_base<log_level, 6> {
  static constexpr std::string_view placeholder = "LEVEL";
  static constexpr names known{"trace", "debug", "info", "warn", "error", "off"};
  static auto parse(std::string_view text) { return parse_as(text, known); }
  static std::string show(log_level l) { return quoted_for_file(known[static_cast<std::size_t>(l)]); }
};

struct mode : choice_base<stream_mode, 3> {
  static constexpr std::string_view placeholder = "MODE";
  static constexpr names known{"replay", "follow", "live"};
  static auto parse(std::string_view text) { return parse_as(text, known); }
  static std::string show(stream_mode m) { return quoted_for_file(known[static_cast<std::size_t>(m)]); }
};

struct format : choice_base<log_format, 2> {
  static constexpr std::string_view placeholder = "FORMAT";
  static constexpr names known{"text", "json"};
  static auto parse(std::string_view text) { return parse_as(text, known); }
  static std::string show(log_format f) { return quoted_for_file(known[static_cast<std::size_t>(f)]); }
};

struct on_off : choice_base<access_log, 2> {
  static constexpr std::string_view placeholder = "on|off";
  static constexpr names known{"off", "on"};
  static auto parse(std::string_view text) { return parse_as(text, known); }
  static std::string show(access_log a) { return quoted_for_file(known[static_cast<std::size_t>(a)]); }
};

// --- rows ------------------------------------------------------------------------------------------

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
    row<on_off, &o::http, &h::access>(
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
