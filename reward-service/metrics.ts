/**
 * What the service tells Prometheus. Names that begin with `te_` are those of Text Embeddings
 * Inference, mean the same, and carry labels besides.
 */
import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  Registry,
} from 'prom-client'
import type { ScoringEvents } from '../inference/scoring/classifier.ts'
import type { RewardModel } from './reward-model.ts'
import type { Scores } from './score.ts'

export interface Metrics extends Pick<ScoringEvents, 'onBatch' | 'onDevice'> {
  /** Asks the model at every scrape from now on. */
  watch: (model: RewardModel) => void
  /** A request at a scoring address was answered. */
  answered: (path: string, status: number, seconds: number) => void
  scored: (scores: Scores) => void
  contentType: string
  /** Everything in Prometheus' text format. */
  text: () => Promise<string>
}

/** From 1 ms to about a minute. */
const seconds = powers(0.001, 17)

/** Its events are for the model that is loaded next. */
export function createMetrics(): Metrics {
  let model: RewardModel | undefined
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })

  const requests = new Counter({
    name: 'te_request_count',
    help: 'Answered requests by path and status; 499 is a caller who left',
    labelNames: ['path', 'status'],
    registers,
  })
  const duration = new Histogram({
    name: 'te_request_duration',
    help: 'Seconds from a request to its answer',
    labelNames: ['path'],
    buckets: seconds,
    registers,
  })
  const phase = (name: string, help: string) =>
    new Histogram({ name, help, buckets: seconds, registers })
  const tokenization = phase('te_request_tokenization_duration', 'Seconds to make tokens of texts')
  const queue = phase('te_request_queue_duration', 'Seconds that a request waited for its batch')
  const inference = phase('te_request_inference_duration', 'Seconds in the model, first to last')
  const inputLength = new Histogram({
    name: 'te_request_input_length',
    help: 'Tokens of a sequence',
    buckets: powers(1, 18),
    registers,
  })
  /** A gauge that is read when somebody asks. */
  const asked = <Label extends string>(gauge: GaugeConfiguration<Label>) =>
    register.registerMetric(new Gauge({ ...gauge, registers: [] }))
  asked({
    name: 'te_queue_size',
    help: 'Sequences that wait for a batch',
    collect() {
      this.set(model?.waiting() ?? 0)
    },
  })
  const batchSize = new Histogram({
    name: 'te_batch_next_size',
    help: 'Sequences of a batch',
    buckets: powers(1, 13),
    registers,
  })
  const batchTokens = new Histogram({
    name: 'te_batch_next_tokens',
    help: 'Tokens of a batch, a shared beginning counted once',
    buckets: powers(1, 18),
    registers,
  })

  const labelNames = ['device']
  const computed = new Counter({
    name: 'tpo_reward_computed_tokens_total',
    help: 'Tokens that were computed, a shared beginning counted once',
    labelNames,
    registers,
  })
  const scoredTokens = new Counter({
    name: 'tpo_reward_sequence_tokens_total',
    help: 'Tokens of the sequences that were scored; the rest was shared',
    labelNames,
    registers,
  })
  const deviceSeconds = new Counter({
    name: 'tpo_reward_device_seconds_total',
    help: 'Seconds of forward passes',
    labelNames,
    registers,
  })
  const restarts = new Counter({
    name: 'tpo_reward_worker_restarts_total',
    help: 'How often a process that died was started again',
    labelNames,
    registers,
  })
  asked({
    name: 'tpo_reward_device_state',
    help: '1 for the state that a device is in: ready, starting or ended',
    labelNames: ['device', 'state'],
    collect() {
      this.reset()
      for (const { name, state } of model?.devices ?? []) {
        this.set({ device: name, state: state() }, 1)
      }
    },
  })

  return {
    watch(watched) {
      model = watched
      for (const { name } of watched.devices) restarts.inc({ device: name }, 0)
    },
    contentType: register.contentType,
    text: () => register.metrics(),
    answered(path, status, seconds) {
      requests.inc({ path, status })
      duration.observe({ path }, seconds)
    },
    scored({ scored, timing }) {
      tokenization.observe(timing.tokenize / 1000)
      queue.observe(timing.queue / 1000)
      inference.observe(timing.model / 1000)
      for (const { tokens } of scored) inputLength.observe(tokens)
    },
    onBatch({ device, sequences, tokens, sequenceTokens, seconds }) {
      batchSize.observe(sequences)
      batchTokens.observe(tokens)
      computed.inc({ device }, tokens)
      scoredTokens.inc({ device }, sequenceTokens)
      deviceSeconds.inc({ device }, seconds)
    },
    onDevice(device, state) {
      if (state === 'ready') restarts.inc({ device })
    },
  }
}

/** `count` bounds, each twice the one before. */
function powers(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, power) => first * 2 ** power)
}
