/**
 * What the service counts and measures. Names that begin with `te_` are those of Text Embeddings
 * Inference, mean the same, and carry labels besides.
 */
import type { ScoringEvents } from '../inference/scoring/classifier.ts'
import { counter, histogram, observed, powers } from '../shared/telemetry/measured.ts'
import { metric } from '../shared/telemetry/names.ts'
import type { RewardModel } from './reward-model.ts'
import type { Scores } from './score.ts'

export interface Metrics extends Pick<ScoringEvents, 'onBatch' | 'onDevice'> {
  /** Asks the model at every scrape from now on. */
  watch: (model: RewardModel) => void
  /** A request at a scoring address was answered. */
  answered: (path: string, status: number, seconds: number) => void
  scored: (scores: Scores) => void
}

/** Bytes of a GPU, by what tells it from others. */
export interface GpuMemory {
  index: number
  total: number
  used: number
}

export interface MetricsOptions {
  /** Asked at every scrape while a model is on GPUs. */
  gpuMemory?: () => Promise<GpuMemory[]>
}

/** From 1 ms to about a minute. */
const seconds = powers(0.001, 17)
const tokens = powers(1, 18)

const states = ['ready', 'starting', 'ended'] as const

/** Its events are for the model that is loaded next. */
export function createMetrics({ gpuMemory }: MetricsOptions = {}): Metrics {
  const requests = counter(metric.teRequests, {
    description: 'Answered requests by path and status; 499 is a caller who left',
  })
  const duration = histogram(metric.teDuration, seconds, {
    description: 'Seconds from a request to its answer',
  })
  const tokenization = histogram(metric.teTokenization, seconds, {
    description: 'Seconds to make tokens of texts',
  })
  const queue = histogram(metric.teQueueTime, seconds, {
    description: 'Seconds that a request waited for its batch',
  })
  const inference = histogram(metric.teInference, seconds, {
    description: 'Seconds in the model, first to last',
  })
  const inputLength = histogram(metric.teInputLength, tokens, {
    description: 'Tokens of a sequence',
  })
  const batchSize = histogram(metric.teBatchSize, powers(1, 13), {
    description: 'Sequences of a batch',
  })
  const batchTokens = histogram(metric.teBatchTokens, tokens, {
    description: 'Tokens of a batch, a shared beginning counted once',
  })
  const computed = counter(metric.rewardComputedTokens, {
    description: 'Tokens that were computed, a shared beginning counted once',
  })
  const scoredTokens = counter(metric.rewardSequenceTokens, {
    description: 'Tokens of the sequences that were scored; the rest was shared',
  })
  const padded = counter(metric.rewardPaddedTokens, {
    description: 'Positions that attention computed for nothing, to make sequences equally long',
  })
  const deviceSeconds = counter(metric.rewardDeviceSeconds, {
    description: 'Seconds of forward passes',
  })
  const restarts = counter(metric.rewardRestarts, {
    description: 'How often a process that died was started again',
  })

  return {
    watch(model) {
      for (const { name } of model.devices) restarts(0, { device: name })
      observed(
        metric.teQueueSize,
        { of: 'gauge', description: 'Sequences that wait for a batch' },
        () => [[model.waiting()]],
      )
      observed(
        metric.rewardDeviceState,
        { of: 'gauge', description: '1 for the state that a device is in' },
        () =>
          model.devices.flatMap(({ name, state }) =>
            states.map((one) => [Number(one === state()), { device: name, state: one }] as const),
          ),
      )
      if (gpuMemory === undefined || !model.devices.some(({ name }) => name.startsWith('cuda'))) {
        return
      }
      observed(
        metric.gpuMemory,
        { of: 'gauge', description: 'Bytes of each GPU, whoever uses them' },
        async () =>
          (await gpuMemory()).flatMap(({ index, total, used }) => [
            [total, { gpu: String(index), kind: 'total' }] as const,
            [used, { gpu: String(index), kind: 'used' }] as const,
          ]),
      )
    },
    answered(path, status, seconds) {
      requests(1, { path, status })
      duration(seconds, { path })
    },
    scored({ scored, timing }) {
      tokenization(timing.tokenize / 1000)
      queue(timing.queue / 1000)
      inference(timing.model / 1000)
      for (const { tokens } of scored) inputLength(tokens)
    },
    onBatch({ device, sequences, tokens, sequenceTokens, paddedTokens, seconds }) {
      batchSize(sequences)
      batchTokens(tokens)
      computed(tokens, { device })
      scoredTokens(sequenceTokens, { device })
      padded(paddedTokens, { device })
      deviceSeconds(seconds, { device })
    },
    onDevice(device, state) {
      if (state === 'ready') restarts(1, { device })
    },
  }
}
