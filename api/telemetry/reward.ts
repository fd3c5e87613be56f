import { attribute, event, spanKind } from '../../shared/telemetry/names.ts'
import {
  type Attributes,
  capturesContent,
  SpanKind,
  traced,
} from '../../shared/telemetry/traced.ts'
import type { Reward } from '../reward/reward.ts'
import { jsonInput, jsonOutput } from './content.ts'

/**
 * Each group of candidates that is scored is a span, with an event for each reward. Events of spans,
 * not of logs: Jaeger, Tempo and Phoenix show them where they belong, and take no logs.
 * `path` is the address that is asked; `server` are attributes.
 */
export const observedScore =
  (score: Reward['score'], path: string, server: Attributes): Reward['score'] =>
  (request, signal) =>
    traced(
      `POST ${path}`,
      {
        kind: SpanKind.CLIENT,
        signal,
        attributes: () => ({
          ...server,
          [attribute.method]: 'POST',
          [attribute.spanKind]: spanKind.evaluator,
          [attribute.evaluation]: evaluation,
          ...(capturesContent() &&
            jsonInput({ messages: request.messages, candidates: request.candidates })),
        }),
        // Numbers are no content.
        result: (rewards) => jsonOutput({ rewards: rewards.map(({ reward }) => reward) }),
      },
      async (span) => {
        const rewards = await score(request, signal)
        rewards.forEach(({ reward }, place) => {
          span.addEvent(event.evaluation, {
            [attribute.evaluation]: evaluation,
            [attribute.score]: reward,
            [attribute.candidate]: place,
          })
        })
        return rewards
      },
    )

const evaluation = 'reward'
