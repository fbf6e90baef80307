-- For wrk: what to send, what counts as accepted, and the figures as one line of JSON at the end.
-- Arguments: what to send (get, readers, text, reply, pingback, webmention), the number of this run, and for the
-- last three the token of the reply form or the address of the article.
-- Without POST nothing is looked at of answers but errors and bytes: the client must not be the bottleneck.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

local words = {
  "the", "letter", "that", "you", "quote", "reached", "me", "late", "and", "I", "have", "read", "it", "twice",
  "since", "my", "brother", "says", "silence", "is", "no", "answer", "but", "what", "else", "would", "be",
  "after", "so", "many", "years", "of", "calling", "on", "Sundays", "only", "to", "talk", "about", "weather",
}

-- A text of 60 words that differs from every other.
local function text(count)
  local chosen = { "Thought", tostring(count) }
  local at = count
  for _ = 1, 60 do
    at = (at * 1103515245 + 12345) % 2147483648
    chosen[#chosen + 1] = words[math.floor(at / 65536) % #words + 1]
  end
  return table.concat(chosen, " ")
end

-- A network (/24) of its own for every request, as said by a trusted proxy.
local function network(count)
  return string.format(
    "%d.%d.%d.7", 1 + math.floor(count / 65536) % 126, math.floor(count / 256) % 256, count % 256
  )
end

local function escape(said)
  return (said:gsub("[^%w%-_%.]", function(char) return string.format("%%%02X", char:byte()) end))
end

local FORM = "application/x-www-form-urlencoded"
local bodies = {
  text = function(count) return "text/plain", text(count) end,
  reply = function(count, token)
    return FORM, "comment=" .. escape(text(count)) .. "&author=Reader+" .. count .. "&email=reader" .. count
      .. "%40example.org&url=&parent=&earlier=&more_about=&token=" .. escape(token)
  end,
  webmention = function(count, target)
    return FORM, "source=" .. escape("https://blog" .. count .. ".example/post") .. "&target=" .. escape(target)
  end,
  pingback = function(count, target)
    local source = "https://blog" .. count .. ".example/post"
    return "text/xml", '<?xml version="1.0"?><methodCall><methodName>pingback.ping</methodName><params>'
      .. "<param><value><string>" .. source .. "</string></value></param>"
      .. "<param><value><string>" .. target .. "</string></value></param></params></methodCall>"
  end,
}
local is_accepted = {
  text = function(status) return status == 201 end,
  reply = function(status) return status == 303 end,
  webmention = function(status) return status == 201 end,
  pingback = function(status, body) return status == 200 and not body:find("<fault>", 1, true) end,
}

function init(args)
  accepted, refused, refusal = 0, 0, ""
  local what = args[1]
  if what == "get" then return end
  local count = (tonumber(args[2]) * 2 + number) * 40000
  if what == "readers" then
    -- Each from another browser, so that no two requests are the same to the letter.
    local headers = {}
    for name, value in pairs(wrk.headers) do headers[name] = value end
    request = function()
      count = count + 1
      headers["User-Agent"] = wrk.headers["User-Agent"] .. " " .. count
      return wrk.format("GET", nil, headers)
    end
    return
  end
  request = function()
    count = count + 1
    local kind, body = bodies[what](count, args[3])
    local headers = { ["Content-Type"] = kind, ["X-Forwarded-For"] = network(count) }
    if what == "reply" then headers["Sec-Fetch-Site"] = "same-origin" end
    return wrk.format("POST", nil, headers, body)
  end
  response = function(status, _, body)
    if is_accepted[what](status, body) then
      accepted = accepted + 1
    else
      refused = refused + 1
      refusal = status .. " " .. body:sub(1, 300):gsub("[^%w%p ]", " "):gsub('[\\"]', "'")
    end
  end
end

function done(summary, latency)
  local yes, no, why, errors = 0, 0, "", summary.errors
  for _, thread in ipairs(threads) do
    yes, no = yes + thread:get("accepted"), no + thread:get("refused")
    if thread:get("refusal") ~= "" then why = thread:get("refusal") end
  end
  print(string.format(
    'JSON {"requests": %d, "bytes": %d, "seconds": %.6f, "errors": %d, "accepted": %d, "refused": %d, '
      .. '"refusal": "%s", "median_ms": %.4f, "p99_ms": %.4f}',
    summary.requests, summary.bytes, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout, yes, no, why,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
  ))
end
