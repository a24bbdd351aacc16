export default {
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' } }],
  },
  // A third of the time tests wait: for servers to start, locks to run out, hosts to answer.
  maxWorkers: 3,
  globalSetup: '<rootDir>/test/support/shared/set-up.js',
  globalTeardown: '<rootDir>/test/support/shared/tear-down.js',
  testSequencer: '<rootDir>/test/support/sequencer.js',
  testTimeout: 30_000,
  reporters: ['default', '<rootDir>/test/support/closing-line.js'],
};
