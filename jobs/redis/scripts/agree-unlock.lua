
local held = redis.call('GET', KEYS[1])
if not held or cjson.decode(held).run ~= ARGV[1] then return { 'changed' } end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[5])
local people = redis.call('HKEYS', KEYS[2])
if #people < tonumber(ARGV[4]) then return { 'held', unpack(people) } end
for _, note in ipairs(redis.call('HVALS', KEYS[2])) do redis.call('RPUSH', KEYS[4], note) end
redis.call('DEL', KEYS[1], KEYS[2])
local hosts = redis.call('HGETALL', KEYS[5])
for at = 1, #hosts, 2 do
  if hosts[at + 1] == ARGV[1] then redis.call('HDEL', KEYS[5], hosts[at]) end
end
redis.call('SREM', KEYS[3], ARGV[1])
return { 'free', unpack(people) }