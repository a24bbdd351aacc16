--: A script may send what its user may send, and no more; here it says which of the commands were refused for that.

local refused = {}
local at = 1
while at <= #ARGV do
  local words = {ARGV[at], KEYS[1]}
  for index = 1, tonumber(ARGV[at + 1]) do
    local word = ARGV[at + 1 + index]
    words[#words + 1] = word == 'KEY' and KEYS[1] or word
  end
  at = at + 2 + tonumber(ARGV[at + 1])
  local answer = redis.pcall(unpack(words))
  local said = type(answer) == 'table' and answer.err or ''
  if said:find('NOPERM') or said:find("can't run") or said:find("can't access") or said:find('ACL') or said:find('nknown') then
    refused[#refused + 1] = words[1]
  end
  redis.pcall('DEL', KEYS[1])
end
return refused