
-- include: held-machines.lua

if redis.call('EXISTS', KEYS[1]) == 1 then return 'exists' end
local held = redis.call('GET', KEYS[2])
if held then return held end
local machines = cjson.decode(ARGV[6])
local machine = held_machine(KEYS[7], machines, ARGV[3])
if machine then return machine end
hold(KEYS[7], machines, ARGV[3])
redis.call('XADD', KEYS[1], '1-0', 'event', ARGV[2], 'hash', ARGV[1])
redis.call('SET', KEYS[2], ARGV[4])
redis.call('SET', KEYS[3], ARGV[3])
redis.call('SADD', KEYS[4], ARGV[3])
redis.call('ZADD', KEYS[5], ARGV[5], ARGV[3])
redis.call('SET', KEYS[8], ARGV[7])
for at = 8, #ARGV, 2 do redis.call('HSET', KEYS[6], ARGV[at], ARGV[at + 1]) end
return 'ok'