--: A run that stands in a file by now, unless somebody wrote behind it meanwhile.
local top = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not top or top[1] ~= ARGV[2] or redis.call('SISMEMBER', KEYS[3], ARGV[1]) == 1 then return 0 end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[4])
return 1
