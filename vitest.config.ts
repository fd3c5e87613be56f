import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { jobSettings } from './tests/workerd/job-settings.ts'

/** Rooms that are tested without a client. */
const rooms =
  'tests/{house,shared,host,api,inference,reward-service,local-policy,models,gpu,deploy}/**/*.test.ts'

/** They change or count what belongs to the whole process: its console, `fetch`, clock, environment or heap. */
const alone = [
  'tests/api/{crowd,cursor,holes,policy-url,secrets}.test.ts',
  'tests/host/{cuda-report,download-progress,hub}.test.ts',
]

export default defineConfig({
  test: {
    // Most tests wait for processes and browsers, so more of them than there are cores go on at once.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'rooms',
          include: [rooms],
          exclude: alone,
          setupFiles: ['./tests/property-seed.ts'],
          testTimeout: 30_000,
          // A process for many files: to load the API anew for each would take a minute.
          isolate: false,
        },
      },
      {
        test: {
          name: 'alone',
          include: alone,
          setupFiles: ['./tests/property-seed.ts'],
          testTimeout: 30_000,
        },
      },
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: './wrangler.toml' },
            // Of what works on jobs, which no test can hand its own.
            miniflare: { bindings: jobSettings(inject) },
          })),
        ],
        test: {
          name: 'workerd',
          include: ['tests/workerd/**/*.test.ts'],
          globalSetup: ['./tests/workerd/upstream.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'clients',
          include: ['tests/{cli,web}/**/*.test.ts'],
          setupFiles: ['./tests/property-seed.ts'],
          testTimeout: 60_000,
          isolate: false,
          // A page shows a thing when it has drawn it: what reads it waits for that.
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        // The whole house as a user starts it; one file at a time, since each needs both cores.
        test: {
          name: 'system',
          include: ['tests/system/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          expect: { poll: { timeout: 20_000 } },
          fileParallelism: false,
        },
      },
    ],
  },
})
