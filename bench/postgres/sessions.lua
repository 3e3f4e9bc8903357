-- SPDX-License-Identifier: Apache-2.0
-- For wrk: one kind of request to the sessions of a file, one behind the other. Environment: SESSIONS (a file with an
-- id a line), KEY, METHOD, WHAT (the path behind /v1/sessions/ID), BODY (a file, or empty). Prints a line of JSON.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init()
  local file = os.getenv("BODY")
  body = file ~= "" and io.open(file):read("*a") or ""
  heads = {}
  local fields = { ["Authorization"] = "Bearer " .. os.getenv("KEY"), ["Content-Type"] = "application/json" }
  for session in io.lines(os.getenv("SESSIONS")) do
    local path = "/v1/sessions/" .. session .. os.getenv("WHAT")
    local whole = wrk.format(os.getenv("METHOD"), path, fields, body)
    heads[#heads + 1] = whole:sub(1, #whole - #body)  -- the body is in memory once
  end
  place = number * math.floor(#heads / 2)
end

function request()
  place = place % #heads + 1
  return heads[place] .. body
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"seconds":%.4f,"failed":%d,"p50_ms":%.2f,"p99_ms":%.2f}\n',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
