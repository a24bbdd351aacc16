--: Keeps a lock that is still one's own for ARGV[2] ms more: ARGV[1] is what was put into it.
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
