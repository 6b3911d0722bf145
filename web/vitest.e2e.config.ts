import { defineConfig } from 'vitest/config';

// Journeys in a real Chromium against the shipped binary: RAPPORT_BIN=… npm run e2e (or RAPPORT_URL=… for one that runs already).
export default defineConfig({
  test: {
    environment: 'node',
    include: ['e2e/**/*.e2e.ts'],
    globalSetup: 'e2e/server.ts',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    bail: 0,
    // Browser, server and database share few cores with whatever else the machine does: once more, and the report says so.
    retry: 1,
  },
});
