/** Puts the tensors of a model folder into a graph, checked against config.json. */
import { dirname, relative, sep } from 'node:path'
import { InferenceError } from '../errors.ts'
import type { ModelFolder } from '../model/folder.ts'
import { elementType, type Graph } from './onnx/graph.ts'
import { isWeightType, type WeightType } from '../model/safetensors.ts'
import type { Target } from '../runtime/target.ts'

export interface Weights {
  /** The tensor as it is stored; `null` in a shape takes any size. Returns the graph's name. */
  stored: (name: string, shape: readonly (number | null)[]) => string
  /** For which the graph is made. */
  target: Target
  /** The tensor in the type that is computed in. */
  computed: (name: string, shape: readonly (number | null)[]) => string
  /** Shape of a tensor; throws where there is none. */
  shape: (name: string) => readonly number[]
}

/** The folder to give to the session: the closest one that holds every weight file. */
export function weightsDirectory(folder: ModelFolder): string {
  const [first = [], ...rest] = [
    ...new Set([...folder.tensors.values()].map(({ file }) => dirname(file))),
  ].map((directory) => directory.split(sep))
  const shared = rest.reduce((common, parts) => {
    const end = common.findIndex((part, index) => part !== parts[index])
    return end === -1 ? common : common.slice(0, end)
  }, first)
  return shared.join(sep) || sep
}

/**
 * Weights for a part of the graph that computes in the target's type. Throws an `InferenceError` on a tensor
 * that is missing, of another shape or of another type.
 */
export function weightsOf(folder: ModelFolder, graph: Graph, target: Target): Weights {
  const { type } = target
  const directory = weightsDirectory(folder)
  const graphNames = new Map<string, string>()

  const find = (name: string) => {
    const tensor = folder.tensors.get(name)
    if (tensor === undefined) {
      throw new InferenceError(
        'model',
        `${folder.path}: the weights have no tensor ${name}, which config.json calls for; download the model again`,
      )
    }
    return tensor
  }

  const once = (key: string, make: () => string) => {
    const name = graphNames.get(key) ?? make()
    graphNames.set(key, name)
    return name
  }

  const checked = (name: string, shape: readonly (number | null)[]) => {
    const { file, dtype, offset, length, shape: actual } = find(name)
    const equal =
      actual.length === shape.length &&
      actual.every((size, index) => size === (shape[index] ?? size))
    if (!equal) {
      throw new InferenceError(
        'model',
        `${folder.path}: the tensor ${name} has the shape [${actual.join(', ')}], config.json calls for [${shape.map((size) => size ?? 'any').join(', ')}]; config.json and weights belong to different models`,
      )
    }
    if (!isWeightType(dtype)) {
      throw new InferenceError(
        'model',
        `${folder.path}: the tensor ${name} is stored as ${dtype}; supported are F32, F16 and BF16`,
      )
    }
    const location = relative(directory, file)
    return { type: dtype, weight: { name, type: dtype, shape: actual, location, offset, length } }
  }

  const stored: Weights['stored'] = (name, shape) => {
    const { weight } = checked(name, shape)
    return once(name, () => graph.weight(weight))
  }

  return {
    target,
    stored,
    computed(name, shape) {
      const { type: storedType } = checked(name, shape)
      const source = stored(name, shape)
      return storedType === type ? source : once(`${name} ${type}`, () => cast(graph, source, type))
    },
    shape: (name) => find(name).shape,
  }
}

/** Turns into another type; of a weight, ONNX Runtime does this once while loading. */
export function cast(graph: Graph, value: string, type: WeightType): string {
  return graph.node({ op: 'Cast', inputs: [value], attributes: { to: { int: elementType[type] } } })
}
