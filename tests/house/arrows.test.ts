import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

/** Which rooms a room may import, as docs/architecture.md draws it. */
const rooms: Record<string, readonly string[]> = {
  shared: [],
  inference: [],
  host: ['shared'],
  api: ['shared'],
  'reward-service': ['inference', 'shared'],
  'local-policy': ['inference', 'shared'],
  clients: ['shared'],
}

/** Entry files run a room on Node: they alone may use the host. */
const nodeEntries = new Set([
  'api/node.ts',
  'api/queue-worker.ts',
  'reward-service/server.ts',
  'reward-service/doctor.ts',
  'local-policy/server.ts',
])

/** Rooms that run on the edge and in browsers: no Node built-ins, and only these packages. */
const edgePackages: Record<string, readonly string[]> = {
  shared: ['zod', 'eventsource-parser', 'hono', '@opentelemetry/api'],
  api: [
    'zod',
    'hono',
    '@hono/zod-openapi',
    '@huggingface/jinja',
    '@opentelemetry/api',
    '@opentelemetry/core',
    '@opentelemetry/otlp-transformer',
    '@opentelemetry/resources',
    '@opentelemetry/sdk-trace',
    'openai',
    'eventsource-parser',
  ],
  'clients/web': ['preact', '@preact/signals', 'zod', 'diff', 'idb', 'marked'],
  'clients/common': ['zod'],
}

/** Files that only one runtime loads, which of the API's load them, and what they may use of it. */
const runtimeFiles: Record<string, { uses: string; loadedBy: readonly string[] }> = {
  'api/redis.ts': {
    uses: '@redis/client',
    loadedBy: [
      'api/replay/redis.ts',
      'api/jobs/queue/engine.ts',
      'api/jobs/queue/ledger.ts',
      'api/jobs/queue/outages.ts',
      'api/jobs/queue/queue.ts',
      'api/jobs/queue/service.ts',
      'api/jobs/queue/worker.ts',
    ],
  },
  'api/replay/redis.ts': { uses: '@redis/client', loadedBy: ['api/replay/configured.ts'] },
  'api/replay/configured.ts': {
    uses: '@redis/client',
    loadedBy: ['api/node.ts', 'api/queue-worker.ts'],
  },
  'api/jobs/queue/queue.ts': {
    uses: 'bullmq',
    loadedBy: ['api/jobs/queue/engine.ts', 'api/jobs/queue/worker.ts'],
  },
  'api/jobs/queue/worker.ts': { uses: 'bullmq', loadedBy: ['api/jobs/queue/service.ts'] },
  'api/jobs/queue/engine.ts': {
    uses: 'bullmq',
    loadedBy: ['api/jobs/configured.ts', 'api/jobs/queue/service.ts'],
  },
  'api/jobs/queue/service.ts': { uses: 'bullmq', loadedBy: ['api/queue-worker.ts'] },
  'api/jobs/configured.ts': { uses: 'bullmq', loadedBy: ['api/node.ts'] },
  'shared/config-file.ts': { uses: 'yaml', loadedBy: [] },
  'api/telemetry/worker-context.ts': {
    uses: 'node:async_hooks',
    loadedBy: ['api/telemetry/worker.ts'],
  },
  'api/jobs/workflows/job-queue.ts': { uses: 'cloudflare:workers', loadedBy: ['api/worker.ts'] },
  'api/jobs/workflows/question-workflow.ts': {
    uses: 'cloudflare:workers',
    loadedBy: ['api/worker.ts'],
  },
  'api/replay/replay-object.ts': { uses: 'cloudflare:workers', loadedBy: ['api/worker.ts'] },
}

const root = resolve(import.meta.dirname, '../..')

function sources(room: string): string[] {
  return readdirSync(join(root, room), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('/dist/') && !file.endsWith('vite.config.ts'))
}

function imports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const statements = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"\n]+)['"]/g)
  return [...statements].map((match) => match[1] ?? '')
}

const roomOf = (file: string) => file.split('/')[0] ?? ''

test.each(Object.keys(rooms))('%s imports only the rooms below it', (room) => {
  const wrong = sources(room).flatMap((file) => {
    const allowed = new Set([
      room,
      ...(rooms[room] ?? []),
      ...(nodeEntries.has(file) ? ['host'] : []),
    ])
    return imports(file)
      .filter((name) => name.startsWith('.'))
      .map((name) => relative(root, resolve(root, file, '..', name)))
      .filter((target) => !allowed.has(roomOf(target)))
      .map((target) => `${file} → ${target}`)
  })
  expect(wrong).toEqual([])
})

test.each(Object.keys(edgePackages))('%s uses nothing that the edge has not', (room) => {
  const allowed = edgePackages[room] ?? []
  const wrong = sources(room)
    .filter((file) => !nodeEntries.has(file))
    .flatMap((file) =>
      imports(file)
        .filter((name) => !name.startsWith('.'))
        .filter((name) => !allowed.some((known) => name === known || name.startsWith(`${known}/`)))
        .filter((name) => name !== runtimeFiles[file]?.uses)
        .map((name) => `${file} → ${name}`),
    )
  expect(wrong).toEqual([])
})

test.each(Object.entries(runtimeFiles))(
  '%s is loaded only on its runtime',
  (target, { loadedBy }) => {
    const loaders = sources('api').filter((file) =>
      imports(file).some((name) => relative(root, resolve(root, file, '..', name)) === target),
    )
    expect(loaders).toEqual(loadedBy)
  },
)
