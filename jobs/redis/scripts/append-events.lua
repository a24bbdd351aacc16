
-- include: held-machines.lua

local top = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not top or top[1] ~= ARGV[1] .. '-0' or top[2][4] ~= ARGV[2] then return 'conflict' end
if ARGV[5] == 'take' then
  if ARGV[7] == 'needed' and redis.call('EXISTS', KEYS[6]) == 0 then return 'gone' end
  local held = redis.call('GET', KEYS[2])
  if held and cjson.decode(held).run ~= ARGV[3] then return held end
  local machines = cjson.decode(ARGV[8])
  local machine = held_machine(KEYS[7], machines, ARGV[3])
  if machine then return machine end
  hold(KEYS[7], machines, ARGV[3])
  if not held then redis.call('SET', KEYS[2], ARGV[4]) end
  redis.call('SET', KEYS[3], ARGV[3])
  redis.call('SADD', KEYS[4], ARGV[3])
  redis.call('PERSIST', KEYS[6])
end
local count = tonumber(ARGV[9])
for at = 10 + 2 * count, #ARGV, 2 do redis.call('HSET', KEYS[6], ARGV[at], ARGV[at + 1]) end
for n = 1, count do
  local added = redis.pcall('XADD', KEYS[1], (ARGV[1] + n) .. '-0', 'event', ARGV[8 + 2 * n], 'hash', ARGV[9 + 2 * n])
  -- Redis takes nothing behind an entry that was removed.
  if type(added) == 'table' and added.err then
    if string.find(added.err, 'equal or smaller', 1, true) then return 'broken' end
    return added
  end
end
if ARGV[5] == 'release' then
  local held = redis.call('GET', KEYS[2])
  if held and cjson.decode(held).run == ARGV[3] then redis.call('DEL', KEYS[2]) end
  -- Also what it held and did not write down any more.
  local hosts = redis.call('HGETALL', KEYS[7])
  for at = 1, #hosts, 2 do
    if hosts[at + 1] == ARGV[3] then redis.call('HDEL', KEYS[7], hosts[at]) end
  end
  redis.call('SREM', KEYS[4], ARGV[3])
  redis.call('EXPIRE', KEYS[6], ARGV[6])
end
return 'ok'