/** Models of the Hugging Face hub: fetched, kept, found again. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { modelFolder } from '../../host/hub/model-folder.ts'
import { checkModel } from '../../inference/model/config.ts'
import type { CheckModel } from '../../host/hub/snapshot.ts'
import { type FakeHub, type FakeRepo, startFakeHub } from '../fakes/fake-hub.ts'
import { fixture } from '../inference/fixtures.ts'
import {
  blobOf,
  cacheOf,
  commit,
  contents,
  emptyMachine,
  fetchModel,
  repoOf,
  sizeOf,
  weights,
} from './hub.ts'

const reward = repoOf('org/tiny-reward', 'tiny-reward-fp32')
const sharded = repoOf('org/tiny-policy', 'tiny-policy-fp16-tied')
const without = (id: string, path: string): FakeRepo => {
  const repo = repoOf(id, 'tiny-reward-fp32')
  repo.files.delete(path)
  return repo
}
const indexed = (id: string, shard: string): FakeRepo => {
  const repo = repoOf(id, 'tiny-reward-fp32')
  const index = { weight_map: { 'score.weight': shard } }
  repo.files.set('model.safetensors.index.json', Buffer.from(JSON.stringify(index)))
  return repo
}
/** A repository with these files of no use, and this graph in place of safetensors. */
const ready = (id: string, ...graph: string[]): FakeRepo => {
  const repo = repoOf(id, 'tiny-reward-fp32')
  for (const path of repo.files.keys()) {
    if (/safetensors|onnx/.test(path)) repo.files.delete(path)
  }
  for (const path of [...graph, 'onnx/model_quantized.onnx', 'pytorch_model.bin']) {
    repo.files.set(path, Buffer.from(`the bytes of ${path}`))
  }
  return repo
}
const ofClass = (id: string, architecture: string, repo = repoOf(id, 'tiny-reward-fp32')) => {
  const config: object = JSON.parse(contents(repo, 'config.json').toString())
  const changed = JSON.stringify({ ...config, architectures: [architecture] })
  repo.files.set('config.json', Buffer.from(changed))
  return repo
}
const headed = (id: string, fixture: string) => {
  const repo = repoOf(id, fixture)
  repo.files.set('value_head.safetensors', Buffer.from('a head'))
  return repo
}
const anyModel: CheckModel = () => {}
const older = '0'.repeat(40)
reward.revisions['v1'] = older
const pickled = without('org/pickled', weights)
for (const path of pickled.files.keys()) {
  if (path.includes('onnx')) pickled.files.delete(path)
}
const garbled = repoOf('org/garbled', 'tiny-reward-fp32')
garbled.files.set('config.json', Buffer.from('{'))

let hub: FakeHub
let home: string
beforeAll(async () => {
  hub = await startFakeHub(
    reward,
    sharded,
    pickled,
    ready('org/graph', 'model.onnx', 'model.onnx_data'),
    ready('org/graph-below', 'onnx/model.onnx', 'onnx/model.onnx.data'),
    ofClass('org/unheard-of-class', 'MambaForCausalLM'),
    ofClass(
      'org/sharded-class',
      'GPT2ForSequenceClassification',
      repoOf('org/sharded-class', 'tiny-qwen3-bf16-sharded'),
    ),
    headed('org/headed', 'tiny-policy-fp32'),
    headed('org/headed-shards', 'tiny-policy-fp16-tied'),
    garbled,
    without('org/no-tokenizer', 'tokenizer.json'),
    indexed('org/incomplete', 'model-00001-of-00001.safetensors'),
    indexed('org/astray', '../../../../stray.safetensors'),
  )
})
afterAll(() => hub.close())
beforeEach(() => {
  hub.behave({})
  const machine = emptyMachine(hub.url)
  home = machine.HF_HOME
  for (const [name, value] of Object.entries(machine)) vi.stubEnv(name, value)
  return () => vi.unstubAllEnvs()
})

const refusal = (setting: string, check = anyModel, name = 'StartError') =>
  fetchModel(setting, check).then(
    () => 'it was fetched',
    (error: unknown) => {
      expect(error).toHaveProperty('name', name)
      return error instanceof Error ? error.message : ''
    },
  )
const filesOf = (request: { url: string }) => /\/resolve\/[^/]+\/(.+)$/.exec(request.url)?.[1] ?? []
const weightRequests = () => hub.requests.filter(({ server, sent }) => server === 'cdn' && sent > 0)

