-- The ledger in Redis: one call of this script is one atomic operation over every budget it touches.
-- KEYS[1] is the prefix of all keys, ARGV[1] the operation, ARGV[2] its arguments as JSON.
-- Money comes and goes as text and is added up by HINCRBY, which is exact in 64 bits; as doubles
-- only amounts of one call or one trace are handled, which are below 2^53.

local prefix = KEYS[1]
local args = cjson.decode(ARGV[2])
local SEP = '\31'

local function key(...) return prefix .. table.concat({...}, ':') end

local function neg(text)
  if text == '0' then return '0' end
  if string.sub(text, 1, 1) == '-' then return string.sub(text, 2) end
  return '-' .. text
end

local function text_of(number) return string.format('%.0f', number) end

-- Whether whole number x is larger than y, both as text.
local function larger(x, y)
  local x_neg, y_neg = string.sub(x, 1, 1) == '-', string.sub(y, 1, 1) == '-'
  if x_neg ~= y_neg then return y_neg end
  if #x ~= #y then return (#x > #y) ~= x_neg end
  if x == y then return false end
  return (x > y) ~= x_neg
end

local function hash_of(name)
  local flat, found = redis.call('HGETALL', name), {}
  for i = 1, #flat, 2 do found[flat[i]] = flat[i + 1] end
  return found
end

-- Sums of a budget: fields c<slot>, a<slot>, h<slot>, and the totals of the window asked for last.
local function add(budget, kind, slot, amount)
  if amount == '0' then return end
  local name = key('sums', budget)
  redis.call('HINCRBY', name, kind .. slot, amount)
  local cached = redis.call('HMGET', name, 'from', 'to')
  if cached[1] and tonumber(slot) >= tonumber(cached[1]) and tonumber(slot) < tonumber(cached[2]) then
    redis.call('HINCRBY', name, 't' .. kind, amount)
  end
end

local function totals(budget, from, to)
  local name = key('sums', budget)
  local cached = redis.call('HMGET', name, 'from', 'to', 'tc', 'ta', 'th')
  if cached[1] == tostring(from) and cached[2] == tostring(to) then
    return cached[3], cached[4], cached[5]
  end
  local sums = {c = 0, a = 0, h = 0}
  redis.call('HSET', name, 'from', tostring(from), 'to', tostring(to), 'tc', '0', 'ta', '0', 'th', '0')
  local flat = redis.call('HGETALL', name)
  for i = 1, #flat, 2 do
    local kind, slot = string.match(flat[i], '^([cah])(%d+)$')
    if kind and tonumber(slot) >= from and tonumber(slot) < to then
      local amount = tonumber(flat[i + 1])
      -- Partial sums stay exact as doubles; what is larger goes through HINCRBY.
      if math.abs(amount) > 2^51 then
        redis.call('HINCRBY', name, 't' .. kind, flat[i + 1])
      else
        sums[kind] = sums[kind] + amount
        if math.abs(sums[kind]) > 2^51 then
          redis.call('HINCRBY', name, 't' .. kind, text_of(sums[kind]))
          sums[kind] = 0
        end
      end
    end
  end
  for kind, amount in pairs(sums) do
    if amount ~= 0 then redis.call('HINCRBY', name, 't' .. kind, text_of(amount)) end
  end
  local fresh = redis.call('HMGET', name, 'tc', 'ta', 'th')
  return fresh[1], fresh[2], fresh[3]
end

local function sum(first, ...)
  local name = key('scratch')
  redis.call('HSET', name, 'v', first)
  for _, amount in ipairs({...}) do
    if amount ~= '0' then redis.call('HINCRBY', name, 'v', amount) end
  end
  return redis.call('HGET', name, 'v')
end

local function event(body)
  redis.call('XADD', key('events'), 'MAXLEN', '~', args.events_max or 1000000, '*', 'e', body)
end

-- Reservations: a hash each. `lines` and `settled` are JSON of budget key to amount as text.
local function name_of(tenant, id) return tenant .. SEP .. id end
local function at(name) return key('reservation', name) end

