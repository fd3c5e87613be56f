/** Looks at a reward model, at what it could run on, and whether it does. */
import { statSync } from 'node:fs'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { architectureOf, readClassifierConfig } from '../../inference/model/config.ts'
import { type ModelFolder, readModelFolder } from '../../inference/model/folder.ts'
import { passBytesPerToken, weightBytes, weightsAreMapped } from '../../inference/model/memory.ts'
import { targetOf } from '../../inference/runtime/target.ts'
import { loadRewardModel, type RewardModelOptions } from '../load.ts'
import { createScore } from '../score.ts'
import { type Need, type Place, placeLine } from './report.ts'

/** A GPU as its driver tells it. */
export interface Gpu {
  index: number
  name: string
  /** Bytes; undefined where it shares the machine's. */
  memory: { total: number; free: number } | undefined
}

/** What the model is, and a line for every device that it could run on. */
export async function examine(
  path: string,
  { chatTemplate }: Pick<RewardModelOptions, 'chatTemplate'>,
  gpus: readonly Gpu[],
): Promise<string[]> {
  const folder = await readModelFolder(path, chatTemplate)
  const cores = availableParallelism()
  const places: Place[] = [
    {
      target: targetOf('cpu', folder, 'auto'),
      label: `${cores} ${cores === 1 ? 'core' : 'cores'}`,
      memory: { total: totalmem(), free: freemem() },
    },
    ...gpus.map(({ index, name, memory }) => ({
      target: targetOf(`cuda:${index}`, folder, 'auto'),
      label: name,
      memory,
    })),
  ]
  return [modelLine(folder), ...places.map((place) => placeLine(place, needOf(folder, place)))]
}

function modelLine(folder: ModelFolder): string {
  const { graph, tensors, config, name } = folder
  if (graph !== null) return `${name}: ${architectureOf(config)}, a ready-made graph`
  const { decoder } = readClassifierConfig(folder)
  const parameters = weightBytes(folder, 'F32') / 4
  const count =
    parameters < 1e9
      ? `${(parameters / 1e6).toFixed(1)} million`
      : `${(parameters / 1e9).toFixed(1)} billion`
  const types = [...new Set([...tensors.values()].map(({ dtype }) => dtype))].join(' and ')
  return `${name}: ${architectureOf(config)}, ${count} weights in ${types}, takes ${decoder.context} tokens`
}

function needOf(folder: ModelFolder, { target }: Place): Need {
  const { graph } = folder
  if (graph !== null) return { weights: statSync(graph).size, mapped: false, perToken: undefined }
  const { decoder } = readClassifierConfig(folder)
  return {
    weights: weightBytes(folder, target.type),
    mapped: weightsAreMapped(folder, target),
    perToken: passBytesPerToken(decoder, target.type),
  }
}

const question = 'What should a good answer have? '.repeat(12)
const answers = [1, 2, 3, 4, 5].map((part) => 'It should say what was asked for. '.repeat(2 * part))

/** Loads the model as the service would and scores a group; tells how that went. */
export async function tryOut(path: string, options: RewardModelOptions): Promise<string> {
  const began = performance.now()
  const model = await loadRewardModel(path, options)
  try {
    const seconds = (performance.now() - began) / 1000
    const sequences = answers.map((content, index) => ({
      path: `$.candidates[${index}]`,
      messages: [
        { role: 'user', content: question },
        { role: 'assistant', content },
      ],
    }))
    const { scored, timing } = await createScore(model)(sequences, new AbortController().signal, {
      truncate: true,
    })
    const tokens = scored.reduce((sum, one) => sum + one.tokens, 0)
    return `scores on ${model.provider} in ${model.dtype}: ready in ${seconds.toFixed(1)} s, then five answers to one question (${tokens} tokens, shared ones counted five times) in ${timing.model.toFixed(0)} ms`
  } finally {
    await model.close()
  }
}