test('fetches the files a model is loaded from, and no others', async () => {
  const { folder, printed } = await fetchModel(sharded.id)
  const wanted = [...sharded.files.keys()].filter((path) =>
    /^(config|generation_config|tokenizer|tokenizer_config|model.*)\.(json|safetensors|safetensors\.index\.json)$|jinja$/.test(
      path,
    ),
  )
  expect(wanted).toHaveLength(9)
  expect(readdirSync(folder).sort()).toEqual(wanted.sort())
  expect(hub.requests.flatMap(filesOf).sort()).toEqual(wanted)
  for (const path of wanted) {
    expect(readFileSync(join(folder, path)).equals(contents(sharded, path))).toBe(true)
  }
  expect(printed).toContain('tpo: fetching org/tiny-policy (main)')
  expect(printed).toMatch(/tpo: 100 % of 70 kB.*: org\/tiny-policy\n$/)
})

test.each([
  ['org/graph', ['model.onnx', 'model.onnx_data']],
  ['org/graph-below', ['onnx/model.onnx', 'onnx/model.onnx.data']],
])('of a model without safetensors, its graph: %s', async (id, graph) => {
  const { folder } = await fetchModel(id, checkModel('classifier'))
  const small = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja']
  expect(hub.requests.flatMap(filesOf).sort()).toEqual([...small, ...graph].sort())
  for (const path of graph) {
    expect(readFileSync(join(folder, path), 'utf8')).toBe(`the bytes of ${path}`)
  }
  hub.behave({})
  expect(await fetchModel(id)).toEqual({ folder, printed: '' })
  vi.stubEnv('HF_HUB_OFFLINE', '1')
  expect(await fetchModel(id)).toEqual({ folder, printed: '' })
  expect(hub.requests).toHaveLength(1)
})

test.each(['org/headed', 'org/headed-shards'])(
  'a value head beside the weights: %s',
  async (id) => {
    const { folder } = await fetchModel(id, checkModel('classifier'))
    expect(readFileSync(join(folder, 'value_head.safetensors'), 'utf8')).toBe('a head')
    vi.stubEnv('HF_HUB_OFFLINE', '1')
    expect(await fetchModel(id)).toEqual({ folder, printed: '' })
  },
)

describe('what cannot run here is refused before a weight is asked for', () => {
  test.each([
    [
      'org/unheard-of-class',
      /^org\/unheard-of-class: the architecture MambaForCausalLM is not supported; supported are LlamaForSequenceClassification, .*LlamaForCausalLM as policies$/,
    ],
    ['org/sharded-class', /the architecture GPT2ForSequenceClassification is not supported/],
    [
      'org/tiny-policy',
      /^org\/tiny-policy holds a causal model without a value head \(value_head\.safetensors\); needed is a reward model/,
    ],
  ])('%s as a reward model', async (id, message) => {
    expect(await refusal(id, checkModel('classifier'), 'InferenceError')).toMatch(message)
    expect(hub.requests.flatMap(filesOf)).toEqual(['config.json'])
    expect(weightRequests()).toEqual([])
  })

  test('a graph as a policy', async () => {
    const message = await refusal('org/graph', checkModel('causal'), 'InferenceError')
    expect(message).toMatch(/^org\/graph has no model\.safetensors, which a policy is loaded from/)
    expect(hub.requests.flatMap(filesOf)).toEqual(['config.json'])
  })

  test('a config that is not JSON', async () => {
    expect(await refusal('org/garbled')).toMatch(/config\.json is not valid JSON; choose another/)
    expect(hub.requests.flatMap(filesOf)).toEqual(['config.json'])
  })
})

test('lays them out as every Hugging Face tool does', async () => {
  const { folder } = await fetchModel(reward.id)
  expect(folder).toBe(join(cacheOf(home, reward.id), 'snapshots', commit))
  for (const name of readdirSync(folder)) {
    const target = join('..', '..', 'blobs', blobOf(home, reward, name).split('/').at(-1) ?? '')
    expect(readlinkSync(join(folder, name))).toBe(target)
  }
  expect(readFileSync(join(cacheOf(home, reward.id), 'refs', 'main'), 'utf8')).toBe(commit)
  expect(readdirSync(join(cacheOf(home, reward.id), 'blobs')).join(' ')).not.toContain('incomplete')
})

