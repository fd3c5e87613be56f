/** What a reward model needs and what there is, in words. */
import { type Target, targetName, typeNames } from '../../inference/runtime/target.ts'

/** A device and what it has. */
export interface Place {
  target: Target
  /** Such as `2 cores` or `NVIDIA H200`. */
  label: string
  /** Bytes; undefined where it is not known. */
  memory: { total: number; free: number } | undefined
}

/** What a model takes on a place, in bytes. */
export interface Need {
  weights: number
  /** Whether the weights are used where they lie, in memory that the system can take back. */
  mapped: boolean
  /** Undefined where nothing is known of its passes. */
  perToken: number | undefined
}

/** What of a device's free memory may be planned with. */
const usable = 0.9

const size = (bytes: number) =>
  bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(0)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`

/** One line for a place: what it is, what the model takes there, and whether that fits. */
export function placeLine({ target, label, memory }: Place, need: Need): string {
  const { weights, mapped, perToken } = need
  const room = memory === undefined ? '' : `, ${size(memory.free)} of ${size(memory.total)} free`
  const kept = mapped
    ? `${size(weights)} of weights, used where they lie`
    : `${size(weights)} of weights`
  const head = `  ${targetName(target).padEnd(7)} ${label}${room}: ${typeNames[target.type]}, ${kept}`
  if (memory === undefined) return head
  const left = usable * memory.free - (mapped ? 0 : weights)
  if (left < 0) {
    return `${head}: does not fit; choose a smaller model or a larger device, or serve it with vLLM (TPO_REWARD_BASE_URL, TPO_REWARD_API=vllm)`
  }
  if (perToken === undefined) return `${head}: fits`
  const tokens = Math.floor(left / perToken)
  return `${head}: fits; the largest group has about ${tokens.toLocaleString('en')} tokens, its prompt counted once`
}