local function free(name, held)
  for budget, amount in pairs(cjson.decode(held.lines)) do add(budget, 'h', held.slot, neg(amount)) end
  redis.call('ZREM', key('open'), name)
end

-- Traces: fields C|budget, S|budget|slot, A|budget|slot (what is counted as ahead), and `unfinished`.
local function trace_key(tenant, trace) return tenant .. SEP .. trace end

local function place(trace, budget)
  local name = key('trace', trace)
  local left, slots, before = 0, {}, {}
  for field, value in pairs(hash_of(name)) do
    local kind, rest = string.sub(field, 1, 1), string.sub(field, 3)
    if kind == 'C' and rest == budget then left = left - tonumber(value) end
    local slot = string.match(rest, '|(%d+)$')
    if slot and string.sub(rest, 1, #rest - #slot - 1) == budget then
      if kind == 'S' then
        left = left + tonumber(value)
        slots[#slots + 1] = {tonumber(slot), tonumber(value)}
      elseif kind == 'A' then
        before[slot] = tonumber(value)
      end
    end
  end
  table.sort(slots, function(x, y) return x[1] > y[1] end)
  local after = {}
  for _, one in ipairs(slots) do
    local amount = math.min(math.max(one[2], 0), math.max(left, 0))
    after[text_of(one[1])] = amount
    left = left - amount
  end
  for slot, amount in pairs(after) do
    add(budget, 'a', slot, text_of(amount - (before[slot] or 0)))
    redis.call('HSET', name, 'A|' .. budget .. '|' .. slot, text_of(amount))
  end
end

-- Forget a trace that has nothing open and nothing ahead: what comes is new money.
local function settle_trace(trace)
  local name = key('trace', trace)
  local fields, short = hash_of(name), {}
  if tonumber(fields.unfinished or '0') > 0 then return end
  for field, value in pairs(fields) do
    local kind, rest = string.sub(field, 1, 1), string.sub(field, 3)
    if kind == 'S' then
      local budget = string.match(rest, '^(.*)|%d+$')
      short[budget] = (short[budget] or 0) + tonumber(value)
    elseif kind == 'C' then
      short[rest] = (short[rest] or 0) - tonumber(value)
    end
  end
  for _, amount in pairs(short) do if amount > 0 then return end end
  redis.call('DEL', name)
  redis.call('ZREM', key('traces'), trace)
end

local function touch_trace(trace, now_us)
  redis.call('ZADD', key('traces'), now_us, trace)
end

local function finish(held, counted, now_us)
  if held.trace_id == '' then return end
  local trace = trace_key(held.tenant, held.trace_id)
  local name = key('trace', trace)
  if redis.call('EXISTS', name) == 0 then return end
  touch_trace(trace, now_us)
  if counted and tonumber(redis.call('HGET', name, 'unfinished') or '0') > 0 then
    redis.call('HINCRBY', name, 'unfinished', -1)
  end
  settle_trace(trace)
end

local function expire()
  local due = redis.call('ZRANGEBYSCORE', key('open'), '-inf', args.now_us, 'LIMIT', 0, 200)
  for _, name in ipairs(due) do
    local held = hash_of(at(name))
    if held.state == 'open' then
      free(name, held)
      redis.call('HSET', at(name), 'state', 'expired', 'touched_ns', args.now_ns)
      event(cjson.encode({op = 'expire', at = args.now_ns, tenant = held.tenant, id = held.id}))
    else
      redis.call('ZREM', key('open'), name)
    end
  end
  return #due
end

local function flat(name)
  local found = redis.call('HGETALL', at(name))
  if #found == 0 then return nil end
  return found
end

local function suspension(tenant)
  for _, name in ipairs({tenant, ''}) do
    local found = redis.call('HGET', key('suspended'), name)
    if found and tonumber(cjson.decode(found).until_us) > args.now_us then return found end
  end
  return nil
end

local operations = {}

function operations.hold()
  expire()
  local name = name_of(args.tenant, args.id)
  local answer, blocked = {held = 0, totals = {}}, false
  local existing = flat(name)
  for _, line in ipairs(args.lines) do
    local c, a, h = totals(line.key, line.from, line.to)
    answer.totals[#answer.totals + 1] = {c, a, h}
    local after, blocks = sum(c, a, h, line.amount), false
    for _, level in ipairs(line.levels) do
      if larger(after, level[1]) then blocks = level[2] end
    end
    blocked = blocked or blocks
  end
  answer.existing, answer.suspension = existing, suspension(args.tenant)
  if existing or answer.suspension or blocked or args.only_look then return cjson.encode(answer) end
  local lines = {}
  for _, line in ipairs(args.lines) do
    add(line.key, 'h', args.slot, line.amount)
    lines[line.key] = line.amount
  end
  redis.call('HSET', at(name), unpack(args.fields))
  redis.call('HSET', at(name), 'lines', next(lines) and cjson.encode(lines) or '{}')
  redis.call('ZADD', key('open'), args.expires_us, name)
  redis.call('ZADD', key('all'), args.now_us, name)
  if args.trace_id ~= '' then
    local trace = trace_key(args.tenant, args.trace_id)
    redis.call('HINCRBY', key('trace', trace), 'unfinished', 1)
    touch_trace(trace, args.now_us)
  end
  event(args.event)
  answer.held = 1
  return cjson.encode(answer)
end

-- The caller has read the reservation and checked it; where it changed since, it reads again.
function operations.settle()
  expire()
  local name = name_of(args.tenant, args.id)
  local held = hash_of(at(name))
  if held.state ~= args.state or held.settlement ~= args.before then return cjson.encode({again = 1}) end
  if held.state == 'open' then free(name, held) end
  local before = cjson.decode(held.settled)
  for budget, amount in pairs(args.amounts) do
    local more = sum(amount, neg(before[budget] or '0'))
    if held.trace_id == '' then
      add(budget, 'a', held.slot, more)
    else
      local trace = trace_key(held.tenant, held.trace_id)
      redis.call('HINCRBY', key('trace', trace), 'S|' .. budget .. '|' .. held.slot, more)
      place(trace, budget)
    end
  end
  local late = held.late
  if held.state == 'expired' or held.state == 'released' then late = '1' end
  redis.call('HSET', at(name), 'state', 'settled', 'settled', args.settled, 'settlement', args.text,
    'settled_by', args.by, 'late', late, 'touched_ns', args.now_ns)
  finish(held, held.state == 'open' or held.state == 'expired', args.now_us)
  event(args.event)
  return cjson.encode({reservation = flat(name)})
end

function operations.release()
  expire()
  local name = name_of(args.tenant, args.id)
  local held = hash_of(at(name))
  if held.state ~= args.state then return cjson.encode({again = 1}) end
  if held.state == 'open' then free(name, held) end
  redis.call('HSET', at(name), 'state', 'released', 'touched_ns', args.now_ns)
  finish(held, true, args.now_us)
  event(args.event)
  return cjson.encode({reservation = flat(name)})
end

function operations.extend()
  expire()
  local name = name_of(args.tenant, args.id)
  if redis.call('HGET', at(name), 'state') ~= 'open' then return cjson.encode({again = 1}) end
  redis.call('HSET', at(name), 'expires_ns', args.expires_ns, 'touched_ns', args.now_ns)
  redis.call('ZADD', key('open'), args.expires_us, name)
  return cjson.encode({reservation = flat(name)})
end

function operations.expire() return expire() end

function operations.totals()
  local found = {}
  for _, window in ipairs(args.windows) do
    local c, a, h = totals(window[1], window[2], window[3])
    found[#found + 1] = {c, a, h}
  end
  return cjson.encode({totals = found})
end

function operations.charge()
  if redis.call('GET', key('watermark')) ~= args.follows then return 0 end
  for _, budget in ipairs(redis.call('HKEYS', key('seeds'))) do
    if not args.keys[budget] then return 0 end
  end
  for _, one in ipairs(args.sums) do add(one[1], 'c', one[2], one[3]) end
  local touched = {}
  for _, one in ipairs(args.traced) do
    local trace = trace_key(one[1], one[2])
    local name = key('trace', trace)
    if redis.call('EXISTS', name) == 1 then
      redis.call('HINCRBY', name, 'C|' .. one[3], one[4])
      place(trace, one[3])
      touched[trace] = true
    end
  end
  for trace in pairs(touched) do settle_trace(trace) end
  for _, one in ipairs(args.unconverted) do
    redis.call('HINCRBY', key('unconverted'), one[1] .. SEP .. SEP .. one[2], one[3])
  end
  redis.call('SET', key('watermark'), args.watermark)
  return 1
end

local function clear_unconverted(budget)
  for field in pairs(hash_of(key('unconverted'))) do
    if string.sub(field, 1, #budget + 2) == budget .. SEP .. SEP then
      redis.call('HDEL', key('unconverted'), field)
    end
  end
end

function operations.seed()
  if redis.call('GET', key('watermark')) ~= args.watermark then return 0 end
  local name = key('sums', args.key)
  for field in pairs(hash_of(name)) do
    local slot = string.match(field, '^c(%d+)$')
    if slot and tonumber(slot) >= args.start then redis.call('HDEL', name, field) end
  end
  redis.call('HDEL', name, 'from', 'to')
  for _, one in ipairs(args.sums) do add(args.key, 'c', one[1], one[2]) end
  clear_unconverted(args.key)
  for _, one in ipairs(args.unconverted) do
    redis.call('HSET', key('unconverted'), args.key .. SEP .. SEP .. one[1], one[2])
  end
  redis.call('HSET', key('seeds'), args.key, tostring(args.start))
  return 1
end

function operations.forget()
  redis.call('DEL', key('sums', args.key))
  redis.call('HDEL', key('seeds'), args.key)
  clear_unconverted(args.key)
  for _, name in ipairs(redis.call('ZRANGE', key('all'), 0, -1)) do
    for _, part in ipairs({'lines', 'settled'}) do
      local held = cjson.decode(redis.call('HGET', at(name), part) or '{}')
      if held[args.key] then
        held[args.key] = nil
        redis.call('HSET', at(name), part, next(held) and cjson.encode(held) or '{}')
      end
    end
  end
  for _, trace in ipairs(redis.call('ZRANGE', key('traces'), 0, -1)) do
    for field in pairs(hash_of(key('trace', trace))) do
      local rest = string.sub(field, 3)
      if rest == args.key or string.match(rest, '^(.*)|%d+$') == args.key then
        redis.call('HDEL', key('trace', trace), field)
      end
    end
  end
  return 1
end

function operations.purge()
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', key('all'), '-inf', args.before_us, 'LIMIT', 0, 1000)) do
    local held = redis.call('HMGET', at(name), 'state')
    if held[1] ~= 'open' then
      redis.call('DEL', at(name))
      redis.call('ZREM', key('all'), name)
    end
  end
  for _, trace in ipairs(redis.call('ZRANGEBYSCORE', key('traces'), '-inf', args.before_us, 'LIMIT', 0, 1000)) do
    redis.call('DEL', key('trace', trace))
    redis.call('ZREM', key('traces'), trace)
  end
  for mark, at_us in pairs(hash_of(key('marks'))) do
    if tonumber(at_us) < args.marks_before_us then redis.call('HDEL', key('marks'), mark) end
  end
  for budget in pairs(hash_of(key('seeds'))) do
    local name = key('sums', budget)
    for field in pairs(hash_of(name)) do
      local slot = string.match(field, '^[cah](%d+)$')
      if slot and tonumber(slot) < args.before_slot then redis.call('HDEL', name, field) end
    end
  end
  return 1
end

return operations[ARGV[1]]()
