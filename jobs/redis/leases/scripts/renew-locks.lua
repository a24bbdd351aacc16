
for _, job in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local lock = ARGV[1] .. job .. ':lock'
  local token = redis.call('GET', lock)
  if token and string.sub(token, 1, #ARGV[2]) == ARGV[2] then
    redis.call('PEXPIRE', lock, ARGV[3])
    redis.call('SREM', KEYS[2], job)
  end
end