test('honours HF_HUB_CACHE and a revision', async () => {
  vi.stubEnv('HF_HUB_CACHE', join(home, 'elsewhere'))
  const { folder } = await fetchModel(`${reward.id}@v1`)
  expect(folder).toBe(join(home, 'elsewhere/models--org--tiny-reward/snapshots', older))
  const again = await fetchModel(`${reward.id}@${older}`)
  expect(again.folder).toBe(folder)
  expect(readdirSync(join(folder, '../../refs'))).toEqual(['v1'])
})

test('a second start asks which commit is current, and nothing else', async () => {
  await fetchModel(reward.id)
  hub.behave({})
  const { printed } = await fetchModel(reward.id)
  expect(hub.requests.map(({ url }) => url.split('?')[0])).toEqual([
    '/api/models/org/tiny-reward/revision/main',
  ])
  expect(printed).toBe('')
})

test('another commit with the same weights fetches none of them again', async () => {
  await fetchModel(`${reward.id}@v1`)
  hub.behave({})
  const { folder } = await fetchModel(reward.id)
  expect(weightRequests()).toEqual([])
  expect(sizeOf(join(folder, weights))).toBe(contents(reward, weights).length)
})

describe('a connection that breaks', () => {
  const after = 50_000
  const rest = contents(reward, weights).length - after

  test('is opened again for what is left', async () => {
    hub.behave({ hold: { path: weights, after } })
    const fetched = fetchModel(reward.id)
    const part = `${blobOf(home, reward, weights)}.incomplete`
    await expect.poll(() => sizeOf(part), { timeout: 20_000 }).toBe(after)
    hub.drop()
    const { folder } = await fetched
    expect(weightRequests().slice(-2)).toMatchObject([
      { range: 'bytes=0-', sent: after },
      { range: `bytes=${after}-`, sent: rest },
    ])
    const bytes = readFileSync(join(folder, weights))
    expect(bytes.equals(contents(reward, weights))).toBe(true)
  })

  test('one that stays broken is one clear line', async () => {
    hub.behave({ hold: { path: weights, after } })
    const refused = refusal(reward.id)
    const part = `${blobOf(home, reward, weights)}.incomplete`
    await expect.poll(() => sizeOf(part), { timeout: 20_000 }).toBe(after)
    hub.behave({ status: 502 })
    hub.drop()
    expect(await refused).toMatch(
      /^the download of model\.safetensors broke off \(127\.0\.0\.1:\d+ answers with status 502, try again later\); start again to go on from there$/,
    )
    expect(sizeOf(part)).toBe(after)
  })

  test('so is one that falls silent', async () => {
    vi.stubEnv('HF_HUB_DOWNLOAD_TIMEOUT', '0.3')
    hub.behave({ hold: { path: weights, after } })
    await fetchModel(reward.id)
    expect(weightRequests().at(-1)).toMatchObject({ range: `bytes=${after}-`, sent: rest })
  })

  test('a server that knows no ranges begins again', async () => {
    hub.behave({ ignoresRange: true })
    const part = `${blobOf(home, reward, weights)}.incomplete`
    mkdirSync(join(part, '..'), { recursive: true })
    writeFileSync(part, contents(reward, weights).subarray(0, after))
    const { folder } = await fetchModel(reward.id)
    expect(weightRequests().at(-1)).toMatchObject({ sent: after + rest })
    const bytes = readFileSync(join(folder, weights))
    expect(bytes.equals(contents(reward, weights))).toBe(true)
  })

  test('a part that is longer than the file is thrown away', async () => {
    const part = `${blobOf(home, reward, weights)}.incomplete`
    mkdirSync(join(part, '..'), { recursive: true })
    writeFileSync(part, Buffer.alloc(after + rest + 1))
    await fetchModel(reward.id)
    expect(weightRequests().at(-1)).toMatchObject({ range: 'bytes=0-' })
  })
})

test.each([
  [weights, 'SHA-256'],
  ['config.json', 'Git hash'],
])('other bytes than promised are deleted: %s', async (path, hash) => {
  hub.behave({ corrupts: path })
  expect(await refusal(reward.id)).toBe(
    `${path} came with other contents than the hub promises (its ${hash} differs), so it was deleted; start again to fetch it anew`,
  )
  const blob = blobOf(home, reward, path)
  expect([existsSync(blob), existsSync(`${blob}.incomplete`)]).toEqual([false, false])
  hub.behave({})
  const { folder } = await fetchModel(reward.id)
  expect(readFileSync(join(folder, path)).equals(contents(reward, path))).toBe(true)
})

