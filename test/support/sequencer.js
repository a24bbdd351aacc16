const slowness = ['test/e2e/', 'test/drills/', 'test/sandbox/', '.int.test.ts'];

/** The slow files first, so that no worker ends alone with one of them. */
export default class SlowFirst {
  sort(tests) {
    const rank = ({ path }) => {
      const at = slowness.findIndex((part) => path.includes(part));
      return at === -1 ? slowness.length : at;
    };
    return tests.toSorted((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}

  shard(tests) {
    return tests;
  }
}
