// Comes before the product in each of its processes: the time of day is what a file says that it is beside this machine's.
// How fast time goes by stays as it is, as with clocks that somebody sets.
import { readFileSync } from 'node:fs';

const Right = Date;
let offsetMs = 0;

function look() {
  // While it is being written it is empty.
  offsetMs = Number(readFileSync(process.env.CHAOS_CLOCK, 'utf8')) || 0;
}

globalThis.Date = class extends Right {
  constructor(...given) {
    if (given.length === 0) super(Right.now() + offsetMs);
    else super(...given);
  }

  static now() {
    return Right.now() + offsetMs;
  }
};

look();
setInterval(look, 100).unref();
