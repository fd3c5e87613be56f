/** A Hugging Face model folder, read and checked; weights stay on disk. */
import { readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { InferenceError } from '../errors.ts'
import { readSafetensors, type StoredTensor } from './safetensors.ts'

/** What turns text into token ids. */
export interface TextFiles {
  /** Under which the model is served: `org/name` in a Hugging Face cache, else the folder's own name. */
  name: string
  path: string
  tokenizer: unknown
  tokenizerConfig: unknown
  /** The one that was given, or chat_template.jinja; null without either. */
  chatTemplate: string | null
  /** Path of a ready-made ONNX model; null where there are weights in safetensors format. */
  graph: string | null
}

export interface ModelFolder extends TextFiles {
  config: unknown
  /** Null where the folder has no generation_config.json. */
  generationConfig: unknown
  tensors: ReadonlyMap<string, StoredTensor>
}

/** LLaMA-Factory's, beside the weights of the model that the head stands on. */
export const valueHeadFile = 'value_head.safetensors'

const Index = z.object({ weight_map: z.record(z.string(), z.string()) })

/**
 * Reads a folder, with `chatTemplate` in place of its own template if given. Throws an
 * `InferenceError` that names the file that is missing or cannot be read.
 */
export async function readModelFolder(folder: string, chatTemplate?: string): Promise<ModelFolder> {
  const path = resolve(folder)
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isDirectory()) {
    throw new InferenceError(
      'model',
      `there is no model folder at ${path}; give the folder that holds config.json`,
    )
  }
  const [config, generationConfig, tokenizer, tokenizerConfig, ownTemplate] = await Promise.all([
    readJson(path, 'config.json'),
    readJson(path, 'generation_config.json'),
    readJson(path, 'tokenizer.json'),
    readJson(path, 'tokenizer_config.json'),
    readText(path, 'chat_template.jinja'),
  ])
  if (config === null) {
    throw new InferenceError(
      'model',
      `${path} has no config.json; give the folder of a Hugging Face model`,
    )
  }
  if (tokenizer === null) {
    throw new InferenceError(
      'model',
      `${path} has no tokenizer.json; save it with transformers' save_pretrained of a fast tokenizer`,
    )
  }
  return {
    name: servedName(path),
    path,
    config,
    generationConfig,
    tokenizer,
    tokenizerConfig: tokenizerConfig ?? {},
    chatTemplate: chatTemplate ?? ownTemplate,
    ...(await readWeights(path)),
  }
}

/** A folder in a Hugging Face cache, `models--org--name/snapshots/<commit>`, is called by its commit. */
function servedName(path: string): string {
  const [, inCache] = /[\\/]models--([^\\/]+)[\\/]snapshots[\\/][^\\/]+$/.exec(path) ?? []
  return inCache?.replaceAll('--', '/') ?? basename(path)
}

const single = 'model.safetensors'
const graphs = ['model.onnx', join('onnx', 'model.onnx')]

async function readWeights(path: string): Promise<Pick<ModelFolder, 'tensors' | 'graph'>> {
  const tensors = (await readShards(path)) ?? (await readIfThere(path, single))
  if (tensors !== null) {
    const head = await readIfThere(path, valueHeadFile)
    return { tensors: new Map([...tensors, ...(head ?? [])]), graph: null }
  }
  for (const name of graphs) {
    if (await isThere(path, name)) return { tensors: new Map(), graph: join(path, name) }
  }
  throw new InferenceError(
    'model',
    `${path} has no ${single}, no ${single}.index.json and no model.onnx; download the weights in safetensors format`,
  )
}

const isThere = async (path: string, name: string) =>
  (await stat(join(path, name)).catch(() => null)) !== null

const readIfThere = async (path: string, name: string) =>
  (await isThere(path, name)) ? readSafetensors(join(path, name)) : null

/** The tensors of the files that the index names; null where there is no index. */
async function readShards(path: string): Promise<Map<string, StoredTensor> | null> {
  const json = await readJson(path, 'model.safetensors.index.json')
  if (json === null) return null
  const index = Index.safeParse(json)
  if (!index.success) {
    throw new InferenceError(
      'model',
      `${path}: model.safetensors.index.json is damaged: it has no weight_map; download it again`,
    )
  }
  const names = [...new Set(Object.values(index.data.weight_map))]
  const stray = names.find((name) => !/^[\w.-]+\.safetensors$/.test(name))
  if (stray !== undefined) {
    throw new InferenceError(
      'model',
      `${path}: model.safetensors.index.json names ${JSON.stringify(stray)}, which is no file of weights in its folder`,
    )
  }
  const shards = new Map(
    await Promise.all(
      names.map(async (name) => [name, await readSafetensors(join(path, name))] as const),
    ),
  )
  const tensors = new Map([...shards.values()].flatMap((shard) => Array.from(shard)))
  for (const [name, shard] of Object.entries(index.data.weight_map)) {
    const tensor = shards.get(shard)?.get(name)
    if (tensor === undefined) {
      throw new InferenceError(
        'model',
        `${path}: model.safetensors.index.json places ${name} in ${shard}, which has none such; download both again`,
      )
    }
    tensors.set(name, tensor)
  }
  return tensors
}

async function readText(path: string, name: string): Promise<string | null> {
  try {
    return await readFile(join(path, name), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw new InferenceError('model', `${join(path, name)} cannot be read; check its permissions`, {
      cause: error,
    })
  }
}

async function readJson(path: string, name: string): Promise<unknown> {
  const text = await readText(path, name)
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InferenceError('model', `${join(path, name)} is not valid JSON; download it again`, {
      cause,
    })
  }
}
