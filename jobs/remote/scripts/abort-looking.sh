__KNOWN__
say_each alive
exit 0
