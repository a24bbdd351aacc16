
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then
  redis.call('HSETNX', KEYS[2], ARGV[2], ARGV[1])
end
return redis.call('HGET', KEYS[2], ARGV[2])