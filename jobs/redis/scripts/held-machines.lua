--: Answers who else holds one of the machines, and nothing where nobody does.

local function held_machine(key, machines, run)
  for _, machine in ipairs(machines) do
    local holder = redis.call('HGET', key, machine)
    if holder and holder ~= run then
      return '{"machine":' .. cjson.encode(machine) .. ',"run":' .. cjson.encode(holder) .. '}'
    end
  end
end
local function hold(key, machines, run)
  for _, machine in ipairs(machines) do redis.call('HSET', key, machine, run) end
end