test('a rotten part is found out, not built upon', async () => {
  const part = `${blobOf(home, reward, weights)}.incomplete`
  mkdirSync(join(part, '..'), { recursive: true })
  writeFileSync(part, 'rotten')
  expect(await refusal(reward.id)).toContain('other contents than the hub promises')
  expect(existsSync(part)).toBe(false)
})

describe('a model that wants a token', () => {
  const token = 'hf_abcdefghijklmnop'
  const page = () => `${hub.url}/org/tiny-reward`

  test('gated: says where to accept its licence', async () => {
    hub.behave({ token, gated: true })
    expect(await refusal(reward.id)).toBe(
      `org/tiny-reward is gated: accept its licence at ${page()} and set HF_TOKEN to a token of that account (${hub.url}/settings/tokens)`,
    )
  })

  test('private: says that it may not exist', async () => {
    hub.behave({ token })
    expect(await refusal(reward.id)).toContain('is private or gated, or does not exist')
  })

  test('a token without access is not shown', async () => {
    vi.stubEnv('HF_TOKEN', 'hf_of_another_account')
    hub.behave({ token, gated: true })
    const message = await refusal(reward.id)
    expect(message).toContain(`does not let this token have org/tiny-reward`)
    expect(message).not.toContain('hf_')
  })

  test.each(['HF_TOKEN', 'a file'])(
    'is given %s, which the file server never sees',
    async (way) => {
      if (way === 'HF_TOKEN') vi.stubEnv('HF_TOKEN', token)
      else writeFileSync(join(home, 'token'), `${token}\n`)
      hub.behave({ token, straysTo: 'cdn' })
      const { printed } = await fetchModel(reward.id)
      expect(printed).not.toContain(token)
      const seenBy = (server: string) => [
        ...new Set(hub.requests.filter((r) => r.server === server).map((r) => r.authorization)),
      ]
      expect(seenBy('hub')).toEqual([`Bearer ${token}`])
      expect(seenBy('cdn')).toEqual([undefined])
    },
  )

  test('a token that cannot be one is not shown either', async () => {
    vi.stubEnv('HF_TOKEN', 'hf_abc\ndef')
    expect(await refusal(reward.id)).toMatch(/^HF_TOKEN holds characters/)
  })
})

test.each([
  ['a model without safetensors', 'org/pickled', /has no weights in safetensors format/],
  ['a model without a tokenizer', 'org/no-tokenizer', /has no tokenizer\.json/],
  ['an unknown revision', 'org/tiny-reward@v9', /^org\/tiny-reward has no revision v9; http/],
])('%s is refused before anything is fetched', async (_, setting, message) => {
  expect(await refusal(setting)).toMatch(message)
  expect(hub.requests).toHaveLength(1)
})

