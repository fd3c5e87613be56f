/** Where a model runs, and in which type it computes. */
import { InferenceError } from '../errors.ts'
import type { ModelFolder } from '../model/folder.ts'
import type { WeightType } from '../model/safetensors.ts'

/** ONNX Runtime's providers that this runtime uses, by ONNX Runtime's names. */
const providers = ['cpu', 'cuda', 'webgpu', 'dml', 'coreml'] as const
export type Provider = (typeof providers)[number]

export interface Target {
  provider: Provider
  deviceId: number
  type: WeightType
}

/** A processor, which is always there. */
export const cpu: Target = { provider: 'cpu', deviceId: 0, type: 'F32' }

/** The type's usual name. */
export const typeNames = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const
export type TypeName = (typeof typeNames)[WeightType]

/** `cuda:1`; the number is left out where a provider has one device. */
export const targetName = ({ provider, deviceId }: Target): string =>
  provider === 'cuda' || provider === 'dml' ? `${provider}:${deviceId}` : provider

/**
 * The target of a device's name, such as `cpu` or `cuda:1`, for a model's files. Throws an
 * `InferenceError` for a name that is none, and for a type that the provider cannot compute in.
 */
export function targetOf(device: string, folder: ModelFolder, asked: TypeName | 'auto'): Target {
  const [, name, number] = /^([a-z]+)(?::(\d{1,3}))?$/.exec(device) ?? []
  const provider = providers.find((known) => known === name)
  if (provider === undefined) {
    throw new InferenceError(
      'model',
      `there is no device "${device}"; say auto, or ${providers.join(', ')}, with a number where there are several: cuda:1`,
    )
  }
  return { provider, deviceId: Number(number ?? 0), type: typeOf(provider, folder, asked) }
}

function typeOf(provider: Provider, folder: ModelFolder, asked: TypeName | 'auto'): WeightType {
  // A ready-made graph computes in its own type.
  const onCuda = provider === 'cuda' && folder.graph === null
  if (asked === 'auto') {
    if (!onCuda) return 'F32'
    const half = [...folder.tensors.values()].every(({ dtype }) => dtype === 'F16')
    return half ? 'F16' : 'BF16'
  }
  const type = (['F32', 'F16', 'BF16'] as const).find((type) => typeNames[type] === asked)
  const able = onCuda
    ? ['F16', 'BF16']
    : provider === 'cpu' || folder.graph !== null
      ? ['F32']
      : ['F32', 'F16']
  if (type === undefined || !able.includes(type)) {
    throw new InferenceError(
      'model',
      `${provider} does not compute in ${asked} here; leave the type out`,
    )
  }
  return type
}
