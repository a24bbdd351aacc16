/** Ends a test run with what ran on less than it should, and one plain line, so that scripts can read how it went. */
export default class ClosingLine {
  onRunComplete(
    _contexts,
    { numPassedTests, numFailedTests, numFailedTestSuites, numRuntimeErrorTestSuites, testResults },
  ) {
    // A file that could not even be loaded has no tests to count, and is a failure all the same.
    const failed = numFailedTests + Math.min(numFailedTestSuites, numRuntimeErrorTestSuites);
    const lines = [...withoutValkey(testResults), `${numPassedTests} passed, ${failed} failed`];
    // Jest's own summary comes after its reporters.
    process.once('exit', () => process.stdout.write(`\n${lines.join('\n')}\n`));
  }
}

/** Tests that play on every kind of Redis that is here name it; Valkey is not everywhere. */
function withoutValkey(files) {
  const names = files.flatMap(({ testResults }) => testResults.map(({ fullName }) => fullName));
  const onRedis = names.filter((name) => name.includes('redis-server'));
  if (onRedis.length === 0 || names.some((name) => name.includes('valkey-server'))) return [];
  return [
    `NOT TESTED ON VALKEY: ${onRedis.length} tests ran on redis-server alone, as valkey-server is not on the PATH (Debian 13: apt-get install valkey-server; Debian 12: the same from bookworm-backports).`,
  ];
}