test('an index that names a file that is not there, or a way out of the folder', async () => {
  expect(await refusal('org/incomplete')).toBe(
    'org/incomplete has no model-00001-of-00001.safetensors, which its own index names',
  )
  expect(await refusal('org/astray')).toMatch(/index\.json does not name the model's weight files/)
})

test('an unknown model is one clear line', async () => {
  vi.stubEnv('HF_TOKEN', 'hf_any')
  expect(await refusal('org/unheard-of')).toMatch(
    /^there is no model org\/unheard-of on 127\.0\.0\.1:\d+, and no folder of that name here/,
  )
})

describe('without the hub', () => {
  const nowhere = 'http://127.0.0.1:9'

  test('HF_HUB_OFFLINE takes the cache and asks nothing', async () => {
    const { folder } = await fetchModel(sharded.id)
    hub.behave({})
    vi.stubEnv('HF_HUB_OFFLINE', '1')
    expect(await fetchModel(sharded.id)).toEqual({ folder, printed: '' })
    expect(await fetchModel(`${sharded.id}@${commit}`)).toEqual({ folder, printed: '' })
    expect(hub.requests).toEqual([])
  })

  test('HF_HUB_OFFLINE names the file that the cache lacks', async () => {
    const { folder } = await fetchModel(sharded.id)
    rmSync(join(folder, 'model-00002-of-00003.safetensors'))
    vi.stubEnv('HF_HUB_OFFLINE', 'true')
    expect(await refusal(sharded.id)).toBe(
      `the cache lacks model-00002-of-00003.safetensors of org/tiny-policy (${folder}); unset HF_HUB_OFFLINE to fetch it`,
    )
    expect(await refusal(reward.id)).toBe(
      'the cache has no revision main of org/tiny-reward; unset HF_HUB_OFFLINE to fetch it',
    )
  })

  test('a hub out of reach is one clear line, or the cache as it is', async () => {
    vi.stubEnv('HF_ENDPOINT', nowhere)
    const message = /^127\.0\.0\.1:9 cannot be reached \(.+\); check the network and HF_ENDPOINT$/
    expect(await refusal(reward.id)).toMatch(message)
    vi.stubEnv('HF_ENDPOINT', hub.url)
    const { folder } = await fetchModel(reward.id)
    vi.stubEnv('HF_ENDPOINT', nowhere)
    const again = await fetchModel(reward.id)
    expect(again.folder).toBe(folder)
    expect(again.printed).toMatch(
      /^tpo: .*; going on with org\/tiny-reward as it is in the cache\n$/,
    )
  })

  test('an overloaded hub, and something that is no hub', async () => {
    hub.behave({ status: 503 })
    expect(await refusal(reward.id)).toMatch(/answers with status 503, try again later$/)
    hub.behave({ status: 200 })
    expect(await refusal(reward.id)).toMatch(/does not answer like a Hugging Face hub/)
  })

  test.each(['ftp://hub.example', 'https://user:pass@hub.example'])(
    'HF_ENDPOINT=%s is refused, unshown',
    async (endpoint) => {
      vi.stubEnv('HF_ENDPOINT', endpoint)
      expect(await refusal(reward.id)).toBe(
        'HF_ENDPOINT must be an http:// or https:// address without a password',
      )
    },
  )
})

test('the lock of a machine that is gone holds nobody up', async () => {
  const lock = join(home, 'hub/.locks/models--org--tiny-reward/tpo-edge.lock')
  mkdirSync(join(lock, '..'), { recursive: true })
  writeFileSync(lock, JSON.stringify({ pid: process.pid, host: 'another-machine' }))
  utimesSync(lock, 0, 0)
  await fetchModel(reward.id)
  expect(existsSync(lock)).toBe(false)
})

describe('a disk', () => {
  test('that is too small is noticed before it is filled', async () => {
    hub.behave({ claims: 1e15 })
    expect(await refusal(reward.id)).toMatch(
      /^org\/tiny-reward needs 1000000\.0 GB more, but .* has [\d.]+ [GM]B free; free some, or set HF_HOME/,
    )
    expect(weightRequests().filter(({ sent }) => sent > 20_000)).toEqual([])
  })

  test.runIf(existsSync('/dev/full'))('that is full says so', async () => {
    const part = `${blobOf(home, reward, weights)}.incomplete`
    mkdirSync(join(part, '..'), { recursive: true })
    symlinkSync('/dev/full', part)
    expect(await refusal(reward.id)).toMatch(/^the disk of .* is full; free some space and start/)
  })

  test('that cannot be written says so', async () => {
    writeFileSync(join(home, 'file'), '')
    vi.stubEnv('HF_HUB_CACHE', join(home, 'file'))
    expect(await refusal(reward.id)).toMatch(/file cannot be written \(\w+\); set HF_HOME to/)
  })
})

test('a setting is a folder, a model of the hub, or refused', async () => {
  const folder = fixture('tiny-reward-fp32')
  expect(await modelFolder(folder, 'nano-reward', anyModel)).toBe(folder)
  expect(await modelFolder(undefined, 'nano-reward', anyModel)).toMatch(/models.nano-reward$/)
  const fetched = await modelFolder(reward.id, 'nano-reward', anyModel)
  expect(fetched).toBe(join(cacheOf(home, reward.id), 'snapshots', commit))
  for (const wrong of [
    'name',
    '/nowhere/model',
    './org/name',
    'org/..',
    'a/b@../c',
    'a/b/c',
    'a/b@',
  ]) {
    await expect(modelFolder(wrong, 'nano-reward', anyModel)).rejects.toThrow(
      /^there is no model folder at \//,
    )
  }
})
