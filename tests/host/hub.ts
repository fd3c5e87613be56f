/** Models of the tests as the hub has them, and what an empty machine fetches of them. */
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseHubModel } from '../../host/hub/id.ts'
import { type CheckModel, hubSnapshot } from '../../host/hub/snapshot.ts'
import { blobName, type FakeRepo } from '../fakes/fake-hub.ts'
import { fixture } from '../inference/fixtures.ts'

export const commit = 'c0ffee'.repeat(7).slice(0, 40)
export const weights = 'model.safetensors'

/** A repository with a model and what else people put beside one. */
export function repoOf(id: string, name: string): FakeRepo {
  const folder = fixture(name)
  const own = readdirSync(folder).filter((file) => file !== 'expected.json')
  const beside = [
    '.gitattributes',
    'README.md',
    'modeling_custom.py',
    'optimizer.pt',
    'pytorch_model.bin',
    'consolidated.safetensors',
    'pytorch_model-00001-of-00002.bin',
    'flax_model.msgpack',
    'model.onnx',
    'model.onnx_data',
    'onnx/model.onnx',
    'onnx/model_quantized.onnx',
    'gguf/model-q4.gguf',
    'model-q4.gguf',
    'original/consolidated.00.pth',
    'original/tokenizer.model',
  ]
  return {
    id,
    files: new Map([
      ...beside.map((path) => [path, Buffer.from(`not needed: ${path}`)] as const),
      ...own.map((path) => [path, readFileSync(join(folder, path))] as const),
    ]),
    revisions: { main: commit },
  }
}

export function contents({ files }: FakeRepo, path: string): Buffer {
  const bytes = files.get(path)
  if (bytes === undefined) throw new Error(`the repository has no ${path}`)
  return bytes
}

/** A machine that has fetched nothing yet, as its environment. */
export const emptyMachine = (endpoint: string) => ({
  HF_ENDPOINT: endpoint,
  HF_HOME: mkdtempSync(join(tmpdir(), 'tpo-hub-')),
  HF_HUB_CACHE: undefined,
  HUGGINGFACE_HUB_CACHE: undefined,
  HF_TOKEN: undefined,
  HF_TOKEN_PATH: undefined,
  HF_HUB_OFFLINE: undefined,
  HF_HUB_DOWNLOAD_TIMEOUT: undefined,
})

/** Fetches a model in this process, with what it prints. */
export async function fetchModel(
  setting: string,
  check: CheckModel = () => {},
): Promise<{ folder: string; printed: string }> {
  const model = parseHubModel(setting)
  if (model === undefined) throw new Error(`${setting} is no hub id`)
  let printed = ''
  const folder = await hubSnapshot(model, check, { write: (text) => (printed += text) })
  return { folder, printed }
}

export const cacheOf = (home: string, id: string) =>
  join(home, 'hub', `models--${id.replace('/', '--')}`)

/** Where a file's contents lie in the cache. */
export const blobOf = (home: string, repo: FakeRepo, path: string) =>
  join(cacheOf(home, repo.id), 'blobs', blobName(path, contents(repo, path)))

/** Size of a file, or 0. */
export const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0
