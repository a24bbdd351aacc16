// Made by `npm run embed` from the files beside it: change those.

export const renewLocksLua = "\nfor _, job in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do\n  local lock = ARGV[1] .. job .. ':lock'\n  local token = redis.call('GET', lock)\n  if token and string.sub(token, 1, #ARGV[2]) == ARGV[2] then\n    redis.call('PEXPIRE', lock, ARGV[3])\n    redis.call('SREM', KEYS[2], job)\n  end\nend";
