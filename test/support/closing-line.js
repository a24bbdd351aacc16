/** Ends a test run with one plain line, so that scripts can read how it went. */
export default class ClosingLine {
  onRunComplete(
    _contexts,
    { numPassedTests, numFailedTests, numFailedTestSuites, numRuntimeErrorTestSuites },
  ) {
    // A file that could not even be loaded has no tests to count, and is a failure all the same.
    const failed = numFailedTests + Math.min(numFailedTestSuites, numRuntimeErrorTestSuites);
    // Jest's own summary comes after its reporters.
    process.once('exit', () =>
      process.stdout.write(`\n${numPassedTests} passed, ${failed} failed\n`),
    );
  }
}
