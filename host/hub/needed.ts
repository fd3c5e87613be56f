/** Which files of a repository a model is loaded from. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { StartError } from '../entry.ts'
import type { HubModel } from './id.ts'

export const smallFiles = {
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  index: 'model.safetensors.index.json',
} as const

const singleFile = 'model.safetensors'
/** Where a ready-made graph lies. */
const graphFiles = ['model.onnx', 'onnx/model.onnx']
/** The weights of a graph that holds them not itself, as exporters name them. */
const dataOf = (graph: string) => [`${graph}_data`, `${graph}.data`]
/** What some trainers put beside the weights, for a model that becomes a reward model by it. */
const valueHead = 'value_head.safetensors'
const others =
  /^(generation_config\.json|tokenizer[\w.-]*\.json|special_tokens_map\.json|golden\.json|chat_template\.jinja)$/

/** All names that weights are looked for under, the index among them. */
export const weightNames: readonly string[] = [
  smallFiles.index,
  singleFile,
  valueHead,
  ...graphFiles.flatMap((graph) => [graph, ...dataOf(graph)]),
]

/**
 * Everything needed but the weights. Throws a `StartError` when the repository holds no model that
 * can be loaded, before anything large is fetched.
 */
export function neededSmallFiles({ id }: HubModel, paths: readonly string[]): string[] {
  const known: readonly string[] = Object.values(smallFiles)
  const needed = paths.filter((path) => known.includes(path) || others.test(path))
  for (const path of [smallFiles.config, smallFiles.tokenizer]) {
    if (!needed.includes(path)) {
      throw new StartError(`${id} has no ${path}, which every model here is loaded from`)
    }
  }
  if (!needed.includes(smallFiles.index) && !paths.includes(unindexed(paths)[0] ?? '')) {
    throw new StartError(
      `${id} has no weights in safetensors format (${singleFile}) and no model.onnx; choose a model or revision that has`,
    )
  }
  return needed
}

const Index = z.object({
  // A name only, never a way out of the folder.
  weight_map: z.record(z.string(), z.string().regex(/^[\w.-]+\.safetensors$/)),
})

/**
 * The weight files, of a model that has these paths: those that the index in this folder names, or
 * else the single one, or else a ready-made graph.
 */
export async function weightFiles(folder: string, paths: readonly string[]): Promise<string[]> {
  const beside = paths.includes(valueHead) ? [valueHead] : []
  if (!paths.includes(smallFiles.index)) return [...unindexed(paths), ...beside]
  const file = join(folder, smallFiles.index)
  try {
    const { weight_map } = Index.parse(JSON.parse(await readFile(file, 'utf8')))
    return [...new Set([...Object.values(weight_map), ...beside])].sort()
  } catch (cause) {
    throw new StartError(`${file} does not name the model's weight files; it may be damaged`, {
      cause,
    })
  }
}

function unindexed(paths: readonly string[]): string[] {
  const graph = graphFiles.find((path) => paths.includes(path))
  if (graph === undefined || paths.includes(singleFile)) return [singleFile]
  return [graph, ...dataOf(graph)].filter((path) => paths.includes(path))
}
