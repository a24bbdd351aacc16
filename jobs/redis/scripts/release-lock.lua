--: Gives a lock back that is still one's own: ARGV[1] is what was put into it.
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
