// Made by `npm run embed` from the files beside it: change those.

export const renewLocksLua = "local except = {}\nfor at = 4, #ARGV do except[ARGV[at]] = true end\nlocal mine = {}\nfor _, job in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do\n  local lock = ARGV[1] .. job .. ':lock'\n  local token = redis.call('GET', lock)\n  if token and string.sub(token, 1, #ARGV[2]) == ARGV[2] then\n    mine[#mine + 1] = job\n    if not except[job] then\n      redis.call('PEXPIRE', lock, ARGV[3])\n      redis.call('SREM', KEYS[2], job)\n    end\n  end\nend\nreturn mine\n";
