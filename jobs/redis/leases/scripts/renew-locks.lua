--: Answers the jobs whose locks begin with ARGV[2], and renews those locks but for the jobs from ARGV[4] on.
local except = {}
for at = 4, #ARGV do except[ARGV[at]] = true end
local mine = {}
for _, job in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local lock = ARGV[1] .. job .. ':lock'
  local token = redis.call('GET', lock)
  if token and string.sub(token, 1, #ARGV[2]) == ARGV[2] then
    mine[#mine + 1] = job
    if not except[job] then
      redis.call('PEXPIRE', lock, ARGV[3])
      redis.call('SREM', KEYS[2], job)
    end
  end
end
return mine
